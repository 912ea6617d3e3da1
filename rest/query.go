// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dragoman-gateway/dragoman/translate"
)

// A parameter is one "key=value" of a query or a form.
type parameter struct {
	key, value string
	// mapKey is what the key has in brackets at its end, if hasMapKey.
	mapKey    string
	hasMapKey bool
	field     *queryField
}

// parseQuery appends the parameters of an encoded query or form. What is
// accepted is what [url.ParseQuery] accepts.
func parseQuery(dst []parameter, query string) ([]parameter, error) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" {
			continue
		}
		if strings.Contains(pair, ";") {
			return dst, errors.New("query: a semicolon is no separator")
		}
		key, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return dst, fmt.Errorf("query: %w", err)
		}
		value, err = url.QueryUnescape(value)
		if err != nil {
			return dst, fmt.Errorf("query parameter %q: %w", key, err)
		}
		dst = append(dst, parameter{key: key, value: value})
	}
	return dst, nil
}

// A queryBinding binds the query of one route.
type queryBinding struct {
	index *queryIndex
	// bound holds the field paths that path and body set. The query sets
	// neither them nor what they contain nor what contains them.
	bound [][]string
	// mask is the field mask that was filled from the body, which a mask in
	// the query replaces. 0 if there is none.
	mask protowire.Number
}

// covers reports whether path and body already decide the field.
func (b *queryBinding) covers(names []string) bool {
	return slices.ContainsFunc(b.bound, func(bound []string) bool {
		n := min(len(bound), len(names))
		return slices.Equal(bound[:n], names[:n])
	})
}

// appendWire appends the encoding of the fields that parameters set. wire holds
// what path and body set. Parameters are reordered.
func (b *queryBinding) appendWire(wire []byte, parameters []parameter, strict bool) ([]byte, error) {
	known := parameters[:0]
	for _, p := range parameters {
		use, err := b.lookUp(&p)
		switch {
		case err != nil:
			return wire, err
		case use:
			known = append(known, p)
		case strict:
			return wire, unknownParameter(p.key)
		}
	}
	// Neighbours then set the same field, in the order in which they came.
	slices.SortStableFunc(known, func(x, y parameter) int {
		return cmp.Or(
			strings.Compare(x.field.name, y.field.name),
			strings.Compare(x.mapKey, y.mapKey))
	})
	var previous *queryField
	for len(known) > 0 {
		first, n := &known[0], 1
		for n < len(known) && known[n].field.name == first.field.name && known[n].mapKey == first.mapKey {
			n++
		}
		if first.field != previous && first.field.inOneof {
			if err := first.field.path.checkOneofs(wire); err != nil {
				return wire, badParameter("query", first.key, first.field.name, err)
			}
		}
		if first.field.path[0].Number() == b.mask && first.field != previous {
			wire = removeField(wire, 0, b.mask)
		}
		var err error
		if wire, err = first.field.appendWire(wire, known[:n]); err != nil {
			return wire, badParameter("query", first.key, first.field.name, err)
		}
		previous = first.field
		known = known[n:]
	}
	return wire, nil
}

// unknownParameter refuses a parameter that sets nothing.
func unknownParameter(key string) error {
	return badRequest(key, "query parameter %q: the query sets no field of that name", key)
}

// lookUp finds the field that p sets, and reports whether there is one that is
// left to the query.
func (b *queryBinding) lookUp(p *parameter) (bool, error) {
	path := p.key
	if inner, ok := strings.CutSuffix(path, "]"); ok {
		if open := strings.LastIndexByte(inner, '['); open >= 0 {
			path, p.mapKey, p.hasMapKey = inner[:open], inner[open+1:], true
		}
	}
	field, err := b.index.lookUp(path)
	switch {
	case errors.Is(err, errNoSuchField):
		return false, nil
	case err != nil:
		if b.covers(strings.Split(path, ".")) {
			return false, nil
		}
		return false, badParameter("query", p.key, path, err)
	}
	p.field = field
	return !b.covers(field.names), nil
}

// A queryField is a field that a query can set.
type queryField struct {
	name    string // the path as the schema spells it
	names   []string
	path    fieldPath
	field   *translate.Field
	inOneof bool
}

// appendWire appends the encoding of the field with the values of parameters,
// all of which set it, or one entry of it.
func (f *queryField) appendWire(wire []byte, parameters []parameter) ([]byte, error) {
	first := &parameters[0]
	for i := range parameters {
		if p := &parameters[i]; p.key != first.key {
			return wire, fmt.Errorf("%q sets the same field", p.key)
		}
	}
	fd := f.path.last()
	switch {
	case fd.IsMap():
		return f.appendEntry(wire, parameters)
	case first.hasMapKey:
		return wire, errors.New("the field is not a map")
	case len(parameters) > 1 && !fd.IsList():
		return wire, errors.New("too many values")
	}
	for i := range parameters {
		var err error
		if wire, err = f.field.AppendText(wire, parameters[i].value); err != nil {
			return wire, err
		}
	}
	return wire, nil
}

// appendEntry appends a map entry: "field[key]=value" or, as grpc-gateway has
// it, "field=key&field=value".
func (f *queryField) appendEntry(wire []byte, parameters []parameter) ([]byte, error) {
	first := &parameters[0]
	key, value := first.mapKey, first.value
	switch {
	case first.hasMapKey && len(parameters) == 1:
	case !first.hasMapKey && len(parameters) == 2:
		key, value = first.value, parameters[1].value
	default:
		return wire, errors.New("want one value for each map key, as in field[key]=value")
	}
	return f.field.AppendMapEntry(wire, key, value)
}
