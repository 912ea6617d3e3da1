// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"context"
	"sync"
	"testing"

	"github.com/bufbuild/protocompile"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/translate"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// A schema is what the tests translate by.
type schema struct {
	files    *protoregistry.Files
	types    *dynamicpb.Types
	compiler *translate.Compiler
}

// loadSchema compiles the .proto files in testdata, and links them anew from
// their descriptors, as a schema comes to the gateway.
var loadSchema = sync.OnceValues(func() (*schema, error) {
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{"testdata"}}),
	}
	compiled, err := compiler.Compile(context.Background(), "proto3.proto", "proto2.proto", "editions.proto")
	if err != nil {
		return nil, err
	}
	set := new(descriptorpb.FileDescriptorSet)
	added := make(map[string]bool)
	var add func(protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if added[file.Path()] {
			return
		}
		added[file.Path()] = true
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	for _, file := range compiled {
		add(file)
	}
	// A schema is read from bytes, which is what makes its options typed.
	encoded, err := proto.Marshal(set)
	if err != nil {
		return nil, err
	}
	if err := proto.Unmarshal(encoded, set); err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, err
	}
	types := dynamicpb.NewTypes(files)
	return &schema{files, types, translate.NewCompiler(types)}, nil
})

func testSchema(tb testing.TB) *schema {
	tb.Helper()
	s, err := loadSchema()
	if err != nil {
		tb.Fatalf("load the schema: %v", err)
	}
	return s
}

// message returns the message type with this name, in the package test unless
// it says otherwise.
func (s *schema) message(tb testing.TB, name string) protoreflect.MessageDescriptor {
	tb.Helper()
	d, err := s.files.FindDescriptorByName(protoreflect.FullName("test." + name))
	if err != nil {
		d, err = s.files.FindDescriptorByName(protoreflect.FullName(name))
	}
	if err != nil {
		tb.Fatalf("find %s: %v", name, err)
	}
	md, ok := d.(protoreflect.MessageDescriptor)
	if !ok {
		tb.Fatalf("%s is not a message", name)
	}
	return md
}

// program returns the program for the message type with this name.
func (s *schema) program(tb testing.TB, name string) *translate.Program {
	tb.Helper()
	p, err := s.compiler.Compile(s.message(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
