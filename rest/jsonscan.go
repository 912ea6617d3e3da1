// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import "fmt"

// A jsonState is what a jsonScanner expects next.
type jsonState uint8

const (
	stateStart        jsonState = iota // the value itself
	stateValue                         // a value within another
	stateFirstElement                  // a value, or the end of an empty array
	stateFirstKey                      // a key, or the end of an empty object
	stateKey
	stateColon
	stateNext // a comma, or the end of the array or object
	stateString
	stateEscape // the byte after a backslash
	stateLiteral
)

// A jsonScanner finds the end of one JSON value, a byte at a time.
type jsonScanner struct {
	state   jsonState
	nesting []byte // the closing brackets that are due
	key     bool   // the string is a key
	literal []byte // what has come of a number, true, false or null
}

// longestLiteral is above what any number needs; the translation refuses far
// shorter ones. It bounds the memory of a literal without end.
const longestLiteral = 4096

func (s *jsonScanner) reset() {
	s.state = stateStart
	s.nesting = s.nesting[:0]
	s.literal = s.literal[:0]
}

// step takes the next byte. It reports whether the value ends, and whether the
// byte was used: one after a literal is not. It says what is wrong if the byte
// cannot follow.
func (s *jsonScanner) step(c byte) (end, used bool, wrong string) {
	switch s.state {
	case stateString:
		return s.inString(c)
	case stateEscape:
		s.state = stateString
		return false, true, ""
	case stateLiteral:
		return s.inLiteral(c)
	case stateStart, stateValue, stateFirstElement, stateFirstKey, stateKey, stateColon, stateNext:
	}
	if isJSONSpace(c) {
		return false, true, ""
	}
	end, wrong = s.between(c)
	return end, true, wrong
}

// between takes a byte that is outside of strings and literals.
func (s *jsonScanner) between(c byte) (end bool, wrong string) {
	closes := len(s.nesting) > 0 && c == s.nesting[len(s.nesting)-1]
	switch s.state {
	case stateStart, stateValue:
		return false, s.begin(c)
	case stateFirstElement:
		if closes {
			return s.pop(), ""
		}
		return false, s.begin(c)
	case stateFirstKey, stateKey:
		if closes && s.state == stateFirstKey {
			return s.pop(), ""
		}
		if c == '"' {
			s.state, s.key = stateString, true
			return false, ""
		}
	case stateColon:
		if c == ':' {
			s.state = stateValue
			return false, ""
		}
	case stateNext:
		if closes {
			return s.pop(), ""
		}
		if c == ',' {
			s.state = stateValue
			if s.nesting[len(s.nesting)-1] == '}' {
				s.state = stateKey
			}
			return false, ""
		}
	case stateString, stateEscape, stateLiteral:
	}
	return false, unexpected(c)
}

// begin takes the first byte of a value.
func (s *jsonScanner) begin(c byte) (wrong string) {
	switch {
	case c == '{':
		s.state = stateFirstKey
		return s.push('}')
	case c == '[':
		s.state = stateFirstElement
		return s.push(']')
	case c == '"':
		s.state, s.key = stateString, false
	case c == '-' || '0' <= c && c <= '9' || c == 't' || c == 'f' || c == 'n':
		s.state = stateLiteral
		s.literal = append(s.literal[:0], c)
	default:
		return unexpected(c)
	}
	return ""
}

func (s *jsonScanner) push(closing byte) (wrong string) {
	if len(s.nesting) == maxNesting {
		return "the value is nested too deep"
	}
	s.nesting = append(s.nesting, closing)
	return ""
}

// pop ends an array or object.
func (s *jsonScanner) pop() (end bool) {
	s.nesting = s.nesting[:len(s.nesting)-1]
	return s.ended()
}

// ended follows a value. It reports whether that was the outermost one.
func (s *jsonScanner) ended() bool {
	s.state = stateNext
	return len(s.nesting) == 0
}

func (s *jsonScanner) inString(c byte) (end, used bool, wrong string) {
	switch {
	case c == '\\':
		s.state = stateEscape
	case c == '"' && s.key:
		s.state = stateColon
	case c == '"':
		return s.ended(), true, ""
	case c < ' ':
		return false, true, unexpected(c)
	}
	return false, true, ""
}

func (s *jsonScanner) inLiteral(c byte) (end, used bool, wrong string) {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ']', '}', ':', '"', '[', '{':
		if !isLiteral(s.literal) {
			return false, false, fmt.Sprintf("%q is not a value", s.literal)
		}
		return s.ended(), false, ""
	}
	s.literal = append(s.literal, c)
	if !beginsLiteral(s.literal) {
		return false, false, unexpected(c)
	}
	if len(s.literal) > longestLiteral {
		return false, false, "the number is too long"
	}
	return false, true, ""
}

// endsHere reports whether a value is complete if nothing follows.
func (s *jsonScanner) endsHere() bool {
	return s.state == stateLiteral && len(s.nesting) == 0 && isLiteral(s.literal)
}

// beginsLiteral reports whether text, of which all but the last byte has been
// found to begin a literal, may still become one.
func beginsLiteral(text []byte) bool {
	for _, word := range [...]string{"true", "false", "null"} {
		if text[0] == word[0] {
			return len(text) <= len(word) && string(text) == word[:len(text)]
		}
	}
	switch c := text[len(text)-1]; c {
	case '.', 'e', 'E', '+', '-':
		return true
	default:
		return '0' <= c && c <= '9'
	}
}

// isLiteral reports whether text is a number, true, false or null.
func isLiteral(text []byte) bool {
	switch string(text) {
	case "true", "false", "null":
		return true
	}
	return isNumber(text)
}

// isNumber reports whether text is a number: RFC 8259, section 6.
func isNumber(text []byte) bool {
	if len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	whole := digits(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return false
	}
	text = text[whole:]
	if len(text) > 0 && text[0] == '.' {
		fraction := digits(text[1:])
		if fraction == 0 {
			return false
		}
		text = text[1+fraction:]
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		exponent := digits(text)
		return exponent > 0 && exponent == len(text)
	}
	return len(text) == 0
}

// digits returns how many digits text begins with.
func digits(text []byte) int {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

func unexpected(c byte) string {
	return fmt.Sprintf("unexpected character %q", rune(c))
}
