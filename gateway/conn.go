// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"slices"
	"sync"

	"google.golang.org/grpc"
)

// A conn sends each call to the upstream that serves it in the generation
// that is current when the call begins.
type conn struct {
	gateway *Gateway
}

var _ grpc.ClientConnInterface = conn{}

// Invoke implements [grpc.ClientConnInterface].
func (c conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	current := c.gateway.acquire()
	if current == nil {
		return ErrClosed
	}
	defer current.release()
	return current.routes.Invoke(ctx, method, args, reply, opts...)
}

// NewStream implements [grpc.ClientConnInterface]. The stream holds its
// generation until ctx is done or the call has ended.
func (c conn) NewStream(
	ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	current := c.gateway.acquire()
	if current == nil {
		return nil, ErrClosed
	}
	release := sync.OnceFunc(current.release)
	opts = append(slices.Clip(opts), grpc.OnFinish(func(error) { release() }))
	stream, err := current.routes.NewStream(ctx, desc, method, opts...)
	if err != nil {
		release()
		return nil, err
	}
	return stream, nil
}
