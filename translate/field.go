// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A Field is the compiled path from a message to one field, which may lie
// inside messages of the message. What it appends to the wire form holds the
// messages around the field too, so that it can be put before or after other
// wire of the same message: Protobuf merges the two, and what comes later
// counts. It is safe for concurrent use.
type Field struct {
	program *Program
	// around are the fields on the way, from the outermost in.
	around []*field
	leaf   *field
	// bound is the field as it is written on the wire, where also a zero
	// value counts, for it may have to replace another value.
	bound *field
	// body is the field as a response body shows it.
	body *field
}

// Field compiles a path such as "shelf.display_name" or "shelf.displayName".
// All fields on the way must be singular messages.
func (p *Program) Field(path string) (*Field, error) {
	f := &Field{program: p}
	names := strings.Split(path, ".")
	for i, name := range names {
		found := p.ready().fieldByName(name)
		if found == nil {
			return nil, fmt.Errorf("field path %q: the message %s has no field %q", path, p.descriptor.FullName(), name)
		}
		if i == len(names)-1 {
			f.setLeaf(found)
			break
		}
		if found.message == nil || found.shape != shapeSingular {
			return nil, fmt.Errorf("field path %q: the field %q of %s is not a singular message", path, name, p.descriptor.FullName())
		}
		f.around = append(f.around, found)
		p = found.message
	}
	return f, nil
}

// fieldByName returns the field with this proto name or JSON name. Unlike a
// member of an object, a path means the proto name first.
func (p *Program) fieldByName(name string) *field {
	fields := p.descriptor.Fields()
	fd := fields.ByName(protoreflect.Name(name))
	if fd == nil {
		fd = fields.ByTextName(name)
	}
	if fd == nil {
		fd = fields.ByJSONName(name)
	}
	if fd == nil || fd.Index() >= len(p.fields) {
		return nil
	}
	return &p.fields[fd.Index()]
}

func (f *Field) setLeaf(leaf *field) {
	bound, body := *leaf, *leaf
	bound.implicit = false
	// A body that is not a message has 64-bit integers as numbers.
	body.plain = true
	if leaf.mapValue != nil {
		value := *leaf.mapValue
		value.plain = true
		body.mapValue = &value
	}
	f.leaf, f.bound, f.body = leaf, &bound, &body
}

// Descriptor returns the descriptor of the field at the end of the path.
func (f *Field) Descriptor() protoreflect.FieldDescriptor { return f.leaf.descriptor }

// maxUsualDepth is how many messages around a field cost no allocation.
const maxUsualDepth = 8

// open appends what stands before the field in the messages around it. It
// adds to marks where their lengths belong.
func (f *Field) open(dst []byte, marks []int) ([]byte, []int) {
	for _, around := range f.around {
		dst = append(dst, around.tag...)
		marks = append(marks, len(dst))
		if around.class == classMessage {
			dst = append(dst, 0)
		}
	}
	return dst, marks
}

// close ends the messages around the field.
func (f *Field) close(dst []byte, marks []int) []byte {
	for i, around := range slices.Backward(f.around) {
		if around.class == classGroup {
			dst = append(dst, around.endTag...)
		} else {
			dst = patchLength(dst, marks[i])
		}
	}
	return dst
}

// locate adds the path of the field to err.
func (f *Field) locate(err *Error) *Error {
	err = err.within(f.leaf)
	for _, around := range slices.Backward(f.around) {
		err = err.within(around)
	}
	return err
}

// AppendWire appends to dst the wire form of the field whose value json holds:
// what a message, a scalar, an array or a map is written as. null leaves the
// field unset. The error is an [*Error].
func (f *Field) AppendWire(dst, json []byte, o ReadOptions) ([]byte, error) {
	c := f.program.compiler
	r := c.reader(dst, json, o)
	defer c.free(r)
	var room [maxUsualDepth]int
	var marks []int
	r.out, marks = f.open(r.out, room[:0])
	unset, err := r.bound(f.bound)
	if err != nil {
		return dst, f.locate(err).locate(json)
	}
	if err := r.end(); err != nil {
		return dst, err.locate(json)
	}
	if unset {
		return dst, nil
	}
	return f.close(r.out, marks), nil
}

// bound takes the value of f, which is not in an object. It reports whether
// the value leaves the field unset.
func (r *reader) bound(f *field) (unset bool, err *Error) {
	if r.next() == 'n' && !f.nullable && r.literal(null) {
		return true, nil
	}
	switch f.shape {
	case shapeList:
		err = r.list(f)
	case shapePacked:
		err = r.packed(f)
	case shapeMap:
		err = r.mapping(f)
	case shapeSingular:
		err = r.value(f)
	}
	return false, err
}

// AppendJSON appends to dst the JSON form of the field's value in the message
// that wire holds, as a response body has it: a message that is not set is
// written as an empty one, a scalar as its zero value, or null if it has
// presence, a list as null or, with EmitUnset, as []. Outside messages, 64-bit
// integers are numbers. Of the rest of the message only the outline is
// checked. The error is an [*Error].
func (f *Field) AppendJSON(dst, wire []byte, o WriteOptions) ([]byte, error) {
	c := f.program.compiler
	w := c.writer(dst, o)
	defer c.freeWriter(w)
	if err := w.begin(wire); err != nil {
		return dst, err
	}
	p := f.program
	for _, around := range f.around {
		i, j, err := w.find(p, around, wire)
		if err == nil && i < j {
			wire, err = w.single(around, wire, i, j)
		} else {
			wire = nil
		}
		if err != nil {
			return dst, f.locate(err)
		}
		p = around.message
	}
	if err := w.body(p, f.body, wire); err != nil {
		return dst, f.locate(err)
	}
	return w.out, nil
}

// find indexes the message b and returns the occurrences of f.
func (w *writer) find(p *Program, f *field, b []byte) (i, j int, err *Error) {
	base, end, err := w.index(p.ready(), b)
	if err != nil {
		return 0, 0, err
	}
	for i = base; i < end && int(w.occurrences[i].index) != f.index; {
		i++
	}
	for j = i; j < end && int(w.occurrences[j].index) == f.index; {
		j++
	}
	return i, j, nil
}

// body appends the value of f in the message b, whether it is set or not.
func (w *writer) body(p *Program, f *field, b []byte) *Error {
	i, j, err := w.find(p, f, b)
	if err != nil {
		return err
	}
	switch {
	case f.shape == shapeMap:
		return w.repeated(f, b, i, j)
	case f.shape != shapeSingular:
		if w.empty(i, j) && !w.options.EmitUnset {
			w.out = append(w.out, null...)
			return nil
		}
		return w.repeated(f, b, i, j)
	case i < j:
		payload, err := w.single(f, b, i, j)
		if err != nil {
			return err
		}
		return w.value(f, payload)
	case f.message == nil && f.implicit:
		w.zero(f)
		return nil
	case f.message == nil || f.message.ready().form == formValue:
		w.out = append(w.out, null...)
		return nil
	}
	return w.message(f.message, nil)
}
