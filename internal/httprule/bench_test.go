// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// A benchRoute is a route and a request for it.
type benchRoute struct {
	bound

	path string
}

// benchRoutes returns n routes as a family of APIs has them: ten for each
// collection, ten collections in each service.
func benchRoutes(n int) []benchRoute {
	var routes []benchRoute
	add := func(method, template, path string) {
		routes = append(routes, benchRoute{bound{method, template}, path})
	}
	for i := 0; len(routes) < n; i++ {
		service := fmt.Sprintf("/v1/service%d", i/10)
		collection := fmt.Sprintf("items%d", i%10)
		base := service + "/" + collection
		add("GET", base, base)
		add("POST", base, base)
		add("GET", base+"/{id}", base+"/0d6e4079")
		add("PATCH", base+"/{item.id}", base+"/0d6e4079")
		add("DELETE", base+"/{id}", base+"/0d6e4079")
		add("POST", base+"/{id}:cancel", base+"/0d6e4079:cancel")
		add("GET", service+"/{parent="+collection+"/*}/parts", base+"/0d6e4079/parts")
		add("GET", service+"/{name="+collection+"/*/parts/*}", base+"/0d6e4079/parts/e36711")
		add("POST", service+"/{name="+collection+"/*/parts/*}:archive", base+"/0d6e4079/parts/e36711:archive")
		add("GET", base+"/{id}/files/{path=**}", base+"/0d6e4079/files/docs/2024/report.pdf")
	}
	return routes[:n]
}

// discard is a response that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// BenchmarkMatch asks for each route in turn, among 10, 1,000 and 10,000 of
// them. For grpc-gateway, which tries one pattern after the other, that is
// neither its best case nor its worst, and includes what its mux does around
// finding the handler, which has no entrance of its own.
func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		routes := benchRoutes(n)
		b.Run(fmt.Sprintf("dragoman/routes=%d", n), func(b *testing.B) { benchmarkRouter(b, routes) })
		b.Run(fmt.Sprintf("grpc-gateway/routes=%d", n), func(b *testing.B) { benchmarkGateway(b, routes) })
	}
}

func benchmarkRouter(b *testing.B, routes []benchRoute) {
	b.Helper()
	router := httprule.NewRouter[*benchRoute]()
	for i := range routes {
		if err := router.Add(routes[i].method, parse(b, routes[i].template), &routes[i]); err != nil {
			b.Fatal(err)
		}
	}
	captures := make([]string, 0, 4)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		route := &routes[i%len(routes)]
		i += 7 // A step that visits every route, as 7 divides none of the sizes.
		if found, _, ok := router.Match(route.method, route.path, captures); !ok || found != route {
			b.Fatalf("%s %s: found %v", route.method, route.path, found)
		}
	}
}

func benchmarkGateway(b *testing.B, routes []benchRoute) {
	b.Helper()
	mux := runtime.NewServeMux()
	requests := make([]*http.Request, len(routes))
	found := -1
	for i, route := range routes {
		handler := func(http.ResponseWriter, *http.Request, map[string]string) { found = i }
		if err := mux.HandlePath(route.method, route.template, handler); err != nil {
			b.Fatal(err)
		}
		requests[i] = httptest.NewRequest(route.method, route.path, nil)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		want := i % len(routes)
		i += 7
		mux.ServeHTTP(discard{}, requests[want])
		if found != want {
			b.Fatalf("%s: found %d, want %d", requests[want].URL, found, want)
		}
	}
}
