// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// external holds the messages of others that the configuration has.
var external = map[protoreflect.FullName]string{ //nolint:gochecknoglobals // never written to.
	"google.protobuf.Duration": "duration",
	"google.api.HttpRule":      "[HttpRule](https://github.com/googleapis/googleapis/blob/master/google/api/http.proto)",
}

// typeOf says how the value of a field is written.
func typeOf(fd protoreflect.FieldDescriptor) (string, error) {
	kind, err := elementType(fd)
	if fd.IsList() {
		kind = "list of " + kind
	}
	return kind, err
}

func elementType(fd protoreflect.FieldDescriptor) (string, error) {
	switch fd.Kind() { //nolint:exhaustive // a kind that comes to be used gets its word then.
	case protoreflect.BoolKind:
		return "boolean", nil
	case protoreflect.Uint32Kind:
		return "number", nil
	case protoreflect.StringKind:
		return "text", nil
	case protoreflect.EnumKind:
		return link(fd.Enum()), nil
	case protoreflect.MessageKind:
		if known, ok := external[fd.Message().FullName()]; ok {
			return known, nil
		}
		if fd.Message().ParentFile().Path() == source && !fd.IsMap() {
			return link(fd.Message()), nil
		}
	}
	return "", fmt.Errorf("no words for the type %v", fd.Kind())
}
