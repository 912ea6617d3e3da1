// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// steps splits the path of a field, "a.b[0].c", into "a", "b", "0", "c".
func steps(path string) []string {
	return strings.FieldsFunc(path, func(char rune) bool { return char == '.' || char == '[' || char == ']' })
}

// join returns the path of the field fd in the message at path.
func join(path string, fd protoreflect.FieldDescriptor) string {
	if path == "" {
		return string(fd.Name())
	}
	return path + "." + string(fd.Name())
}

// fieldOf returns the field for a key, which is a name as in the .proto file
// or as in JSON, or nil.
func fieldOf(md protoreflect.MessageDescriptor, key string) protoreflect.FieldDescriptor {
	if fd := md.Fields().ByName(protoreflect.Name(key)); fd != nil {
		return fd
	}
	return md.Fields().ByJSONName(key)
}

// describePath returns the descriptor of what is at path: a field, or the
// oneof that a violation names when none of its fields is set.
func describePath(path string) (field protoreflect.FieldDescriptor, oneof protoreflect.OneofDescriptor) {
	md := configDescriptor()
	for _, step := range steps(path) {
		if _, err := strconv.Atoi(step); err == nil {
			continue // An item is of the type of its list.
		}
		if md == nil {
			return nil, nil
		}
		if field = md.Fields().ByName(protoreflect.Name(step)); field == nil {
			return nil, md.Oneofs().ByName(protoreflect.Name(step))
		}
		md = field.Message()
	}
	return field, nil
}

// findNode returns the node of the field at path in the tree of a
// configuration, or the innermost that it would be in if it is not there.
func findNode(root *yaml.Node, path string) *yaml.Node {
	node := root
	md := configDescriptor()
	for _, step := range steps(path) {
		next := (*yaml.Node)(nil)
		switch {
		case node.Kind == yaml.SequenceNode:
			if i, err := strconv.Atoi(step); err == nil && i < len(node.Content) {
				next = node.Content[i]
			}
		case node.Kind == yaml.MappingNode && md != nil:
			if fd := fieldOf(md, step); fd != nil {
				next = valueOf(node, md, fd)
				md = fd.Message()
			}
		}
		if next == nil {
			return node
		}
		node = next
	}
	return node
}

// valueOf returns the node of a field in the mapping of its message, or nil.
func valueOf(mapping *yaml.Node, md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if fieldOf(md, mapping.Content[i].Value) == fd {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// sameField reports whether a and b have the same value at path.
func sameField(a, b proto.Message, path string) bool {
	left, inLeft := findValue(a.ProtoReflect(), path)
	right, inRight := findValue(b.ProtoReflect(), path)
	if !inLeft || !inRight {
		return inLeft == inRight
	}
	return left.Equal(right)
}

// findValue returns the value of the field at path, and false if one of the
// lists that it goes through is too short.
func findValue(message protoreflect.Message, path string) (protoreflect.Value, bool) {
	value := protoreflect.ValueOfMessage(message)
	for _, step := range steps(path) {
		switch at := value.Interface().(type) {
		case protoreflect.Message:
			fd := fieldOf(at.Descriptor(), step)
			if fd == nil {
				return protoreflect.Value{}, false
			}
			value = at.Get(fd)
		case protoreflect.List:
			i, err := strconv.Atoi(step)
			if err != nil || i >= at.Len() {
				return protoreflect.Value{}, false
			}
			value = at.Get(i)
		default:
			return protoreflect.Value{}, false
		}
	}
	return value, true
}
