// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"slices"
	"sync"

	"google.golang.org/grpc/mem"
)

const (
	// smallestBuffer is the capacity of a new buffer.
	smallestBuffer = 4 << 10
	// largestKept is the capacity above which a buffer is left to the garbage
	// collector, so that one large message does not hold its memory for good.
	largestKept = 1 << 20
)

// A bufferPool holds buffers to append to. It is safe for concurrent use.
type bufferPool struct {
	pool sync.Pool
}

var _ mem.BufferPool = (*bufferPool)(nil)

// get returns an empty buffer.
func (p *bufferPool) get() *[]byte {
	if buffer, ok := p.pool.Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 0, smallestBuffer)
	return &buffer
}

// Get returns a buffer of that length with any content.
func (p *bufferPool) Get(length int) *[]byte {
	buffer := p.get()
	*buffer = slices.Grow(*buffer, length)[:length]
	return buffer
}

// Put takes a buffer back.
func (p *bufferPool) Put(buffer *[]byte) {
	if cap(*buffer) > largestKept {
		return
	}
	*buffer = (*buffer)[:0]
	p.pool.Put(buffer)
}

// payload makes the content of buffer a payload and takes the buffer.
func (p *bufferPool) payload(buffer *[]byte) mem.Buffer {
	return mem.NewBuffer(buffer, p)
}
