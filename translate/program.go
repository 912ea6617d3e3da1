// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A Program translates messages of one type. It is safe for concurrent use.
type Program struct {
	compiler   *Compiler
	descriptor protoreflect.MessageDescriptor

	// compiled says that everything below may be read. mu is held to write it.
	compiled atomic.Bool
	mu       sync.Mutex

	// unsupported says why messages of this type cannot be translated.
	unsupported string
	form        form
	// fields are in the order in which the message declares them, which is
	// the order in which they are written.
	fields []field
	// byName maps both the JSON name and the proto name to a place in fields.
	byName map[string]int32
	// dense maps small field numbers to a place in fields plus one, sparse the
	// others to a place in fields.
	dense  []int32
	sparse map[protowire.Number]int32
	// words is how many words the set of fields and oneofs takes that have
	// been met in one object. A field's bit is its place in fields; a
	// oneof's comes after those.
	words int
	// required has the bits of required fields, and requiredCount says how
	// many those are.
	required      []uint64
	requiredCount int
	oneofs        int
	extendable    bool
	extensions    extensions
}

// A form is the way in which JSON represents a message type.
type form uint8

const (
	formObject form = iota
	formAny
	formDuration
	formEmpty
	formFieldMask
	formListValue
	formStruct
	formTimestamp
	formValue
	formWrapper
)

// A class says how a value is laid out on the wire.
type class uint8

const (
	classVarint class = iota
	classFixed32
	classFixed64
	classString
	classBytes
	classMessage
	classGroup
)

// A shape says how many values a field has.
type shape uint8

const (
	shapeSingular shape = iota
	shapeList
	shapePacked
	shapeMap
)

// A field is one instruction of a program: everything that is to be known of
// a field to translate it, either way.
type field struct {
	descriptor protoreflect.FieldDescriptor
	kind       protoreflect.Kind
	class      class
	shape      shape

	// wireType is that of one value, also if the field is packed.
	wireType protowire.Type
	// narrow varints are read as 32 bits.
	narrow bool
	// packable fields are read from either form.
	packable bool
	// tag and endTag are written before and after one value, packedTag before
	// a packed list. endTag is "" but for groups.
	tag, endTag, packedTag string

	// index is the place in Program.fields, oneof the bit of the oneof that
	// the field is in, or -1.
	index int
	oneof int

	// name and protoName are the two names that JSON may have for the field,
	// key and protoKey the same as they are written: `"name":`.
	name, protoName string
	key, protoKey   string
	// unset is what EmitUnset writes for the field, with enums as names and
	// as numbers. "" leaves the field out.
	unset, unsetNumber string

	required bool
	// implicit fields have no presence: their zero value is not written.
	implicit bool
	// nullable fields take the JSON null as a value.
	nullable bool
	// checkUTF8 says that the wire must hold valid UTF-8, read or not.
	checkUTF8 bool
	redact    bool
	// plain writes 64-bit integers as numbers, as a response body does that is
	// not a message.
	plain bool

	// message is the program of a message or group, enum the names of an enum.
	message *Program
	enum    *enum
	// mapKey and mapValue are the fields of a map's entries.
	mapKey, mapValue *field
}

// AppendWire appends to dst the wire form of the message that json holds. All
// of json must be one JSON value. The error is an [*Error].
func (p *Program) AppendWire(dst, json []byte, o ReadOptions) ([]byte, error) {
	r := p.compiler.reader(dst, json, o)
	defer p.compiler.free(r)
	err := r.message(p)
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return dst, err.locate(json)
	}
	return r.out, nil
}

// AppendJSON appends to dst the JSON form of the message that wire holds,
// without white space. Fields come in the order of their declaration, map
// entries sorted by their keys. The error is an [*Error].
func (p *Program) AppendJSON(dst, wire []byte, o WriteOptions) ([]byte, error) {
	w := p.compiler.writer(dst, o)
	defer p.compiler.freeWriter(w)
	if err := w.begin(wire); err != nil {
		return dst, err
	}
	if err := w.message(p, wire); err != nil {
		return dst, err
	}
	return w.out, nil
}
