// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"context"
	"encoding/binary"
	"io"
	"sync"

	"google.golang.org/grpc"
)

// The length of what stands before each message on the wire: one byte that
// says whether it is compressed, and four with its length.
const prefixLength = 5

// A body makes gRPC read a request from an HTTP server at the pace at which
// its messages are used. Left alone, gRPC's handler reads all that comes and
// keeps it in memory, however slow the upstream is, and the flow control of
// HTTP/2 never reaches the caller.
//
// It lets gRPC read while no whole message is waiting to be used, so that
// what waits is at most one message and one read.
type body struct {
	reader io.ReadCloser
	limit  int64

	mu sync.Mutex
	// goOn is signalled when waiting falls or closed is set.
	goOn sync.Cond
	// waiting is how many whole messages gRPC has read and the handler has
	// not taken.
	waiting int
	closed  bool

	// Where in the stream of messages the next byte is: prefix has the first
	// have bytes of a message's prefix, or all of them and left more bytes
	// follow.
	prefix [prefixLength]byte
	have   int
	left   int64
}

func newBody(reader io.ReadCloser, limit int) *body {
	b := &body{reader: reader, limit: int64(limit)}
	b.goOn.L = &b.mu
	return b
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	for b.waiting > 0 && !b.closed {
		b.goOn.Wait()
	}
	b.mu.Unlock()
	n, err := b.reader.Read(p)
	b.mu.Lock()
	b.scan(p[:n])
	b.mu.Unlock()
	return n, err
}

// Close implements [io.Closer]. It also ends a Read that waits.
func (b *body) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.goOn.Broadcast()
	return b.reader.Close()
}

// used says that the handler has taken a message.
func (b *body) used() {
	b.mu.Lock()
	b.waiting--
	b.mu.Unlock()
	b.goOn.Broadcast()
}

// scan counts the messages that end in data.
func (b *body) scan(data []byte) {
	for len(data) > 0 {
		if b.have < prefixLength {
			n := copy(b.prefix[b.have:], data)
			b.have += n
			data = data[n:]
			if b.have < prefixLength {
				return
			}
			b.left = int64(binary.BigEndian.Uint32(b.prefix[1:]))
			if b.left > b.limit {
				// gRPC refuses it by its prefix; nothing of the rest is needed.
				b.waiting++
			}
		}
		n := min(b.left, int64(len(data)))
		b.left -= n
		data = data[n:]
		if b.left == 0 {
			b.have = 0
			b.waiting++
		}
	}
}

// bodyKey is the key of the [*body] in the context of a call.
type bodyKey struct{}

// bodyOf returns the body of a call that came through ServeHTTP, or nil.
func bodyOf(ctx context.Context) *body {
	b, _ := ctx.Value(bodyKey{}).(*body)
	return b
}

// paced is the stream of a call that came through ServeHTTP.
type paced struct {
	grpc.ServerStream

	ctx  context.Context //nolint:containedctx // is what Context returns
	body *body
}

// Context implements [grpc.ServerStream].
func (p *paced) Context() context.Context { return p.ctx }

// RecvMsg implements [grpc.ServerStream].
func (p *paced) RecvMsg(message any) error {
	err := p.ServerStream.RecvMsg(message)
	if err == nil {
		p.body.used()
	}
	return err
}
