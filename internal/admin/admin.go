// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package admin serves what an operator and an orchestrator ask of a running
// gateway, on an address of its own that is kept off public networks.
package admin

import (
	"encoding/json"
	"net/http"
)

// Options says what the pages tell.
type Options struct {
	// Ready returns nil if calls can be served, else the reason. It is called
	// for each request, possibly at the same time. Default: always ready.
	Ready func() error
	// Status returns what /status shows as JSON. Default: an empty object.
	Status func() any
}

// NewHandler returns the handler of the admin address:
//
//   - /healthz: 200 while the process can answer at all (liveness)
//   - /readyz: 200 if calls can be served, else 503 with the reason (readiness)
//   - /status: what is running, as JSON
func NewHandler(options Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if options.Ready != nil {
			if err := options.Ready(); err != nil {
				writeText(w, http.StatusServiceUnavailable, err.Error())
				return
			}
		}
		writeText(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		var status any = struct{}{}
		if options.Status != nil {
			status = options.Status()
		}
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		// An error here is a reader who went away.
		_ = encoder.Encode(status)
	})
	return mux
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
