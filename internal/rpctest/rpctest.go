// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package rpctest has stand-ins for calls, for the tests of interceptors.
package rpctest

import (
	"context"
	"io"

	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"

	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// Call returns a call of the named method of grpc.testing.TestService, such
// as "UnaryCall" or "FullDuplexCall".
func Call(name protoreflect.Name) *rpc.Call {
	service := testpb.File_grpc_testing_test_proto.Services().ByName("TestService")
	return &rpc.Call{
		Method:   rpc.NewMethod(service.Methods().ByName(name)),
		Metadata: metadata.MD{},
		Protocol: rpc.ProtocolGRPC,
		Peer:     "192.0.2.1:50000",
	}
}

// Payload returns text as the bytes of a message.
func Payload(text string) mem.BufferSlice {
	return mem.BufferSlice{mem.SliceBuffer(text)}
}

// A Stream does what its functions say; those that are nil succeed with
// nothing.
type Stream struct {
	SendFunc      func(mem.BufferSlice) error
	CloseSendFunc func() error
	RecvFunc      func() (mem.BufferSlice, error)
	HeaderFunc    func() (metadata.MD, error)
	TrailerFunc   func() metadata.MD
}

var _ rpc.Stream = (*Stream)(nil)

// Send implements [rpc.Stream].
func (s *Stream) Send(payload mem.BufferSlice) error {
	if s.SendFunc == nil {
		payload.Free()
		return nil
	}
	return s.SendFunc(payload)
}

// CloseSend implements [rpc.Stream].
func (s *Stream) CloseSend() error {
	if s.CloseSendFunc == nil {
		return nil
	}
	return s.CloseSendFunc()
}

// Recv implements [rpc.Stream].
func (s *Stream) Recv() (mem.BufferSlice, error) {
	if s.RecvFunc == nil {
		return nil, io.EOF
	}
	return s.RecvFunc()
}

// Header implements [rpc.Stream].
func (s *Stream) Header() (metadata.MD, error) {
	if s.HeaderFunc == nil {
		return metadata.MD{}, nil
	}
	return s.HeaderFunc()
}

// Trailer implements [rpc.Stream].
func (s *Stream) Trailer() metadata.MD {
	if s.TrailerFunc == nil {
		return metadata.MD{}
	}
	return s.TrailerFunc()
}

// Invoker returns an [rpc.Invoker] that always opens stream.
func Invoker(stream rpc.Stream) rpc.Invoker {
	return func(context.Context, *rpc.Call) (rpc.Stream, error) { return stream, nil }
}
