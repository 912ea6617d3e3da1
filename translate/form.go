// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A member is a field that a well-known type must have.
type member struct {
	number   protowire.Number
	kind     protoreflect.Kind
	repeated bool
}

// formOf returns the form of a message type. A type that only bears the name
// of a well-known one, without its fields, is an ordinary message.
func formOf(md protoreflect.MessageDescriptor) form {
	if md.FullName().Parent() != "google.protobuf" {
		return formObject
	}
	f, members := wellKnown(md.Name())
	for _, m := range members {
		fd := md.Fields().ByNumber(m.number)
		if fd == nil || fd.Kind() != m.kind || (fd.Cardinality() == protoreflect.Repeated) != m.repeated {
			return formObject
		}
	}
	return f
}

// wellKnown returns the form and the fields of a type of google.protobuf.
func wellKnown(name protoreflect.Name) (form, []member) {
	switch name {
	case "Any":
		return formAny, []member{{1, protoreflect.StringKind, false}, {2, protoreflect.BytesKind, false}}
	case "Timestamp":
		return formTimestamp, []member{{1, protoreflect.Int64Kind, false}, {2, protoreflect.Int32Kind, false}}
	case "Duration":
		return formDuration, []member{{1, protoreflect.Int64Kind, false}, {2, protoreflect.Int32Kind, false}}
	case "FieldMask":
		return formFieldMask, []member{{1, protoreflect.StringKind, true}}
	case "Struct":
		return formStruct, []member{{1, protoreflect.MessageKind, true}}
	case "ListValue":
		return formListValue, []member{{1, protoreflect.MessageKind, true}}
	case "Value":
		return formValue, []member{
			{1, protoreflect.EnumKind, false}, {2, protoreflect.DoubleKind, false},
			{3, protoreflect.StringKind, false}, {4, protoreflect.BoolKind, false},
			{5, protoreflect.MessageKind, false}, {6, protoreflect.MessageKind, false},
		}
	case "Empty":
		return formEmpty, nil
	}
	if kind, ok := wrapped(name); ok {
		return formWrapper, []member{{1, kind, false}}
	}
	return formObject, nil
}

// wrapped returns the kind of value that a wrapper type holds.
func wrapped(name protoreflect.Name) (protoreflect.Kind, bool) {
	switch name {
	case "BoolValue":
		return protoreflect.BoolKind, true
	case "Int32Value":
		return protoreflect.Int32Kind, true
	case "Int64Value":
		return protoreflect.Int64Kind, true
	case "UInt32Value":
		return protoreflect.Uint32Kind, true
	case "UInt64Value":
		return protoreflect.Uint64Kind, true
	case "FloatValue":
		return protoreflect.FloatKind, true
	case "DoubleValue":
		return protoreflect.DoubleKind, true
	case "StringValue":
		return protoreflect.StringKind, true
	case "BytesValue":
		return protoreflect.BytesKind, true
	}
	return 0, false
}
