// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package translate turns JSON into the Protobuf wire format and the wire
// format into JSON, with a program that is compiled once for each message
// type. No message tree is built in between: both directions read one buffer
// and append to another.
//
// The JSON is that of https://protobuf.dev/programming-guides/json/, as the Go
// implementation of Protobuf reads and writes it, well-known types, extensions
// and Any included.
//
// # Ownership and concurrency
//
// A [Compiler], a [Program] and a [Field] are safe for concurrent use. The
// Append functions keep neither of their slices. If they return an error, the
// slice that they return is dst as it was given; the bytes between its length
// and its capacity are undefined.
package translate

import (
	"google.golang.org/protobuf/reflect/protoregistry"
)

// DefaultMaxDepth is how deep messages may be nested in one another when
// [ReadOptions] and [WriteOptions] do not say.
const DefaultMaxDepth = 100

// A Resolver finds the types that messages name at run time: those inside a
// google.protobuf.Any, and extensions. It must be safe for concurrent use.
type Resolver interface {
	protoregistry.MessageTypeResolver
	protoregistry.ExtensionTypeResolver
}

// ReadOptions say how JSON is read. The zero value is strict.
type ReadOptions struct {
	// DiscardUnknown skips fields that the message does not have, and enum
	// names that the enum does not have, instead of refusing them.
	DiscardUnknown bool
	// MaxDepth limits how deep messages may be nested, the outermost one
	// included. Inside a google.protobuf.Struct, Value or ListValue, and in
	// what DiscardUnknown skips, each JSON object and array counts as one.
	// 0 means [DefaultMaxDepth].
	MaxDepth int
}

// WriteOptions say how JSON is written. The zero value is what ProtoJSON
// prescribes.
type WriteOptions struct {
	// ProtoNames writes field names as the schema spells them, not in
	// lowerCamelCase.
	ProtoNames bool
	// EmitUnset writes fields that are not set: as their zero value if they
	// have no presence, as [] or {}, and as null if they do have presence.
	// Members of a oneof, proto3 optional fields and extensions are left out
	// all the same.
	EmitUnset bool
	// EnumNumbers writes enum values as numbers.
	EnumNumbers bool
	// MaxDepth limits how deep messages may be nested, as in [ReadOptions].
	// 0 means [DefaultMaxDepth].
	MaxDepth int
}

// maxDepth returns the limit that an option stands for.
func maxDepth(option int) int {
	if option == 0 {
		return DefaultMaxDepth
	}
	return option
}
