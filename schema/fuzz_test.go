// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

// FuzzNew makes catalogs of untrusted bytes. New may refuse them, but must not
// panic, must say the same twice, and what it returns must be usable.
func FuzzNew(f *testing.F) {
	for _, set := range corpus(f) {
		// The linked files are there anyhow, and small seeds are mutated better.
		set.File = slices.DeleteFunc(set.GetFile(), func(file *descriptorpb.FileDescriptorProto) bool {
			return schema.Linked(file.GetName()) != nil
		})
		wire, err := proto.Marshal(set)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		set := &descriptorpb.FileDescriptorSet{}
		if proto.Unmarshal(wire, set) != nil {
			return
		}
		first, firstErr := schema.New(schema.Input{Origin: "a", Files: set}, schema.Input{Origin: "b", Files: set})
		second, secondErr := schema.New(schema.Input{Origin: "a", Files: set}, schema.Input{Origin: "b", Files: set})
		if fmt.Sprint(firstErr) != fmt.Sprint(secondErr) {
			t.Fatalf("two results:\n%v\n%v", firstErr, secondErr)
		}
		if firstErr != nil {
			return
		}
		if !slices.Equal(first.Warnings(), second.Warnings()) {
			t.Fatalf("two results:\n%q\n%q", first.Warnings(), second.Warnings())
		}
		checkComplete(t, first)
		use(t, first)
	})
}

// use does with a catalog what frontends do.
func use(t *testing.T, catalog *schema.Catalog) {
	t.Helper()
	for _, service := range catalog.Services() {
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			_ = method.Options()
			message := dynamicpb.NewMessage(method.Input())
			for j := range message.Descriptor().Fields().Len() {
				_ = message.Get(message.Descriptor().Fields().Get(j))
			}
			if _, err := catalog.Types().FindMessageByName(method.Output().FullName()); err != nil {
				t.Errorf("output of %s: %v", method.FullName(), err)
			}
		}
	}
	catalog.Files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		_ = protodesc.ToFileDescriptorProto(file)
		return true
	})
}

// corpus holds sets that lead New through its cases.
func corpus(tb testing.TB) []*descriptorpb.FileDescriptorSet {
	tb.Helper()
	small := schematest.Compile(tb, schematest.Sources{
		"a.proto": `syntax = "proto2"; package a; message M { optional group G = 1 { optional E e = 1 [default = B]; } extensions 5; } enum E { B = 1; } extend M { optional M m = 5; }`,
		"b.proto": `edition = "2023"; package b; import public "a.proto"; message N { map<string, a.M> m = 1; oneof o { a.E e = 2; } } service S { rpc G(N) returns (stream a.M); }`,
	})
	missing := schematest.Without(small, "a.proto")
	renamed := proto.CloneOf(small)
	schematest.File(tb, renamed, "a.proto").Name = new("x/a.proto")
	repeated := proto.CloneOf(small)
	again := proto.CloneOf(schematest.File(tb, small, "a.proto"))
	again.Name = new("again.proto")
	repeated.File = append(repeated.File, again)
	cyclic := proto.CloneOf(small)
	schematest.File(tb, cyclic, "a.proto").Dependency = []string{"b.proto"}
	partial := proto.CloneOf(small)
	schematest.File(tb, partial, "a.proto").GetMessageType()[0].GetField()[0].TypeName = new("Nowhere")
	return []*descriptorpb.FileDescriptorSet{
		small, missing, renamed, repeated, cyclic, partial, schematest.Compile(tb, shop()),
	}
}
