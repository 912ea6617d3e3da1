// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A badReference is one in a text that cannot be replaced.
type badReference struct {
	// offset is that of its dollar sign, in bytes.
	offset int
	// err says what is wrong, without the place.
	err error
}

var (
	errUnclosed   = errors.New(`"${" without "}", expected ${NAME}, ${NAME:-text}, or $$ for a dollar sign`)
	errNoVariable = errors.New(`"${" is not followed by the name of a variable, expected ${NAME}, ${NAME:-text}, or $$ for a dollar sign`)
)

// expand replaces the references to environment variables in text: ${NAME},
// ${NAME:-default}, and $$, which is one dollar sign. Any other dollar sign
// stands for itself. What a variable holds is not expanded again.
func expand(text string, env func(string) (string, bool)) (string, *badReference) {
	var out strings.Builder
	rest := text
	for {
		before, after, found := strings.Cut(rest, "$")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		offset := len(text) - len(after) - 1
		switch {
		case strings.HasPrefix(after, "$"):
			out.WriteByte('$')
			rest = after[1:]
		case strings.HasPrefix(after, "{"):
			reference, remains, closed := strings.Cut(after[1:], "}")
			if !closed {
				return "", &badReference{offset, errUnclosed}
			}
			value, err := resolve(reference, env)
			if err != nil {
				return "", &badReference{offset, err}
			}
			out.WriteString(value)
			rest = remains
		default:
			out.WriteByte('$')
			rest = after
		}
	}
}

// resolve returns what stands for the text between the braces of a reference.
func resolve(reference string, env func(string) (string, bool)) (string, error) {
	name, fallback, hasFallback := strings.Cut(reference, ":-")
	if !isVariable(name) {
		// The reference is not quoted: it may be the middle of a secret.
		return "", errNoVariable
	}
	if strings.Contains(fallback, "${") {
		return "", fmt.Errorf("a reference within the default of ${%s}, expected plain text", name)
	}
	value, ok := env(name)
	switch {
	case hasFallback && (!ok || value == ""):
		return fallback, nil
	case ok && !utf8.ValidString(value):
		return "", fmt.Errorf("environment variable %s is not UTF-8", name)
	case !ok:
		return "", fmt.Errorf("environment variable %s is not set, and ${%[1]s} has no default as in ${%[1]s:-text}", name)
	default:
		return value, nil
	}
}

// isVariable reports whether name is one that shells accept: letters, digits
// and underscores, no digit first.
func isVariable(name string) bool {
	for i := range len(name) {
		char := name[i]
		letter := char == '_' || 'a' <= char|0x20 && char|0x20 <= 'z'
		digit := '0' <= char && char <= '9'
		if !letter && (!digit || i == 0) {
			return false
		}
	}
	return name != ""
}
