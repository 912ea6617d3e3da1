// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/admin"
)

func TestPages(t *testing.T) {
	t.Parallel()
	up := admin.NewHandler(admin.Options{Status: func() any { return map[string]int{"generation": 7} }})
	down := admin.NewHandler(admin.Options{Ready: func() error { return errors.New("no schema yet") }})
	for _, test := range []struct {
		name         string
		handler      http.Handler
		method, path string
		status       int
		body         string
	}{
		{"alive", up, "GET", "/healthz", http.StatusOK, "ok"},
		{"ready", up, "GET", "/readyz", http.StatusOK, "ok"},
		{"alive though not ready", down, "GET", "/healthz", http.StatusOK, "ok"},
		{"not ready", down, "GET", "/readyz", http.StatusServiceUnavailable, "no schema yet"},
		{"status", up, "GET", "/status", http.StatusOK, `"generation": 7`},
		{"empty status", down, "GET", "/status", http.StatusOK, "{}"},
		{"unknown", up, "GET", "/nothing", http.StatusNotFound, "not found"},
		{"wrong verb", up, "POST", "/healthz", http.StatusMethodNotAllowed, "Not Allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			recorder := httptest.NewRecorder()
			test.handler.ServeHTTP(recorder, httptest.NewRequest(test.method, test.path, nil))
			if recorder.Code != test.status || !strings.Contains(recorder.Body.String(), test.body) {
				t.Errorf("got %d %q, want %d with %q", recorder.Code, recorder.Body, test.status, test.body)
			}
		})
	}
}
