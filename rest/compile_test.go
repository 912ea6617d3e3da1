// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rest"
)

func getRule(selector, path string) *annotations.HttpRule {
	return &annotations.HttpRule{Selector: selector, Pattern: &annotations.HttpRule_Get{Get: path}}
}

func postRule(selector, path, body, responseBody string) *annotations.HttpRule {
	return &annotations.HttpRule{
		Selector: selector, Body: body, ResponseBody: responseBody,
		Pattern: &annotations.HttpRule_Post{Post: path},
	}
}

// TestNewErrors checks that each mistake is told with the method, its file and
// the binding.
func TestNewErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*rest.Options)
		want   []string
	}{
		{name: "nothing set", change: func(o *rest.Options) { *o = rest.Options{} }, want: []string{"Catalog", "Invoke"}},
		{name: "negative limit", change: func(o *rest.Options) { o.MaxBodyBytes = -1 }, want: []string{"negative"}},
		{
			name:   "unknown selector",
			change: func(o *rest.Options) { o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Nope", "/x")} },
			want:   []string{`rule for "echo.v1.Echo.Nope"`},
		},
		{
			name: "unknown path variable",
			change: func(o *rest.Options) {
				o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Plain", "/x/{child.nope}")}
			},
			want: []string{"echo.v1.Echo.Plain (echo/v1/echo.proto): GET /x/{child.nope}:", `has no field "nope"`},
		},
		{
			name: "path variable that is a message",
			change: func(o *rest.Options) {
				o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Plain", "/x/{child}")}
			},
			want: []string{"GET /x/{child}:", "echo.v1.Item cannot be in a path"},
		},
		{
			name: "path variable that is a map",
			change: func(o *rest.Options) {
				o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Plain", "/x/{counts}")}
			},
			want: []string{"a map cannot be in a path"},
		},
		{
			name: "path variable in a list",
			change: func(o *rest.Options) {
				o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Plain", "/x/{items.id}")}
			},
			want: []string{`"items" is not a message`},
		},
		{
			name: "unknown body and response fields of two rules",
			change: func(o *rest.Options) {
				o.Rules = []*annotations.HttpRule{
					postRule("echo.v1.Echo.Plain", "/x", "nope", ""),
					postRule("echo.v1.Echo.Get", "/y", "*", "nope"),
				}
			},
			want: []string{`POST /x: body "nope"`, `POST /y: response_body "nope"`},
		},
		{
			name:   "malformed template",
			change: func(o *rest.Options) { o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Plain", "x{")} },
			want:   []string{"echo.v1.Echo.Plain (echo/v1/echo.proto)"},
		},
		{
			name: "same paths",
			change: func(o *rest.Options) {
				o.Rules = []*annotations.HttpRule{getRule("echo.v1.Echo.Plain", "/v1/items/{child.id}")}
			},
			want: []string{"GET /v1/items/{child.id}", "echo.v1.Echo.Plain (echo/v1/echo.proto)", "echo.v1.Echo.Get (echo/v1/echo.proto) binds the same paths"},
		},
		{
			name:   "options for nothing",
			change: func(o *rest.Options) { o.PerMethod = []rest.MethodOptions{{Selector: "echo.v2.*"}} },
			want:   []string{`options for "echo.v2.*"`},
		},
		{
			name:   "selector",
			change: func(o *rest.Options) { o.PerMethod = []rest.MethodOptions{{Selector: "echo*"}} },
			want:   []string{`selector "echo*"`},
		},
		{
			name: "header names",
			change: func(o *rest.Options) {
				o.ForwardRequestHeaders, o.ForwardResponseHeaders = []string{"a b"}, []string{""}
			},
			want: []string{`header "a b"`, `header ""`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := rest.Options{Catalog: echoCatalog(t), Invoke: (&fakeUpstream{}).invoke}
			test.change(&options)
			handler, err := rest.New(options)
			if err == nil || handler != nil {
				t.Fatalf("New() = %v, %v, want an error only", handler, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error = %q, want %q in it", err, want)
				}
			}
		})
	}
}

// TestRules checks which of annotation, rule and canonical path is bound.
func TestRules(t *testing.T) {
	t.Parallel()
	rules := []*annotations.HttpRule{
		getRule("echo.v1.Echo.Plain", "/first"),
		getRule("echo.v1.Echo.Plain", "/plain"),
		getRule("echo.v1.Echo.Find", "/find"),
		postRule("echo.v1.Echo.Get", "/echo.v1.Echo/Pass", "", ""),
	}
	tests := []struct {
		name         string
		keep         bool
		method, path string
		status       int
	}{
		{name: "rule", method: "GET", path: "/plain", status: 200},
		{name: "last rule wins", method: "GET", path: "/first", status: 404},
		{name: "rule replaces", method: "GET", path: "/v1/find", status: 404},
		{name: "rule adds", keep: true, method: "GET", path: "/v1/find", status: 200},
		{name: "rule that adds", keep: true, method: "GET", path: "/find", status: 200},
		{name: "other annotation", method: "POST", path: "/v1/items", status: 200},
		{name: "canonical path", method: "POST", path: "/echo.v1.Echo/Find", status: 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler, _ := newHandler(t, echo, func(o *rest.Options) { o.Rules, o.KeepAnnotations = rules, test.keep })
			if response := do(handler, test.method, test.path, "", nil); response.Code != test.status {
				t.Errorf("status = %d, want %d", response.Code, test.status)
			}
		})
	}
}

// TestDeclaredPathWins checks that a route of the schema keeps the canonical
// path of another method, even if it only matches it by a wildcard.
func TestDeclaredPathWins(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, func(o *rest.Options) {
		o.Rules = []*annotations.HttpRule{postRule("echo.v1.Echo.Get", "/{id=echo.v1.Echo/**}", "", "")}
	})
	if response := do(handler, "POST", "/echo.v1.Echo/Plain", "", nil); response.Code != http.StatusOK {
		t.Fatalf("status = %d: %s", response.Code, response.Body)
	}
	if got, want := upstream.called()[0].Method.Path, "/echo.v1.Echo/Get"; got != want {
		t.Errorf("method = %s, want %s", got, want)
	}
}

