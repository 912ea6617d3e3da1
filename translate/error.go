// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Error reports where and why a translation failed. Its text never holds
// the value of a field that is marked debug_redact, nor anything below such a
// field.
type Error struct {
	// path runs from the innermost step out: each level of the recursion
	// appends its own step on the way back up, which costs nothing when there
	// is no error.
	path    []step
	message string
	// detail quotes the input. It is dropped on the way up through a field
	// that is marked debug_redact.
	detail string
	cause  error
	// offset is -1 if the input is not JSON.
	offset, line, column int
}

// A step is one step of a field path: a name, an index or a map key.
type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind uint8

const (
	stepName stepKind = iota
	stepIndex
	stepKey
	// stepHiddenKey is a map key that must not be shown.
	stepHiddenKey
)

// Field returns the path of the field at fault, such as
// `book.authors[2].name` or `labels["k"].value`. It is "" for the message as a
// whole.
func (e *Error) Field() string {
	var path strings.Builder
	for _, s := range slices.Backward(e.path) {
		switch s.kind {
		case stepName:
			if path.Len() > 0 {
				path.WriteByte('.')
			}
			path.WriteString(s.name)
		case stepIndex:
			fmt.Fprintf(&path, "[%d]", s.index)
		case stepKey:
			fmt.Fprintf(&path, "[%s]", strconv.Quote(s.name))
		case stepHiddenKey:
			path.WriteString("[*]")
		}
	}
	return path.String()
}

// Offset returns the number of bytes of JSON before the fault, or -1 if the
// input is not JSON.
func (e *Error) Offset() int { return e.offset }

// Line returns the line of the JSON input, from 1, or 0 if the input is not
// JSON.
func (e *Error) Line() int { return e.line }

// Column returns the column of the JSON input in characters, from 1, or 0 if
// the input is not JSON.
func (e *Error) Column() int { return e.column }

// Error returns the position, the field and what is wrong with it.
func (e *Error) Error() string {
	var text strings.Builder
	if e.line > 0 {
		fmt.Fprintf(&text, "%d:%d: ", e.line, e.column)
	}
	if field := e.Field(); field != "" {
		text.WriteString(field)
		text.WriteString(": ")
	}
	text.WriteString(e.message)
	text.WriteString(e.detail)
	return text.String()
}

// Unwrap returns the error behind this one, or nil.
func (e *Error) Unwrap() error { return e.cause }

// wireError returns an Error about input that is not JSON.
func wireError(message string) *Error {
	return &Error{message: message, offset: -1}
}

// quoting adds to e the piece of the input that it is about.
func (e *Error) quoting(input []byte) *Error {
	e.detail = " " + quote(input)
	return e
}

// got adds to e the piece of the input that is not what was expected.
func (e *Error) got(input []byte) *Error {
	e.detail = ", got " + quote(input)
	return e
}

func quote(input []byte) string {
	const most = 64
	if len(input) > most {
		return strconv.Quote(string(input[:most])) + "…"
	}
	return strconv.Quote(string(input))
}

// causedBy adds the error behind this one.
func (e *Error) causedBy(err error) *Error {
	e.cause = err
	e.detail += ": " + err.Error()
	return e
}

// within records that e happened inside the field f.
func (e *Error) within(f *field) *Error {
	if f.redact {
		e.hide()
	}
	e.path = append(e.path, step{name: f.name})
	return e
}

// atIndex records that e happened in the element of a list.
func (e *Error) atIndex(index int) *Error {
	e.path = append(e.path, step{index: index, kind: stepIndex})
	return e
}

// atKey records that e happened in the map entry with this key.
func (e *Error) atKey(key []byte) *Error {
	e.path = append(e.path, step{name: string(key), kind: stepKey})
	return e
}

// hide removes from e what it quotes of the input.
func (e *Error) hide() {
	e.detail = ""
	e.cause = nil
	for i := range e.path {
		if e.path[i].kind == stepKey {
			e.path[i] = step{kind: stepHiddenKey}
		}
	}
}

// locate computes the line and the column of e in the input.
func (e *Error) locate(input []byte) *Error {
	before := input[:min(e.offset, len(input))]
	e.line = bytes.Count(before, []byte{'\n'}) + 1
	e.column = utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return e
}
