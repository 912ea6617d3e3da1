// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"fmt"
	"hash/maphash"
)

const null = "null"

// maxKept limits the scratch space that is kept from one call for the next.
const maxKept = 1 << 16

// A reader reads one JSON value and writes it to out as wire. The parts that
// grow are stacks: what uses them takes its share from the end and gives it
// back.
type reader struct {
	in  []byte
	pos int
	out []byte

	compiler       *Compiler
	discardUnknown bool
	// partial lets required fields be absent, as inside an Any.
	partial bool
	// depth is how many more levels may be opened, limit how many there were.
	depth, limit int

	// seen has the fields and oneofs that were met in each open object,
	// seenExtensions the numbers of extensions.
	seen           []uint64
	seenExtensions []int32
	// keys are the spans in out of the keys of each open map, and slots the
	// hash tables over those.
	keys  []span
	slots []uint32
	seed  maphash.Seed
	// scratch holds the last string that had to be unescaped.
	scratch []byte
}

// A span is a piece of a buffer.
type span struct{ start, end int }

func newReader() *reader {
	return &reader{seed: maphash.MakeSeed()}
}

// reader returns a reader of json that appends to dst.
func (c *Compiler) reader(dst, json []byte, o ReadOptions) *reader {
	r := c.readers.Get().(*reader) //nolint:errcheck,forcetypeassert // The pool holds nothing else.
	r.in, r.pos, r.out = json, 0, dst
	r.compiler = c
	r.discardUnknown = o.DiscardUnknown
	r.partial = false
	r.limit = maxDepth(o.MaxDepth)
	r.depth = r.limit
	r.seen, r.seenExtensions = r.seen[:0], r.seenExtensions[:0]
	r.keys, r.slots = r.keys[:0], r.slots[:0]
	return r
}

// free gives r back once its output has been taken.
func (c *Compiler) free(r *reader) {
	r.in, r.out = nil, nil
	if cap(r.scratch)+cap(r.keys)+cap(r.slots)+cap(r.seen) <= maxKept {
		c.readers.Put(r)
	}
}

// fail returns an Error at the position pos of the input.
func (r *reader) fail(pos int, message string) *Error {
	return &Error{message: message, offset: pos}
}

// open takes one level of depth.
func (r *reader) open() *Error {
	if r.depth <= 0 {
		return r.fail(r.pos, fmt.Sprintf("nested deeper than the limit of %d", r.limit))
	}
	r.depth--
	return nil
}

// next skips white space and returns the byte that follows without taking it.
// At the end of the input it returns 0, which starts no JSON value either.
func (r *reader) next() byte {
	for r.pos < len(r.in) {
		switch c := r.in[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// end requires that nothing follows.
func (r *reader) end() *Error {
	r.next()
	if r.pos < len(r.in) {
		return r.expected("the end of the input")
	}
	return nil
}

// expected returns an Error that says what was expected at the current
// position, and what is there.
func (r *reader) expected(what string) *Error {
	return r.fail(r.pos, "expected "+what+", got "+r.found())
}

// found names what is at the current position.
func (r *reader) found() string {
	switch c := r.next(); {
	case r.pos >= len(r.in):
		return "the end of the input"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == '-', isDigit(c):
		return "a number"
	case r.at(null):
		return null
	case r.at("true"), r.at("false"):
		return "a boolean"
	case c > ' ' && c < 0x7f:
		return "'" + string(c) + "'"
	default:
		return "an invalid character"
	}
}

// at reports whether a literal is at the current position.
func (r *reader) at(literal string) bool {
	rest := r.in[r.pos:]
	return len(rest) >= len(literal) && string(rest[:len(literal)]) == literal &&
		(len(rest) == len(literal) || !continuesToken(rest[len(literal)]))
}

// literal takes a literal if it is at the current position.
func (r *reader) literal(literal string) bool {
	if !r.at(literal) {
		return false
	}
	r.pos += len(literal)
	return true
}

// more is called after a member or an element. It takes the comma and returns
// true, or takes the closing bracket and returns false.
func (r *reader) more(closing byte) (bool, *Error) {
	switch r.next() {
	case ',':
		r.pos++
		return true, nil
	case closing:
		r.pos++
		return false, nil
	}
	return false, r.expected("',' or '" + string(closing) + "'")
}

// begin takes an opening bracket and reports whether anything is inside. If
// not, it takes the closing one as well.
func (r *reader) begin(opening, closing byte, what string) (bool, *Error) {
	if r.next() != opening {
		return false, r.expected(what)
	}
	r.pos++
	if r.next() != closing {
		return true, nil
	}
	r.pos++
	return false, nil
}

// colon takes the colon after a name.
func (r *reader) colon() *Error {
	if r.next() != ':' {
		return r.expected("':'")
	}
	r.pos++
	return nil
}

// memberName takes a name and its colon. The name is valid until the next
// string is read.
func (r *reader) memberName() ([]byte, *Error) {
	if r.next() != '"' {
		return nil, r.expected("a name in double quotes")
	}
	name, err := r.text()
	if err != nil {
		return nil, err
	}
	return name, r.colon()
}

// skip takes one JSON value of any kind.
func (r *reader) skip() *Error {
	switch c := r.next(); {
	case c == '{':
		return r.skipObject()
	case c == '[':
		return r.skipArray()
	case c == '"':
		_, err := r.text()
		return err
	case c == '-', isDigit(c):
		_, err := r.number()
		return err
	case r.literal(null), r.literal("true"), r.literal("false"):
		return nil
	}
	return r.expected("a value")
}

func (r *reader) skipObject() *Error {
	if err := r.open(); err != nil {
		return err
	}
	more, err := r.begin('{', '}', "an object")
	for more && err == nil {
		if _, err = r.memberName(); err != nil {
			return err
		}
		if err = r.skip(); err != nil {
			return err
		}
		more, err = r.more('}')
	}
	r.depth++
	return err
}

func (r *reader) skipArray() *Error {
	if err := r.open(); err != nil {
		return err
	}
	more, err := r.begin('[', ']', "an array")
	for more && err == nil {
		if err = r.skip(); err != nil {
			return err
		}
		more, err = r.more(']')
	}
	r.depth++
	return err
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// continuesToken reports whether c would belong to the same word or number.
func continuesToken(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '.' || c == '+' || c == '-'
}
