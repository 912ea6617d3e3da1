// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// parse returns the template that text is known to be.
func parse(tb testing.TB, text string) *httprule.Template {
	tb.Helper()
	template, err := httprule.ParseTemplate(text)
	if err != nil {
		tb.Fatalf("ParseTemplate(%q): %v", text, err)
	}
	return template
}

// A bound is one route of a router under test. Its value is its text.
type bound struct {
	method, template string
}

func (b bound) String() string {
	return b.method + " " + b.template
}

// newRouter returns a router of the given routes, none of which conflict.
func newRouter(tb testing.TB, routes ...bound) *httprule.Router[string] {
	tb.Helper()
	router := httprule.NewRouter[string]()
	for _, route := range routes {
		if err := router.Add(route.method, parse(tb, route.template), route.String()); err != nil {
			tb.Fatalf("Add(%s): %v", route, err)
		}
	}
	return router
}

// get lists GET routes.
func get(templates ...string) []bound {
	routes := make([]bound, len(templates))
	for i, template := range templates {
		routes[i] = bound{"GET", template}
	}
	return routes
}
