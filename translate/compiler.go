// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"errors"
	"fmt"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// A Compiler compiles message types into programs and keeps them: a type is
// compiled once, when a message of it is first met. It is safe for concurrent
// use.
type Compiler struct {
	resolver Resolver
	// programs maps a protoreflect.MessageDescriptor to its *Program. The key
	// is the descriptor, not its name, since a resolver may know another type
	// by the same name.
	programs sync.Map
	// enums maps a protoreflect.EnumDescriptor to its *enum.
	enums sync.Map
	// readers and writers keep the scratch space of one call for the next.
	readers, writers sync.Pool
}

// NewCompiler returns a Compiler that finds with resolver the types which
// messages name at run time. Without a resolver there are no such types.
func NewCompiler(resolver Resolver) *Compiler {
	if resolver == nil {
		resolver = new(protoregistry.Types)
	}
	return &Compiler{
		resolver: resolver,
		readers:  sync.Pool{New: func() any { return newReader() }},
		writers:  sync.Pool{New: func() any { return new(writer) }},
	}
}

// Compile returns the program for the message type md. The types of its
// message fields are compiled when they are first needed.
func (c *Compiler) Compile(md protoreflect.MessageDescriptor) (*Program, error) {
	if md == nil {
		return nil, errors.New("compile: no message descriptor")
	}
	p := c.program(md).ready()
	if p.unsupported != "" {
		return nil, fmt.Errorf("compile %s: %s", md.FullName(), p.unsupported)
	}
	return p, nil
}

// program returns the program for md, which need not be ready to run.
func (c *Compiler) program(md protoreflect.MessageDescriptor) *Program {
	if p, ok := c.programs.Load(md); ok {
		return p.(*Program) //nolint:errcheck,forcetypeassert // The map holds nothing else.
	}
	p, _ := c.programs.LoadOrStore(md, &Program{compiler: c, descriptor: md})
	return p.(*Program) //nolint:errcheck,forcetypeassert // The map holds nothing else.
}

// enumOf returns the names of ed.
func (c *Compiler) enumOf(ed protoreflect.EnumDescriptor) *enum {
	e, ok := c.enums.Load(ed)
	if !ok {
		e, _ = c.enums.LoadOrStore(ed, newEnum(ed))
	}
	return e.(*enum) //nolint:errcheck,forcetypeassert // The map holds nothing else.
}
