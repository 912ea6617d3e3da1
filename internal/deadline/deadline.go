// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package deadline gives every unary call a deadline.
package deadline

import (
	"context"
	"time"

	"google.golang.org/grpc/mem"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// Options bounds the time of unary calls. A bound of zero does not apply.
// Streams last as long as their callers and upstreams want them to.
type Options struct {
	// Default is the time for a call whose caller set no deadline.
	Default time.Duration
	// Max is the most time that a caller can ask for.
	Max time.Duration
}

// New returns an interceptor that applies options. The upstream sees the
// deadline too, as gRPC sends it along.
func New(options Options) rpc.Interceptor {
	return func(next rpc.Invoker) rpc.Invoker {
		return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
			bound := options.bound(ctx, call.Method)
			if bound == 0 {
				return next(ctx, call)
			}
			ctx, cancel := context.WithTimeout(ctx, bound)
			inner, err := next(ctx, call)
			if err != nil {
				cancel()
				return nil, err
			}
			return &stream{Stream: inner, cancel: cancel}, nil
		}
	}
}

// bound returns the time that the call gets from now on, or 0 if the deadline
// that ctx has is right.
func (o Options) bound(ctx context.Context, method *rpc.Method) time.Duration {
	if method.Descriptor.IsStreamingClient() || method.Descriptor.IsStreamingServer() {
		return 0
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		if o.Default == 0 || o.Max != 0 && o.Max < o.Default {
			return o.Max
		}
		return o.Default
	}
	if o.Max != 0 && time.Until(deadline) > o.Max {
		return o.Max
	}
	return 0
}

// A stream gives back the timer of a unary call once its answer is there.
type stream struct {
	rpc.Stream

	cancel context.CancelFunc
}

func (s *stream) Recv() (mem.BufferSlice, error) {
	defer s.cancel()
	return s.Stream.Recv()
}
