// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-gateway/dragoman/rest"
)

// TestBind checks what the upstream is sent, by its echo.
func TestBind(t *testing.T) {
	t.Parallel()
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	tests := []struct {
		name         string
		method, path string
		body         string
		header       http.Header
		want         string
	}{
		{name: "path", method: "GET", path: "/v1/items/a", want: `{"id":"a"}`},
		{name: "path with escapes", method: "GET", path: "/v1/items/a%2Fb%20c", want: `{"id":"a/b c"}`},
		{name: "path number", method: "GET", path: "/v1/items/a/numbers/-7", want: `{"id":"a","number":-7}`},
		{name: "nested path", method: "GET", path: "/v1/things/x/sub", want: `{"child":{"id":"things/x"}}`},
		{name: "path list", method: "GET", path: "/v1/lists/1,2,3", want: `{"numbers":[1,2,3]}`},
		{
			name: "path enum and timestamp", method: "GET", path: "/v1/colors/COLOR_RED/times/2020-01-02T03:04:05Z",
			want: `{"color":"COLOR_RED","time":"2020-01-02T03:04:05Z"}`,
		},
		{name: "path enum by number", method: "GET", path: "/v1/colors/2/times/2020-01-02T03:04:05Z", want: `{"color":"COLOR_BLUE","time":"2020-01-02T03:04:05Z"}`},
		{name: "any verb", method: "FROB", path: "/v1/any/a/b", want: `{"id":"a/b"}`},
		{name: "custom verb", method: "LINK", path: "/v1/items/a?number=2", want: `{"id":"a","number":2}`},

		{name: "query scalars", method: "GET", path: "/v1/find?id=a&number=1&big=9007199254740993&flag=true&ratio=1.5&data=AQI", want: `{"id":"a","number":1,"big":"9007199254740993","flag":true,"ratio":1.5,"data":"AQI="}`},
		{name: "query by JSON name", method: "GET", path: "/v1/find?displayName=a", want: `{"displayName":"a"}`},
		{name: "query by proto name", method: "GET", path: "/v1/find?display_name=a", want: `{"displayName":"a"}`},
		{name: "query repeated", method: "GET", path: "/v1/find?tags=b&id=x&tags=a", want: `{"id":"x","tags":["b","a"]}`},
		{name: "query map", method: "GET", path: "/v1/find?counts[a]=1&counts[b]=2", want: `{"counts":{"a":1,"b":2}}`},
		{name: "query map without brackets", method: "GET", path: "/v1/find?counts=a&counts=1", want: `{"counts":{"a":1}}`},
		{name: "query nested", method: "GET", path: "/v1/find?child.child.displayName=a&child.id=b", want: `{"child":{"id":"b","child":{"displayName":"a"}}}`},
		{name: "query well-known types", method: "GET", path: "/v1/find?time=2020-01-02T03:04:05Z&wait=1.5s&note=n&updateMask=id,child.id", want: `{"time":"2020-01-02T03:04:05Z","wait":"1.500s","note":"n","updateMask":"id,child.id"}`},
		{name: "query oneof", method: "GET", path: "/v1/find?count=0", want: `{"count":0}`},
		{name: "query oneof message twice", method: "GET", path: "/v1/find?other.id=a&other.number=1", want: `{"other":{"id":"a","number":1}}`},
		{name: "query optional zero", method: "GET", path: "/v1/find?maybe=0", want: `{"maybe":0}`},
		{name: "query unknown", method: "GET", path: "/v1/find?nope=1&child.nope=1&%5B=2&id=a", want: `{"id":"a"}`},
		{name: "query escapes", method: "GET", path: "/v1/find?id=a%26b+c", want: `{"id":"a&b c"}`},
		{name: "query of a bound field", method: "GET", path: "/v1/items/a?id=b&id=c&number=1", want: `{"id":"a","number":1}`},
		{name: "query of what contains a bound field", method: "GET", path: "/v1/things/x/sub?child=1&child.number=3", want: `{"child":{"id":"things/x","number":3}}`},
		{name: "query beside a body message", method: "POST", path: "/v1/items?id=b", body: `{"id":"a"}`, want: `{"id":"a"}`},
		{name: "query beside a body field", method: "POST", path: "/v1/children?id=b&child.id=c", body: `{"id":"a"}`, want: `{"id":"a"}`},

		{name: "body", method: "POST", path: "/v1/items", body: `{"id":"a","tags":["x"]}`, want: `{"id":"a","tags":["x"]}`},
		{name: "no body", method: "POST", path: "/v1/items", want: `{}`},
		{name: "blank body", method: "POST", path: "/v1/items", body: " \n", want: `{}`},
		{name: "unknown field", method: "POST", path: "/v1/items", body: `{"id":"a","nope":{}}`, want: `{"id":"a"}`},
		{name: "path over body", method: "PUT", path: "/v1/items/b", body: `{"id":"a","number":1}`, want: `{"id":"b","number":1}`},
		{name: "path list over body", method: "PUT", path: "/v1/lists/1", body: `{"numbers":[7,8],"id":"a"}`, want: `{"id":"a","numbers":[1]}`},
		{name: "path oneof over body", method: "PUT", path: "/v1/texts/b", body: `{"number":1}`, want: `{"number":1,"text":"b"}`},
		{name: "body field list", method: "POST", path: "/v1/tags/a", body: `["x","y"]`, want: `{"id":"a","tags":["x","y"]}`},
		{name: "response field", method: "POST", path: "/v1/children", body: `{"id":"a"}`, want: `{"id":"a"}`},
		{name: "response field that is not set", method: "POST", path: "/v1/children/tags", body: `{"id":"a"}`, want: `null`},
		{name: "no rule", method: "POST", path: "/echo.v1.Echo/Plain", body: `{"id":"a"}`, want: `{"id":"a"}`},
		{name: "rule, and canonical path", method: "POST", path: "/echo.v1.Echo/Get", body: `{"id":"a"}`, want: `{"id":"a"}`},

		{name: "mask from body", method: "PATCH", path: "/v1/items/b", body: `{"number":1,"child":{"id":"a"}}`, want: `{"child":{"id":"b","number":1,"child":{"id":"a"}},"updateMask":"child.id,number"}`},
		{name: "mask from an empty body", method: "PATCH", path: "/v1/items/b", want: `{"child":{"id":"b"},"updateMask":""}`},
		{name: "mask from query", method: "PATCH", path: "/v1/items/b?updateMask=id", body: `{"number":1}`, want: `{"child":{"id":"b","number":1},"updateMask":"id"}`},

		{name: "form for a query", method: "POST", path: "/v1/find:form?number=2", body: "id=a&tags=x&tags=y", header: form, want: `{"id":"a","number":2,"tags":["x","y"]}`},
		{name: "form falls back to GET", method: "POST", path: "/v1/items/a", body: "number=2", header: form, want: `{"id":"a","number":2}`},
		{
			name: "form overrides the method", method: "POST", path: "/v1/find", body: "id=a",
			header: http.Header{"Content-Type": form["Content-Type"], "X-Http-Method-Override": {"delete"}}, want: `{"id":"a"}`,
		},
		{name: "JSON that is called a form", method: "POST", path: "/v1/items", body: `{"id":"a"}`, header: form, want: `{"id":"a"}`},
		{name: "JSON that is called text", method: "POST", path: "/v1/items", body: `{"id":"a"}`, header: http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}, want: `{"id":"a"}`},
		{name: "JSON of a kind", method: "POST", path: "/v1/items", body: `{"id":"a"}`, header: http.Header{"Content-Type": {"application/vnd.api+json; v=1"}}, want: `{"id":"a"}`},
		{name: "body that says nothing", method: "GET", path: "/v1/find?id=a", body: ` {} `, want: `{"id":"a"}`},
	}
	handler, _ := newHandler(t, echo, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response := do(handler, test.method, test.path, test.body, test.header)
			if response.Code != http.StatusOK {
				t.Fatalf("status = %d: %s", response.Code, response.Body)
			}
			if diff := diffJSON(t, test.want, response.Body.String()); diff != "" {
				t.Errorf("response mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// diffJSON compares JSON as values.
func diffJSON(t testing.TB, want, got string) string {
	t.Helper()
	return cmp.Diff(parseJSON(t, want), parseJSON(t, got))
}

func parseJSON(t testing.TB, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Errorf("%q is not JSON: %v", text, err)
	}
	return value
}

// TestRefuse checks that what is wrong is told and does not reach the upstream.
func TestRefuse(t *testing.T) {
	t.Parallel()
	strict := func(o *rest.Options) { o.RefuseUnknownFields, o.RefuseUnknownQuery = true, true }
	json := http.Header{"Content-Type": {"application/json"}}
	tests := []struct {
		name         string
		options      func(*rest.Options)
		method, path string
		body         string
		header       http.Header
		status       int
		code         int
		message      string // a part of it
		field        string // of the violation
	}{
		{name: "unknown path", method: "GET", path: "/v1/nope", status: 404, code: 5, message: "Not Found"},
		{name: "wrong verb", method: "DELETE", path: "/v1/items/a", status: 405, code: 12, message: "Method Not Allowed"},
		{name: "HEAD", method: "HEAD", path: "/v1/items/a", status: 405, code: 12, message: "Method Not Allowed"},
		{name: "path number", method: "GET", path: "/v1/items/a/numbers/x", status: 400, code: 3, message: "number", field: "number"},
		{name: "path number out of range", method: "GET", path: "/v1/items/a/numbers/2147483648", status: 400, code: 3, message: "number", field: "number"},
		{name: "path enum", method: "GET", path: "/v1/colors/PINK/times/2020-01-02T03:04:05Z", status: 400, code: 3, message: "PINK", field: "color"},
		{name: "path oneof against body", method: "PUT", path: "/v1/texts/b", body: `{"count":1}`, header: json, status: 400, code: 3, message: "oneof", field: "text"},
		{name: "query number", method: "GET", path: "/v1/find?number=x", status: 400, code: 3, message: `query: number`, field: "number"},
		{name: "query nested number", method: "GET", path: "/v1/find?child.child.number=x", status: 400, code: 3, message: `query: child.child.number`, field: "child.child.number"},
		{name: "query bool", method: "GET", path: "/v1/find?flag=maybe", status: 400, code: 3, message: "flag", field: "flag"},
		{name: "query base64", method: "GET", path: "/v1/find?data=!", status: 400, code: 3, message: "data", field: "data"},
		{name: "query too many", method: "GET", path: "/v1/find?number=1&number=2", status: 400, code: 3, message: "too many values", field: "number"},
		{name: "query duplicate", method: "GET", path: "/v1/find?display_name=1&displayName=2", status: 400, code: 3, message: "same field", field: "display_name"},
		{name: "query oneof", method: "GET", path: "/v1/find?text=a&count=1", status: 400, code: 3, message: "oneof", field: "text"},
		{name: "query oneof nested", method: "GET", path: "/v1/find?child.text=a&child.other.id=b", status: 400, code: 3, message: "oneof", field: "child.text"},
		{name: "query message", method: "GET", path: "/v1/find?child=a", status: 400, code: 3, message: "child", field: "child"},
		{name: "query through a scalar", method: "GET", path: "/v1/find?id.x=a", status: 400, code: 3, message: "not a message", field: "id.x"},
		{name: "query map key twice", method: "GET", path: "/v1/find?counts[a]=1&counts[a]=2", status: 400, code: 3, message: "counts", field: "counts"},
		{name: "query brackets", method: "GET", path: "/v1/find?id[a]=1", status: 400, code: 3, message: "not a map", field: "id"},
		{name: "query escape", method: "GET", path: "/v1/find?id=%zz", status: 400, code: 3, message: "id"},
		{name: "query semicolon", method: "GET", path: "/v1/find?id=a;b", status: 400, code: 3, message: "semicolon"},
		{name: "query too deep", method: "GET", path: "/v1/find?" + strings.Repeat("child.", 200) + "id=a", status: 400, code: 3, message: "longer"},
		{name: "strict query", options: strict, method: "GET", path: "/v1/find?nope=a", status: 400, code: 3, message: `"nope"`, field: "nope"},
		{name: "strict query of a bound field", options: strict, method: "GET", path: "/v1/items/a?id=a", status: 400, code: 3, message: `"id"`, field: "id"},
		{name: "strict query beside a body", options: strict, method: "POST", path: "/v1/items?id=a", status: 400, code: 3, message: `"id"`, field: "id"},

		{name: "malformed body", method: "POST", path: "/v1/items", body: `{"id":`, header: json, status: 400, code: 3, message: "body"},
		{name: "text after the body", method: "POST", path: "/v1/items", body: `{} {}`, header: json, status: 400, code: 3, message: "body"},
		{name: "wrong type in the body", method: "POST", path: "/v1/items", body: `{"number":"x"}`, header: json, status: 400, code: 3, message: "body"},
		{name: "null body", method: "POST", path: "/v1/items", body: `null`, header: json, status: 400, code: 3, message: "body"},
		{name: "UTF-8", method: "POST", path: "/v1/items", body: "{\"id\":\"\xff\"}", header: json, status: 400, code: 3, message: "body"},
		{name: "strict body", options: strict, method: "POST", path: "/v1/items", body: `{"nope":1}`, header: json, status: 400, code: 3, message: "nope"},
		{name: "mask of an unknown field", method: "PATCH", path: "/v1/items/b", body: `{"nope":1}`, header: json, status: 400, code: 3, message: "nope"},
		{name: "body where there is none", method: "DELETE", path: "/v1/find", body: `{"id":"a"}`, header: json, status: 400, code: 3, message: "body: this method takes none"},
		{name: "media type", method: "POST", path: "/v1/items", body: `<a/>`, header: http.Header{"Content-Type": {"application/xml"}}, status: 415, code: 3, message: "application/xml"},
		{name: "multipart", method: "POST", path: "/v1/items", body: `--`, header: http.Header{"Content-Type": {"multipart/form-data; boundary=a"}}, status: 415, code: 3, message: "multipart"},
		{name: "encoding", method: "POST", path: "/v1/items", body: `{}`, header: http.Header{"Content-Encoding": {"br"}}, status: 415, code: 3, message: `"br"`},
		{name: "gzip that is none", method: "POST", path: "/v1/items", body: `{}`, header: http.Header{"Content-Encoding": {"gzip"}}, status: 400, code: 3, message: "body"},
		{name: "timeout", method: "GET", path: "/v1/find", header: http.Header{"Grpc-Timeout": {"5x"}}, status: 400, code: 3, message: "grpc-timeout"},
		{name: "stream that is malformed", method: "POST", path: "/v1/collect", body: `{"id":"a"`, header: json, status: 400, code: 3, message: "body: offset 9"},
		{name: "stream of the wrong type", method: "POST", path: "/v1/collect", body: `{"id":1}`, header: json, status: 400, code: 3, message: "body"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler, upstream := newHandler(t, echo, test.options)
			response := do(handler, test.method, test.path, test.body, test.header)
			if response.Code != test.status {
				t.Errorf("status = %d, want %d", response.Code, test.status)
			}
			body := parseJSON(t, response.Body.String())
			if code := body.(map[string]any)["code"]; code != float64(test.code) {
				t.Errorf("code = %v, want %v", code, test.code)
			}
			if message, _ := body.(map[string]any)["message"].(string); !strings.Contains(message, test.message) {
				t.Errorf("message = %q, want %q in it", message, test.message)
			}
			if test.field != "" && !strings.Contains(response.Body.String(), `"field":"`+test.field+`"`) {
				t.Errorf("body = %s, want a violation of field %q", response.Body, test.field)
			}
			if n := len(upstream.called()); n != 0 {
				t.Errorf("the upstream got %d calls", n)
			}
		})
	}
}
