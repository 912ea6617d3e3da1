// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"cmp"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// mistakes are requests that a gateway refuses before etcd hears of them. The
// text is not the same, see the differences; Dragoman's must have says in it.
var mistakes = []struct {
	name string
	path string // /v3/kv/range if empty
	body string
	says string
}{
	{name: "JSON that ends", body: `{`, says: "body: 1:2"},
	{name: "JSON with a trailing comma", body: `{"key":"YQ==",}`, says: "body: 1:15"},
	{name: "JSON with the wrong quotes", body: `{'key':1}`, says: "body: 1:2"},
	{name: "JSON that is wrong in an unknown field", body: `{"key":"YQ==","x":{"y":[1,}`, says: "body: 1:27"},
	{name: "a number that begins with 0", body: `{"key":"YQ==","limit":01}`, says: "body: "},
	{name: "a number that begins with +", body: `{"key":"YQ==","limit":+1}`, says: "body: "},
	{name: "not a number", body: `{"key":"YQ==","limit":NaN}`, says: "body: "},
	{name: "half of a surrogate", body: `{"key":"YQ==","x":"\ud800"}`, says: "body: "},
	{name: "null", body: `null`, says: "body: "},
	{name: "an array", body: `[]`, says: "body: "},
	{name: "a text", body: `"x"`, says: "body: "},
	{name: "bytes that are no base64", body: `{"key":"###"}`, says: "key"},
	{name: "bytes of half a byte", body: `{"key":"a"}`, says: "key"},
	{name: "bytes as a number", body: `{"key":1}`, says: "key"},
	{name: "bytes as a bool", body: `{"key":true}`, says: "key"},
	{name: "bytes as an object", body: `{"key":{}}`, says: "key"},
	{name: "int64 as a word", body: `{"limit":"abc"}`, says: "limit"},
	{name: "int64 as an empty text", body: `{"limit":""}`, says: "limit"},
	{name: "int64 with a space", body: `{"limit":" 1"}`, says: "limit"},
	{name: "int64 with a fraction", body: `{"limit":1.5}`, says: "limit"},
	{name: "int64 as a bool", body: `{"limit":true}`, says: "limit"},
	{name: "int64 that is one too large", body: `{"limit":9223372036854775808}`, says: "limit"},
	{name: "int64 that is far too large", body: `{"limit":1e400}`, says: "limit"},
	{name: "enum as a bool", body: `{"key":"YQ==","sort_order":true}`, says: "sortOrder"},
	{name: "enum that is too large", body: `{"key":"YQ==","sort_order":2147483648}`, says: "sortOrder"},
	{name: "bool as a text", body: `{"key":"YQ==","count_only":"true"}`, says: "countOnly"},
	{name: "a field twice", body: `{"key":"YQ==","key":"YQ=="}`, says: "key"},
	{name: "a field by both names", body: `{"key":"YQ==","rangeEnd":"","range_end":""}`, says: "rangeEnd"},
	{name: "two of a oneof", path: "/v3/kv/txn", body: `{"compare":[{"key":"YQ==","version":1,"value":"YQ=="}]}`, says: "compare"},
	{name: "two requests of a oneof", path: "/v3/kv/txn", body: `{"success":[{"request_put":{"key":"YQ=="},"request_range":{"key":"YQ=="}}]}`, says: "success"},
	{name: "repeated as an object", path: "/v3/kv/txn", body: `{"compare":{}}`, says: "compare"},
	{name: "an element that is null", path: "/v3/kv/txn", body: `{"compare":[null]}`, says: "compare"},
	{name: "a mistake deep down", path: "/v3/kv/txn", body: `{"success":[{"request_txn":{"success":[{"request_put":{"lease":"x"}}]}}]}`, says: "success[0].requestTxn.success[0].requestPut.lease"},
	{name: "JSON that ends, of a stream of answers", path: "/v3/maintenance/snapshot", body: `{`, says: "body: 1:2"},
	{name: "a wrong type, of a stream of answers", path: "/v3/election/observe", body: `{"name":1}`, says: "name"},
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		stage := w.stage()
		for _, mistake := range mistakes {
			t.Run(mistake.name, func(t *testing.T) {
				t.Parallel()
				request := answer.Request{Path: cmp.Or(mistake.path, "/v3/kv/range"), Body: mistake.body}
				stage.Refused(t, mistake.name, request, http.StatusBadRequest, mistake.says)
			})
		}
	})
}

// unusual are requests that are odd, but on whose meaning both agree.
var unusual = []struct {
	name    string
	request answer.Request
	want    int
}{
	{"a path that is none", answer.Request{Path: "/v3/kv/nope", Body: `{}`}, http.StatusNotFound},
	{"a path in capitals", answer.Request{Path: "/v3/kv/RANGE", Body: `{}`}, http.StatusNotFound},
	{"a slash at the end", answer.Request{Path: "/v3/kv/range/", Body: `{"key":"YQ=="}`}, http.StatusNotFound},
	{"a verb that is none", answer.Request{Path: "/v3/kv/range:x", Body: `{"key":"YQ=="}`}, http.StatusNotFound},
	{"a path with an escape", answer.Request{Path: "/v3/kv/%72ange", Body: `{"key":"YQ=="}`}, http.StatusOK},
	{"no body", answer.Request{Path: "/v3/kv/range"}, http.StatusBadRequest},
	{"an enum name that is none", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ==","sort_order":"NOPE"}`}, http.StatusOK},
	{"an enum number as a text", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ==","sort_order":"1"}`}, http.StatusOK},
	{"an enum number with a fraction of zero", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ==","sort_order":1.0}`}, http.StatusOK},
	{"base64 without padding", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ"}`}, http.StatusOK},
	{"another verb by a header", answer.Request{Path: "/v3/kv/nope", Body: `{}`,
		Header: map[string]string{"X-Http-Method-Override": "GET"}}, http.StatusNotFound},
	{"a query parameter beside a whole body", answer.Request{Path: "/v3/kv/range?key=YQ==", Body: `{"key":"Yg=="}`}, http.StatusOK},
	{"a query parameter that is none", answer.Request{Path: "/v3/kv/range?nope=1", Body: `{"key":"Yg=="}`}, http.StatusOK},
	{"a content type with a charset", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Content-Type": "application/json; charset=utf-8"}}, http.StatusOK},
	{"no content type", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Content-Type": ""}}, http.StatusOK},
	{"an answer of another type is wanted", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Accept": "text/html"}}, http.StatusOK},
	{"a timeout", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Grpc-Timeout": "20S"}}, http.StatusOK},
	{"a timeout that is none", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Grpc-Timeout": "soon"}}, http.StatusBadRequest},
	{"a timeout that is over", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Grpc-Timeout": "1n"}}, http.StatusGatewayTimeout},
	{"trailers are welcome", answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
		Header: map[string]string{"Te": "trailers"}}, http.StatusOK},
	{"a value that is too large for etcd", answer.Request{Path: "/v3/kv/put",
		Body: `{"key":"YQ==","value":"` + scenario.Base64(strings.Repeat("x", 1_700_000)) + `"}`}, http.StatusBadRequest},
	{"a value that is too large for etcd's gRPC", answer.Request{Path: "/v3/kv/put",
		Body: `{"key":"YQ==","value":"` + scenario.Base64(strings.Repeat("x", 2_500_000)) + `"}`}, http.StatusTooManyRequests},
}

func TestUnusual(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		for _, one := range unusual {
			t.Run(one.name, func(t *testing.T) {
				t.Parallel()
				w.stage().Same(t, one.name, one.request, one.want)
			})
		}
	})
}
