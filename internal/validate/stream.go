// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package validate

import (
	"context"
	"sync"

	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A unary checks the one request message of a call before it opens the stream
// to the upstream, so that a refused call costs the upstream nothing.
type unary struct {
	ctx   context.Context //nolint:containedctx // the call's own, to open its stream with.
	call  *rpc.Call
	next  rpc.Invoker
	check *check

	// inner or err is set by the first Send.
	inner rpc.Stream
	err   error
	// decided is closed once they are.
	decided chan struct{}
}

var _ rpc.Stream = (*unary)(nil)

func newUnary(ctx context.Context, call *rpc.Call, next rpc.Invoker, check *check) *unary {
	return &unary{ctx: ctx, call: call, next: next, check: check, decided: make(chan struct{})}
}

func (u *unary) Send(payload mem.BufferSlice) error {
	if u.inner != nil || u.err != nil {
		return u.sendMore(payload)
	}
	defer close(u.decided)
	if u.err = u.check.message(payload); u.err != nil {
		payload.Free()
		return u.err
	}
	if u.inner, u.err = u.next(u.ctx, u.call); u.err != nil {
		payload.Free()
		return u.err
	}
	return u.inner.Send(payload)
}

// sendMore is for a second message, which only a caller that breaks the
// protocol sends: whoever comes next says so.
func (u *unary) sendMore(payload mem.BufferSlice) error {
	if u.err != nil {
		payload.Free()
		return u.err
	}
	return u.inner.Send(payload)
}

func (u *unary) CloseSend() error {
	if u.inner == nil {
		return u.err
	}
	return u.inner.CloseSend()
}

func (u *unary) Recv() (mem.BufferSlice, error) {
	if err := u.wait(); err != nil {
		return nil, err
	}
	return u.inner.Recv()
}

func (u *unary) Header() (metadata.MD, error) {
	if err := u.wait(); err != nil {
		return nil, err
	}
	return u.inner.Header()
}

func (u *unary) Trailer() metadata.MD {
	if u.wait() != nil {
		return nil
	}
	return u.inner.Trailer()
}

// wait returns the error that ended the call before it had a stream.
func (u *unary) wait() error {
	select {
	case <-u.decided:
		return u.err
	case <-u.ctx.Done():
		return status.FromContextError(u.ctx.Err()).Err()
	}
}

// A stream checks each message of a streamed request. A violation cancels the
// call and is what both of its sides then report.
type stream struct {
	rpc.Stream

	check  *check
	cancel context.CancelFunc

	mu sync.Mutex
	// refusal is the first violation. mu guards it.
	refusal error
}

var _ rpc.Stream = (*stream)(nil)

func openStream(ctx context.Context, call *rpc.Call, next rpc.Invoker, check *check) (rpc.Stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	inner, err := next(ctx, call)
	if err != nil {
		cancel()
		return nil, err
	}
	return &stream{Stream: inner, check: check, cancel: cancel}, nil
}

func (s *stream) Send(payload mem.BufferSlice) error {
	if err := s.check.message(payload); err != nil {
		payload.Free()
		s.mu.Lock()
		s.refusal = err
		s.mu.Unlock()
		s.cancel()
		return err
	}
	return s.Stream.Send(payload)
}

func (s *stream) Recv() (mem.BufferSlice, error) {
	payload, err := s.Stream.Recv()
	if err != nil {
		s.cancel()
		err = s.explain(err)
	}
	return payload, err
}

func (s *stream) Header() (metadata.MD, error) {
	header, err := s.Stream.Header()
	if err != nil {
		err = s.explain(err)
	}
	return header, err
}

// explain returns the violation that caused err, if one did.
func (s *stream) explain(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal != nil {
		return s.refusal
	}
	return err
}
