// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A stream is a call to an upstream. Its errors are gRPC's own, so the status
// of the upstream arrives with its details.
//
// The messages are fields so that a call allocates once: gRPC is done with
// the one before Send returns, and with the other before Recv does.
type stream struct {
	client grpc.ClientStream
	desc   grpc.StreamDesc

	// out belongs to the send side, in and ended to the receive side.
	out outgoing
	in  incoming
	// ended is what Recv returns from now on, once it is known.
	ended error
}

var _ rpc.Stream = (*stream)(nil)

// Send implements [rpc.Stream]. For a method that takes one message it
// returns nil even if the call has ended: Recv tells.
func (s *stream) Send(payload mem.BufferSlice) error {
	s.out = outgoing{payload: payload}
	err := s.client.SendMsg(&s.out)
	if !s.out.taken {
		payload.Free()
	}
	s.out.payload = nil
	return err
}

// CloseSend implements [rpc.Stream].
func (s *stream) CloseSend() error {
	return s.client.CloseSend()
}

// Recv implements [rpc.Stream]. Where one answer is due, gRPC waits for the
// status before it gives the answer out.
func (s *stream) Recv() (mem.BufferSlice, error) {
	if s.ended != nil {
		return nil, s.ended
	}
	err := s.client.RecvMsg(&s.in)
	payload := s.in.payload
	s.in.payload = nil
	if err != nil {
		// The answer came and the status was an error.
		payload.Free()
		s.ended = err
		return nil, err
	}
	if !s.desc.ServerStreams {
		s.ended = io.EOF
	}
	return payload, nil
}

// Header implements [rpc.Stream].
func (s *stream) Header() (metadata.MD, error) {
	header, err := s.client.Header()
	if header != nil || err != nil {
		return header, err
	}
	// There were none: the call ended with its first frame, and how is told by
	// the receive side alone.
	payload, err := s.Recv()
	if err == nil {
		payload.Free()
		return nil, status.Error(codes.Internal, "the upstream sent a message without headers")
	}
	return nil, err
}

// Trailer implements [rpc.Stream].
func (s *stream) Trailer() metadata.MD {
	if s.ended == nil {
		// gRPC may still be writing it.
		return nil
	}
	return s.client.Trailer()
}
