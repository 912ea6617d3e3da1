// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package rpc defines the protocol-neutral call: the one shape that every
// frontend produces, every interceptor sees and the upstream pool sends.
//
// A unary call is a stream that carries one message each way. There is no
// second set of types for it, so an interceptor is written once.
//
// # Ownership
//
// A payload, the Protobuf encoding of one message, travels as a
// [mem.BufferSlice], so that a message which arrived in several pieces is
// passed on without being copied. Send takes the caller's reference, whether
// or not it succeeds. Recv gives the caller a reference, which the caller
// frees. A function that returns an error never returns a payload that needs
// to be freed.
package rpc

import (
	"context"
	"slices"

	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A Protocol names the frontend through which a call came in.
type Protocol string

// The protocols that have a frontend.
const (
	ProtocolREST Protocol = "rest"
	ProtocolGRPC Protocol = "grpc"
)

// A Method is what is known of a method before it is called. It is made once
// for each generation and is immutable.
type Method struct {
	// Descriptor describes the method. It is never nil.
	Descriptor protoreflect.MethodDescriptor
	// Path is the method's canonical name on the wire,
	// "/package.Service/Method".
	Path string
}

// NewMethod returns the Method that descriptor describes.
func NewMethod(descriptor protoreflect.MethodDescriptor) *Method {
	return &Method{
		Descriptor: descriptor,
		Path:       "/" + string(descriptor.Parent().FullName()) + "/" + string(descriptor.Name()),
	}
}

// A Call is a request to open a stream. It belongs to the goroutine that
// opens the stream until the [Invoker] returns.
type Call struct {
	// Method is the method to call. It is never nil.
	Method *Method
	// Metadata is what is sent to the upstream before the first message.
	// Interceptors may change it before they call the next Invoker.
	Metadata metadata.MD
	// Protocol names the frontend that the call came through.
	Protocol Protocol
	// Peer is the network address of the caller, "" if it is not known.
	Peer string
}

// A Stream is the caller's view of one call in progress.
//
// The send side (Send, CloseSend) and the receive side (Recv, Header, Trailer)
// may be used at the same time. Neither side may be used concurrently with
// itself. Recv must be called until it returns an error, or the context that
// the stream was opened with must be cancelled; both release what the stream
// holds.
//
// Errors have a status: [google.golang.org/grpc/status.FromError] reports ok
// for every error except [io.EOF]. From Recv, io.EOF ends a call that
// succeeded. From Send, it says that the call has already ended, and Recv
// tells how.
//
// Where the request is not a stream, the first message is sent before Recv,
// Header or Trailer is called; an interceptor may hold the upstream stream
// back until it has seen that message.
type Stream interface {
	// Send takes the caller's reference to payload. It may block for flow
	// control. It returns [io.EOF] once the call has ended; any other error
	// ends the call, and Recv returns it too.
	Send(payload mem.BufferSlice) error
	// CloseSend says that no more messages follow.
	CloseSend() error

	// Recv gives the caller a reference to the next message. A method whose
	// answer is not a stream yields it only once the call is known to have
	// succeeded.
	Recv() (mem.BufferSlice, error)
	// Header waits for the response headers. If there were none, it returns
	// what the call ended with: [io.EOF] where it succeeded.
	Header() (metadata.MD, error)
	// Trailer is complete only after Recv has returned an error, or, for a
	// method whose answer is not a stream, the message.
	Trailer() metadata.MD
}

// An Invoker opens the stream that carries call. Cancelling ctx ends it.
type Invoker func(ctx context.Context, call *Call) (Stream, error)

// An Interceptor adds behaviour around an [Invoker]: it may reject the call,
// change its metadata, or wrap the stream.
type Interceptor func(next Invoker) Invoker

// Chain composes interceptors. The first one listed sees the call first.
func Chain(interceptors ...Interceptor) Interceptor {
	return func(next Invoker) Invoker {
		for _, interceptor := range slices.Backward(interceptors) {
			next = interceptor(next)
		}
		return next
	}
}
