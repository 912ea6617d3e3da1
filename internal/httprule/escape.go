// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"strings"
)

// escapeLen is the length of "%XX".
const escapeLen = 3

// unescapeBuffer is the length up to which a decoded segment needs no memory
// from the heap. Most segments are names or identifiers.
const unescapeBuffer = 128

// unescape decodes the percent-encoding of text, except that of "/" if
// keepSlash is set. It returns text itself if there is nothing to decode.
func unescape(text string, keepSlash bool) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	var buffer [unescapeBuffer]byte
	return string(appendUnescaped(buffer[:0], text, keepSlash))
}

// appendUnescaped appends what [unescape] returns. A "%" that begins no escape
// stands for itself; callers have refused such text before.
func appendUnescaped(dst []byte, text string, keepSlash bool) []byte {
	for text != "" {
		width := 1
		c := text[0]
		if decoded, ok := escapedByte(text); ok && (decoded != '/' || !keepSlash) {
			width, c = escapeLen, decoded
		}
		dst = append(dst, c)
		text = text[width:]
	}
	return dst
}

// escapesValid reports whether each "%" in text begins an escape.
func escapesValid(text string) bool {
	for {
		percent := strings.IndexByte(text, '%')
		if percent < 0 {
			return true
		}
		text = text[percent:]
		if _, ok := escapedByte(text); !ok {
			return false
		}
		text = text[escapeLen:]
	}
}

// escapedByte returns the byte that the escape at the beginning of text stands
// for, if there is one.
func escapedByte(text string) (byte, bool) {
	if len(text) < escapeLen || text[0] != '%' {
		return 0, false
	}
	high, ok := unhex(text[1])
	if !ok {
		return 0, false
	}
	low, ok := unhex(text[2])
	return high<<4 | low, ok
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}

// appendEscaped appends text so that the scanner reads it as one literal. It
// escapes ":" only if told to, as only at the end of a template a colon can be
// taken for the beginning of a verb.
func appendEscaped(dst []byte, text string, escapeColon bool) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if !isLiteral(c) || c == ':' && escapeColon {
			dst = append(dst, '%', digits[c>>4], digits[c&0xf])
			continue
		}
		dst = append(dst, c)
	}
	return dst
}
