// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// canonicalFile returns a form of fd to compare by. It leaves out what differs
// between tools that compiled the same source: comments, default JSON names,
// options for other languages or of types that the gateway has not linked,
// imports. Types are referred to by full names, so imports carry no meaning of
// their own.
func canonicalFile(fd *descriptorpb.FileDescriptorProto) *descriptorpb.FileDescriptorProto {
	c := proto.CloneOf(fd)
	c.SourceCodeInfo = nil
	dropUnknown(c.ProtoReflect())
	c.Dependency, c.PublicDependency, c.WeakDependency, c.OptionDependency = nil, nil, nil, nil
	c.Options = canonicalOptions(c.GetOptions())
	if c.GetSyntax() == "proto2" {
		c.Syntax = nil
	}
	for _, message := range c.GetMessageType() {
		canonicalMessage(message)
	}
	canonicalFields(c.GetExtension())
	return c
}

// dropUnknown removes unknown fields from m and what is below, in place. They
// are options of types that the gateway has not linked, which mean nothing to
// it and whose encoding is not canonical, and marks of tools. Options of which
// nothing is left go too.
func dropUnknown(m protoreflect.Message) {
	m.SetUnknown(nil)
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.Message() == nil || field.IsMap() || field.IsExtension():
		case field.IsList():
			for i := range value.List().Len() {
				dropUnknown(value.List().Get(i).Message())
			}
		default:
			dropUnknown(value.Message())
			if field.Name() == "options" && proto.Size(value.Message().Interface()) == 0 {
				m.Clear(field)
			}
		}
		return true
	})
}

// canonicalOptions removes from o, in place, what says nothing about messages.
func canonicalOptions(o *descriptorpb.FileOptions) *descriptorpb.FileOptions {
	if o == nil {
		return nil
	}
	o.JavaPackage, o.JavaOuterClassname, o.JavaMultipleFiles = nil, nil, nil
	o.JavaStringCheckUtf8, o.JavaGenericServices = nil, nil
	o.CcGenericServices, o.CcEnableArenas, o.PyGenericServices = nil, nil, nil
	o.OptimizeFor, o.GoPackage, o.ObjcClassPrefix, o.CsharpNamespace = nil, nil, nil, nil
	o.SwiftPrefix, o.RubyPackage = nil, nil
	o.PhpClassPrefix, o.PhpNamespace, o.PhpMetadataNamespace = nil, nil, nil
	if proto.Size(o) == 0 {
		return nil
	}
	return o
}

func canonicalMessage(message *descriptorpb.DescriptorProto) {
	canonicalFields(message.GetField())
	canonicalFields(message.GetExtension())
	for _, nested := range message.GetNestedType() {
		canonicalMessage(nested)
	}
}

func canonicalFields(fields []*descriptorpb.FieldDescriptorProto) {
	for _, field := range fields {
		if field.GetJsonName() == defaultJSONName(field.GetName()) {
			field.JsonName = nil
		}
	}
}

// defaultJSONName is the JSON name of a field that declares none.
func defaultJSONName(name string) string {
	var b strings.Builder
	upper := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_':
			upper = true
			continue
		case upper && 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		upper = false
		b.WriteByte(c)
	}
	return b.String()
}

// sameSemantics reports whether a declaration means the same in both files:
// the syntax and the features of a file decide what its fields are.
func sameSemantics(a, b *descriptorpb.FileDescriptorProto) bool {
	syntax := func(fd *descriptorpb.FileDescriptorProto) string {
		if fd.GetSyntax() == "" {
			return "proto2"
		}
		return fd.GetSyntax()
	}
	return syntax(a) == syntax(b) && a.GetEdition() == b.GetEdition() &&
		proto.Equal(a.GetOptions().GetFeatures(), b.GetOptions().GetFeatures())
}

// sameElement reports whether two elements declare the same.
func sameElement(a, b proto.Message) bool {
	return proto.Equal(canonicalElement(a), canonicalElement(b))
}

func canonicalElement(e proto.Message) proto.Message {
	e = proto.Clone(e)
	dropUnknown(e.ProtoReflect())
	switch e := e.(type) {
	case *descriptorpb.DescriptorProto:
		canonicalMessage(e)
	case *descriptorpb.FieldDescriptorProto:
		canonicalFields([]*descriptorpb.FieldDescriptorProto{e})
	}
	return e
}

// difference names the first declaration in which two files of the same path
// differ. It is "" if they declare the same.
func difference(a, b *descriptorpb.FileDescriptorProto) string {
	a, b = canonicalFile(a), canonicalFile(b)
	if proto.Equal(a, b) {
		return ""
	}
	switch {
	case a.GetPackage() != b.GetPackage():
		return "package"
	case !sameSemantics(a, b):
		return "syntax"
	case !proto.Equal(a.GetOptions(), b.GetOptions()):
		return "file options"
	}
	scope := a.GetPackage()
	if d := differenceOf(scope, a.GetMessageType(), b.GetMessageType(), messageDifference); d != "" {
		return d
	}
	if d := differenceOf(scope, a.GetEnumType(), b.GetEnumType(), nil); d != "" {
		return d
	}
	if d := differenceOf(scope, a.GetService(), b.GetService(), serviceDifference); d != "" {
		return d
	}
	return differenceOf(scope, a.GetExtension(), b.GetExtension(), nil)
}

func messageDifference(name string, a, b *descriptorpb.DescriptorProto) string {
	if d := differenceOf(name, a.GetField(), b.GetField(), nil); d != "" {
		return d
	}
	if d := differenceOf(name, a.GetNestedType(), b.GetNestedType(), messageDifference); d != "" {
		return d
	}
	return differenceOf(name, a.GetEnumType(), b.GetEnumType(), nil)
}

func serviceDifference(name string, a, b *descriptorpb.ServiceDescriptorProto) string {
	return differenceOf(name, a.GetMethod(), b.GetMethod(), nil)
}

// differenceOf names the first of the declarations of one kind in which two
// scopes differ. Within a declaration, inside looks further.
func differenceOf[T interface {
	proto.Message
	GetName() string
}](scope string, as, bs []T, inside func(name string, a, b T) string) string {
	qualified := func(d T) string {
		return strings.TrimPrefix(scope+"."+d.GetName(), ".")
	}
	byName := make(map[string]T, len(bs))
	for _, b := range bs {
		byName[b.GetName()] = b
	}
	for _, a := range as {
		b, ok := byName[a.GetName()]
		delete(byName, a.GetName())
		if ok && proto.Equal(a, b) {
			continue
		}
		if ok && inside != nil {
			if d := inside(qualified(a), a, b); d != "" {
				return d
			}
		}
		return qualified(a)
	}
	for _, b := range bs {
		if _, ok := byName[b.GetName()]; ok {
			return qualified(b)
		}
	}
	return ""
}
