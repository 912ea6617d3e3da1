// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"errors"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// typeName is the member that names the type of what an Any holds.
const typeName = "@type"

// The fields of google.protobuf.Any.
const (
	anyTypeURL = 1
	anyValue   = 2

	anyTypeURLTag = "\x0a"
	anyValueTag   = "\x12"
)

var errUnresolved = errors.New("the resolver found nothing")

// typeProgram returns the program of the type that the "@type" of an Any
// names.
func (c *Compiler) typeProgram(url string) (*Program, error) {
	found, err := c.resolver.FindMessageByURL(url)
	if err != nil {
		return nil, err //nolint:wrapcheck // The caller says where.
	}
	if found == nil {
		return nil, errUnresolved
	}
	return c.program(found.Descriptor()).ready(), nil
}

// any takes an object with "@type" and appends the fields of an Any. The
// object has the fields of the message inside or, where that has a JSON form
// of its own, has it as "value".
func (r *reader) any() *Error {
	if r.next() != '{' {
		return r.expected("an object")
	}
	start := r.pos
	p, err := r.anyType()
	if err != nil || p == nil {
		return err
	}
	before := len(r.out)
	r.out = append(r.out, anyValueTag...)
	mark := len(r.out)
	r.out = append(r.out, 0)
	r.pos = start
	if err := r.anyContent(p); err != nil {
		return err
	}
	if len(r.out) == mark+1 {
		r.out = r.out[:before]
		return nil
	}
	r.out = patchLength(r.out, mark)
	return nil
}

// anyType finds "@type" in the object at the current position, appends it and
// returns the program of the type. It returns nil, and has taken the object,
// if that makes an empty Any.
func (r *reader) anyType() (*Program, *Error) {
	start := r.pos
	more, err := r.begin('{', '}', "an object")
	if err != nil || !more {
		return nil, err
	}
	for more {
		name, err := r.memberName()
		if err != nil {
			return nil, err
		}
		if string(name) == typeName {
			return r.appendTypeURL()
		}
		if err := r.skip(); err != nil {
			return nil, err
		}
		if more, err = r.more('}'); err != nil {
			return nil, err
		}
	}
	if r.discardUnknown {
		return nil, nil
	}
	return nil, r.fail(start, `expected "@type" in the object, got none`)
}

// appendTypeURL takes the value of "@type", appends it as the type URL and
// returns the program of the type.
func (r *reader) appendTypeURL() (*Program, *Error) {
	if r.next() != '"' {
		return nil, r.expected("a type URL")
	}
	start := r.pos
	url, err := r.text()
	if err != nil {
		return nil, err
	}
	if len(url) == 0 {
		return nil, r.fail(start, "expected a type URL, got an empty string")
	}
	r.out = append(r.out, anyTypeURLTag...)
	r.out = appendVarint(r.out, uint64(len(url)))
	r.out = append(r.out, url...)
	p, cause := r.compiler.typeProgram(string(url))
	if cause != nil {
		return nil, r.fail(start, "cannot resolve the type").quoting(url).causedBy(cause)
	}
	return p, nil
}

// anyContent takes the object of an Any and appends the fields of the message
// inside. What is inside need not have its required fields.
func (r *reader) anyContent(p *Program) *Error {
	partial := r.partial
	r.partial = true
	var err *Error
	if p.form == formObject {
		if err = r.open(); err == nil {
			err = r.object(p, &typeURL{})
			r.depth++
		}
	} else {
		err = r.anyWellKnown(p)
	}
	r.partial = partial
	return err
}

// anyWellKnown takes an object that has a well-known type as "value".
func (r *reader) anyWellKnown(p *Program) *Error {
	typed, valued := false, false
	more, err := r.begin('{', '}', "an object")
	for more && err == nil {
		r.next()
		start := r.pos
		var name []byte
		if name, err = r.memberName(); err != nil {
			return err
		}
		switch {
		case string(name) == typeName && !typed:
			typed = true
			err = r.skip()
		case string(name) == "value" && !valued:
			valued = true
			err = r.message(p)
		case string(name) == typeName, string(name) == "value":
			return r.fail(start, "the name is there twice").quoting(name)
		case r.discardUnknown:
			err = r.skip()
		default:
			return r.fail(start, "unknown field").quoting(name)
		}
		if err != nil {
			return err
		}
		more, err = r.more('}')
	}
	// Some writers leave the value of an Empty out.
	if err == nil && !valued && p.form != formEmpty {
		return r.fail(r.pos, `expected "value" in the object, got none`)
	}
	return err
}

// any appends the JSON form of an Any.
func (w *writer) any(b []byte) *Error {
	var url, value []byte
	for pos := 0; pos < len(b); {
		f, err := w.wireField(b, pos)
		if err != nil {
			return err
		}
		switch {
		case f.typ != protowire.BytesType:
		case f.number == anyTypeURL:
			url = b[f.start:f.end]
			if !utf8.Valid(url) {
				return wireError("invalid UTF-8 in the type URL of an Any")
			}
		case f.number == anyValue:
			value = b[f.start:f.end]
		}
		pos = f.next
	}
	if len(url) == 0 {
		if len(value) > 0 {
			return wireError("an Any has a value but no type URL")
		}
		w.out = append(w.out, "{}"...)
		return nil
	}
	p, cause := w.compiler.typeProgram(string(url))
	if cause != nil {
		return wireError("cannot resolve the type of an Any").quoting(url).causedBy(cause)
	}
	partial := w.partial
	w.partial = true
	err := w.anyContent(p, url, value)
	w.partial = partial
	return err
}

// anyContent appends the object that an Any is written as.
func (w *writer) anyContent(p *Program, url, value []byte) *Error {
	w.out = append(w.out, `{"@type":`...)
	w.out, _ = appendJSONString(w.out, url) // It is valid UTF-8.
	if p.form == formObject || p.form == formEmpty {
		if err := w.open(); err != nil {
			return err
		}
		err := w.members(p, value)
		w.depth++
		w.out = append(w.out, '}')
		return err
	}
	w.out = append(w.out, `,"value":`...)
	err := w.message(p, value)
	w.out = append(w.out, '}')
	return err
}