func TestPerMethod(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	handler, _ := newHandler(t, echo, func(o *rest.Options) {
		o.RefuseUnknownFields = true
		o.PerMethod = []rest.MethodOptions{
			{Selector: "echo.v1.*", RefuseUnknownQuery: &yes},
			{Selector: "echo.v1.Echo.Find", RefuseUnknownQuery: &no},
			{Selector: "echo.v1.Echo.Create", RefuseUnknownFields: &no},
		}
	})
	tests := []struct {
		name               string
		method, path, body string
		status             int
	}{
		{name: "all below a package", method: "GET", path: "/v1/items/a?nope=1", status: 400},
		{name: "one method", method: "GET", path: "/v1/find?nope=1", status: 200},
		{name: "fields of one method", method: "POST", path: "/v1/items", body: `{"nope":1}`, status: 200},
		{name: "fields of others", method: "POST", path: "/echo.v1.Echo/Plain", body: `{"nope":1}`, status: 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if response := do(handler, test.method, test.path, test.body, nil); response.Code != test.status {
				t.Errorf("status = %d, want %d: %s", response.Code, test.status, response.Body)
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	handler, _ := newHandler(t, echo, nil)
	routes := handler.Routes()
	want := []rest.Route{
		{Verb: "*", Pattern: "/v1/any/{id=**}", Method: "/echo.v1.Echo/Any"},
		{Verb: "POST", Pattern: "/echo.v1.Echo/Any", Method: "/echo.v1.Echo/Any"},
	}
	var got []rest.Route
	for _, route := range routes {
		if route.Method == "/echo.v1.Echo/Any" {
			got = append(got, route)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes mismatch (-want +got):\n%s", diff)
	}

	for path, want := range map[string]bool{"/v1/items/a": true, "/echo.v1.Echo/Plain": true, "/graphql": false} {
		if got := handler.Matches(httptest.NewRequest(http.MethodDelete, path, nil)); got != want {
			t.Errorf("Matches(%s) = %t, want %t", path, got, want)
		}
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, nil)
	response := do(handler, "PUT", "/v1/find", "", nil)
	if got, want := response.Header().Get("Allow"), "DELETE, GET"; got != want {
		t.Errorf("Allow = %q, want %q", got, want)
	}
	if len(upstream.called()) != 0 {
		t.Error("the upstream was called")
	}
}

// TestMissing checks that a handler for a part of a schema does not mistake
// what belongs to the rest for an error.
func TestMissing(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, func(o *rest.Options) {
		o.Missing = status.Error(codes.Unavailable, "the other server is away")
		o.Rules = []*annotations.HttpRule{getRule("other.v1.Other.Get", "/v1/other")}
		o.PerMethod = []rest.MethodOptions{{Selector: "other.v1.*"}}
	})
	for _, test := range []struct {
		name, method, path string
		status             int
		want               string
	}{
		{"may be of the missing part", http.MethodGet, "/v1/other", http.StatusServiceUnavailable, "the other server is away"},
		{"is known", http.MethodPost, "/echo.v1.Echo/Plain", http.StatusOK, "{"},
		{"is known by another verb", http.MethodPut, "/echo.v1.Echo/Plain", http.StatusMethodNotAllowed, "Method Not Allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			recorder := do(handler, test.method, test.path, "", nil)
			if recorder.Code != test.status || !strings.Contains(recorder.Body.String(), test.want) {
				t.Errorf("%d %s, want %d with %q", recorder.Code, recorder.Body, test.status, test.want)
			}
		})
	}
	if got := len(upstream.called()); got != 1 {
		t.Errorf("the upstream saw %d calls, want 1", got)
	}
}
