// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/translate"
)

// maxQueryFields limits how many compiled paths a queryIndex keeps. A recursive
// message has paths without end, and callers choose which ones they use.
const maxQueryFields = 1024

// errNoSuchField reports a parameter that names no field.
var errNoSuchField = errors.New("there is no such field")

// A queryIndex finds the fields of one message type by the path that a query
// uses. It is safe for concurrent use.
type queryIndex struct {
	program  *translate.Program
	md       protoreflect.MessageDescriptor
	maxDepth int
	// fields is replaced, never changed, so that reading needs no lock.
	fields atomic.Pointer[map[string]*queryField]
}

func newQueryIndex(program *translate.Program, md protoreflect.MessageDescriptor, maxDepth int) *queryIndex {
	index := &queryIndex{program: program, md: md, maxDepth: maxDepth}
	index.fields.Store(&map[string]*queryField{})
	return index
}

// lookUp returns the field that path names in either spelling of each name. It
// returns errNoSuchField if a name is unknown, and another error if the path
// leads through something that is not a message.
func (x *queryIndex) lookUp(path string) (*queryField, error) {
	if field := (*x.fields.Load())[path]; field != nil {
		return field, nil
	}
	field, err := x.compile(path)
	if err != nil {
		return nil, err
	}
	return x.keep(path, field), nil
}

func (x *queryIndex) compile(path string) (*queryField, error) {
	var fields fieldPath
	md := x.md
	for name := range strings.SplitSeq(path, ".") {
		if len(fields) == x.maxDepth {
			return nil, fmt.Errorf("the path is longer than %d names", x.maxDepth)
		}
		if md == nil {
			return nil, fmt.Errorf("%q is not a message", fields.last().Name())
		}
		fd := fieldByName(md, name)
		if fd == nil {
			return nil, errNoSuchField
		}
		fields = append(fields, fd)
		md = singularMessage(fd)
	}
	compiled, err := x.program.Field(fields.String())
	if err != nil {
		return nil, fmt.Errorf("compile field: %w", err)
	}
	return &queryField{
		name:    fields.String(),
		names:   fields.names(),
		path:    fields,
		field:   compiled,
		inOneof: fields.inOneof(),
	}, nil
}

// keep stores field under path and returns the field to use: one spelling of a
// path has one field, and all spellings of it share that of the canonical one.
func (x *queryIndex) keep(path string, field *queryField) *queryField {
	for {
		old := x.fields.Load()
		if known := (*old)[field.name]; known != nil {
			field = known
		}
		if len(*old) >= maxQueryFields {
			return field
		}
		fields := maps.Clone(*old)
		// A clone, since path is part of a whole URL.
		fields[strings.Clone(path)] = field
		fields[field.name] = field
		if x.fields.CompareAndSwap(old, &fields) {
			return field
		}
	}
}
