// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package protosource

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
)

// compile makes descriptors of the named sources.
func compile(ctx context.Context, s *sources, names []string) (*descriptorpb.FileDescriptorSet, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	var problems []problem
	compiler := protocompile.Compiler{
		Resolver: protocompile.ResolverFunc(s.find),
		// The compiler serializes calls of its reporter.
		Reporter: reporter.NewReporter(func(err reporter.ErrorWithPos) error {
			problems = append(problems, problemOf(err))
			return nil
		}, nil),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(ctx, names...)
	if ctxErr := ctx.Err(); ctxErr != nil {
		// The compiler may still be at work, and report.
		return nil, fmt.Errorf("compile %s: %w", s.root, ctxErr)
	}
	if len(problems) > 0 {
		return nil, s.join(problems)
	}
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", s.root, err)
	}
	return descriptorSet(files)
}

// find gives the compiler a file: the standard ones are its own, others are
// from disk, and else those that the gateway has linked. The latter are given
// as protos, not linked, so that what they import is found here as well and
// each file exists once.
func (s *sources) find(name string) (protocompile.SearchResult, error) {
	if result, ok := standardFile(name); ok {
		return result, nil
	}
	if file, ok := s.files[name]; ok {
		return protocompile.SearchResult{AST: file}, nil
	}
	if file := schema.Linked(name); file != nil {
		return protocompile.SearchResult{Proto: protodesc.ToFileDescriptorProto(file)}, nil
	}
	return protocompile.SearchResult{}, fs.ErrNotExist
}

// descriptorSet returns files and what they import, each after its imports.
func descriptorSet(files linker.Files) (*descriptorpb.FileDescriptorSet, error) {
	set := &descriptorpb.FileDescriptorSet{}
	seen := make(map[string]bool)
	var add func(file protoreflect.FileDescriptor) error
	add = func(file protoreflect.FileDescriptor) error {
		if seen[file.Path()] {
			return nil
		}
		seen[file.Path()] = true
		imports := file.Imports()
		for i := range imports.Len() {
			if err := add(imports.Get(i).FileDescriptor); err != nil {
				return err
			}
		}
		fd, err := decoded(file)
		if err != nil {
			return err
		}
		set.File = append(set.File, fd)
		return nil
	}
	for _, file := range files {
		if err := add(file); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// decoded returns the descriptor of file as if it had come over the wire. The
// compiler keeps options in dynamic types of its own, and two results of it are
// never equal.
func decoded(file protoreflect.FileDescriptor) (*descriptorpb.FileDescriptorProto, error) {
	wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(protodesc.ToFileDescriptorProto(file))
	if err != nil {
		return nil, fmt.Errorf("encode the descriptor of %q: %w", file.Path(), err)
	}
	fd := &descriptorpb.FileDescriptorProto{}
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(wire, fd); err != nil {
		return nil, fmt.Errorf("decode the descriptor of %q: %w", file.Path(), err)
	}
	return fd, nil
}
