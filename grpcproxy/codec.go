// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// A frame carries a payload through gRPC's server API, one way.
//
// taken tells who frees a payload that is sent: gRPC does, whatever happens,
// once it has called Marshal, and does not if it returns before.
type frame struct {
	payload mem.BufferSlice
	taken   bool
}

// take returns the payload with its reference.
func (f *frame) take() mem.BufferSlice {
	payload := f.payload
	f.payload = nil
	return payload
}

// codec passes frames as they are, and leaves the messages of the services
// that the server answers itself to gRPC's own codec.
type codec struct {
	messages encoding.CodecV2
}

var _ encoding.CodecV2 = codec{}

func newCodec() codec {
	return codec{messages: encoding.GetCodecV2(proto.Name)}
}

// Marshal gives the reference of the *frame v to gRPC.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if f, ok := v.(*frame); ok {
		f.taken = true
		return f.take(), nil
	}
	wire, err := c.messages.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("marshal %T: %w", v, err)
	}
	return wire, nil
}

// Unmarshal gives the *frame v a reference to data, which gRPC frees on its
// side.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		data.Ref()
		f.payload = data
		return nil
	}
	if err := c.messages.Unmarshal(data, v); err != nil {
		return fmt.Errorf("unmarshal %T: %w", v, err)
	}
	return nil
}

// Name implements [encoding.CodecV2].
func (codec) Name() string { return proto.Name }
