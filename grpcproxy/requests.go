// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"context"
	"sync"
)

// requests counts the calls that came through ServeHTTP, so that a stop can
// wait for them, and can give them up.
type requests struct {
	mu       sync.Mutex
	active   int
	draining bool
	// quiet is closed when the server drains and no call is active. No call
	// begins from then on.
	quiet chan struct{}

	// ending is done when the calls are given up, with the reason as its
	// cause.
	ending context.Context //nolint:containedctx // belongs to no one call
	abort  context.CancelCauseFunc
}

func newRequests() *requests {
	r := &requests{quiet: make(chan struct{})}
	r.ending, r.abort = context.WithCancelCause(context.Background()) //nolint:forbidigo // ends with abort
	return r
}

// begin counts a call in. It reports false if none may begin any more.
func (r *requests) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining && r.active == 0 {
		return false
	}
	r.active++
	return true
}

// end counts a call out.
func (r *requests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active--
	if r.draining && r.active == 0 {
		close(r.quiet)
	}
}

// drain returns what is closed when there are no calls any more.
func (r *requests) drain() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.draining {
		r.draining = true
		if r.active == 0 {
			close(r.quiet)
		}
	}
	return r.quiet
}

// abortable returns a context that also ends when the calls are given up, and
// what releases it.
func (r *requests) abortable(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(r.ending, func() { cancel(context.Cause(r.ending)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}
