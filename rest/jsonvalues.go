// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxNesting limits the memory that a streamed value can take by nesting. It is
// the limit of encoding/json; what a message allows is checked when the value
// is translated.
const maxNesting = 10_000

// A syntaxError is JSON text that cannot become a value, whatever follows.
type syntaxError struct {
	offset int64 // of the offending byte in the body
	what   string
}

// Error says what is wrong and where.
func (e *syntaxError) Error() string {
	return fmt.Sprintf("offset %d: %s", e.offset, e.what)
}

// A valueReader splits a stream into JSON values, which may follow one another
// directly or after white space. It returns a value as soon as its last byte
// has arrived, and an error as soon as the text cannot be JSON. What strings
// hold is not looked at; translating a value does that.
type valueReader struct {
	source io.Reader
	limit  int // of one value, in bytes

	buffer []byte
	start  int   // of the value, in buffer
	next   int   // what has not been scanned begins here
	offset int64 // of buffer[0] in the stream
	err    error // of source, told once buffer is used up

	scan jsonScanner
}

func newValueReader(source io.Reader, limit int) *valueReader {
	return &valueReader{source: source, limit: limit}
}

// read returns the next value, which is valid until the next call. It returns
// io.EOF if the stream ends between values, errTooLarge if a value is larger
// than the limit, a [syntaxError], or what the source reported.
func (r *valueReader) read() ([]byte, error) {
	r.scan.reset()
	r.start = r.next
	for {
		value, err := r.scanBuffered()
		if value != nil || err != nil {
			return value, err
		}
		if r.err != nil {
			return r.end()
		}
		r.fill()
	}
}

// scanBuffered scans what is in the buffer. It returns neither a value nor an
// error if more is needed.
func (r *valueReader) scanBuffered() ([]byte, error) {
	for r.next < len(r.buffer) {
		c := r.buffer[r.next]
		if r.scan.state == stateStart && isJSONSpace(c) {
			r.next++
			r.start = r.next
			continue
		}
		end, used, what := r.scan.step(c)
		if what != "" {
			return nil, &syntaxError{offset: r.offset + int64(r.next), what: what}
		}
		if used {
			r.next++
		}
		if r.next-r.start > r.limit {
			return nil, errTooLarge
		}
		if end {
			return r.buffer[r.start:r.next], nil
		}
	}
	return nil, nil
}

// end is reached when the source has no more.
func (r *valueReader) end() ([]byte, error) {
	if !errors.Is(r.err, io.EOF) {
		return nil, r.err
	}
	switch {
	case r.start == len(r.buffer):
		return nil, io.EOF
	case r.scan.endsHere():
		return r.buffer[r.start:], nil
	}
	return nil, &syntaxError{offset: r.offset + int64(len(r.buffer)), what: "unexpected end of JSON"}
}

// fill reads more, over what has been returned.
func (r *valueReader) fill() {
	if r.start > 0 {
		kept := copy(r.buffer, r.buffer[r.start:])
		r.buffer = r.buffer[:kept]
		r.offset += int64(r.start)
		r.next -= r.start
		r.start = 0
	}
	if len(r.buffer) == cap(r.buffer) {
		r.buffer = slices.Grow(r.buffer, max(len(r.buffer), smallestBuffer))
	}
	n, err := r.source.Read(r.buffer[len(r.buffer):cap(r.buffer)])
	r.buffer = r.buffer[:len(r.buffer)+n]
	r.err = err
}

func isJSONSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}
