// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A document is one configuration file while it is being read, with what was
// found wrong so far. It belongs to one goroutine.
type document struct {
	name  string
	lines []string
	root  *yaml.Node

	problems []*problem
	// reported holds what has a problem.
	reported map[spot]bool
	// damaged holds the mappings and lists out of which something wrong was
	// taken.
	damaged map[*yaml.Node]bool
	// scalars holds the values that protoyaml will be given.
	scalars map[position]scalar
}

// newDocument parses source, which must be exactly one YAML document.
func newDocument(name string, source []byte) (*document, error) {
	d := &document{
		name:     name,
		reported: make(map[spot]bool),
		damaged:  make(map[*yaml.Node]bool),
		scalars:  make(map[position]scalar),
	}
	if len(source) > MaxFileBytes {
		d.report(position{1, 1}, "", "the file is too large, expected at most %d bytes", MaxFileBytes)
		return nil, d.err()
	}
	if at, char, ok := findUnreadable(source); ok {
		d.report(at, "", "unexpected %s, expected text in UTF-8", char)
		return nil, d.err()
	}
	d.lines = strings.Split(string(source), "\n")
	documents, err := parseYAML(source)
	switch {
	case err != nil:
		at, text := d.explainSyntax(source, err)
		d.report(at, "", "%s", text)
	case len(documents) == 0 || isEmpty(documents[0]):
		d.report(position{1, 1}, "", "the file is empty, expected %s", mappingOf(configDescriptor()))
	case len(documents) > 1:
		d.report(positionOf(documents[1]), "", "a second document begins here, expected one document in the file")
	default:
		d.root = documents[0].Content[0]
		return d, nil
	}
	return nil, d.err()
}

// isEmpty reports whether a document has no content; a file with nothing but
// a "---" has such a one.
func isEmpty(document *yaml.Node) bool {
	return len(document.Content) == 0 || isNull(document.Content[0]) && document.Content[0].Value == ""
}

// parseYAML returns the first two documents of source: one more than a
// configuration may have.
func parseYAML(source []byte) ([]*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	var documents []*yaml.Node
	for len(documents) < 2 {
		document := new(yaml.Node)
		err := decoder.Decode(document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("parse YAML: %w", err)
		}
		documents = append(documents, document)
	}
	return documents, nil
}

// findUnreadable returns the first place in source that is not text.
func findUnreadable(source []byte) (at position, what string, found bool) {
	at = position{1, 1}
	for len(source) > 0 {
		char, size := utf8.DecodeRune(source)
		switch {
		case char == utf8.RuneError && size == 1:
			return at, fmt.Sprintf("byte 0x%02x", source[0]), true
		case char == '\n':
			at.line, at.column = at.line+1, 0
		case char < ' ' && char != '\t' && char != '\r' || char == 0x7f:
			return at, fmt.Sprintf("control character %U", char), true
		}
		at.column++
		source = source[size:]
	}
	return position{}, "", false
}

// searchedLines bounds the search of a syntax error, which parses the file as
// often as it has lines.
const searchedLines = 500

// explainSyntax returns where source stops being YAML and why.
//
// What the parser says is no more than a line, which for some errors is the
// one before, or the one where the enclosing mapping begins. So the place is
// searched: it is the line after the longest beginning of the file that is
// YAML by itself.
func (d *document) explainSyntax(source []byte, err error) (position, string) {
	text := err.Error()
	if cause := errors.Unwrap(err); cause != nil {
		text = strings.TrimPrefix(cause.Error(), "yaml: ")
	}
	line := 1
	if _, scanErr := fmt.Sscanf(text, "line %d:", &line); scanErr == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	if len(d.lines) <= searchedLines {
		line = firstBadLine(source)
	}
	line = min(max(line, 1), len(d.lines))
	content := d.lines[line-1]
	column := len(content) - len(strings.TrimLeft(content, " ")) + 1
	if strings.HasPrefix(content[column-1:], "\t") {
		text = "a tab cannot indent, expected spaces"
	}
	return position{line, column}, "not YAML: " + text
}

// firstBadLine returns the number of the line after the longest beginning of
// source, in whole lines, that is YAML.
func firstBadLine(source []byte) int {
	line, bad := 0, 1
	for end := 0; end < len(source); {
		next := bytes.IndexByte(source[end:], '\n')
		if next < 0 {
			break // All of source is known to be bad.
		}
		end += next + 1
		line++
		if _, err := parseYAML(source[:end]); err == nil {
			bad = line + 1
		}
	}
	return bad
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Tag == "!!null"
}
