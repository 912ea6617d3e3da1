// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// extensions are those of one message type that have been met so far. The
// resolver is asked for each once; what it does not know is not kept, so that
// a peer cannot make the table grow.
type extensions struct {
	mu    sync.Mutex
	known atomic.Pointer[extensionTable]
}

// An extensionTable is immutable.
type extensionTable struct {
	byNumber map[protowire.Number]*field
	byName   map[string]*field
	// fields are in the order in which they were met. An extension's index
	// is its place here, counted on from the message's own fields.
	fields []*field
}

func (x *extensions) table() *extensionTable {
	if table := x.known.Load(); table != nil {
		return table
	}
	return &extensionTable{}
}

// at returns the field with this index.
func (p *Program) at(index int) *field {
	if index < len(p.fields) {
		return &p.fields[index]
	}
	return p.extensions.table().fields[index-len(p.fields)]
}

// extensionByNumber returns the extension of p with this number, or nil.
func (p *Program) extensionByNumber(number protowire.Number) *field {
	if f := p.extensions.table().byNumber[number]; f != nil {
		return f
	}
	if !p.descriptor.ExtensionRanges().Has(number) {
		return nil
	}
	found, err := p.compiler.resolver.FindExtensionByNumber(p.descriptor.FullName(), number)
	if err != nil || found == nil {
		return nil
	}
	return p.addExtension(found.TypeDescriptor())
}

var errNotExtendable = errors.New("the message cannot have this extension")

// extensionByName returns the extension of p with this full name, or nil.
func (p *Program) extensionByName(name []byte) (*field, error) {
	if f := p.extensions.table().byName[string(name)]; f != nil {
		return f, nil
	}
	found, err := p.compiler.resolver.FindExtensionByName(protoreflect.FullName(name))
	if errors.Is(err, protoregistry.NotFound) || (err == nil && found == nil) {
		return nil, nil //nolint:nilnil // An unknown extension is an unknown field.
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // The caller says where.
	}
	fd := found.TypeDescriptor()
	if fd.ContainingMessage().FullName() != p.descriptor.FullName() || !p.descriptor.ExtensionRanges().Has(fd.Number()) {
		return nil, errNotExtendable
	}
	return p.addExtension(fd), nil
}

// addExtension makes fd known.
func (p *Program) addExtension(fd protoreflect.FieldDescriptor) *field {
	x := &p.extensions
	x.mu.Lock()
	defer x.mu.Unlock()
	old := x.table()
	if f := old.byNumber[fd.Number()]; f != nil {
		return f
	}
	f := new(field)
	p.compiler.compileField(f, fd)
	f.index = len(p.fields) + len(old.fields)
	table := &extensionTable{
		byNumber: maps.Clone(old.byNumber),
		byName:   maps.Clone(old.byName),
		fields:   append(slices.Clip(old.fields), f),
	}
	if table.byNumber == nil {
		table.byNumber = make(map[protowire.Number]*field)
		table.byName = make(map[string]*field)
	}
	table.byNumber[fd.Number()] = f
	table.byName[string(fd.FullName())] = f
	x.known.Store(table)
	return f
}

// isExtensionName reports whether a JSON name is that of an extension.
func isExtensionName(name []byte) bool {
	return len(name) > 1 && name[0] == '[' && name[len(name)-1] == ']'
}
