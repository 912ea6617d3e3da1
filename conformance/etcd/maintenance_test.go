// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"net/http"

	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// maintenance is about the cluster and what its operator does.
var maintenance = []scenario.Scenario{
	{Name: "maintenance", Steps: []scenario.Step{
		{Name: "put", Path: "/v3/kv/put", Body: `{"key":"b64(a)","value":"b64(1)"}`},
		{Name: "status", Reads: true, Path: "/v3/maintenance/status", Body: `{}`},
		{Name: "hash", Reads: true, Path: "/v3/maintenance/hash", Body: `{}`},
		{Name: "hash of keys", Reads: true, Path: "/v3/maintenance/hashkv", Body: `{}`},
		{Name: "hash of keys before", Reads: true, Path: "/v3/maintenance/hashkv", Body: `{"revision":"${base+1}"}`},
		{Name: "hash of keys in the future", Reads: true, Path: "/v3/maintenance/hashkv", Body: `{"revision":"9999999"}`, Want: http.StatusBadRequest},
		{Name: "defragment", Reads: true, Path: "/v3/maintenance/defragment", Body: `{}`},
		{Name: "status, defragmented", Reads: true, Path: "/v3/maintenance/status", Body: `{}`},
		{Name: "may it be downgraded", Reads: true, Path: "/v3/maintenance/downgrade", Body: `{"action":"VALIDATE","version":"3.6"}`},
		{Name: "may it be downgraded, numbers", Reads: true, Path: "/v3/maintenance/downgrade", Body: `{"action":0,"version":"3.6.0"}`},
		{Name: "may it be downgraded too far", Reads: true, Path: "/v3/maintenance/downgrade", Body: `{"version":"3.1"}`, Want: http.StatusBadRequest},
		{Name: "may it be downgraded to nonsense", Reads: true, Path: "/v3/maintenance/downgrade", Body: `{"version":"old"}`, Want: http.StatusBadRequest},
		{Name: "give up no downgrade", Reads: true, Path: "/v3/maintenance/downgrade", Body: `{"action":"CANCEL"}`},
		{Name: "move the leader to nobody", Reads: true, Path: "/v3/maintenance/transfer-leadership", Body: `{"targetID":"404"}`, Want: http.StatusBadRequest},
	}},
	{Name: "alarm", Steps: []scenario.Step{
		{Name: "none", Reads: true, Path: "/v3/maintenance/alarm", Body: `{"action":"GET"}`},
		{Name: "raise", Path: "/v3/maintenance/alarm", Body: `{"action":"ACTIVATE","memberID":"42","alarm":"NOSPACE"}`},
		{Name: "raised", Reads: true, Path: "/v3/maintenance/alarm", Body: `{}`},
		{Name: "status", Reads: true, Path: "/v3/maintenance/status", Body: `{}`},
		{Name: "put without space", Path: "/v3/kv/put", Body: `{"key":"b64(a)"}`, Want: http.StatusTooManyRequests},
		{Name: "end", Path: "/v3/maintenance/alarm", Body: `{"action":2,"memberID":42,"alarm":1}`},
		{Name: "ended", Reads: true, Path: "/v3/maintenance/alarm", Body: `{"action":"GET","alarm":"NOSPACE"}`},
	}},
	{Name: "members", Steps: []scenario.Step{
		{Name: "list", Reads: true, Path: "/v3/cluster/member/list", Body: `{}`},
		{Name: "list, linearizable", Reads: true, Path: "/v3/cluster/member/list", Body: `{"linearizable":true}`},
		{Name: "add a learner", Path: "/v3/cluster/member/add", Body: `{"peerURLs":["${peer}"],"isLearner":true}`,
			Capture: map[string]string{"member": "member.ID"}},
		{Name: "add another at its place", Path: "/v3/cluster/member/add", Body: `{"peerURLs":["${peer}","http://127.0.0.1:11"],"isLearner":true}`, Want: http.StatusBadRequest},
		{Name: "listed", Reads: true, Path: "/v3/cluster/member/list", Body: `{}`},
		{Name: "promote before its time", Path: "/v3/cluster/member/promote", Body: `{"ID":"${member}"}`, Want: http.StatusBadRequest},
		{Name: "update", Path: "/v3/cluster/member/update", Body: `{"ID":"${member}","peerURLs":["${peer}","http://127.0.0.1:9"]}`},
		{Name: "remove", Path: "/v3/cluster/member/remove", Body: `{"ID":"${member}"}`},
		{Name: "remove again", Path: "/v3/cluster/member/remove", Body: `{"ID":"${member}"}`, Want: http.StatusNotFound},
		{Name: "add with a URL that is none", Path: "/v3/cluster/member/add", Body: `{"peerURLs":["nowhere"]}`, Want: http.StatusBadRequest},
	}},
}
