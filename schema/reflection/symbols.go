// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
)

// maxNameLength is the length beyond which names are not followed: schema.New
// leaves out files with longer ones.
const maxNameLength = 1024

// loadSymbols asks, by name, for the messages and enums that the files refer
// to and that none of them declares, and for what the answers import, until
// nothing new comes. A server may have a file under another name than the one
// it is imported by: etcd registers kv.proto, and imports
// etcd/api/mvccpb/kv.proto. What the server does not have is passed over.
func (c *client) loadSymbols() error {
	asked := make(map[string]bool)
	for {
		before := len(c.files.files)
		for _, symbol := range c.files.missingSymbols() {
			if asked[symbol] {
				continue
			}
			if asked[symbol] = true; len(asked) > c.files.maxFiles {
				return fmt.Errorf("the files refer to more than %d symbols that the server did not send along", c.files.maxFiles)
			}
			_, err := c.askForFiles(&reflectionpb.ServerReflectionRequest{
				MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: symbol},
			})
			if err != nil {
				return wrap(err, "get the file of "+symbol)
			}
		}
		if len(c.files.files) == before {
			return nil
		}
		if err := c.loadImports(); err != nil {
			return err
		}
	}
}

// missingSymbols returns the messages and enums that files refer to and no file
// declares, sorted. Only names with a leading dot count: compilers write no
// others.
func (c *collection) missingSymbols() []string {
	symbols := &symbols{declared: make(map[string]bool), used: make(map[string]bool)}
	for _, file := range c.files {
		symbols.addFile(file)
		for _, path := range file.GetDependency() {
			if linked := schema.Linked(path); linked != nil {
				symbols.addLinked(linked)
			}
		}
	}
	maps.DeleteFunc(symbols.used, func(name string, _ bool) bool { return symbols.declared[name] })
	return slices.Sorted(maps.Keys(symbols.used))
}

// symbols are the full names, without a leading dot, of messages and enums.
type symbols struct {
	declared, used map[string]bool
}

func (s *symbols) addFile(file *descriptorpb.FileDescriptorProto) {
	prefix := ""
	if file.GetPackage() != "" {
		prefix = file.GetPackage() + "."
	}
	for _, message := range file.GetMessageType() {
		s.addMessage(prefix, message)
	}
	s.addEnums(prefix, file.GetEnumType())
	s.useFields(file.GetExtension())
	for _, service := range file.GetService() {
		for _, method := range service.GetMethod() {
			s.use(method.GetInputType())
			s.use(method.GetOutputType())
		}
	}
}

func (s *symbols) addMessage(prefix string, message *descriptorpb.DescriptorProto) {
	name := prefix + message.GetName()
	if len(name) > maxNameLength {
		return
	}
	s.declared[name] = true
	for _, nested := range message.GetNestedType() {
		s.addMessage(name+".", nested)
	}
	s.addEnums(name+".", message.GetEnumType())
	s.useFields(message.GetField())
	s.useFields(message.GetExtension())
}

func (s *symbols) addEnums(prefix string, enums []*descriptorpb.EnumDescriptorProto) {
	for _, enum := range enums {
		s.declared[prefix+enum.GetName()] = true
	}
}

func (s *symbols) useFields(fields []*descriptorpb.FieldDescriptorProto) {
	for _, field := range fields {
		s.use(field.GetTypeName())
		s.use(field.GetExtendee())
	}
}

func (s *symbols) use(name string) {
	if absolute, ok := strings.CutPrefix(name, "."); ok {
		s.used[absolute] = true
	}
}

// addLinked declares what a file of the gateway's own declares.
func (s *symbols) addLinked(file protoreflect.FileDescriptor) {
	s.addLinkedTypes(file.Messages(), file.Enums())
	imports := file.Imports()
	for i := range imports.Len() {
		if imports.Get(i).IsPublic {
			s.addLinked(imports.Get(i).FileDescriptor)
		}
	}
}

func (s *symbols) addLinkedTypes(messages protoreflect.MessageDescriptors, enums protoreflect.EnumDescriptors) {
	for i := range messages.Len() {
		s.declared[string(messages.Get(i).FullName())] = true
		s.addLinkedTypes(messages.Get(i).Messages(), messages.Get(i).Enums())
	}
	for i := range enums.Len() {
		s.declared[string(enums.Get(i).FullName())] = true
	}
}
