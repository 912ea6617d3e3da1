// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"errors"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/prototext"
)

// rule returns the HttpRule that text is.
func rule(t *testing.T, text string) *annotations.HttpRule {
	t.Helper()
	var r annotations.HttpRule
	if err := prototext.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("rule %s: %v", text, err)
	}
	return &r
}

func TestBindings(t *testing.T) {
	t.Parallel()
	// want is a binding with its template as text.
	type want struct{ Method, Template, Body, ResponseBody string }
	tests := []struct {
		name string
		rule string
		want []want
	}{
		{"get", `get: "/a"`, []want{{"GET", "/a", "", ""}}},
		{"put", `put: "/a" body: "*"`, []want{{"PUT", "/a", "*", ""}}},
		{"post", `post: "/a" body: "b.c" response_body: "d"`, []want{{"POST", "/a", "b.c", "d"}}},
		{"delete", `delete: "/{a}"`, []want{{"DELETE", "/{a}", "", ""}}},
		{"delete with a body", `delete: "/{a}" body: "*"`, []want{{"DELETE", "/{a}", "*", ""}}},
		{"patch", `patch: "/{a}" body: "b"`, []want{{"PATCH", "/{a}", "b", ""}}},
		{"custom", `custom { kind: "HEAD" path: "/a" }`, []want{{"HEAD", "/a", "", ""}}},
		{"custom kind keeps its case", `custom { kind: "purge" path: "/a" }`, []want{{"purge", "/a", "", ""}}},
		{"any method", `custom { kind: "*" path: "/a" } body: "*"`, []want{{"*", "/a", "*", ""}}},
		{"response body of everything", `get: "/a" response_body: "*"`, []want{{"GET", "/a", "", ""}}},
		{
			"additional bindings of additional bindings",
			`get: "/a" additional_bindings {
				post: "/b" body: "*" additional_bindings { put: "/c" body: "x" additional_bindings { get: "/d" } }
			} additional_bindings { patch: "/e" response_body: "y" }`,
			[]want{
				{"GET", "/a", "", ""},
				{"POST", "/b", "*", ""},
				{"PUT", "/c", "x", ""},
				{"GET", "/d", "", ""},
				{"PATCH", "/e", "", "y"},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bindings, err := httprule.Bindings(rule(t, test.rule))
			if err != nil {
				t.Fatalf("Bindings: %v", err)
			}
			var got []want
			for _, b := range bindings {
				got = append(got, want{b.Method, b.Template.String(), b.Body, b.ResponseBody})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Bindings mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBindingsError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		rule      string
		want      string
		noPattern bool
	}{
		{"nothing", ``, "no pattern is set", true},
		{"selector only", `selector: "a.B.C" body: "*"`, "no pattern is set", true},
		{"empty path", `get: ""`, "no pattern is set", true},
		{"empty custom", `custom {}`, "no pattern is set", true},
		{"additional binding without a pattern", `get: "/a" additional_bindings {}`, "additional_bindings[0]: no pattern is set", true},
		{"bad template", `post: "/a/{b"`, `POST "/a/{b": column 6: expected ".", "=" or "}", found the end`, false},
		{"body of a get", `get: "/a" body: "*"`, `GET "/a": body "*": a GET has no body`, false},
		{"custom without a kind", `custom { path: "/a" }`, `custom "" "/a": the kind is not the name of an HTTP method`, false},
		{"custom with a bad kind", `custom { kind: "GET " path: "/a" }`, `custom "GET " "/a": the kind is not the name of an HTTP method`, false},
		{"custom without a path", `custom { kind: "HEAD" }`, `HEAD "": column 1: expected "/", found the end`, false},
		{
			"all that is wrong",
			`get: "a" additional_bindings { get: "/b" additional_bindings { put: "/c" } additional_bindings { put: "/c/" } } additional_bindings {}`,
			`GET "a": column 1: expected "/", found "a"` + "\n" +
				`additional_bindings[0]: additional_bindings[1]: PUT "/c/": column 4: expected "*", "**", a literal or a variable, found the end` + "\n" +
				`additional_bindings[1]: no pattern is set`,
			true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bindings, err := httprule.Bindings(rule(t, test.rule))
			if err == nil {
				t.Fatalf("Bindings = %v, want an error", bindings)
			}
			if bindings != nil {
				t.Errorf("Bindings = %v beside an error, want none", bindings)
			}
			if got := err.Error(); got != test.want {
				t.Errorf("Bindings\n got %s\nwant %s", got, test.want)
			}
			if got := errors.Is(err, httprule.ErrNoPattern); got != test.noPattern {
				t.Errorf("error is ErrNoPattern: %t, want %t", got, test.noPattern)
			}
		})
	}
}

func TestBindingsOfNoRule(t *testing.T) {
	t.Parallel()
	if _, err := httprule.Bindings(nil); !errors.Is(err, httprule.ErrNoPattern) {
		t.Errorf("Bindings(nil) = %v, want %v", err, httprule.ErrNoPattern)
	}
}
