// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/google/go-cmp/cmp"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		routes   []bound
		method   string // GET if empty
		path     string
		want     string // the route's text, or "" for none
		captures []string
	}{
		// What each kind of segment takes.
		{name: "root", routes: get("/"), path: "/", want: "GET /"},
		{name: "root is not everything", routes: get("/"), path: "/a"},
		{name: "literals", routes: get("/v1/a"), path: "/v1/a", want: "GET /v1/a"},
		{name: "literal with a trailing slash", routes: get("/v1/a"), path: "/v1/a/"},
		{name: "path too short", routes: get("/v1/a"), path: "/v1"},
		{name: "path too long", routes: get("/v1/a"), path: "/v1/a/b"},
		{name: "literals keep their case", routes: get("/v1/a"), path: "/v1/A"},
		{name: "any segment", routes: get("/v1/*/b"), path: "/v1/a/b", want: "GET /v1/*/b"},
		{name: "any segment is empty", routes: get("/v1/{a}"), path: "/v1/", want: "GET /v1/{a}", captures: []string{""}},
		{name: "any segment in the middle is empty", routes: get("/v1/{a}/b"), path: "/v1//b", want: "GET /v1/{a}/b", captures: []string{""}},
		{name: "any segment at the root is empty", routes: get("/{a}"), path: "/", want: "GET /{a}", captures: []string{""}},
		{name: "any segment is missing", routes: get("/v1/{a}"), path: "/v1"},
		{name: "any segment is one", routes: get("/v1/{a}"), path: "/v1/a/b"},
		{name: "rest of one", routes: get("/v1/{a=**}"), path: "/v1/x", want: "GET /v1/{a=**}", captures: []string{"x"}},
		{name: "rest of three", routes: get("/v1/{a=**}"), path: "/v1/x/y/z", want: "GET /v1/{a=**}", captures: []string{"x/y/z"}},
		{name: "rest with empty segments", routes: get("/v1/{a=**}"), path: "/v1//x//", want: "GET /v1/{a=**}", captures: []string{"/x//"}},
		{name: "rest of none", routes: get("/v1/{a=**}"), path: "/v1", want: "GET /v1/{a=**}", captures: []string{""}},
		{name: "rest of one empty segment", routes: get("/v1/{a=**}"), path: "/v1/", want: "GET /v1/{a=**}", captures: []string{""}},
		{name: "rest of everything", routes: get("/{a=**}"), path: "/", want: "GET /{a=**}", captures: []string{""}},
		{name: "rest that nothing captures", routes: get("/{a}/**"), path: "/x/y/z", want: "GET /{a}/**", captures: []string{"x"}},

		// What variables of several segments capture.
		{name: "several", routes: get("/v1/{a=x/*/y/*}"), path: "/v1/x/1/y/2", want: "GET /v1/{a=x/*/y/*}", captures: []string{"x/1/y/2"}},
		{name: "several, then more", routes: get("/{a=x/*}/{b}/{c=*/z}"), path: "/x/1/2/3/z", want: "GET /{a=x/*}/{b}/{c=*/z}", captures: []string{"x/1", "2", "3/z"}},
		{name: "several, another literal", routes: get("/v1/{a=x/*}"), path: "/v1/y/1"},
		{name: "ends in the rest", routes: get("/v1/{a=x/**}"), path: "/v1/x/1/2", want: "GET /v1/{a=x/**}", captures: []string{"x/1/2"}},
		{name: "ends in a rest of none", routes: get("/v1/{a=x/**}"), path: "/v1/x", want: "GET /v1/{a=x/**}", captures: []string{"x/"}},
		{name: "ends in a rest of one empty segment", routes: get("/v1/{a=x/**}"), path: "/v1/x/", want: "GET /v1/{a=x/**}", captures: []string{"x/"}},
		{name: "ends in a rest of none, after any segment", routes: get("/{a=*/**}"), path: "/", want: "GET /{a=*/**}", captures: []string{"/"}},

		// Decoding.
		{name: "one segment is decoded fully", routes: get("/{a}"), path: "/%61%2Fb%2fc%20%C3%A9%25", want: "GET /{a}", captures: []string{"a/b/c é%"}},
		{name: "a plus is a plus", routes: get("/{a}"), path: "/a+b", want: "GET /{a}", captures: []string{"a+b"}},
		{name: "decoded once", routes: get("/{a}"), path: "/%252F", want: "GET /{a}", captures: []string{"%2F"}},
		{name: "several segments keep escaped slashes", routes: get("/{a=x/*}"), path: "/x/%61%2Fb%2fc%3A", want: "GET /{a=x/*}", captures: []string{"x/a%2Fb%2fc:"}},
		{name: "the rest keeps escaped slashes", routes: get("/{a=**}"), path: "/%61/b%2Fc%2fd/%20", want: "GET /{a=**}", captures: []string{"a/b%2Fc%2fd/ "}},
		{name: "one literal is decoded fully", routes: get("/{a=x%2Fy}"), path: "/x%2fy", want: "GET /{a=x%2Fy}", captures: []string{"x/y"}},
		{name: "not UTF-8", routes: get("/{a}"), path: "/%ff", want: "GET /{a}", captures: []string{"\xff"}},
		{name: "escaped literal in the request", routes: get("/v1/a"), path: "/%76%31/%61", want: "GET /v1/a"},
		{name: "escaped literal in the template", routes: get("/v1/%61%2Fb"), path: "/v1/a%2fb", want: "GET /v1/%61%2Fb"},
		{name: "escaped slash is no separator", routes: get("/v1/a/b"), path: "/v1/a%2Fb"},
		{name: "long escaped literal", routes: get("/" + strings.Repeat("a", 300)), path: "/" + strings.Repeat("%61", 300), want: "GET /" + strings.Repeat("a", 300)},

		// What no request path is.
		{name: "no path", routes: get("/", "/**"), path: ""},
		{name: "no leading slash", routes: get("/a", "/**"), path: "a"},
		{name: "asterisk form", routes: get("/*", "/**"), path: "*"},
		{name: "escape cut off", routes: get("/**"), path: "/a/%4"},
		{name: "escape cut off by a slash", routes: get("/**"), path: "/a%4/1"},
		{name: "escape of no digits", routes: get("/**"), path: "/a/%zz"},
		{name: "bad escape in a verb", routes: get("/**", "/{a}:b"), path: "/a:b%"},

		// Verbs.
		{name: "verb", routes: get("/{a}:go"), path: "/x:go", want: "GET /{a}:go", captures: []string{"x"}},
		{name: "verb is missing", routes: get("/{a}:go"), path: "/x"},
		{name: "another verb", routes: get("/{a}:go"), path: "/x:stop"},
		{name: "verb of a literal", routes: get("/v1/x:go"), path: "/v1/x:go", want: "GET /v1/x:go"},
		{name: "verb wins", routes: get("/{a}", "/{a}:go"), path: "/x:go", want: "GET /{a}:go", captures: []string{"x"}},
		{name: "verb wins over a literal", routes: get("/v1/x%3Ago", "/**:go"), path: "/v1/x:go", want: "GET /**:go"},
		{name: "no verb fits", routes: get("/{a}", "/{a}:go"), path: "/x:foo", want: "GET /{a}", captures: []string{"x:foo"}},
		{name: "verb of another template", routes: get("/v1/{a}", "/v2/{a}:go"), path: "/v1/x:go", want: "GET /v1/{a}", captures: []string{"x:go"}},
		{name: "verb of another method", routes: []bound{{"POST", "/{a}:go"}, {"GET", "/{a}"}}, path: "/x:go", want: "GET /{a}", captures: []string{"x:go"}},
		{name: "colons before the verb", routes: get("/{a}:go"), path: "/x:y::go", want: "GET /{a}:go", captures: []string{"x:y:"}},
		{name: "colon in an earlier segment", routes: get("/{a}/{b}:go"), path: "/x:go/y", want: ""},
		{name: "verb with nothing before it", routes: get("/{a}/{b}:go"), path: "/x/:go"},
		{name: "verb with nothing before it is text", routes: get("/v1/{a}", "/v1/{a}:go"), path: "/v1/:go", want: "GET /v1/{a}", captures: []string{":go"}},
		{name: "verb with nothing before it after the rest", routes: get("/{a=**}:go"), path: "/x/:go"},
		{name: "empty verb", routes: get("/{a}", "/{a}:go"), path: "/x:", want: "GET /{a}", captures: []string{"x:"}},
		{name: "verb after the rest", routes: get("/v1/{a=**}:go"), path: "/v1/x/y:go", want: "GET /v1/{a=**}:go", captures: []string{"x/y"}},
		{name: "verb after a rest of none", routes: get("/v1/{a=**}:go"), path: "/v1:go", want: "GET /v1/{a=**}:go", captures: []string{""}},
		{name: "escaped colon begins no verb", routes: get("/{a}", "/{a}:go"), path: "/x%3Ago", want: "GET /{a}", captures: []string{"x:go"}},
		{name: "escaped verb", routes: get("/{a}:go"), path: "/x:%67o", want: "GET /{a}:go", captures: []string{"x"}},
		{name: "verb with a colon", routes: get("/{a}:b:c"), path: "/x:b:c", want: "GET /{a}:b:c", captures: []string{"x"}},
		{name: "longest verb first", routes: get("/{a}:c", "/{a}:b:c"), path: "/x:b:c", want: "GET /{a}:b:c", captures: []string{"x"}},
		{name: "then a shorter one", routes: get("/{a}:c", "/{a}:b:c"), path: "/x:y:c", want: "GET /{a}:c", captures: []string{"x:y"}},
		{name: "verb is all there is", routes: get("/{a}:b:c", "/{a}:c"), path: "/:b:c", want: "GET /{a}:c", captures: []string{":b"}},

		// Precedence.
		{name: "literal before any", routes: get("/v1/{a}", "/v1/a", "/v1/**"), path: "/v1/a", want: "GET /v1/a"},
		{name: "any before the rest", routes: get("/v1/**", "/v1/{a}"), path: "/v1/b", want: "GET /v1/{a}", captures: []string{"b"}},
		{name: "end before the rest", routes: get("/v1/**", "/v1"), path: "/v1", want: "GET /v1"},
		{name: "any before a rest further up", routes: get("/**", "/v1/*/**"), path: "/v1/a/b", want: "GET /v1/*/**"},
		{name: "first difference decides", routes: get("/{a}/b/c", "/x/{b}/{c}"), path: "/x/b/c", want: "GET /x/{b}/{c}", captures: []string{"b", "c"}},
		{name: "back from a literal to any", routes: get("/v1/a/x", "/v1/{b}/y"), path: "/v1/a/y", want: "GET /v1/{b}/y", captures: []string{"a"}},
		{name: "back from a literal to the rest", routes: get("/v1/a/x", "/v1/{b=**}"), path: "/v1/a/y", want: "GET /v1/{b=**}", captures: []string{"a/y"}},
		{name: "back twice", routes: get("/a/b/c", "/a/*/d", "/{r=**}"), path: "/a/b/e", want: "GET /{r=**}", captures: []string{"a/b/e"}},
		{name: "back for want of a segment", routes: get("/a/b/c", "/{x}/{y}"), path: "/a/b", want: "GET /{x}/{y}", captures: []string{"a", "b"}},

		// Methods.
		{name: "another method", routes: get("/a"), method: "POST", path: "/a"},
		{name: "methods keep their case", routes: get("/a"), method: "get", path: "/a"},
		{name: "very method", routes: []bound{{"*", "/a"}, {"GET", "/a"}}, path: "/a", want: "GET /a"},
		{name: "any method", routes: []bound{{"GET", "/a"}, {"*", "/a"}}, method: "BREW", path: "/a", want: "* /a"},
		{name: "back for want of a method", routes: []bound{{"GET", "/a"}, {"POST", "/{b}"}}, method: "POST", path: "/a", want: "POST /{b}", captures: []string{"a"}},
		{name: "path decides before the method", routes: []bound{{"*", "/a"}, {"GET", "/{b}"}}, path: "/a", want: "* /a"},
		{name: "rest for any method", routes: []bound{{"GET", "/a"}, {"*", "/**"}}, method: "PUT", path: "/a", want: "* /**"},

		{name: "no routes", path: "/a:b"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			method := test.method
			if method == "" {
				method = "GET"
			}
			before := []string{"before"}
			value, captures, ok := newRouter(t, test.routes...).Match(method, test.path, before)
			if ok != (test.want != "") || value != test.want {
				t.Errorf("Match(%s, %q) = %q, %t, want %q", method, test.path, value, ok, test.want)
			}
			if diff := cmp.Diff(append(before, test.captures...), captures); diff != "" {
				t.Errorf("Match(%s, %q) captures mismatch (-want +got):\n%s", method, test.path, diff)
			}
		})
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	routes := []bound{
		{"GET", "/v1/books/{id}"},
		{"PATCH", "/v1/books/{id}"},
		{"DELETE", "/v1/{name=books/*}"},
		{"POST", "/v1/books/{id}:lend"},
		{"GET", "/v1/books/best"},
		{"PUT", "/v1/books/best"},
		{"*", "/v1/any/**"},
		{"GET", "/v1/any"},
	}
	tests := []struct {
		name string
		path string
		want []string
	}{
		{"of one template", "/v1/books/1", []string{"DELETE", "GET", "PATCH"}},
		{"of two, without repetition", "/v1/books/best", []string{"DELETE", "GET", "PATCH", "PUT"}},
		{"of a verb and of none", "/v1/books/1:lend", []string{"DELETE", "GET", "PATCH", "POST"}},
		{"escaped", "/v1/%62ooks/1", []string{"DELETE", "GET", "PATCH"}},
		{"any method", "/v1/any/thing", []string{"*"}},
		{"any method and one of its own", "/v1/any", []string{"*", "GET"}},
		{"none", "/v1/shelves", nil},
		{"bad escape", "/v1/any/%", nil},
		{"no leading slash", "v1/any", nil},
	}
	router := newRouter(t, routes...)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, router.Allow(test.path)); diff != "" {
				t.Errorf("Allow(%q) mismatch (-want +got):\n%s", test.path, diff)
			}
		})
	}
}

