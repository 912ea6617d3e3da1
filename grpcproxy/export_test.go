// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"io"

	"google.golang.org/grpc"
)

// WithServerOptions returns o with options for gRPC's own server.
func (o Options) WithServerOptions(options ...grpc.ServerOption) Options {
	o.grpc = options
	return o
}

// NewBody, and what follows, is the pacing of a request body.
func NewBody(reader io.ReadCloser, limit int) *Body { return &Body{newBody(reader, limit)} }

// Body is a body.
type Body struct{ *body }

// Used says that the handler has taken a message.
func (b *Body) Used() { b.used() }

// Waiting is how many messages have been read and not taken.
func (b *Body) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}
