// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package validate

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
)

// hasRules reports whether message has buf.validate rules, itself or in any
// message that it can hold. It marks what it has seen, since messages can be
// recursive.
func hasRules(message protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	if seen[message.FullName()] {
		return false
	}
	seen[message.FullName()] = true
	if proto.HasExtension(message.Options(), validate.E_Message) {
		return true
	}
	oneofs := message.Oneofs()
	for i := range oneofs.Len() {
		if proto.HasExtension(oneofs.Get(i).Options(), validate.E_Oneof) {
			return true
		}
	}
	fields := message.Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if proto.HasExtension(field.Options(), validate.E_Field) {
			return true
		}
		if below := field.Message(); below != nil && hasRules(below, seen) {
			return true
		}
	}
	return false
}