func TestAddConflict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		first, second bound
		want          string // "" for none
	}{
		{"same", bound{"GET", "/a/{b}"}, bound{"GET", "/a/{b}"}, "GET /a/{b}: the same paths are bound by /a/{b}"},
		{"other variables", bound{"GET", "/v1/{name=a/*}"}, bound{"GET", "/v1/a/{id}"}, "GET /v1/a/{id}: the same paths are bound by /v1/{name=a/*}"},
		{"no variables", bound{"POST", "/a/*:go"}, bound{"POST", "/a/{b}:go"}, "POST /a/{b}:go: the same paths are bound by /a/*:go"},
		{"rest", bound{"GET", "/a/**"}, bound{"GET", "/{b=a/**}"}, "GET /{b=a/**}: the same paths are bound by /a/**"},
		{"escapes", bound{"GET", "/%61:%62"}, bound{"GET", "/a:b"}, "GET /a:b: the same paths are bound by /a:b"},
		{"any method", bound{"*", "/a"}, bound{"*", "/a"}, "* /a: the same paths are bound by /a"},
		{"root", bound{"GET", "/"}, bound{"GET", "/"}, "GET /: the same paths are bound by /"},
		{"other method", bound{"GET", "/a"}, bound{"POST", "/a"}, ""},
		{"any method beside one", bound{"GET", "/a"}, bound{"*", "/a"}, ""},
		{"other verb", bound{"GET", "/a:b"}, bound{"GET", "/a:c"}, ""},
		{"no verb", bound{"GET", "/a:b"}, bound{"GET", "/a"}, ""},
		{"overlap", bound{"GET", "/a/*"}, bound{"GET", "/*/a"}, ""},
		{"any segment and the rest", bound{"GET", "/a/*"}, bound{"GET", "/a/**"}, ""},
		{"end and the rest", bound{"GET", "/a"}, bound{"GET", "/a/**"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			router := newRouter(t, test.first)
			err := router.Add(test.second.method, parse(t, test.second.template), "second")
			if test.want == "" {
				if err != nil {
					t.Errorf("Add(%s) after %s: %v", test.second, test.first, err)
				}
				return
			}
			conflict, ok := errors.AsType[*httprule.ConflictError[string]](err)
			if !ok {
				t.Fatalf("Add(%s) after %s = %v, want a *ConflictError", test.second, test.first, err)
			}
			if got := err.Error(); got != test.want {
				t.Errorf("Add(%s) after %s\n got %s\nwant %s", test.second, test.first, got, test.want)
			}
			if got, want := conflict.Existing, test.first.String(); got != want {
				t.Errorf("Existing = %q, want %q", got, want)
			}
		})
	}
}

