// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// fake is an upstream that a test writes itself. What is nil succeeds and, in
// the case of recv, ends the call.
type fake struct {
	send func(mem.BufferSlice) error
	recv func() (mem.BufferSlice, error)

	header, trailer metadata.MD
	headerErr       error
	closeSend       func() error
}

var _ rpc.Stream = (*fake)(nil)

func (f *fake) Send(payload mem.BufferSlice) error {
	if f.send != nil {
		return f.send(payload)
	}
	payload.Free()
	return nil
}

func (f *fake) CloseSend() error {
	if f.closeSend != nil {
		return f.closeSend()
	}
	return nil
}

func (f *fake) Recv() (mem.BufferSlice, error) {
	if f.recv != nil {
		return f.recv()
	}
	return nil, io.EOF
}

func (f *fake) Header() (metadata.MD, error) { return f.header, f.headerErr }
func (f *fake) Trailer() metadata.MD         { return f.trailer }

// invoke opens f, whatever is called.
func (f *fake) invoke(context.Context, *rpc.Call) (rpc.Stream, error) { return f, nil }

// once returns what recv of a fake is to be that answers with payload.
func once(payload mem.BufferSlice) func() (mem.BufferSlice, error) {
	done := false
	return func() (mem.BufferSlice, error) {
		if done {
			return nil, io.EOF
		}
		done = true
		return payload, nil
	}
}

// buffers is a pool that knows how many of its buffers are in use.
type buffers struct{ used atomic.Int64 }

func (b *buffers) Get(length int) *[]byte {
	buf := make([]byte, length)
	if !mem.IsBelowBufferPoolingThreshold(length) {
		// Below, gRPC leaves buffers to the garbage collector.
		b.used.Add(1)
	}
	return &buf
}

func (b *buffers) Put(buf *[]byte) {
	if !mem.IsBelowBufferPoolingThreshold(cap(*buf)) {
		b.used.Add(-1)
		clear((*buf)[:cap(*buf)]) // what is read from now on is wrong
	}
}

// payload returns length zeros in a buffer of b.
func (b *buffers) payload(length int) mem.BufferSlice {
	buf := b.Get(max(length, 2048))
	*buf = (*buf)[:length]
	return mem.BufferSlice{mem.NewBuffer(buf, b)}
}

// check waits until every buffer is back.
func (b *buffers) check(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); b.used.Load() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d buffers are still in use", b.used.Load())
			return
		}
	}
}

// client gives a test hold of the connections it makes.
type client struct{ conns chan net.Conn }

func newClient() *client { return &client{conns: make(chan net.Conn, 16)} }

func (c *client) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err == nil {
		c.conns <- conn
	}
	return conn, err
}

// quarterSecond is how long a sender must be still to count as held up.
func quarterSecond() <-chan time.Time { return time.After(250 * time.Millisecond) }

// waitFor returns what recv of a fake is to be that ends with ctx.
func waitFor(ctx context.Context) func() (mem.BufferSlice, error) {
	return func() (mem.BufferSlice, error) {
		<-ctx.Done()
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}
