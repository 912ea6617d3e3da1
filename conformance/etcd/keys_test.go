// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"net/http"

	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// keys are about put, range, delete and compaction.
var keys = []scenario.Scenario{
	{Name: "put and range", Steps: []scenario.Step{
		{Name: "put", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(1)"}`},
		{Name: "put again, with what was there", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(2)","prev_kv":true}`},
		{Name: "put, camel case", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(3)","prevKv":true}`},
		{Name: "put, unknown field", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(4)","colour":{"is":["blue"]}}`},
		{Name: "put, fields that are null", Path: "/v3/kv/put", Body: `{"key":"b64(b)","value":null,"lease":null,"prev_kv":null}`},
		{Name: "put, number as text", Path: "/v3/kv/put", Body: `{"key":"b64(c)","lease":"0"}`},
		{Name: "put, number as number", Path: "/v3/kv/put", Body: `{"key":"b64(c)","lease":0}`},
		{Name: "put, number with a fraction of zero", Path: "/v3/kv/put", Body: `{"key":"b64(c)","lease":0.0}`},
		{Name: "put, bytes that are no text", Path: "/v3/kv/put", Body: `{"key":"/wA=","value":"AAECA/8="}`},
		{Name: "put, base64 of URLs", Path: "/v3/kv/put", Body: `{"key":"_-8","value":"__79"}`},
		{Name: "put, keep the value", Path: "/v3/kv/put", Body: `{"key":"b64(a)","ignore_value":true}`},
		{Name: "put, keep the value of nothing", Path: "/v3/kv/put", Body: `{"key":"b64(none)","ignore_value":true}`, Want: http.StatusBadRequest},
		{Name: "put, keep and give a value", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(1)","ignore_value":true}`, Want: http.StatusBadRequest},
		{Name: "put without a key", Path: "/v3/kv/put", Body: `{}`, Want: http.StatusBadRequest},
		{Name: "put with a lease that is not there", Path: "/v3/kv/put", Body: `{"key":"b64(a)","lease":"12345"}`, Want: http.StatusNotFound},
		{Name: "range of one", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(a)"}`},
		{Name: "range of one that is not there", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(none)"}`},
		{Name: "range of all", Reads: true, Path: "/v3/kv/range", Body: `{"key":"AA==","range_end":"AA=="}`},
		{Name: "range without a key", Reads: true, Path: "/v3/kv/range", Body: `{}`, Want: http.StatusBadRequest},
	}},
	{Name: "ranges", Steps: []scenario.Step{
		{Name: "put 1", Path: "/v3/kv/put", Body: `{"key":"b64(p/1)","value":"b64(z)"}`},
		{Name: "put 2", Path: "/v3/kv/put", Body: `{"key":"b64(p/2)","value":"b64(y)"}`},
		{Name: "put 3", Path: "/v3/kv/put", Body: `{"key":"b64(p/3)","value":"b64(x)"}`},
		{Name: "put 2 again", Path: "/v3/kv/put", Body: `{"key":"b64(p/2)","value":"b64(w)"}`},
		{Name: "put another", Path: "/v3/kv/put", Body: `{"key":"b64(q)"}`},
		{Name: "prefix", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)"}`},
		{Name: "prefix, camel case", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","rangeEnd":"b64(p0)"}`},
		{Name: "limit", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","limit":2}`},
		{Name: "limit as text", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","limit":"1"}`},
		{Name: "limit as 1e0", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","limit":1e0}`},
		{Name: "count only", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","count_only":true}`},
		{Name: "keys only", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","keys_only":true}`},
		{Name: "sorted by value", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","sort_order":"ASCEND","sort_target":"VALUE"}`},
		{Name: "sorted by version, enums as numbers", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","sort_order":2,"sort_target":1}`},
		{Name: "sorted by an enum that is not known", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","sort_order":99}`, Want: http.StatusBadRequest},
		{Name: "sorted by modification", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","sort_order":"DESCEND","sort_target":"MOD"}`},
		{Name: "serializable", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/2)","serializable":true}`},
		{Name: "in the past", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","revision":"${base+2}"}`},
		{Name: "in the future", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","revision":"9999999"}`, Want: http.StatusBadRequest},
		{Name: "modified since", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","min_mod_revision":"${base+4}"}`},
		{Name: "created before", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(p/)","range_end":"b64(p0)","max_create_revision":"${base+2}"}`},
	}},
	{Name: "delete and compaction", Steps: []scenario.Step{
		{Name: "put a", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(1)"}`},
		{Name: "put b", Path: "/v3/kv/put", Body: `{"key":"b64(b)","value":"b64(2)"}`},
		{Name: "put c", Path: "/v3/kv/put", Body: `{"key":"b64(c)","value":"b64(3)"}`},
		{Name: "delete one", Path: "/v3/kv/deleterange", Body: `{"key":"b64(a)"}`},
		{Name: "delete it again", Path: "/v3/kv/deleterange", Body: `{"key":"b64(a)"}`},
		{Name: "delete the rest, with what was there", Path: "/v3/kv/deleterange", Body: `{"key":"AA==","range_end":"AA==","prev_kv":true}`},
		{Name: "delete without a key", Path: "/v3/kv/deleterange", Body: `{}`, Want: http.StatusBadRequest},
		{Name: "nothing is left", Reads: true, Path: "/v3/kv/range", Body: `{"key":"AA==","range_end":"AA=="}`},
		{Name: "compact", Path: "/v3/kv/compaction", Body: `{"revision":"${base+4}","physical":true}`},
		{Name: "compact what is compacted", Path: "/v3/kv/compaction", Body: `{"revision":"${base+4}"}`, Want: http.StatusBadRequest},
		{Name: "compact the future", Path: "/v3/kv/compaction", Body: `{"revision":"9999999"}`, Want: http.StatusBadRequest},
		{Name: "range of what is compacted", Reads: true, Path: "/v3/kv/range", Body: `{"key":"b64(a)","revision":"${base+1}"}`, Want: http.StatusBadRequest},
	}},
}

// transactions are about txn.
var transactions = []scenario.Scenario{
	{Name: "transaction", Steps: []scenario.Step{
		{Name: "empty", Path: "/v3/kv/txn", Body: `{}`},
		{Name: "put where there is none", Path: "/v3/kv/txn", Body: `{
			"compare":[{"target":"CREATE","key":"b64(a)","create_revision":"0"}],
			"success":[{"request_put":{"key":"b64(a)","value":"b64(1)"}}],
			"failure":[{"request_range":{"key":"b64(a)"}}]}`},
		{Name: "the same fails", Path: "/v3/kv/txn", Body: `{
			"compare":[{"target":"CREATE","key":"b64(a)","create_revision":"0"}],
			"success":[{"request_put":{"key":"b64(a)","value":"b64(1)"}}],
			"failure":[{"request_range":{"key":"b64(a)"}}]}`},
		{Name: "every comparison", Path: "/v3/kv/txn", Body: `{
			"compare":[
				{"result":"EQUAL","target":"VERSION","key":"b64(a)","version":1},
				{"result":"GREATER","target":"MOD","key":"b64(a)","mod_revision":"0"},
				{"result":"NOT_EQUAL","target":"VALUE","key":"b64(a)","value":"b64(2)"},
				{"result":0,"target":4,"key":"b64(a)","lease":"0"},
				{"result":"LESS","target":"CREATE","key":"b64(a)","range_end":"b64(b)","createRevision":"9999999"}],
			"success":[{"requestPut":{"key":"b64(b)","value":"b64(2)","prevKv":true}},
				{"request_delete_range":{"key":"b64(a)","prev_kv":true}},
				{"request_range":{"key":"AA==","range_end":"AA=="}}]}`},
		{Name: "nested", Path: "/v3/kv/txn", Body: `{
			"success":[{"request_txn":{
				"compare":[{"target":"VALUE","key":"b64(b)","value":"b64(2)"}],
				"success":[{"request_put":{"key":"b64(c)"}},{"request_txn":{"success":[{"request_range":{"key":"b64(b)"}}]}}],
				"failure":[{"request_delete_range":{"key":"b64(b)"}}]}}]}`},
		{Name: "only reads", Reads: true, Path: "/v3/kv/txn", Body: `{
			"compare":[{"target":"VALUE","key":"b64(none)","value":"b64(2)"}],
			"success":[{"request_range":{"key":"b64(b)"}}],
			"failure":[{"request_range":{"key":"b64(c)"}},{"request_range":{"key":"b64(none)"}}]}`},
		{Name: "the same key twice", Reads: true, Path: "/v3/kv/txn", Body: `{
			"success":[{"request_put":{"key":"b64(b)"}},{"request_put":{"key":"b64(b)"}}]}`, Want: http.StatusBadRequest},
		{Name: "an operation of nothing", Reads: true, Path: "/v3/kv/txn", Body: `{"success":[{}]}`, Want: http.StatusBadRequest},
		{Name: "put without a key", Reads: true, Path: "/v3/kv/txn", Body: `{"success":[{"request_put":{}}]}`, Want: http.StatusBadRequest},
	}},
}
