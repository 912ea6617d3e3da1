// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A finding is one thing that is wrong with a configuration, wherever it came
// from.
type finding struct {
	// field is the path of the field, such as "upstreams[0].tls.ca_file", or
	// empty for the configuration as a whole.
	field string
	text  string
}

func (f finding) String() string {
	if f.field == "" {
		return f.text
	}
	return f.field + ": " + f.text
}

// A position is a place in a file, counted from 1; columns count characters.
// The zero position is no place.
type position struct {
	line, column int
}

func positionOf(node *yaml.Node) position {
	return position{line: node.Line, column: node.Column}
}

// A problem is a finding with its place in a file, if it has one.
type problem struct {
	finding

	file string
	at   position
}

func (p *problem) Error() string {
	if p.at == (position{}) {
		return p.String()
	}
	return fmt.Sprintf("%s:%d:%d: %v", p.file, p.at.line, p.at.column, p.finding)
}

// A spot is a place in a file seen as that of a field.
type spot struct {
	at    position
	field string
}

// report records a problem at a place that is known. Of several with one field
// there only the first counts: the others follow from it.
func (d *document) report(at position, field, format string, args ...any) {
	if d.reported[spot{at, field}] {
		return
	}
	d.reported[spot{at, field}] = true
	d.problems = append(d.problems, &problem{
		finding: finding{field: field, text: fmt.Sprintf(format, args...)},
		file:    d.name,
		at:      at,
	})
}

// place records a finding at the place of its field. inFile says that the
// value is the file's.
func (d *document) place(found finding, inFile bool) {
	if !inFile {
		d.problems = append(d.problems, &problem{finding: found})
		return
	}
	node := findNode(d.root, found.field)
	if d.damaged[node] {
		return // The finding may be about what was taken out.
	}
	d.report(positionOf(node), found.field, "%s", found.text)
}

// err joins the problems in the order of the file; those that are not in it
// come first.
func (d *document) err() error {
	slices.SortStableFunc(d.problems, func(a, b *problem) int {
		return cmp.Or(cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.column, b.at.column))
	})
	errs := make([]error, 0, len(d.problems))
	for _, one := range d.problems {
		errs = append(errs, one)
	}
	return errors.Join(errs...)
}
