// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc/mem"
)

// A messageSource yields the messages of a streamed request body, each when it
// has arrived. Its methods are for one goroutine.
type messageSource interface {
	// next gives the caller a reference to the next message. It returns io.EOF
	// after the last one, and a requestError if the body is not good.
	next() (mem.BufferSlice, error)
	close()
}

// newSource returns the messages of the request's body.
func (x *exchange) newSource(ctx context.Context) (messageSource, error) {
	binding := &x.matched.body
	if !x.formRead && hasBody(x.r) {
		if err := binding.checkMedia(x.r.Header.Get("Content-Type")); err != nil {
			return nil, err
		}
	}
	body := io.NopCloser(eof{})
	if !x.formRead && hasBody(x.r) {
		var err error
		if body, err = x.h.gzip.decode(x.r); err != nil {
			return nil, x.refuseEncoding(err)
		}
	}
	if binding.raw {
		return &chunkSource{x: x, ctx: ctx, body: body}, nil
	}
	return &valueSource{
		x:      x,
		ctx:    ctx,
		body:   body,
		values: newValueReader(body, x.h.maxBody),
	}, nil
}

// A valueSource makes each JSON value of the body a message.
type valueSource struct {
	x      *exchange
	ctx    context.Context //nolint:containedctx // it belongs to one request, as the source does
	body   io.Closer
	values *valueReader
}

var _ messageSource = (*valueSource)(nil)

func (s *valueSource) close() {
	_ = s.body.Close() // It only gives memory back.
}

func (s *valueSource) next() (mem.BufferSlice, error) {
	value, err := s.values.read()
	if err != nil {
		return nil, s.refuse(err)
	}
	wire := s.x.h.buffers.get()
	if err := s.x.appendRequest(wire, value); err != nil {
		s.x.h.buffers.Put(wire)
		return nil, err
	}
	return mem.BufferSlice{s.x.h.buffers.payload(wire)}, nil
}

func (s *valueSource) refuse(err error) error {
	if isEOF(err) {
		return io.EOF
	}
	if errors.Is(err, errTooLarge) {
		return bodyTooLarge(s.x.h.maxBody)
	}
	if _, ok := errors.AsType[*syntaxError](err); ok {
		return badBody(err)
	}
	return readError(s.ctx, err, s.x.h.maxBody)
}

// A chunkSource makes each piece of the body that arrives the data of a
// google.api.HttpBody. There is at least one message, so that the type of an
// empty body and what the URL says are not lost.
type chunkSource struct {
	x     *exchange
	ctx   context.Context //nolint:containedctx // it belongs to one request, as the source does
	body  io.ReadCloser
	begun bool
}

var _ messageSource = (*chunkSource)(nil)

func (s *chunkSource) close() {
	_ = s.body.Close() // It only gives memory back.
}

func (s *chunkSource) next() (mem.BufferSlice, error) {
	chunk := s.x.h.buffers.Get(min(uploadChunk, s.x.h.maxBody))
	n, err := s.body.Read(*chunk)
	for n == 0 && err == nil {
		n, err = s.body.Read(*chunk)
	}
	*chunk = (*chunk)[:n]
	if n == 0 && (!isEOF(err) || s.begun) {
		s.x.h.buffers.Put(chunk)
		if isEOF(err) {
			return nil, io.EOF
		}
		return nil, readError(s.ctx, err, s.x.h.maxBody)
	}
	s.begun = true
	return s.x.rawPayload(chunk)
}
