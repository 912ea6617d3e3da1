// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A Route is one way in.
type Route struct {
	// Protocol is the frontend that it belongs to.
	Protocol rpc.Protocol
	// Verb is the HTTP method, "*" for any.
	Verb string
	// Path is the path, or its template in the syntax of google.api.http.
	Path string
	// Method is the full name of the gRPC method behind it.
	Method string
}

// Routes lists every way in of the current generation, sorted by method.
func (g *Gateway) Routes() []Route {
	current := g.acquire()
	if current == nil {
		return nil
	}
	defer current.release()
	var routes []Route
	for _, route := range current.rest.Routes() {
		routes = append(routes, Route{
			Protocol: rpc.ProtocolREST,
			Verb:     route.Verb,
			Path:     route.Pattern,
			Method:   strings.ReplaceAll(strings.TrimPrefix(route.Method, "/"), "/", "."),
		})
	}
	for _, descriptor := range methods(current.catalog) {
		routes = append(routes, Route{
			Protocol: rpc.ProtocolGRPC,
			Verb:     "POST",
			Path:     rpc.NewMethod(descriptor).Path,
			Method:   string(descriptor.FullName()),
		})
	}
	slices.SortFunc(routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Method, b.Method), -cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Verb, b.Verb))
	})
	return routes
}
