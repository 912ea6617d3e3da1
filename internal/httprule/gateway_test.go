// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// gatewayMatch returns what grpc-gateway captures if template is all there is.
// Its unescaping mode is the one that is nearest to the specification.
func gatewayMatch(t *testing.T, template, path string) (captures map[string]string, ok bool) {
	t.Helper()
	mux := runtime.NewServeMux(runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptSlash))
	err := mux.HandlePath(http.MethodGet, template, func(_ http.ResponseWriter, _ *http.Request, params map[string]string) {
		captures, ok = params, true
	})
	if err != nil {
		t.Fatalf("HandlePath(%q): %v", template, err)
	}
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	return captures, ok
}

// routerMatch returns what a [httprule.Router] captures, in the same shape.
func routerMatch(t *testing.T, template, path string) (map[string]string, bool) {
	t.Helper()
	escaped := httptest.NewRequest(http.MethodGet, path, nil).URL.EscapedPath()
	_, values, ok := newRouter(t, get(template)...).Match(http.MethodGet, escaped, nil)
	if !ok {
		return nil, false
	}
	captures := make(map[string]string)
	for i, variable := range parse(t, template).Variables() {
		captures[variable.FieldPath] = values[i]
	}
	return captures, true
}

// TestAgreesWithGateway matches every template with every path, as grpc-gateway
// and as we do. What the two define differently is in TestDiffersFromGateway.
func TestAgreesWithGateway(t *testing.T) {
	t.Parallel()
	templates := []string{
		"/", "/*", "/**", "/{a}", "/{a=**}", "/{a=*/**}",
		"/v1", "/v1/*", "/v1/**", "/v1/{a}", "/v1/{a=*}", "/v1/{a=**}",
		"/v1/books", "/v1/books/{id}", "/v1/books/{book.id}", "/v1/{name=books/*}", "/v1/{name=books/**}",
		"/v1/{name=shelves/*/books/*}", "/v1/{parent=shelves/*}/books", "/v1/{parent=shelves/*}/books/{id}",
		"/v1/{a}/{b}", "/v1/{a}/books/{b=**}", "/{a}/{b=*/*}/{c}", "/v1/a:b/{c}",
		"/v1/books:list", "/v1/{id}:list", "/v1/*:list", "/v1/**:list", "/v1/{path=**}:list",
		"/v1/{name=books/*}:list", "/v1/{name=books/**}:list", "/v1/{id}:list:all", "/v1/books:x:list",
	}
	paths := []string{
		"/", "//", "/v1", "/v1/", "/v1//", "/v2", "/v1/books", "/v1/books/", "/v1/books//", "/v1//books", "/v1/books/1",
		"/v1/books/1/", "/v1/books/1/2/3", "/v1/shelves/1", "/v1/shelves/1/books", "/v1/shelves/1/books/2",
		"/v1/shelves//books/", "/v1/shelves/1/books/2/3", "/v1/a:b/c", "/a/b/c/d",
		"/v1:list", "/v1/:list", "/v1/books:list", "/v1/books/:list", "/v1/books/1:list", "/v1/books/1:x:list",
		"/v1/books:", "/v1/books:LIST", "/v1/books:x:list", "/v1/books:list:all", "/v1/1:list:all", "/v1/1:all",
		"/v1/1%3Alist", "/v1/a%20b", "/v1/%2525", "/v1/%C3%A9", "/v1/%ff", "/v1/a+b", "/v1/a%2Bb", "/v1/x%2Fy", "/v1/x%2fy/z",
		"/v1/$&+,;=@!'()*~", "/v1/books/%24%26%2B%3A%3F%23%5B%5D",
	}
	matches := 0
	for _, template := range templates {
		for _, path := range paths {
			want, wantOK := gatewayMatch(t, template, path)
			got, ok := routerMatch(t, template, path)
			if ok != wantOK {
				t.Errorf("%s matches %s: %t, grpc-gateway: %t", template, path, ok, wantOK)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("captures of %s from %s mismatch (-grpc-gateway +got):\n%s", template, path, diff)
			}
			if ok {
				matches++
			}
		}
	}
	if total := len(templates) * len(paths); matches < total/10 {
		t.Errorf("%d of %d pairs match, want a tenth: the table tests too little", matches, total)
	}
}

// TestDiffersFromGateway keeps true what the package says of the differences.
func TestDiffersFromGateway(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		template, path string
		gateway, ours  map[string]string // nil for no match
	}{
		{
			name: "escaped slash in a variable of several segments", template: "/{a=x/*}", path: "/x/y%2Fz",
			gateway: map[string]string{"a": "x/y/z"},
			ours:    map[string]string{"a": "x/y%2Fz"},
		},
		{
			name: "escaped literal in the request", template: "/v1/x%2Fy", path: "/v1/x%2fy",
			ours: map[string]string{},
		},
		{
			name: "escaped literal in a variable", template: "/{a=x/*}", path: "/%78/y%2Bz",
			ours: map[string]string{"a": "x/y+z"},
		},
		{
			name: "escaped verb", template: "/{a}:go", path: "/x%2B:%67o",
			ours: map[string]string{"a": "x+"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			gateway, _ := gatewayMatch(t, test.template, test.path)
			if diff := cmp.Diff(test.gateway, gateway); diff != "" {
				t.Errorf("grpc-gateway's captures mismatch (-want +got):\n%s", diff)
			}
			ours, _ := routerMatch(t, test.template, test.path)
			if diff := cmp.Diff(test.ours, ours); diff != "" {
				t.Errorf("our captures mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRefusesWhatGatewayAccepts keeps true what the package says of templates.
func TestRefusesWhatGatewayAccepts(t *testing.T) {
	t.Parallel()
	for _, template := range []string{
		"/v1/**/x", "/v1/{a=**}/x", "/v1/x*", "/v1//", "/v1/x:", "/:x", "/{a}/{a}",
	} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			nothing := func(http.ResponseWriter, *http.Request, map[string]string) {}
			if err := runtime.NewServeMux().HandlePath(http.MethodGet, template, nothing); err != nil {
				t.Errorf("grpc-gateway refuses %q as well: %v", template, err)
			}
			if got, err := httprule.ParseTemplate(template); err == nil {
				t.Errorf("ParseTemplate(%q) = %s, want an error", template, got)
			}
		})
	}
}
