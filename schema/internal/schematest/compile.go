// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package schematest makes descriptor sets of .proto sources for tests.
package schematest

import (
	"maps"
	"slices"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Sources are the texts of .proto files by path.
type Sources map[string]string

// Compile compiles sources. They may import what the test has linked. The set
// has the sources and what they import, each file after its imports, with
// comments.
func Compile(tb testing.TB, sources Sources) *descriptorpb.FileDescriptorSet {
	tb.Helper()
	compiler := protocompile.Compiler{
		SourceInfoMode: protocompile.SourceInfoStandard,
		Resolver: protocompile.CompositeResolver{
			&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(sources)},
			protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
				file, err := protoregistry.GlobalFiles.FindFileByPath(path)
				return protocompile.SearchResult{Desc: file}, err //nolint:wrapcheck // The compiler wants it as it is.
			}),
		},
	}
	files, err := compiler.Compile(tb.Context(), slices.Sorted(maps.Keys(sources))...)
	if err != nil {
		tb.Fatalf("compile: %v", err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	seen := make(map[string]bool)
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		imports := file.Imports()
		for i := range imports.Len() {
			add(imports.Get(i).FileDescriptor)
		}
		set.File = append(set.File, wireCopy(tb, protodesc.ToFileDescriptorProto(file)))
	}
	for _, file := range files {
		add(file)
	}
	return set
}

// wireCopy gives options the types that they have when a descriptor arrives
// over the wire.
func wireCopy(tb testing.TB, file *descriptorpb.FileDescriptorProto) *descriptorpb.FileDescriptorProto {
	tb.Helper()
	wire, err := proto.Marshal(file)
	if err != nil {
		tb.Fatalf("marshal %s: %v", file.GetName(), err)
	}
	c := &descriptorpb.FileDescriptorProto{}
	if err := proto.Unmarshal(wire, c); err != nil {
		tb.Fatalf("unmarshal %s: %v", file.GetName(), err)
	}
	return c
}

// File returns the file of this path in set.
func File(tb testing.TB, set *descriptorpb.FileDescriptorSet, path string) *descriptorpb.FileDescriptorProto {
	tb.Helper()
	for _, file := range set.GetFile() {
		if file.GetName() == path {
			return file
		}
	}
	tb.Fatalf("no file %q", path)
	return nil
}

// Without returns set less the files of these paths.
func Without(set *descriptorpb.FileDescriptorSet, paths ...string) *descriptorpb.FileDescriptorSet {
	rest := &descriptorpb.FileDescriptorSet{}
	for _, file := range set.GetFile() {
		if !slices.Contains(paths, file.GetName()) {
			rest.File = append(rest.File, file)
		}
	}
	return rest
}
