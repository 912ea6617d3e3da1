// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"
)

// A descriptor set may come from a server that is not trusted. These limits
// are far beyond what compilers let through; they keep the cost of linking
// near to linear in the size of the set.
const (
	// maxFiles is how many files the inputs of a catalog may have in all.
	maxFiles = 20_000
	// maxNesting is how deep messages may be declared inside messages; protoc
	// allows 32.
	maxNesting = 64
	// maxNameLength is the length of the longest full name, in bytes. Full
	// names are built for every declaration, so that without a limit a long
	// package name costs its length times the number of declarations.
	maxNameLength = 1024
	// maxPublicImports is how many files a file may see through public imports,
	// each path to a file counted: protodesc follows each path, and there can
	// be exponentially many.
	maxPublicImports = 10_000
)

// checkFile reports what makes a file unfit to be looked at any further.
func checkFile(fd *descriptorpb.FileDescriptorProto) error {
	if fd.GetName() == "" {
		return errors.New("it has no name")
	}
	// protodesc ends the process on an edition that it does not know if the
	// file's path begins with that of its own test data.
	if fd.GetSyntax() == "editions" &&
		(fd.GetEdition() < descriptorpb.Edition_EDITION_2023 || fd.GetEdition() > descriptorpb.Edition_EDITION_2024) {
		return fmt.Errorf("edition %v is not supported", fd.GetEdition())
	}
	var check nameCheck
	scope := check.name(0, fd.GetPackage())
	for _, message := range fd.GetMessageType() {
		check.message(scope, message, 1)
	}
	for _, enum := range fd.GetEnumType() {
		check.enum(scope, enum)
	}
	for _, extension := range fd.GetExtension() {
		check.field(scope, extension)
	}
	for _, service := range fd.GetService() {
		check.service(scope, service)
	}
	return check.err
}

// A nameCheck walks the declarations of a file and keeps the first error. A
// scope is given by the length of its full name.
type nameCheck struct {
	err error
}

func (c *nameCheck) fail(format string, limit int) {
	if c.err == nil {
		c.err = fmt.Errorf(format, limit)
	}
}

// name checks a name that is declared in scope and returns the length of its
// full name.
func (c *nameCheck) name(scope int, name string) int {
	full := len(name)
	if scope > 0 {
		full += scope + len(".")
	}
	if full > maxNameLength {
		c.fail("a full name is longer than %d bytes", maxNameLength)
	}
	return full
}

// reference checks a name that is referred to. A leading dot marks a full name
// and is no part of it.
func (c *nameCheck) reference(name string) {
	c.name(0, strings.TrimPrefix(name, "."))
}

func (c *nameCheck) message(scope int, message *descriptorpb.DescriptorProto, depth int) {
	if depth > maxNesting {
		c.fail("messages are nested more than %d levels deep", maxNesting)
		return
	}
	scope = c.name(scope, message.GetName())
	for _, field := range message.GetField() {
		c.field(scope, field)
	}
	for _, oneof := range message.GetOneofDecl() {
		c.name(scope, oneof.GetName())
	}
	for _, extension := range message.GetExtension() {
		c.field(scope, extension)
	}
	for _, enum := range message.GetEnumType() {
		c.enum(scope, enum)
	}
	for _, nested := range message.GetNestedType() {
		c.message(scope, nested, depth+1)
	}
}

func (c *nameCheck) field(scope int, field *descriptorpb.FieldDescriptorProto) {
	c.name(scope, field.GetName())
	c.reference(field.GetTypeName())
	c.reference(field.GetExtendee())
}

func (c *nameCheck) enum(scope int, enum *descriptorpb.EnumDescriptorProto) {
	c.name(scope, enum.GetName())
	for _, value := range enum.GetValue() {
		c.name(scope, value.GetName())
	}
}

func (c *nameCheck) service(scope int, service *descriptorpb.ServiceDescriptorProto) {
	scope = c.name(scope, service.GetName())
	for _, method := range service.GetMethod() {
		c.name(scope, method.GetName())
		c.reference(method.GetInputType())
		c.reference(method.GetOutputType())
	}
}