// TestMatchAllocations holds the promise that a match costs no memory. It is not
// parallel: AllocsPerRun counts the allocations of all goroutines.
func TestMatchAllocations(t *testing.T) {
	router := newRouter(t, get(
		"/v1/books", "/v1/books/{id}", "/v1/{name=shelves/*/books/*}", "/v1/{file=files/**}",
		"/v1/{id}:go", "/v1/{id}:stop:now", "/v1/{file=files/**}:go", "/v2/%61/{b}/{c}",
	)...)
	tests := []struct {
		name string
		path string
		want float64
	}{
		{"literals", "/v1/books", 0},
		{"one segment", "/v1/books/1", 0},
		{"several segments", "/v1/shelves/1/books/2", 0},
		{"rest", "/v1/files/a/b/c", 0},
		{"verb", "/v1/x:go", 0},
		{"verb with a colon", "/v1/x:stop:now", 0},
		{"rest and verb", "/v1/files/a/b/c:go", 0},
		{"escaped literal", "/v2/%61/1/2", 0},
		{"one escaped value", "/v2/a/1%20/2", 1},
		{"two escaped values", "/v2/a/1%20/2%20", 2},
		{"rest of none", "/v1/files", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			captures := make([]string, 0, 4)
			matched := true
			got := testing.AllocsPerRun(100, func() {
				_, _, ok := router.Match("GET", test.path, captures)
				matched = matched && ok
			})
			if !matched {
				t.Errorf("Match(GET, %q) = false, want true", test.path)
			}
			if got != test.want {
				t.Errorf("Match(GET, %q) allocates %v times, want %v", test.path, got, test.want)
			}
		})
	}
	t.Run("no match", func(t *testing.T) {
		if got := testing.AllocsPerRun(100, func() { router.Match("GET", "/v3/x:go", nil) }); got != 0 {
			t.Errorf("Match allocates %v times, want 0", got)
		}
	})
}

