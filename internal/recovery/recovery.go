// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package recovery turns a panic in one call into an error of that call, so
// that it never ends the process.
package recovery

import (
	"context"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// New returns an interceptor that recovers from panics in everything behind
// it, while the stream is opened and in every use of it. The call ends with
// INTERNAL; what was panicked with, and the stack, go to logger alone, since
// they may hold what the caller must not see.
func New(logger *slog.Logger) rpc.Interceptor {
	return func(next rpc.Invoker) rpc.Invoker {
		return func(ctx context.Context, call *rpc.Call) (_ rpc.Stream, err error) {
			guard := guard{ctx: ctx, logger: logger, method: call.Method.Path}
			defer guard.recover(&err)
			inner, err := next(ctx, call)
			if err != nil {
				return nil, err
			}
			return &stream{guard: guard, next: inner}, nil
		}
	}
}

// A guard knows which call a panic belongs to.
type guard struct {
	ctx    context.Context //nolint:containedctx // only to log with.
	logger *slog.Logger
	method string
}

// recover must be deferred directly.
func (g *guard) recover(err *error) {
	value := recover()
	if value == nil {
		return
	}
	g.logger.ErrorContext(g.ctx, "panic in a call",
		"method", g.method, "panic", value, "stack", string(debug.Stack()))
	*err = status.Error(codes.Internal, "internal error of the gateway")
}

// A stream guards every method of the stream below it.
type stream struct {
	guard guard
	next  rpc.Stream
}

var _ rpc.Stream = (*stream)(nil)

func (s *stream) Send(payload mem.BufferSlice) (err error) {
	defer s.guard.recover(&err)
	return s.next.Send(payload)
}

func (s *stream) CloseSend() (err error) {
	defer s.guard.recover(&err)
	return s.next.CloseSend()
}

func (s *stream) Recv() (_ mem.BufferSlice, err error) {
	defer s.guard.recover(&err)
	return s.next.Recv()
}

func (s *stream) Header() (_ metadata.MD, err error) {
	defer s.guard.recover(&err)
	return s.next.Header()
}

func (s *stream) Trailer() metadata.MD {
	var err error
	defer s.guard.recover(&err)
	return s.next.Trailer()
}
