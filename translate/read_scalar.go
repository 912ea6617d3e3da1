// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"encoding/base64"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// value takes one value of f and appends it with its tag. The zero value of a
// field without presence, and an unknown enum name that is to be discarded,
// append nothing.
func (r *reader) value(f *field) *Error {
	switch f.class {
	case classVarint, classFixed32, classFixed64:
		bits, ok, err := r.bits(f)
		if ok && (bits != 0 || !f.implicit) {
			r.out = append(r.out, f.tag...)
			r.out = appendBits(r.out, f.class, bits)
		}
		return err
	case classString, classBytes:
		before := len(r.out)
		r.out = append(r.out, f.tag...)
		err := r.octets(f.class)
		if f.implicit && len(r.out) == before+len(f.tag)+1 {
			// Nothing but the length, which is 0.
			r.out = r.out[:before]
		}
		return err
	case classMessage:
		r.out = append(r.out, f.tag...)
		mark := len(r.out)
		r.out = append(r.out, 0)
		err := r.message(f.message)
		r.out = patchLength(r.out, mark)
		return err
	case classGroup:
		r.out = append(r.out, f.tag...)
		err := r.message(f.message)
		r.out = append(r.out, f.endTag...)
		return err
	}
	return nil
}

// bits takes a number, a boolean or an enum and returns it as it is written on
// the wire. It reports false for an unknown enum name that is to be discarded.
func (r *reader) bits(f *field) (bits uint64, ok bool, err *Error) {
	switch f.kind { //nolint:exhaustive // The others have no bits.
	case protoreflect.BoolKind:
		bits, err = r.boolean()
	case protoreflect.EnumKind:
		return r.enum(f.enum)
	case protoreflect.Int32Kind:
		var n int64
		n, err = r.signed(32)
		bits = uint64(n)
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		var n int64
		n, err = r.signed(64)
		bits = uint64(n)
	case protoreflect.Sint32Kind:
		var n int64
		n, err = r.signed(32)
		bits = protowire.EncodeZigZag(n)
	case protoreflect.Sint64Kind:
		var n int64
		n, err = r.signed(64)
		bits = protowire.EncodeZigZag(n)
	case protoreflect.Sfixed32Kind:
		var n int64
		n, err = r.signed(32)
		bits = uint64(uint32(n))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		bits, err = r.unsigned(32)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		bits, err = r.unsigned(64)
	case protoreflect.FloatKind:
		var n float64
		n, err = r.float(32)
		bits = uint64(math.Float32bits(float32(n)))
	case protoreflect.DoubleKind:
		var n float64
		n, err = r.float(64)
		bits = math.Float64bits(n)
	}
	return bits, err == nil, err
}

func (r *reader) boolean() (uint64, *Error) {
	r.next()
	switch {
	case r.literal("true"):
		return 1, nil
	case r.literal("false"):
		return 0, nil
	}
	return 0, r.expected("a boolean")
}

// enum takes the name or the number of an enum value.
func (r *reader) enum(e *enum) (bits uint64, ok bool, err *Error) {
	switch c := r.next(); {
	case c == '"':
		start := r.pos
		name, err := r.text()
		if err != nil {
			return 0, false, err
		}
		if number, ok := e.numbers[string(name)]; ok {
			return uint64(int64(number)), true, nil
		}
		if r.discardUnknown {
			return 0, false, nil
		}
		return 0, false, r.fail(start, "the enum has no value").quoting(name)
	case c == '-', isDigit(c):
		n, err := r.signed(32)
		return uint64(n), err == nil, err
	case e.null && r.literal(null):
		return 0, true, nil
	}
	return 0, false, r.expected("the name or the number of an enum value")
}

// octets takes a string and appends it, with its length first, as text or as
// the bytes that it encodes.
func (r *reader) octets(c class) *Error {
	if r.next() != '"' {
		return r.expected("a string")
	}
	if c == classString {
		return r.appendString()
	}
	start := r.pos
	s, err := r.text()
	if err != nil {
		return err
	}
	mark := len(r.out)
	var ok bool
	if r.out, ok = appendBase64(append(r.out, 0), s); !ok {
		return r.fail(start, "expected base64, got another string")
	}
	r.out = patchLength(r.out, mark)
	return nil
}

// appendBase64 appends what s encodes, in either alphabet, with padding or
// without.
func appendBase64(dst, s []byte) ([]byte, bool) {
	encoding := base64.StdEncoding
	url := bytes.IndexByte(s, '-') >= 0 || bytes.IndexByte(s, '_') >= 0
	switch padded := len(s)%4 == 0; {
	case url && padded:
		encoding = base64.URLEncoding
	case url:
		encoding = base64.RawURLEncoding
	case !padded:
		encoding = base64.RawStdEncoding
	}
	out, err := encoding.AppendDecode(dst, s)
	if err != nil {
		return dst, false
	}
	return out, true
}
