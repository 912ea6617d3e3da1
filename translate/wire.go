// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	malformed   = "the wire format is malformed"
	invalidText = "invalid UTF-8 in a string"
)

// A wireField is one field as it is found on the wire. What lies between start
// and end is the value, without the length that comes before bytes and without
// the tag that ends a group. The next field begins at next.
type wireField struct {
	number           protowire.Number
	typ              protowire.Type
	start, end, next int
}

// wireField reads the field of b that begins at pos. Only its bounds are
// checked.
func (w *writer) wireField(b []byte, pos int) (wireField, *Error) {
	tag, n := consumeVarint(b[pos:])
	number := tag >> 3
	if n <= 0 || number < 1 || number > uint64(protowire.MaxValidNumber) {
		return wireField{}, wireError(malformed)
	}
	f := wireField{number: protowire.Number(number), typ: protowire.Type(tag & 7), start: pos + n}
	size := -1
	switch f.typ {
	case protowire.VarintType:
		if _, size = consumeVarint(b[f.start:]); size == 0 {
			size = -1 // The input ends too soon.
		}
	case protowire.Fixed32Type:
		size = 4
	case protowire.Fixed64Type:
		size = 8
	case protowire.BytesType:
		length, n := consumeVarint(b[f.start:])
		if n <= 0 || length > uint64(len(b)-f.start-n) {
			return wireField{}, wireError(malformed)
		}
		f.start += n
		size = int(length)
	case protowire.StartGroupType:
		return w.wireGroup(b, f)
	case protowire.EndGroupType:
	}
	if size < 0 || size > len(b)-f.start {
		return wireField{}, wireError(malformed)
	}
	f.end = f.start + size
	f.next = f.end
	return f, nil
}

// wireGroup finds the end of the group f.
func (w *writer) wireGroup(b []byte, f wireField) (wireField, *Error) {
	if err := w.open(); err != nil {
		return wireField{}, err
	}
	for pos := f.start; pos < len(b); {
		tag, n := consumeVarint(b[pos:])
		if n > 0 && protowire.Type(tag&7) == protowire.EndGroupType {
			if tag>>3 != uint64(f.number) {
				break
			}
			f.end, f.next = pos, pos+n
			w.depth++
			return f, nil
		}
		inner, err := w.wireField(b, pos)
		if err != nil {
			return wireField{}, err
		}
		pos = inner.next
	}
	return wireField{}, wireError(malformed)
}

// consumeVarint returns a varint and its size, which is not positive if it is
// malformed.
func consumeVarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

// bitsOf returns the value of a number, a boolean or an enum, of which payload
// is known to be well-formed.
func bitsOf(f *field, payload []byte) uint64 {
	switch f.class { //nolint:exhaustive // The others have no bits.
	case classVarint:
		n, _ := consumeVarint(payload)
		if f.narrow {
			// 32-bit kinds ignore the upper half.
			n = uint64(uint32(n))
		}
		return n
	case classFixed32:
		return uint64(binary.LittleEndian.Uint32(payload))
	case classFixed64:
		return binary.LittleEndian.Uint64(payload)
	}
	return 0
}

// elementSize returns the size of the number at the start of a packed list, or
// -1.
func elementSize(c class, b []byte) int {
	size := 8
	switch c { //nolint:exhaustive // Only numbers are packed.
	case classVarint:
		if _, size = consumeVarint(b); size <= 0 {
			return -1
		}
	case classFixed32:
		size = 4
	}
	if size > len(b) {
		return -1
	}
	return size
}
