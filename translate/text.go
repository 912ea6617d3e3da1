// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// AppendText appends to dst the wire form of the field with the value that
// text, a piece of a URL, stands for. To a repeated field it appends one
// element. Text has the rules of grpc-gateway: numbers are decimal; booleans
// are what [strconv.ParseBool] takes; enums are names, or numbers that the
// enum has; bytes are base64. Of messages only those well-known types are
// possible that are written as a scalar, Struct and Value, as JSON, and Empty.
// The error is an [*Error].
func (f *Field) AppendText(dst []byte, text string) ([]byte, error) {
	if f.leaf.shape == shapeMap {
		return dst, f.locate(wireError("a map needs a key for each value"))
	}
	var room [maxUsualDepth]int
	out, marks := f.open(dst, room[:0])
	out, err := f.program.compiler.appendText(out, f.bound, text)
	if err != nil {
		return dst, f.locate(textError(err, text))
	}
	return f.close(out, marks), nil
}

// AppendMapEntry appends to dst the wire form of the map field with one entry.
// Key and value have the rules of [Field.AppendText]. The error is an
// [*Error].
func (f *Field) AppendMapEntry(dst []byte, key, value string) ([]byte, error) {
	if f.leaf.shape != shapeMap {
		return dst, f.locate(wireError("the field is not a map"))
	}
	var room [maxUsualDepth]int
	out, marks := f.open(dst, room[:0])
	out = append(out, f.bound.tag...)
	mark := len(out)
	out = append(out, 0)
	c := f.program.compiler
	out, err := c.appendText(out, f.bound.mapKey, key)
	if err != nil {
		return dst, f.locate(textError(err, key))
	}
	out, err = c.appendText(out, f.bound.mapValue, value)
	if err != nil {
		return dst, f.locate(textError(err, value).atKey([]byte(key)))
	}
	return f.close(patchLength(out, mark), marks), nil
}

// textError returns the Error for a text that has no value.
func textError(err error, text string) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return wireError(err.Error()).got([]byte(text))
}

// Errors of texts.
var (
	errText     = errors.New("expected valid UTF-8")
	errBoolean  = errors.New("expected a boolean")
	errEnum     = errors.New("expected the name or the number of an enum value")
	errInteger  = errors.New("expected an integer that fits")
	errNumber   = errors.New("expected a number that fits")
	errBase64   = errors.New("expected base64")
	errTime     = errors.New("expected a timestamp as in RFC 3339, of the years 1 to 9999")
	errDuration = errors.New(`expected a duration such as "1.5s"`)
	errEmpty    = errors.New("expected nothing, or {}")
	errMessage  = errors.New("a message of this type has no form in a URL")
)

// appendText appends one value of f with its tag.
func (c *Compiler) appendText(dst []byte, f *field, text string) ([]byte, error) {
	dst = append(dst, f.tag...)
	switch f.class {
	case classString:
		if !utf8.ValidString(text) {
			return nil, errText
		}
		return protowire.AppendString(dst, text), nil
	case classBytes:
		return appendTextBytes(dst, text)
	case classMessage:
		mark := len(dst)
		out, err := c.appendTextMessage(append(dst, 0), f.message.ready(), text)
		if err != nil {
			return nil, err
		}
		return patchLength(out, mark), nil
	case classGroup:
		return nil, errMessage
	case classVarint, classFixed32, classFixed64:
	}
	bits, err := textBits(f, text)
	return appendBits(dst, f.class, bits), err
}

func appendTextBytes(dst []byte, text string) ([]byte, error) {
	mark := len(dst)
	out, ok := appendBase64(append(dst, 0), []byte(text))
	if !ok {
		return nil, errBase64
	}
	return patchLength(out, mark), nil
}

// textBits returns the wire form of a number, a boolean or an enum.
func textBits(f *field, text string) (uint64, error) {
	switch f.kind { //nolint:exhaustive // The others have no bits.
	case protoreflect.BoolKind:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return 0, errBoolean
		}
		return protowire.EncodeBool(b), nil
	case protoreflect.EnumKind:
		return textEnum(f.enum, text)
	case protoreflect.FloatKind:
		n, err := textFloat(text, 32)
		return uint64(math.Float32bits(float32(n))), err
	case protoreflect.DoubleKind:
		n, err := textFloat(text, 64)
		return math.Float64bits(n), err
	}
	// Like map keys, URLs have integers in decimal and nothing else.
	bits, ok := parseMapKey(f.kind, []byte(text))
	if !ok {
		return 0, errInteger
	}
	return bits, nil
}

func textEnum(e *enum, text string) (uint64, error) {
	if number, ok := e.numbers[text]; ok {
		return uint64(int64(number)), nil
	}
	number, err := strconv.ParseInt(text, 10, 32)
	if err != nil || e.name(protoreflect.EnumNumber(number)) == "" {
		return 0, errEnum
	}
	return uint64(number), nil
}

// textFloat takes what JSON takes. strconv also knows hexadecimal numbers,
// underscores between digits and more names for what is not finite.
func textFloat(text string, size int) (float64, error) {
	if n, ok := notFinite([]byte(text)); ok {
		return n, nil
	}
	n, err := strconv.ParseFloat(text, size)
	if err != nil || strings.ContainsAny(text, "xX_") || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, errNumber
	}
	return n, nil
}

// appendTextMessage appends the fields of a message of a well-known type.
func (c *Compiler) appendTextMessage(dst []byte, p *Program, text string) ([]byte, error) {
	switch p.form {
	case formWrapper:
		return c.appendText(dst, p.wrapped(), text)
	case formTimestamp:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || t.Unix() < minTimestamp || t.Unix() > maxTimestamp {
			return nil, errTime
		}
		return appendSeconds(dst, t.Unix(), int32(t.Nanosecond())), nil
	case formDuration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, errDuration
		}
		return appendSeconds(dst, int64(d/time.Second), int32(d%time.Second)), nil
	case formFieldMask:
		return appendTextMask(dst, text)
	case formValue, formStruct:
		return c.appendTextJSON(dst, p, text)
	case formEmpty:
		if text != "" && text != "{}" {
			return nil, errEmpty
		}
		return dst, nil
	case formObject, formAny, formListValue:
	}
	return nil, errMessage
}

// appendTextMask appends paths as they are, with commas between.
func appendTextMask(dst []byte, text string) ([]byte, error) {
	if !utf8.ValidString(text) {
		return nil, errText
	}
	if text == "" {
		return dst, nil
	}
	for path := range strings.SplitSeq(text, ",") {
		dst = protowire.AppendString(append(dst, pathsTag), path)
	}
	return dst, nil
}

// appendTextJSON appends the fields of a message whose JSON form text is.
func (c *Compiler) appendTextJSON(dst []byte, p *Program, text string) ([]byte, error) {
	r := c.reader(dst, []byte(text), ReadOptions{})
	defer c.free(r)
	err := r.message(p)
	if err == nil {
		err = r.end()
	}
	if err != nil {
		// Positions are those of JSON input, which this is not.
		err.offset = -1
		return nil, err
	}
	return r.out, nil
}
