// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// receiveOne returns the request of a method that takes one, once the caller
// has said that there is no other. The codes of its refusals are those of
// gRPC's table for a violated cardinality.
func receiveOne(stream grpc.ServerStream, in *frame) (mem.BufferSlice, error) {
	if err := stream.RecvMsg(in); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, status.Error(codes.Unimplemented, "no request message, where the method takes one")
		}
		return nil, err
	}
	payload := in.take()
	err := stream.RecvMsg(in)
	if errors.Is(err, io.EOF) {
		return payload, nil
	}
	payload.Free()
	if err != nil {
		return nil, err
	}
	in.take().Free()
	return nil, status.Error(codes.Unimplemented, "more than one request message, where the method takes one")
}

// receiveMessage decodes the request of a method that takes one.
func receiveMessage(stream grpc.ServerStream, message proto.Message) error {
	payload, err := receiveOne(stream, &frame{})
	if err != nil {
		return err
	}
	defer payload.Free()
	if err := proto.Unmarshal(payload.Materialize(), message); err != nil {
		return status.Errorf(codes.Internal, "decode the request: %v", err)
	}
	return nil
}

// serveUnary answers a call by method.
func serveUnary[Request, Response proto.Message](
	stream grpc.ServerStream, request Request, method func(context.Context, Request) (Response, error),
) error {
	if err := receiveMessage(stream, request); err != nil {
		return err
	}
	response, err := method(stream.Context(), request)
	if err != nil {
		return err
	}
	return stream.SendMsg(response)
}
