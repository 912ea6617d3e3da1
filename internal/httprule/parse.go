// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"fmt"
	"slices"
	"strings"
)

// What the parser tells that it expected.
const (
	wantSegment = `"*", "**", a literal or a variable`
	wantPlain   = `"*", "**" or a literal`
)

// A parser reads one template by recursive descent.
type parser struct {
	scanner

	template Template
}

// ParseTemplate compiles a path template. Besides the templates of the grammar
// it takes "/", the root, as grpc-gateway does. An error is a [*SyntaxError].
func ParseTemplate(text string) (*Template, error) {
	p := parser{scanner: scanner{text: text}}
	if err := p.parse(); err != nil {
		return nil, err
	}
	return &p.template, nil
}

// parse reads Template = "/" Segments [ Verb ].
func (p *parser) parse() error {
	if !p.accept("/") {
		return p.unexpected(`"/"`)
	}
	if p.done() {
		p.add(segment{kind: kindLiteral})
		return nil
	}
	for {
		if err := p.segment(); err != nil {
			return err
		}
		if p.template.deep() || !p.accept("/") {
			return p.verb()
		}
	}
}

// segment reads Segment = "*" | "**" | LITERAL | Variable, up to the verb if it
// is the last one.
func (p *parser) segment() error {
	if p.accept("{") {
		return p.variable()
	}
	start := p.pos
	if err := p.plain(wantSegment); err != nil {
		return err
	}
	last := &p.template.segments[len(p.template.segments)-1]
	if last.kind != kindLiteral || !p.done() {
		return nil
	}
	// The scanner can't know that a segment is the last one, so the literal
	// includes the verb. A verb begins at the last colon.
	written := p.text[start:]
	colon := strings.LastIndexByte(written, ':')
	if colon < 0 {
		return nil
	}
	p.pos = start + colon
	if colon == 0 {
		return p.unexpected(wantSegment)
	}
	last.text = unescape(written[:colon], false)
	return nil
}

// plain reads a segment that is no variable.
func (p *parser) plain(want string) error {
	switch {
	case p.accept("**"):
		p.add(segment{kind: kindRest})
	case p.accept("*"):
		p.add(segment{kind: kindAny})
	default:
		written, err := p.literal()
		if err != nil {
			return err
		}
		if written == "" {
			return p.unexpected(want)
		}
		p.add(segment{kind: kindLiteral, text: unescape(written, false)})
	}
	return nil
}

// variable reads the rest of Variable = "{" FieldPath [ "=" Segments ] "}".
func (p *parser) variable() error {
	start := p.pos
	path, err := p.fieldPath()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.template.variables, func(v variable) bool { return v.path == path }) {
		return p.errorAt(start, fmt.Sprintf("variable %q is bound twice", path))
	}
	v := variable{path: path, first: len(p.template.segments)}
	if p.accept("=") {
		if err := p.variableSegments(); err != nil {
			return err
		}
	} else {
		p.add(segment{kind: kindAny})
		if !p.accept("}") {
			return p.unexpected(`".", "=" or "}"`)
		}
	}
	v.end = len(p.template.segments)
	v.deep = p.template.deep()
	v.multi = v.deep || v.end-v.first > 1
	p.template.variables = append(p.template.variables, v)
	return nil
}

// variableSegments reads Segments "}".
func (p *parser) variableSegments() error {
	for {
		if p.accept("{") {
			p.pos--
			return p.unexpected(wantPlain + " (variables do not nest)")
		}
		if err := p.plain(wantPlain); err != nil {
			return err
		}
		if p.accept("}") {
			return nil
		}
		if p.template.deep() {
			return p.unexpected(`"}" ("**" comes last)`)
		}
		if !p.accept("/") {
			return p.unexpected(`"/" or "}"`)
		}
	}
}

// fieldPath reads FieldPath = IDENT { "." IDENT }.
func (p *parser) fieldPath() (string, error) {
	start := p.pos
	for {
		if _, err := p.identifier(); err != nil {
			return "", err
		}
		if !p.accept(".") {
			return p.text[start:p.pos], nil
		}
	}
}

// verb reads [ Verb ] and the end, where Verb = ":" LITERAL.
func (p *parser) verb() error {
	if p.done() {
		return nil
	}
	if !p.accept(":") {
		if p.template.deep() {
			return p.unexpected(`":" or the end ("**" comes last)`)
		}
		return p.unexpected(`"/", ":" or the end`)
	}
	written, err := p.literal()
	if err != nil {
		return err
	}
	if written == "" {
		return p.unexpected("a verb")
	}
	if !p.done() {
		return p.unexpected("the end of the verb")
	}
	p.template.verb = unescape(written, false)
	return nil
}

func (p *parser) add(s segment) {
	p.template.segments = append(p.template.segments, s)
}
