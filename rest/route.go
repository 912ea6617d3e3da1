// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/translate"
)

// A Route is one way to call a method.
type Route struct {
	// Verb is the HTTP method, or "*" for any.
	Verb string
	// Pattern is the path template.
	Pattern string
	// Method is the method's canonical path, "/package.Service/Method".
	Method string
}

// A route is a compiled binding.
type route struct {
	method        *rpc.Method
	verb, pattern string

	read  translate.ReadOptions
	input *translate.Program

	body      requestBody
	variables []pathVariable // in order of captures
	query     *queryBinding  // nil if the binding takes no query parameters
	// refuseQuery refuses a query parameter that sets nothing.
	refuseQuery bool

	reply replyBody
}

func (r *route) clientStream() bool {
	return r.method.Descriptor.IsStreamingClient()
}

func (r *route) serverStream() bool {
	return r.method.Descriptor.IsStreamingServer()
}

// A pathVariable is a field that the request path sets.
type pathVariable struct {
	name  string
	field *translate.Field
	// split makes each element of a comma-separated list a value.
	split bool
	// replaces is the top-level field whose value from the body is dropped,
	// because merging is not replacing for its type. 0 if there is none.
	replaces protowire.Number
	// oneof is the path to the variable if a field on it is in a oneof.
	oneof fieldPath
}

// A bodyKind tells what of the request message the body carries.
type bodyKind uint8

const (
	bodyNone bodyKind = iota
	bodyMessage
	bodyField
)

// A requestBody is the part of the request message that the body carries.
type requestBody struct {
	kind  bodyKind
	path  fieldPath        // of bodyField
	field *translate.Field // of bodyField, unless raw
	// raw is set if that part is a google.api.HttpBody, which takes the body
	// as it is.
	raw bool
	// refusesNull is set for a message, other than one that null is a value of.
	refusesNull bool
	// mask is the field mask that names the fields present in the body, or nil.
	mask *updateMask
}

// An updateMask is filled from the body of a PATCH request.
type updateMask struct {
	field   protoreflect.FieldDescriptor
	program *translate.Program // of the message in the body
}

// A replyBody is the part of a response message that is written.
type replyBody struct {
	program *translate.Program
	field   *translate.Field // nil for the whole message
	// raw is set if that part is a google.api.HttpBody, whose data is written
	// as it is. rawPath leads to it.
	raw     bool
	rawPath []protowire.Number
}

// appendJSON appends the JSON of an encoded response message.
func (b *replyBody) appendJSON(dst, wire []byte, o translate.WriteOptions) ([]byte, error) {
	if b.field != nil {
		return b.field.AppendJSON(dst, wire, o)
	}
	return b.program.AppendJSON(dst, wire, o)
}
