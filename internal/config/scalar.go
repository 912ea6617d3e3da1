// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"
	"time"

	"buf.build/go/protoyaml"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
)

// durationName is the one message that is written as a scalar.
const durationName protoreflect.FullName = "google.protobuf.Duration"

// A scalar is a value of the file for a field.
type scalar struct {
	node  *yaml.Node
	field protoreflect.FieldDescriptor
	path  string
}

// valid checks what protoyaml does not: that a duration is one that Go and
// protobuf can hold. The rest is left to decode.
func (s scalar) valid() bool {
	if s.field.Message() == nil {
		return true
	}
	duration, err := protoyaml.ParseDuration(s.node.Value)
	if err != nil {
		return false
	}
	// Go's durations are the narrower ones.
	return duration.CheckValid() == nil && durationpb.New(duration.AsDuration()).GetSeconds() == duration.GetSeconds() ||
		duration == nil // "0"
}

// complaint says what is wrong with a value that could not be read, and what
// was expected.
func (s scalar) complaint() string {
	quoted := ""
	if s.node.Tag == "!!str" && s.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 &&
		s.field.Kind() == protoreflect.BoolKind {
		quoted = " in quotes"
	}
	return fmt.Sprintf("%q%s, expected %s", s.node.Value, quoted, elementExpectation(s.field))
}

// expectation says what the value of a field looks like.
func expectation(fd protoreflect.FieldDescriptor) string {
	if fd.IsList() {
		return "a list"
	}
	return elementExpectation(fd)
}

// elementExpectation says what a value looks like, or each one of a list.
func elementExpectation(fd protoreflect.FieldDescriptor) string {
	switch kind := fd.Kind(); kind {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return fmt.Sprintf("a whole number from %d to %d", int32(-1<<31), int32(1<<31-1))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return fmt.Sprintf("a whole number from 0 to %d", uint32(1<<32-1))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return fmt.Sprintf("a whole number from %d to %d", int64(-1<<63), int64(1<<63-1))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return fmt.Sprintf("a whole number from 0 to %d", uint64(1<<64-1))
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "a number"
	case protoreflect.StringKind:
		return "text"
	case protoreflect.BytesKind:
		return "bytes in base64"
	case protoreflect.EnumKind:
		return "one of " + list(fd.Enum().Values(), func(value protoreflect.EnumValueDescriptor) string { return string(value.Name()) })
	case protoreflect.MessageKind, protoreflect.GroupKind:
		if fd.Message().FullName() == durationName {
			return fmt.Sprintf("a duration such as 1m30s or 250ms, at most %dh", int64(time.Duration(1<<63-1)/time.Hour))
		}
		return mappingOf(fd.Message())
	default:
		return kind.String()
	}
}

// mappingOf says what a message looks like.
func mappingOf(md protoreflect.MessageDescriptor) string {
	return "a mapping with keys out of " + list(md.Fields(), fieldName)
}

func kindName(kind yaml.Kind) string {
	switch kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		return "a single value"
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return "something else"
}

func fieldName(fd protoreflect.FieldDescriptor) string { return string(fd.Name()) }

// list names the descriptors of a collection.
func list[D any](all interface {
	Len() int
	Get(i int) D
}, name func(D) string,
) string {
	names := make([]string, 0, all.Len())
	for i := range all.Len() {
		names = append(names, name(all.Get(i)))
	}
	return strings.Join(names, ", ")
}
