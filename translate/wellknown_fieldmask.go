// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	pathsNumber = 1
	pathsTag    = 0x0a
)

// fieldMask takes a string of paths in lowerCamelCase with commas between.
func (r *reader) fieldMask() *Error {
	if r.next() != '"' {
		return r.expected("a string of field paths")
	}
	start := r.pos
	s, err := r.text()
	if err != nil {
		return err
	}
	if s = bytes.TrimSpace(s); len(s) == 0 {
		return nil
	}
	for more := true; more; {
		var path []byte
		path, s, more = bytes.Cut(s, []byte{','})
		mark := len(r.out) + 1
		r.out = append(r.out, pathsTag, 0)
		r.out = appendSnakeCase(r.out, path)
		if bytes.IndexByte(path, '_') >= 0 || !isPath(r.out[mark+1:]) {
			return r.fail(start, "expected a field path in lowerCamelCase").got(path)
		}
		r.out = patchLength(r.out, mark)
	}
	return nil
}

// appendSnakeCase appends a name with an underscore before each letter that
// was upper case.
func appendSnakeCase(dst, name []byte) []byte {
	for _, c := range name {
		if 'A' <= c && c <= 'Z' {
			dst = append(dst, '_', c|0x20)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// isPath reports whether s is made of names with points between.
func isPath(s []byte) bool {
	first := true
	for _, c := range s {
		switch {
		case c == '.':
			if first {
				return false
			}
			first = true
			continue
		case c == '_', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case isDigit(c) && !first:
		default:
			return false
		}
		first = false
	}
	return !first
}

// fieldMask appends the paths of a FieldMask.
func (w *writer) fieldMask(b []byte) *Error {
	w.out = append(w.out, '"')
	first := true
	for pos := 0; pos < len(b); {
		f, err := w.wireField(b, pos)
		if err != nil {
			return err
		}
		if f.number == pathsNumber && f.typ == protowire.BytesType {
			if !first {
				w.out = append(w.out, ',')
			}
			first = false
			if err := w.path(b[f.start:f.end]); err != nil {
				return err
			}
		}
		pos = f.next
	}
	w.out = append(w.out, '"')
	return nil
}

// path appends one path in lowerCamelCase. It refuses a path that would not
// be read again as it was: each underscore must stand before a lower-case
// letter, and no letter may be upper case.
func (w *writer) path(path []byte) *Error {
	if !utf8.Valid(path) {
		return wireError("invalid UTF-8 in a field mask")
	}
	if !isPath(path) {
		return wireError("a field mask has an invalid path").quoting(path)
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '_' {
			if i++; i == len(path) || path[i] < 'a' || path[i] > 'z' {
				return wireError("a field mask has a path that JSON cannot express").quoting(path)
			}
			c = path[i] - 'a' + 'A'
		} else if 'A' <= c && c <= 'Z' {
			return wireError("a field mask has a path that JSON cannot express").quoting(path)
		}
		w.out = append(w.out, c)
	}
	return nil
}
