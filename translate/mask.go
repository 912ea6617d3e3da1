// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// UpdateMask appends to dst the paths of the fields that json sets, sorted, in
// proto names: what the update_mask of a PATCH request is when its body is
// json. As grpc-gateway has it, it goes down to the innermost fields of
// messages, also of Struct and Value, whose keys become names. Repeated fields,
// maps, Any, empty objects and null are taken whole. Names that the message
// does not have are refused whatever o says; whether the values fit is for
// [Program.AppendWire] to tell. Empty input sets nothing. The error is an
// [*Error].
func (p *Program) UpdateMask(dst []string, json []byte, o ReadOptions) ([]string, error) {
	r := p.compiler.reader(nil, json, o)
	defer p.compiler.free(r)
	if r.next(); r.pos == len(json) {
		return dst, nil
	}
	m := maskReader{reader: r, paths: dst}
	var err *Error
	if r.next() == '{' {
		err = m.message(p.descriptor)
	} else {
		err = r.skip()
	}
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return dst, err.locate(json)
	}
	slices.Sort(m.paths[len(dst):])
	return m.paths, nil
}

// A maskReader reads a message for the paths that it sets.
type maskReader struct {
	*reader

	paths []string
	// path is that of the object that is being read.
	path []byte
}

// message takes an object whose members are the fields of md. md is nil if the
// object stands where a message may not.
func (m *maskReader) message(md protoreflect.MessageDescriptor) *Error {
	return m.object(func(name []byte, start int) *Error {
		if md == nil {
			return m.fail(start, "expected a value that is no object")
		}
		fd := md.Fields().ByName(protoreflect.Name(name))
		if fd == nil {
			fd = md.Fields().ByJSONName(string(name))
		}
		if fd == nil {
			return m.fail(start, "unknown field").quoting(name)
		}
		return m.within(string(fd.Name()), func() *Error { return m.field(fd) })
	})
}

// field takes the value of fd.
func (m *maskReader) field(fd protoreflect.FieldDescriptor) *Error {
	var name protoreflect.FullName
	if fd.Message() != nil {
		name = fd.Message().FullName()
	}
	switch {
	case name == "google.protobuf.Struct", name == "google.protobuf.Value":
		return m.dynamic()
	case name == "google.protobuf.Any" && !fd.IsList():
		return m.any()
	case fd.IsList(), fd.IsMap(), m.next() != '{':
		return m.whole()
	}
	return m.message(fd.Message())
}

// whole takes any value, and the path with it.
func (m *maskReader) whole() *Error {
	m.paths = append(m.paths, string(m.path))
	return m.skip()
}

// any takes the object of an Any.
func (m *maskReader) any() *Error {
	start := m.pos
	typed := false
	if m.next() == '{' {
		if err := m.skipMembers(&typed); err != nil {
			return err
		}
	}
	if !typed {
		return m.fail(start, `expected an object with "@type"`)
	}
	m.paths = append(m.paths, string(m.path))
	return nil
}

func (m *maskReader) skipMembers(typed *bool) *Error {
	more, err := m.begin('{', '}', "an object")
	for more && err == nil {
		var name []byte
		if name, err = m.memberName(); err != nil {
			return err
		}
		*typed = *typed || string(name) == typeName
		if err = m.skip(); err != nil {
			return err
		}
		more, err = m.more('}')
	}
	return err
}

// dynamic takes a value whose objects have whatever names they like.
func (m *maskReader) dynamic() *Error {
	if m.next() != '{' {
		return m.whole()
	}
	return m.object(func(name []byte, _ int) *Error {
		return m.within(string(name), m.dynamic)
	})
}

// object takes an object. An empty one is taken whole, unless it is the
// outermost.
func (m *maskReader) object(member func(name []byte, start int) *Error) *Error {
	if err := m.open(); err != nil {
		return err
	}
	more, err := m.begin('{', '}', "an object")
	if err == nil && !more && len(m.path) > 0 {
		m.paths = append(m.paths, string(m.path))
	}
	for more && err == nil {
		m.next()
		start := m.pos
		var name []byte
		if name, err = m.memberName(); err != nil {
			return err
		}
		if err = member(name, start); err != nil {
			return err
		}
		more, err = m.more('}')
	}
	m.depth++
	return err
}

// within runs read with the path that is one name longer.
func (m *maskReader) within(name string, read func() *Error) *Error {
	before := len(m.path)
	if before > 0 {
		m.path = append(m.path, '.')
	}
	m.path = append(m.path, name...)
	err := read()
	m.path = m.path[:before]
	return err
}
