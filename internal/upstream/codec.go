// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
)

// codec passes payloads through gRPC as they are.
type codec struct{}

var _ encoding.CodecV2 = codec{}

// An outgoing message hands a payload to gRPC. taken tells who frees it: gRPC
// does, whatever happens, once it has called Marshal, and does not if it
// returns before.
type outgoing struct {
	payload mem.BufferSlice
	taken   bool
}

// An incoming message takes a payload from gRPC.
type incoming struct {
	payload mem.BufferSlice
}

// Marshal gives the reference of the *outgoing v to gRPC.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	out, ok := v.(*outgoing)
	if !ok {
		return nil, fmt.Errorf("send %T as a payload", v)
	}
	out.taken = true
	return out.payload, nil
}

// Unmarshal takes a reference to data, which gRPC frees on its side. It is
// called twice for one *incoming if an upstream answers twice where one
// answer is due.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	in, ok := v.(*incoming)
	if !ok {
		return fmt.Errorf("receive a payload as %T", v)
	}
	data.Ref()
	in.payload.Free()
	in.payload = data
	return nil
}

// Name is empty, so that the content type is application/grpc, which means
// Protobuf and is what every client sends. A server answers with the one it
// was asked by, and callers see that.
func (codec) Name() string { return "" }
