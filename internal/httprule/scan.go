// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A SyntaxError reports where a path template leaves the grammar. It does not
// repeat the template, which whoever reports it knows.
type SyntaxError struct {
	// Column counts characters from 1. One past the last character is the
	// template's end.
	Column int
	// Reason says what was expected there and what was found.
	Reason string
}

// Error returns the column and the reason.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("column %d: %s", e.Column, e.Reason)
}

// A scanner reads the terminals of the grammar. Which of them comes next
// depends on the rule being parsed ("=" ends a field path but is part of a
// literal), so the parser asks for the one that it wants. Everything behind pos
// is ASCII, hence a byte offset is a column.
type scanner struct {
	text string
	pos  int
}

// done reports whether the whole text has been read.
func (s *scanner) done() bool {
	return s.pos == len(s.text)
}

// accept reads token if it comes next.
func (s *scanner) accept(token string) bool {
	if !strings.HasPrefix(s.text[s.pos:], token) {
		return false
	}
	s.pos += len(token)
	return true
}

// identifier reads an IDENT, as in a .proto file.
func (s *scanner) identifier() (string, error) {
	start := s.pos
	for !s.done() && isIdentifier(s.text[s.pos], s.pos == start) {
		s.pos++
	}
	if s.pos == start {
		return "", s.unexpected("a field name")
	}
	return s.text[start:s.pos], nil
}

// literal reads the longest LITERAL that comes next and returns it as it is
// written. It may be empty.
func (s *scanner) literal() (string, error) {
	start := s.pos
	for !s.done() {
		switch c := s.text[s.pos]; {
		case isLiteral(c):
			s.pos++
		case c != '%':
			return s.text[start:s.pos], nil
		default:
			if _, ok := escapedByte(s.text[s.pos:]); !ok {
				return "", s.errorAt(s.pos, `expected two hexadecimal digits after "%"`)
			}
			s.pos += escapeLen
		}
	}
	return s.text[start:], nil
}

// unexpected reports that want should have come next.
func (s *scanner) unexpected(want string) error {
	found := "the end"
	if !s.done() {
		_, width := utf8.DecodeRuneInString(s.text[s.pos:])
		found = strconv.Quote(s.text[s.pos : s.pos+width])
	}
	return s.errorAt(s.pos, "expected "+want+", found "+found)
}

func (s *scanner) errorAt(pos int, reason string) error {
	return &SyntaxError{Column: pos + 1, Reason: reason}
}

func isIdentifier(c byte, first bool) bool {
	return isLetter(c) || c == '_' || isDigit(c) && !first
}

// isLiteral reports whether c may stand in a literal as it is: RFC 3986's pchar
// without "*". A "*" beside other text would look like a wildcard and match
// nothing but itself.
func isLiteral(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("-._~!$&'()+,;=:@", c) >= 0
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9'
}
