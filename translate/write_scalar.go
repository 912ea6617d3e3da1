// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// value appends one value of f.
func (w *writer) value(f *field, payload []byte) *Error {
	switch f.class {
	case classString:
		var ok bool
		if w.out, ok = appendJSONString(w.out, payload); !ok {
			return wireError(invalidText)
		}
	case classBytes:
		w.out = append(w.out, '"')
		w.out = base64.StdEncoding.AppendEncode(w.out, payload)
		w.out = append(w.out, '"')
	case classMessage, classGroup:
		return w.message(f.message, payload)
	case classVarint, classFixed32, classFixed64:
		w.scalar(f, bitsOf(f, payload))
	}
	return nil
}

// isZero reports whether a scalar has its zero value.
func isZero(f *field, payload []byte) bool {
	if f.class == classString || f.class == classBytes {
		return len(payload) == 0
	}
	return bitsOf(f, payload) == 0
}

// zero appends the zero value of a scalar. That of an enum is its first value.
func (w *writer) zero(f *field) {
	switch f.class {
	case classString, classBytes:
		w.out = append(w.out, `""`...)
	case classVarint, classFixed32, classFixed64, classMessage, classGroup:
		var bits uint64
		if f.kind == protoreflect.EnumKind {
			bits = uint64(uint32(f.descriptor.Default().Enum()))
		}
		w.scalar(f, bits)
	}
}

// scalar appends a number, a boolean or an enum.
func (w *writer) scalar(f *field, bits uint64) {
	switch f.kind { //nolint:exhaustive // The others have no bits.
	case protoreflect.BoolKind:
		w.out = strconv.AppendBool(w.out, bits != 0)
	case protoreflect.EnumKind:
		w.enum(f, protoreflect.EnumNumber(int32(bits)))
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		w.out = strconv.AppendInt(w.out, int64(int32(bits)), 10)
	case protoreflect.Sint32Kind:
		w.out = strconv.AppendInt(w.out, int64(int32(protowire.DecodeZigZag(bits))), 10)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		w.out = strconv.AppendUint(w.out, uint64(uint32(bits)), 10)
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		w.signed(f, int64(bits))
	case protoreflect.Sint64Kind:
		w.signed(f, protowire.DecodeZigZag(bits))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		w.unsigned(f, bits)
	case protoreflect.FloatKind:
		w.out = appendFloat(w.out, float64(math.Float32frombits(uint32(bits))), 32)
	case protoreflect.DoubleKind:
		w.out = appendFloat(w.out, math.Float64frombits(bits), 64)
	}
}

func (w *writer) enum(f *field, number protoreflect.EnumNumber) {
	switch {
	case w.options.EnumNumbers:
		w.out = f.enum.appendNumber(w.out, number)
	case f.plain && !f.enum.null && f.enum.name(number) == "":
		// There, grpc-gateway has a string even for a number without a name.
		w.out = append(w.out, '"')
		w.out = append(f.enum.appendNumber(w.out, number), '"')
	default:
		w.out = f.enum.appendName(w.out, number)
	}
}

// signed appends a 64-bit integer, which not every reader of JSON takes as a
// number.
func (w *writer) signed(f *field, n int64) {
	if f.plain {
		w.out = strconv.AppendInt(w.out, n, 10)
		return
	}
	w.out = append(w.out, '"')
	w.out = append(strconv.AppendInt(w.out, n, 10), '"')
}

func (w *writer) unsigned(f *field, n uint64) {
	if f.plain {
		w.out = strconv.AppendUint(w.out, n, 10)
		return
	}
	w.out = append(w.out, '"')
	w.out = append(strconv.AppendUint(w.out, n, 10), '"')
}

// appendFloat appends a number of so many bits as ECMAScript writes it.
func appendFloat(dst []byte, n float64, size int) []byte {
	switch {
	case math.IsNaN(n):
		return append(dst, `"NaN"`...)
	case math.IsInf(n, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(n, -1):
		return append(dst, `"-Infinity"`...)
	}
	small, great := 1e-6, 1e21
	if size == 32 {
		small, great = float64(float32(1e-6)), float64(float32(1e21))
	}
	if abs := math.Abs(n); abs == 0 || small <= abs && abs < great {
		return strconv.AppendFloat(dst, n, 'f', -1, size)
	}
	dst = strconv.AppendFloat(dst, n, 'e', -1, size)
	// An exponent of one digit is written with two.
	if end := len(dst); dst[end-3] == '-' && dst[end-2] == '0' {
		dst[end-2] = dst[end-1]
		dst = dst[:end-1]
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendJSONString appends s as a JSON string. It reports false if s is not
// valid UTF-8.
func appendJSONString(dst, s []byte) ([]byte, bool) {
	dst = append(dst, '"')
	wide := false
	for rest := s; ; {
		n, w := plainRun(rest)
		wide = wide || w
		dst = append(dst, rest[:n]...)
		if n == len(rest) {
			break
		}
		dst = appendEscape(dst, rest[n])
		rest = rest[n+1:]
	}
	return append(dst, '"'), !wide || utf8.Valid(s)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
