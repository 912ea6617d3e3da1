// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Field numbers of descriptor.proto, of which source locations are made.
const (
	fileDependencyField       = 3
	fileMessageField          = 4
	fileEnumField             = 5
	fileServiceField          = 6
	fileExtensionField        = 7
	filePublicDependencyField = 10
	fileWeakDependencyField   = 11
	fileOptionDependencyField = 15
	messageNestedField        = 3
	messageExtensionField     = 6
	serviceMethodField        = 2
)

// An element is a part of a file that can be left out while the rest stays: a
// declaration of the file's own scope, a method, or an extension wherever it
// is declared. What is nested in a message stays and goes with it, extensions
// excepted.
type element struct {
	kind string
	name protoreflect.FullName
	// proto is the element's part of the file.
	proto proto.Message
	// location is the path from the file to the element, as in source
	// locations.
	location []int32
	// types are the names of the messages and enums that come with the element.
	types []protoreflect.FullName
	// refs are the element's references to types.
	refs []reference
}

// A reference is the use of a type by name.
type reference struct {
	// name is the field of the file's proto that holds the name: a full one
	// with a leading dot, or one that is relative to scope.
	name  *string
	scope protoreflect.FullName
}

// full is the name referred to, once it has been resolved.
func (r reference) full() (protoreflect.FullName, bool) {
	name, ok := strings.CutPrefix(*r.name, ".")
	return protoreflect.FullName(name), ok
}

// index makes the file's elements anew.
func (f *file) index() {
	fd := f.proto
	var x indexer
	pkg := protoreflect.FullName(fd.GetPackage())
	for i, message := range fd.GetMessageType() {
		x.message(pkg, message, location(nil, fileMessageField, i))
	}
	for i, enum := range fd.GetEnumType() {
		name := qualify(pkg, enum.GetName())
		x.add(element{
			kind: "enum", name: name, proto: enum, types: []protoreflect.FullName{name},
			location: location(nil, fileEnumField, i),
		})
	}
	for i, extension := range fd.GetExtension() {
		x.extension(pkg, extension, location(nil, fileExtensionField, i))
	}
	for i, service := range fd.GetService() {
		x.service(pkg, service, location(nil, fileServiceField, i))
	}
	f.elements = x.elements
}

// declaresAtTop reports whether the element is declared in the file's scope.
func (e *element) declaresAtTop() bool {
	const topLevel = 2 // A field number and an index.
	return len(e.location) == topLevel
}

// scopeNames are the names that a top-level element declares in its package:
// its own, and, for an enum, those of its values.
func (e *element) scopeNames() []protoreflect.FullName {
	names := []protoreflect.FullName{e.name}
	if enum, ok := e.proto.(*descriptorpb.EnumDescriptorProto); ok {
		for _, value := range enum.GetValue() {
			names = append(names, qualify(e.name.Parent(), value.GetName()))
		}
	}
	return names
}

// An indexer collects the elements of a file.
type indexer struct {
	elements []element
}

func (x *indexer) add(e element) {
	x.elements = append(x.elements, e)
}

func (x *indexer) message(pkg protoreflect.FullName, message *descriptorpb.DescriptorProto, at []int32) {
	e := element{kind: "message", name: qualify(pkg, message.GetName()), proto: message, location: at}
	x.nested(&e, e.name, message, at)
	x.add(e)
}

// nested adds to e what belongs to message: e's own, or one nested in it.
func (x *indexer) nested(
	e *element, name protoreflect.FullName, message *descriptorpb.DescriptorProto, at []int32,
) {
	e.types = append(e.types, name)
	for _, enum := range message.GetEnumType() {
		e.types = append(e.types, qualify(name, enum.GetName()))
	}
	for _, field := range message.GetField() {
		if field.GetTypeName() != "" {
			e.refs = append(e.refs, reference{name: field.TypeName, scope: name}) //nolint:protogetter // The address is wanted.
		}
	}
	for i, extension := range message.GetExtension() {
		x.extension(name, extension, location(at, messageExtensionField, i))
	}
	for i, inner := range message.GetNestedType() {
		x.nested(e, qualify(name, inner.GetName()), inner, location(at, messageNestedField, i))
	}
}

func (x *indexer) extension(scope protoreflect.FullName, extension *descriptorpb.FieldDescriptorProto, at []int32) {
	e := element{kind: "extension", name: qualify(scope, extension.GetName()), proto: extension, location: at}
	for _, name := range []*string{extension.Extendee, extension.TypeName} { //nolint:protogetter // The addresses are wanted.
		if name != nil && *name != "" {
			e.refs = append(e.refs, reference{name: name, scope: scope})
		}
	}
	x.add(e)
}

func (x *indexer) service(pkg protoreflect.FullName, service *descriptorpb.ServiceDescriptorProto, at []int32) {
	e := element{kind: "service", name: qualify(pkg, service.GetName()), proto: service, location: at}
	x.add(e)
	for i, method := range service.GetMethod() {
		m := element{
			kind: "method", name: qualify(e.name, method.GetName()), proto: method,
			location: location(at, serviceMethodField, i),
		}
		for _, name := range []*string{method.InputType, method.OutputType} { //nolint:protogetter // The addresses are wanted.
			if name != nil && *name != "" {
				m.refs = append(m.refs, reference{name: name, scope: e.name})
			}
		}
		x.add(m)
	}
}

// location is the place of the i-th value of a repeated field of what is at
// parent.
func location(parent []int32, field int32, i int) []int32 {
	return append(slices.Clone(parent), field, int32(i))
}

// qualify returns the full name of what is declared as name in scope. Unlike
// [protoreflect.FullName.Append] it is defined for any name, since nothing has
// checked the names of a set.
func qualify(scope protoreflect.FullName, name string) protoreflect.FullName {
	if scope == "" {
		return protoreflect.FullName(name)
	}
	return scope + "." + protoreflect.FullName(name)
}
