// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"context"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"
)

// ServeHTTP answers a gRPC request that came in through an HTTP server, which
// must be by HTTP/2.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.requests.begin() {
		// gRPC's own server would answer nothing at all.
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Grpc-Status", strconv.Itoa(int(codes.Unavailable)))
		w.Header().Set("Grpc-Message", "the gateway is stopping")
		return
	}
	defer s.requests.end()
	b := newBody(r.Body, s.options.MaxRequestBytes)
	r = r.WithContext(context.WithValue(r.Context(), bodyKey{}, b))
	r.Body = b
	s.mounted.ServeHTTP(w, r)
}
