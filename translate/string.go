// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Masks to look at eight bytes at once.
const (
	lows   = 0x0101010101010101
	highs  = 0x8080808080808080
	quotes = lows * '"'
	slants = lows * '\\'
	spaces = lows * ' '
)

// plainRun returns the length of the prefix of s that has neither quotes,
// backslashes nor control characters, and whether it may have bytes that are
// not ASCII.
func plainRun(s []byte) (int, bool) {
	var seen uint64
	i := 0
	for ; i+8 <= len(s); i += 8 {
		word := binary.LittleEndian.Uint64(s[i:])
		seen |= word
		quote, slant := word^quotes, word^slants
		// The lowest bit that is set is right: borrows run upwards only.
		stops := ((quote-lows)&^quote | (slant-lows)&^slant | (word-spaces)&^word) & highs
		if stops != 0 {
			return i + bits.TrailingZeros64(stops)/8, seen&highs != 0
		}
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c == '"' || c == '\\' || c < ' ' {
			break
		}
		seen |= uint64(c)
	}
	return i, seen&highs != 0
}

// raw takes the string at the current position, which must be a quote, and
// returns what is between the quotes, and whether it has escapes. It is valid
// UTF-8.
func (r *reader) raw() (s []byte, escaped bool, err *Error) {
	start := r.pos + 1
	wide := false
	for i := start; ; {
		n, w := plainRun(r.in[i:])
		wide = wide || w
		i += n
		switch {
		case i >= len(r.in):
			return nil, false, r.fail(len(r.in), "expected a closing quote, got the end of the input")
		case r.in[i] == '"':
			s = r.in[start:i]
			if wide && !utf8.Valid(s) {
				return nil, false, r.fail(start+invalidUTF8(s), "invalid UTF-8 in a string")
			}
			r.pos = i + 1
			return s, escaped, nil
		case r.in[i] == '\\':
			escaped = true
			i = min(i+2, len(r.in))
		default:
			return nil, false, r.fail(i, "a control character in a string must be escaped")
		}
	}
}

// invalidUTF8 returns the position of the first byte of s that is not UTF-8.
func invalidUTF8(s []byte) int {
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRune(s[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(s)
}

// text takes a string and returns what it stands for, valid until the next
// string is read.
func (r *reader) text() ([]byte, *Error) {
	start := r.pos + 1
	s, escaped, err := r.raw()
	if err != nil || !escaped {
		return s, err
	}
	r.scratch, err = r.unescape(r.scratch[:0], s, start)
	return r.scratch, err
}

// appendString takes a string and appends it to out, with its length first.
func (r *reader) appendString() *Error {
	start := r.pos + 1
	s, escaped, err := r.raw()
	if err != nil {
		return err
	}
	if !escaped {
		r.out = appendVarint(r.out, uint64(len(s)))
		r.out = append(r.out, s...)
		return nil
	}
	mark := len(r.out)
	r.out, err = r.unescape(append(r.out, 0), s, start)
	r.out = patchLength(r.out, mark)
	return err
}

// unescape appends what the escaped string s stands for, which starts at pos.
func (r *reader) unescape(dst, s []byte, pos int) ([]byte, *Error) {
	for rest := s; ; {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 {
			return append(dst, rest...), nil
		}
		dst = append(dst, rest[:i]...)
		rest = rest[i:]
		c, n := unescapeOne(rest)
		if n == 0 {
			return dst, r.fail(pos+len(s)-len(rest), "invalid escape in a string")
		}
		dst = utf8.AppendRune(dst, c)
		rest = rest[n:]
	}
}

// unescapeOne returns the character that the escape at the start of s stands
// for, and the length of the escape, which is 0 if it is invalid.
func unescapeOne(s []byte) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	c, ok := unescapeHex(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(c) {
		return c, 6
	}
	// Half a pair stands for nothing.
	low, ok := unescapeHex(s[6:])
	if c = utf16.DecodeRune(c, low); !ok || c == utf8.RuneError {
		return 0, 0
	}
	return c, 12
}

// unescapeHex reads \uXXXX.
func unescapeHex(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var c rune
	for _, digit := range s[2:6] {
		switch {
		case isDigit(digit):
			c = c<<4 | rune(digit-'0')
		case 'a' <= digit && digit <= 'f':
			c = c<<4 | rune(digit-'a'+10)
		case 'A' <= digit && digit <= 'F':
			c = c<<4 | rune(digit-'A'+10)
		default:
			return 0, false
		}
	}
	return c, true
}
