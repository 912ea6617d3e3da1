// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"strings"
)

// A kind tells what a segment of a template matches.
type kind uint8

const (
	kindLiteral kind = iota // a segment with the same text
	kindAny                 // "*": any one segment
	kindRest                // "**": all segments that are left
)

// A segment is one element of a template's path.
type segment struct {
	kind kind
	text string // of a literal: decoded
}

// A variable is a range of segments whose text is captured.
type variable struct {
	path       string
	first, end int  // the segments are [first:end]
	multi      bool // it may span several segments of a request
	deep       bool // its last segment is "**"
}

// A Template is a compiled path template. It is immutable and safe for
// concurrent use.
type Template struct {
	segments  []segment // at least one; the root is one empty literal
	variables []variable
	verb      string // decoded; empty if there is none
}

// A Variable describes what a template captures.
type Variable struct {
	// FieldPath names the field of the request message, with dots between
	// the names of nested fields.
	FieldPath string
	// Multi is set if the variable may span several segments of a path. Its
	// value may then contain "/" and "%2F".
	Multi bool
}

// Variables lists the variables in the order in which [Router.Match] appends
// their values.
func (t *Template) Variables() []Variable {
	variables := make([]Variable, len(t.variables))
	for i, v := range t.variables {
		variables[i] = Variable{FieldPath: v.path, Multi: v.multi}
	}
	return variables
}

// Verb returns the custom verb, without its colon and decoded, or "" if the
// template has none.
func (t *Template) Verb() string {
	return t.verb
}

// String writes the template in its shortest form. [ParseTemplate] of it gives
// the same template.
func (t *Template) String() string {
	var dst []byte
	variables := t.variables
	for i := 0; i < len(t.segments); i++ {
		dst = append(dst, '/')
		if len(variables) == 0 || variables[0].first != i {
			dst = t.segments[i].append(dst, i == len(t.segments)-1)
			continue
		}
		dst = t.appendVariable(dst, variables[0])
		i = variables[0].end - 1
		variables = variables[1:]
	}
	if t.verb != "" {
		dst = append(dst, ':')
		dst = appendEscaped(dst, t.verb, true)
	}
	return string(dst)
}

func (t *Template) appendVariable(dst []byte, v variable) []byte {
	dst = append(dst, '{')
	dst = append(dst, v.path...)
	segments := t.segments[v.first:v.end]
	if len(segments) > 1 || segments[0].kind != kindAny {
		separator := byte('=')
		for _, s := range segments {
			dst = append(dst, separator)
			dst = s.append(dst, false)
			separator = '/'
		}
	}
	return append(dst, '}')
}

func (s segment) append(dst []byte, escapeColon bool) []byte {
	switch s.kind {
	case kindAny:
		return append(dst, '*')
	case kindRest:
		return append(dst, "**"...)
	case kindLiteral:
	}
	return appendEscaped(dst, s.text, escapeColon)
}

// deep reports whether the last segment is "**".
func (t *Template) deep() bool {
	return t.segments[len(t.segments)-1].kind == kindRest
}

// appendCaptures appends the values of the variables in path, which matches the
// template and has lost its verb.
func (t *Template) appendCaptures(dst []string, path string) []string {
	pos, index := 0, 0
	for _, v := range t.variables {
		for ; index < v.first; index++ {
			pos = segmentEnd(path, pos)
		}
		start := pos
		for ; index < v.end-1; index++ {
			pos = segmentEnd(path, pos)
		}
		// Only "**" can be reached with nothing left to match.
		none := pos == len(path)
		if v.deep {
			pos = len(path)
		} else {
			pos = segmentEnd(path, pos)
		}
		index++

		value := unescape(strings.TrimPrefix(path[start:pos], "/"), v.multi)
		if none && v.end-v.first > 1 {
			// grpc-gateway joins what the segments matched, and "**" matched
			// "": "{name=files/**}" is "files/", with or without the slash in
			// the request.
			value += "/"
		}
		dst = append(dst, value)
	}
	return dst
}

// segmentEnd returns where the segment ends whose "/" is at path[pos].
func segmentEnd(path string, pos int) int {
	pos++
	if slash := strings.IndexByte(path[pos:], '/'); slash >= 0 {
		return pos + slash
	}
	return len(path)
}