// TestMatchIsNotExponential matches paths that fit every template but for the
// last segment, so that the search goes back to every place where there is a
// literal as well as a wildcard. There are 50 such levels: if going back cost
// more than the nodes that are there, say, one of them twice, the test would not
// end.
func TestMatchIsNotExponential(t *testing.T) {
	t.Parallel()
	const depth = 50
	router := httprule.NewRouter[int]()
	segments := make([]string, depth)
	for i := range depth {
		for j := range i + 1 {
			for k := range segments {
				segments[k] = "a"
			}
			segments[i], segments[j] = "*", "*"
			template := "/" + strings.Join(segments, "/") + "/end"
			if err := router.Add("GET", parse(t, template), i*depth+j); err != nil {
				t.Fatal(err)
			}
			for _, verb := range []string{":go", ":a:go"} {
				segments[depth-1] = "{last}" + verb
				if err := router.Add("GET", parse(t, "/"+strings.Join(segments, "/")), 0); err != nil {
					if _, ok := errors.AsType[*httprule.ConflictError[int]](err); !ok {
						t.Fatal(err)
					}
				}
			}
		}
	}
	prefix := strings.Repeat("/a", depth)
	for _, path := range []string{
		prefix + "/x",
		prefix + "/x" + strings.Repeat(":", 10_000) + "x",
		prefix + strings.Repeat(":a:go", 10_000) + "/x",
		prefix + strings.Repeat("/", 10_000),
		prefix + strings.Repeat("/%61", 10_000),
	} {
		if value, _, ok := router.Match("GET", path, nil); ok {
			t.Errorf("Match(GET, %.120q) = %d, want none", path, value)
		}
		if got := router.Allow(path); got != nil {
			t.Errorf("Allow(%.120q) = %v, want none", path, got)
		}
	}
	if value, _, ok := router.Match("GET", prefix+"/end", nil); !ok || value != depth*depth-1 {
		t.Errorf("Match(GET, %q) = %d, %t, want the template whose wildcards come last", prefix+"/end", value, ok)
	}
}

func TestMatchConcurrently(t *testing.T) {
	t.Parallel()
	router := newRouter(t, get("/v1/{a}/{b=**}", "/v1/{a}:go")...)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				if _, captures, ok := router.Match("GET", "/v1/%61/b/c", nil); !ok || captures[0] != "a" || captures[1] != "b/c" {
					t.Errorf("Match = %q, %t, want a and b/c", captures, ok)
				}
				if got := router.Allow("/v1/x:go"); len(got) != 1 {
					t.Errorf("Allow = %q, want GET", got)
				}
			}
		})
	}
	group.Wait()
}
