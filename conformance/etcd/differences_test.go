// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// differences is every difference between the two gateways that is meant, and
// why. docs/etcd.md tells of the same. Beyond these there are four that a
// table of requests cannot show:
//
//   - The text of a refusal is of the gateway that refuses: Dragoman names the
//     place and the whole path of the field, etcd's gateway the place and the
//     field. Dragoman adds a google.rpc.BadRequest. TestMistakes shows it.
//   - A stream of requests with bad JSON in it: etcd's gateway never answers,
//     Dragoman does. TestBrokenWatch has it.
//   - etcd's gateway puts the message of a 401 into WWW-Authenticate.
//   - etcd's gateway also speaks WebSocket in a form of its own.
var differences = []scenario.Difference{
	{
		Name:     "wrong verb",
		Why:      "HTTP has 405 and Allow for this; 501 says that no resource at all knows the verb",
		Request:  answer.Request{Method: http.MethodGet, Path: "/v3/kv/range"},
		Oracle:   answer.Outcome{Status: http.StatusNotImplemented, ContentType: "application/json", Code: "12"},
		Dragoman: answer.Outcome{Status: http.StatusMethodNotAllowed, ContentType: "application/json", Code: "12", Allow: "POST"},
	},
	{
		Name: "wrong content type",
		Why:  "the body would be read as JSON whatever it is said to be",
		Request: answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`,
			Header: map[string]string{"Content-Type": "text/xml"}},
		Oracle:   answer.Outcome{Status: http.StatusOK, ContentType: "application/json"},
		Dragoman: answer.Outcome{Status: http.StatusUnsupportedMediaType, ContentType: "application/json", Code: "3"},
	},
	{
		Name:     "body above Dragoman's limit",
		Why:      "etcd's gateway reads any body to its end before its server refuses the message",
		Request:  answer.Request{Path: "/v3/kv/put", Body: `{"key":"YQ==","value":"` + scenario.Base64(strings.Repeat("x", 4<<20)) + `"}`},
		Oracle:   answer.Outcome{Status: http.StatusTooManyRequests, ContentType: "application/json", Code: "8"},
		Dragoman: answer.Outcome{Status: http.StatusRequestEntityTooLarge, ContentType: "application/json", Code: "8"},
	},
	{
		Name:     "more after the JSON",
		Why:      "what follows the first value is a mistake that etcd's gateway never sees, since it stops reading",
		Request:  answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="} x`},
		Oracle:   answer.Outcome{Status: http.StatusOK, ContentType: "application/json"},
		Dragoman: answer.Outcome{Status: http.StatusBadRequest, ContentType: "application/json", Code: "3"},
	},
	{
		Name:     "bad JSON in a stream of requests that ends",
		Why:      "etcd's gateway drops what it cannot read and answers as if nothing had been sent",
		Request:  answer.Request{Path: "/v3/lease/keepalive", Body: `{"ID":"x"}`},
		Oracle:   answer.Outcome{Status: http.StatusOK},
		Dragoman: answer.Outcome{Status: http.StatusBadRequest, ContentType: "application/json", Code: "3"},
	},
	{
		Name:     "path of a version before",
		Why:      "etcd rewrites /v3beta/ before its gateway; a rule in the configuration does the same where it is needed",
		Request:  answer.Request{Path: "/v3beta/kv/range", Body: `{"key":"YQ=="}`},
		Oracle:   answer.Outcome{Status: http.StatusOK, ContentType: "application/json"},
		Dragoman: answer.Outcome{Status: http.StatusNotFound, ContentType: "application/json", Code: "5"},
	},
	{
		Name:     "path that is not of the API",
		Why:      "etcd's client port has more on it than the gateway",
		Request:  answer.Request{Method: http.MethodGet, Path: "/version"},
		Oracle:   answer.Outcome{Status: http.StatusOK, ContentType: "application/json"},
		Dragoman: answer.Outcome{Status: http.StatusNotFound, ContentType: "application/json", Code: "5"},
	},
	{
		Name:     "OPTIONS",
		Why:      "etcd answers every OPTIONS for CORS, which Dragoman does not have yet",
		Request:  answer.Request{Method: http.MethodOptions, Path: "/v3/kv/range"},
		Oracle:   answer.Outcome{Status: http.StatusOK},
		Dragoman: answer.Outcome{Status: http.StatusMethodNotAllowed, ContentType: "application/json", Code: "12", Allow: "POST"},
	},
	{
		Name:     "method without a rule",
		Why:      "etcd leaves RangeStream out of its REST API; Dragoman serves every method",
		Request:  answer.Request{Path: "/etcdserverpb.KV/RangeStream", Body: `{"key":"YQ=="}`},
		Oracle:   answer.Outcome{Status: http.StatusNotFound, ContentType: "text/plain; charset=utf-8"},
		Dragoman: answer.Outcome{Status: http.StatusOK, ContentType: "application/json"},
	},
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		stage := w.stage()
		for _, difference := range differences {
			t.Run(difference.Name, func(t *testing.T) {
				t.Parallel()
				stage.Differs(t, difference)
			})
		}
	})
}
