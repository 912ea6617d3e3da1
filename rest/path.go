// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A fieldPath leads from a message to one of its fields. Every field but the
// last is a singular message.
type fieldPath []protoreflect.FieldDescriptor

// resolve finds the fields that path names in md. An error says where path
// leaves the schema.
func resolve(md protoreflect.MessageDescriptor, path string) (fieldPath, error) {
	var fields fieldPath
	for name := range strings.SplitSeq(path, ".") {
		if len(fields) > 0 {
			if md = singularMessage(fields.last()); md == nil {
				return nil, fmt.Errorf("field path %q: %q is not a message", path, fields.last().Name())
			}
		}
		fd := fieldByName(md, name)
		if fd == nil {
			return nil, fmt.Errorf("field path %q: %s has no field %q", path, md.FullName(), name)
		}
		fields = append(fields, fd)
	}
	return fields, nil
}

// fieldByName finds a field by either of its names.
func fieldByName(md protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if fd := md.Fields().ByTextName(name); fd != nil {
		return fd
	}
	return md.Fields().ByJSONName(name)
}

// singularMessage returns the type of the message that fd holds, or nil if it
// holds none or several.
func singularMessage(fd protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if fd.Cardinality() == protoreflect.Repeated {
		return nil
	}
	return fd.Message()
}

func (p fieldPath) last() protoreflect.FieldDescriptor {
	return p[len(p)-1]
}

// names returns the names of the fields as the schema spells them.
func (p fieldPath) names() []string {
	names := make([]string, len(p))
	for i, fd := range p {
		names[i] = string(fd.Name())
	}
	return names
}

func (p fieldPath) String() string {
	return strings.Join(p.names(), ".")
}

// inOneof reports whether a field on the path belongs to a oneof. The oneof
// that stands for an optional field does not count.
func (p fieldPath) inOneof() bool {
	return slices.ContainsFunc(p, func(fd protoreflect.FieldDescriptor) bool { return realOneof(fd) != nil })
}

func realOneof(fd protoreflect.FieldDescriptor) protoreflect.OneofDescriptor {
	if oneof := fd.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() {
		return oneof
	}
	return nil
}

// appendPrefix appends what precedes a value of size bytes at the end of path,
// all of whose fields are singular messages.
func (p fieldPath) appendPrefix(dst []byte, size int) []byte {
	sizes := make([]int, len(p))
	for i := len(p) - 1; i >= 0; i-- {
		sizes[i] = size
		size += protowire.SizeTag(p[i].Number()) + protowire.SizeVarint(uint64(size))
	}
	for i, fd := range p {
		dst = protowire.AppendTag(dst, fd.Number(), protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(sizes[i]))
	}
	return dst
}

// checkOneofs reports the oneof on path that wire has set to another field, or
// to a value that is not a message. Setting it again would lose that value.
func (p fieldPath) checkOneofs(wire []byte) error {
	messages := [][]byte{wire}
	for _, fd := range p {
		if oneof := realOneof(fd); oneof != nil {
			set := lastOf(messages, oneof)
			if set != nil && (fd.Message() == nil || set.Number() != fd.Number()) {
				return fmt.Errorf("field already set for oneof %q", oneof.Name())
			}
		}
		if fd.Message() == nil {
			return nil
		}
		messages = valuesOf(messages, fd.Number())
	}
	return nil
}

// lastOf returns the field of oneof that counts in the message whose encoding
// is the concatenation of messages, or nil.
func lastOf(messages [][]byte, oneof protoreflect.OneofDescriptor) protoreflect.FieldDescriptor {
	var last protoreflect.FieldDescriptor
	for _, message := range messages {
		for number := range wireFields(message) {
			if fd := oneof.Fields().ByNumber(number); fd != nil {
				last = fd
			}
		}
	}
	return last
}

// valuesOf returns the length-delimited values of a field.
func valuesOf(messages [][]byte, want protowire.Number) [][]byte {
	var values [][]byte
	for _, message := range messages {
		for number, field := range wireFields(message) {
			if number == want && field.kind == protowire.BytesType {
				values = append(values, field.value)
			}
		}
	}
	return values
}

// removeField removes every occurrence of a field from wire[start:], in place.
func removeField(wire []byte, start int, remove protowire.Number) []byte {
	kept := start
	for number, field := range wireFields(wire[start:]) {
		if number != remove {
			kept += copy(wire[kept:], field.whole)
		}
	}
	return wire[:kept]
}

// A wireField is one field of an encoded message.
type wireField struct {
	kind  protowire.Type
	value []byte // of kind BytesType: without the length
	whole []byte
}

// wireFields yields the fields of an encoded message, up to the first one that
// is not well formed.
func wireFields(wire []byte) func(yield func(protowire.Number, wireField) bool) {
	return func(yield func(protowire.Number, wireField) bool) {
		for len(wire) > 0 {
			number, kind, n := protowire.ConsumeTag(wire)
			if n < 0 {
				return
			}
			size := protowire.ConsumeFieldValue(number, kind, wire[n:])
			if size < 0 {
				return
			}
			field := wireField{kind: kind, whole: wire[:n+size]}
			if kind == protowire.BytesType {
				field.value, _ = protowire.ConsumeBytes(wire[n:])
			}
			if !yield(number, field) {
				return
			}
			wire = wire[n+size:]
		}
	}
}
