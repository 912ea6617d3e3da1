// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"math"
)

// The tags of google.protobuf.Value, Struct and ListValue, and of the entries
// of Struct.
const (
	nullTag   = 0x08
	doubleTag = 0x11
	stringTag = 0x1a
	boolTag   = 0x20
	structTag = 0x2a
	listTag   = 0x32

	elementTag = 0x0a // Struct.fields and ListValue.values
	keyTag     = 0x0a
	valueTag   = 0x12
)

// dynamic takes any JSON value and appends the field of Value that holds it.
func (r *reader) dynamic() *Error {
	switch c := r.next(); {
	case c == '{':
		return r.nested(structTag, (*reader).structure)
	case c == '[':
		return r.nested(listTag, (*reader).listValue)
	case c == '"':
		r.out = append(r.out, stringTag)
		return r.appendString()
	case c == '-', isDigit(c):
		n, err := r.float(64)
		r.out = appendFixed64(append(r.out, doubleTag), math.Float64bits(n))
		return err
	case r.literal(null):
		r.out = append(r.out, nullTag, 0)
		return nil
	case r.literal("true"):
		r.out = append(r.out, boolTag, 1)
		return nil
	case r.literal("false"):
		r.out = append(r.out, boolTag, 0)
		return nil
	}
	return r.expected("a value")
}

// nested appends a message field with what read appends.
func (r *reader) nested(tag byte, read func(*reader) *Error) *Error {
	r.out = append(r.out, tag, 0)
	mark := len(r.out) - 1
	err := read(r)
	r.out = patchLength(r.out, mark)
	return err
}

// element takes a Value that is one level deeper.
func (r *reader) element(tag byte) *Error {
	if err := r.open(); err != nil {
		return err
	}
	err := r.nested(tag, (*reader).dynamic)
	r.depth++
	return err
}

// listValue takes an array and appends the fields of a ListValue.
func (r *reader) listValue() *Error {
	more, err := r.begin('[', ']', "an array")
	for i := 0; more && err == nil; i++ {
		if err = r.element(elementTag); err != nil {
			return err.atIndex(i)
		}
		more, err = r.more(']')
	}
	return err
}

// structure takes an object and appends the fields of a Struct.
func (r *reader) structure() *Error {
	keys := keySet{base: len(r.keys), slots: len(r.slots)}
	more, err := r.begin('{', '}', "an object")
	for more && err == nil {
		if err = r.structEntry(&keys); err != nil {
			return err
		}
		more, err = r.more('}')
	}
	r.keys, r.slots = r.keys[:keys.base], r.slots[:keys.slots]
	return err
}

// structEntry takes a member of an object and appends it as an entry of
// Struct.fields.
func (r *reader) structEntry(keys *keySet) *Error {
	if r.next() != '"' {
		return r.expected("a name in double quotes")
	}
	start := r.pos
	r.out = append(r.out, elementTag, 0, keyTag)
	mark := len(r.out) - 2
	key := span{start: len(r.out)}
	if err := r.appendString(); err != nil {
		return err
	}
	key.end = len(r.out)
	if err := r.colon(); err != nil {
		return err
	}
	if err := r.element(valueTag); err != nil {
		return err.atKey(r.nameAt(start))
	}
	if !r.addKey(keys, r.closeEntry(mark, key)) {
		return r.fail(start, "the key is set twice").atKey(r.nameAt(start))
	}
	return nil
}

// dynamic appends the JSON form of a Value.
func (w *writer) dynamic(p *Program, b []byte) *Error {
	base, end, err := w.index(p, b)
	if err != nil {
		return err
	}
	if base == end {
		return wireError("a google.protobuf.Value holds nothing")
	}
	// The members are one oneof, so there is one group.
	f := p.at(int(w.occurrences[end-1].index))
	payload, err := w.single(f, b, w.groupStart(base, end), end)
	if err != nil {
		return err
	}
	if f.class == classFixed64 {
		if n := math.Float64frombits(bitsOf(f, payload)); math.IsNaN(n) || math.IsInf(n, 0) {
			return wireError("a google.protobuf.Value holds a number that is not finite")
		}
	}
	// A list or a struct is no deeper than the value that it is.
	if f.message != nil && f.message.ready().isContainer() {
		err = w.container(f.message, payload)
	} else {
		err = w.value(f, payload)
	}
	w.occurrences = w.occurrences[:base]
	return err
}

// container appends the JSON form of a Struct or a ListValue, which is that of
// its only field.
func (w *writer) container(p *Program, b []byte) *Error {
	f := p.wrapped()
	base := len(w.occurrences)
	i, j, err := w.find(p, f, b)
	if err != nil {
		return err
	}
	err = w.repeated(f, b, i, j)
	w.occurrences = w.occurrences[:base]
	return err
}

// isContainer reports whether p is the program of Struct or ListValue.
func (p *Program) isContainer() bool {
	return p.form == formStruct || p.form == formListValue
}
