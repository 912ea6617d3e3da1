// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"io"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of google.api.HttpBody.
const (
	httpBodyContentType protowire.Number = 1
	httpBodyData        protowire.Number = 2
)

const (
	// defaultContentType is that of an HttpBody that has none. Without one
	// net/http would guess.
	defaultContentType = "application/octet-stream"
	// uploadChunk is how much of a raw body goes into one message of a stream.
	uploadChunk = 64 << 10
)

// errBadWire reports a response that is not the encoding of a message.
var errBadWire = errors.New("malformed message")

// appendHTTPBody appends the encoding of a google.api.HttpBody at path, up to
// its data, of which size bytes have to follow.
func appendHTTPBody(dst []byte, path fieldPath, contentType string, size int) []byte {
	inner := protowire.SizeTag(httpBodyData) + protowire.SizeBytes(size)
	if contentType != "" {
		inner += protowire.SizeTag(httpBodyContentType) + protowire.SizeBytes(len(contentType))
	}
	dst = path.appendPrefix(dst, inner)
	if contentType != "" {
		dst = protowire.AppendTag(dst, httpBodyContentType, protowire.BytesType)
		dst = protowire.AppendString(dst, contentType)
	}
	dst = protowire.AppendTag(dst, httpBodyData, protowire.BytesType)
	return protowire.AppendVarint(dst, uint64(size))
}

// An httpBody is what is written of a google.api.HttpBody. Its data are parts
// of the message, which must outlive it.
type httpBody struct {
	contentType string
	data        [][]byte
}

func (b *httpBody) size() int {
	size := 0
	for _, part := range b.data {
		size += len(part)
	}
	return size
}

// writeTo writes the data.
func (b *httpBody) writeTo(w io.Writer) error {
	for _, part := range b.data {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// readHTTPBody finds the google.api.HttpBody at path in message without
// copying its data.
func readHTTPBody(message mem.BufferSlice, path []protowire.Number) (httpBody, error) {
	parts := make([][]byte, 0, len(message))
	for _, buffer := range message {
		parts = append(parts, buffer.ReadOnlyData())
	}
	var body httpBody
	err := body.read(&segments{parts: parts}, path)
	return body, err
}

// read merges the message in s into b.
func (b *httpBody) read(s *segments, path []protowire.Number) error {
	for !s.empty() {
		number, kind := protowire.DecodeTag(s.varint())
		if kind != protowire.BytesType {
			s.skip(number, kind)
			continue
		}
		value := segments{parts: s.take(s.varint())}
		switch {
		case s.malformed:
		case len(path) > 0 && number == path[0]:
			if err := b.read(&value, path[1:]); err != nil {
				return err
			}
		case len(path) > 0:
		case number == httpBodyContentType:
			b.contentType = value.text()
		case number == httpBodyData:
			b.data = value.parts
		}
	}
	if s.malformed {
		return errBadWire
	}
	return nil
}

// A segments reads an encoding that is in several pieces. Once it is malformed,
// it is empty.
type segments struct {
	parts     [][]byte
	malformed bool
}

func (s *segments) fail() {
	s.parts, s.malformed = nil, true
}

func (s *segments) empty() bool {
	for len(s.parts) > 0 && len(s.parts[0]) == 0 {
		s.parts = s.parts[1:]
	}
	return len(s.parts) == 0
}

func (s *segments) varint() uint64 {
	var encoded [10]byte
	for i := range encoded {
		if s.empty() {
			break
		}
		encoded[i] = s.parts[0][0]
		s.parts[0] = s.parts[0][1:]
		if encoded[i] < 0x80 {
			value, n := protowire.ConsumeVarint(encoded[:i+1])
			if n < 0 {
				break
			}
			return value
		}
	}
	s.fail()
	return 0
}

// take returns the next size bytes.
func (s *segments) take(size uint64) [][]byte {
	var taken [][]byte
	for size > 0 {
		if s.empty() {
			s.fail()
			return nil
		}
		n := min(uint64(len(s.parts[0])), size)
		taken = append(taken, s.parts[0][:n])
		s.parts[0] = s.parts[0][n:]
		size -= n
	}
	return taken
}

// skip passes over a value that is not length-delimited.
func (s *segments) skip(number protowire.Number, kind protowire.Type) {
	switch {
	case number <= 0:
		s.fail()
	case kind == protowire.VarintType:
		s.varint()
	case kind == protowire.Fixed32Type:
		s.take(4)
	case kind == protowire.Fixed64Type:
		s.take(8)
	default:
		// Groups do not occur in what an HttpBody is found in.
		s.fail()
	}
}

func (s *segments) text() string {
	var text []byte
	for _, part := range s.parts {
		text = append(text, part...)
	}
	return string(text)
}
