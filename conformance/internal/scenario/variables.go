// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"cmp"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
)

// Variables are what a play knows by name.
type Variables map[string]string

var (
	inBase64 = regexp.MustCompile(`b64\(([^)]*)\)`)
	variable = regexp.MustCompile(`\$\{(\w+)(?:\+(\d+))?\}`)
)

// Fill fills in what a text of a step leaves open:
//
//	b64(text)   is text in base64, as JSON has bytes
//	${name}     is the variable of that name
//	${name+2}   is the number that is 2 more
func (v Variables) Fill(text string) string {
	text = inBase64.ReplaceAllStringFunc(text, func(found string) string {
		return Base64(inBase64.FindStringSubmatch(found)[1])
	})
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		match := variable.FindStringSubmatch(found)
		if match[2] == "" {
			return v[match[1]]
		}
		return strconv.FormatInt(v.Number(match[1])+number(match[2]), 10)
	})
}

// shortest is the length from which on a value can be told from others that
// look like it by chance.
const shortest = 10

// unfill puts names in the place of the values that text has in it. A short
// value is left where it is.
func (v Variables) unfill(text string) string {
	// The same order in every play, wherever one value is part of another.
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if len(v[name]) >= shortest {
			text = strings.ReplaceAll(text, v[name], "${"+name+"}")
		}
	}
	return text
}

// Number returns the value of a variable that is a number, and 0 for others.
func (v Variables) Number(name string) int64 {
	return number(v[name])
}

// Request returns the request of a step.
func (v Variables) Request(s Step) answer.Request {
	header := map[string]string{}
	for name, value := range s.Header {
		header[name] = v.Fill(value)
	}
	return answer.Request{Method: s.Method, Path: v.Fill(s.Path), Body: v.Fill(s.Body), Header: header}
}

// Base64 returns text in base64.
func Base64(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text))
}

func number(text string) int64 {
	n, err := strconv.ParseInt(cmp.Or(text, "0"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
