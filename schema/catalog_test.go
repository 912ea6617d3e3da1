// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

func TestNew(t *testing.T) {
	t.Parallel()
	catalog := mustNew(t, compile(t, "api.binpb", shop()))

	checkServices(t, catalog, "acme.Shop")
	checkWarnings(t, catalog)
	if diff := cmp.Diff([]string{"api.binpb"}, catalog.Origins("acme.Shop")); diff != "" {
		t.Errorf("Origins (-want +got):\n%s", diff)
	}
	item := find[protoreflect.MessageDescriptor](t, catalog, "acme.Item")
	if got := catalog.Services()[0].Methods().ByName("Get").Input(); got != item {
		t.Errorf("input of Get: got %v, want the registry's acme.Item", got)
	}
	comment := item.ParentFile().SourceLocations().ByDescriptor(item).LeadingComments
	if want := " An Item is for sale.\n"; comment != want {
		t.Errorf("comment: got %q, want %q", comment, want)
	}
}

func TestNewWithoutInputs(t *testing.T) {
	t.Parallel()
	catalog := mustNew(t)
	checkServices(t, catalog)
	checkWarnings(t, catalog)
}

func TestNewNilSet(t *testing.T) {
	t.Parallel()
	_, err := schema.New(schema.Input{Origin: "api.binpb"})
	checkError(t, err, "api.binpb: there is no service in it")
}

func TestNewNotes(t *testing.T) {
	t.Parallel()
	input := compile(t, "reflection of localhost:1", shop())
	input.Notes = []string{"service a.B: not found"}
	checkWarnings(t, mustNew(t, input), "reflection of localhost:1: service a.B: not found")
}

func TestTypesResolveStatusDetails(t *testing.T) {
	t.Parallel()
	catalog := mustNew(t, compile(t, "api.binpb", shop()))
	detail, err := anypb.New(&errdetails.ErrorInfo{Reason: "TEST"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := anypb.UnmarshalNew(detail, proto.UnmarshalOptions{Resolver: catalog.Types()})
	if err != nil {
		t.Fatalf("UnmarshalNew: %v", err)
	}
	if name := got.ProtoReflect().Descriptor().FullName(); name != "google.rpc.ErrorInfo" {
		t.Errorf("got %s", name)
	}
}

// TestTypesResolveMessages requires dynamic types of the catalog's own files.
func TestTypesResolveMessages(t *testing.T) {
	t.Parallel()
	catalog := mustNew(t, compile(t, "api.binpb", shop()))
	typ, err := catalog.Types().FindMessageByURL("type.googleapis.com/acme.Item")
	if err != nil {
		t.Fatal(err)
	}
	if want := find[protoreflect.MessageDescriptor](t, catalog, "acme.Item"); typ.Descriptor() != want {
		t.Errorf("got %v, want %v", typ.Descriptor(), want)
	}
}

func TestInfrastructureIsNoAPI(t *testing.T) {
	t.Parallel()
	input := compile(t, "reflection of localhost:1", shop())
	for _, file := range []protoreflect.FileDescriptor{
		grpc_health_v1.File_grpc_health_v1_health_proto,
		grpc_reflection_v1.File_grpc_reflection_v1_reflection_proto,
	} {
		input.Files.File = append(input.Files.File, protodesc.ToFileDescriptorProto(file))
	}
	input.Files.File = append(input.Files.File, schematest.File(t, schematest.Compile(t, schematest.Sources{
		"other/channelz.proto": `
syntax = "proto3";
package grpc.channelz.v1;
message Request {}
service Channelz { rpc Get(Request) returns (Request); }
`,
	}), "other/channelz.proto"))
	catalog := mustNew(t, input)
	checkServices(t, catalog, "acme.Shop")
	checkWarnings(t, catalog)
	for _, name := range []protoreflect.FullName{
		"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.channelz.v1.Channelz",
	} {
		if !isDeclared(catalog, name) {
			t.Errorf("%s is not in the registry", name)
		}
	}
}

func TestOnlyInfrastructure(t *testing.T) {
	t.Parallel()
	_, err := schema.New(schema.Input{Origin: "x", Files: &descriptorpb.FileDescriptorSet{
		File: []*descriptorpb.FileDescriptorProto{
			protodesc.ToFileDescriptorProto(grpc_health_v1.File_grpc_health_v1_health_proto),
		},
	}})
	checkError(t, err, "x: there is no service in it")
}

// TestResultsAreCopies requires that a caller can't change a catalog by what
// it is given.
func TestResultsAreCopies(t *testing.T) {
	t.Parallel()
	input := compile(t, "api.binpb", shop())
	input.Notes = []string{"note"}
	catalog := mustNew(t, input)
	catalog.Services()[0] = nil
	catalog.Origins("acme.Shop")[0] = ""
	catalog.Warnings()[0] = ""

	checkServices(t, catalog, "acme.Shop")
	checkWarnings(t, catalog, "api.binpb: note")
	if got := catalog.Origins("acme.Shop")[0]; got != "api.binpb" {
		t.Errorf("Origins: got %q", got)
	}
}

// TestNewIsDeterministic permutes the files of the inputs: neither the result
// nor a message may depend on their order.
func TestNewIsDeterministic(t *testing.T) {
	t.Parallel()
	first := compile(t, "a", schematest.Sources{
		"a/kv.proto":  `syntax = "proto3"; package kv; message Pair {} message Other {}`,
		"kv.proto":    `syntax = "proto3"; package x; message Unrelated {}`,
		"use.proto":   `syntax = "proto3"; package use; import "a/kv.proto"; message Uses { kv.Pair p = 1; kv.Other o = 2; }`,
		"rpc.proto":   `syntax = "proto3"; package rpc; import "use.proto"; service S { rpc M(use.Uses) returns (use.Uses); }`,
		"other.proto": `syntax = "proto3"; package other; import "kv.proto"; message M { x.Unrelated u = 1; }`,
	})
	schematest.File(t, first.Files, "a/kv.proto").Name = new("b/kv.proto")
	first.Files = schematest.Without(first.Files, "kv.proto")

	want := mustNew(t, first)
	if len(want.Warnings()) == 0 {
		t.Fatal("nothing to compare")
	}
	for range 10 {
		files := first.Files.GetFile()
		files = append(files[1:len(files):len(files)], files[0])
		first.Files = &descriptorpb.FileDescriptorSet{File: files}
		checkWarnings(t, mustNew(t, first), want.Warnings()...)
	}
}

// TestLinkedFileWins gives New a copy of annotations.proto that is not that of
// the gateway. Options must be of the generated type all the same.
func TestLinkedFileWins(t *testing.T) {
	t.Parallel()
	input := compile(t, "old.binpb", shop())
	httpFile := schematest.File(t, input.Files, "google/api/http.proto")
	httpFile.MessageType = httpFile.GetMessageType()[:2]
	httpFile.GetMessageType()[1].Field = httpFile.GetMessageType()[1].GetField()[:3]
	catalog := mustNew(t, input)

	checkWarnings(t, catalog)
	linked := schema.Linked("google/api/http.proto")
	if got, err := catalog.Files().FindFileByPath("google/api/http.proto"); err != nil || got != linked {
		t.Errorf("http.proto: got %v, %v, want the linked file", got, err)
	}
	if got := httpRule(t, catalog, "acme.Shop.Get").GetGet(); got != "/v1/{item_name}" {
		t.Errorf("http rule: got %q", got)
	}
}

// TestUnparsedOptions gives New options that are unknown fields, as they are in
// a set that was parsed without the extension's type.
func TestUnparsedOptions(t *testing.T) {
	t.Parallel()
	input := compile(t, "api.binpb", shop())
	method := schematest.File(t, input.Files, "acme/shop.proto").GetService()[0].GetMethod()[0]
	wire, err := proto.Marshal(method.GetOptions())
	if err != nil {
		t.Fatal(err)
	}
	method.Options = &descriptorpb.MethodOptions{}
	method.GetOptions().ProtoReflect().SetUnknown(wire)

	if got := httpRule(t, mustNew(t, input), "acme.Shop.Get").GetGet(); got != "/v1/{item_name}" {
		t.Errorf("http rule: got %q", got)
	}
}

func httpRule(t *testing.T, catalog *schema.Catalog, method protoreflect.FullName) *annotations.HttpRule {
	t.Helper()
	options := find[protoreflect.MethodDescriptor](t, catalog, method).Options()
	rule, ok := proto.GetExtension(options, annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		t.Fatalf("%s: no http rule", method)
	}
	return rule
}

type fakeSource struct {
	set *descriptorpb.FileDescriptorSet
	err error
}

func (s fakeSource) String() string { return "fake" }

func (s fakeSource) Load(context.Context) (*descriptorpb.FileDescriptorSet, error) {
	return s.set, s.err
}

type fakeInputSource struct {
	fakeSource

	input schema.Input
}

func (s fakeInputSource) LoadInput(context.Context) (schema.Input, error) {
	return s.input, s.err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	set := &descriptorpb.FileDescriptorSet{}
	full := schema.Input{Origin: "full", Files: set, Notes: []string{"n"}, Services: []protoreflect.FullName{"a.S"}}
	errSource := errors.New("broken")
	tests := []struct {
		name    string
		source  schema.Source
		want    schema.Input
		wantErr error
	}{
		{name: "source", source: fakeSource{set: set}, want: schema.Input{Origin: "fake", Files: set}},
		{name: "input source", source: fakeInputSource{input: full}, want: full},
		{name: "error", source: fakeSource{err: errSource}, wantErr: errSource},
		{name: "error of an input source", source: fakeInputSource{fakeSource: fakeSource{err: errSource}}, wantErr: errSource},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := schema.Load(t.Context(), test.source)
			if !errors.Is(err, test.wantErr) {
				t.Fatalf("error: got %v, want %v", err, test.wantErr)
			}
			if diff := cmp.Diff(test.want, got, protocmp.Transform()); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOfferedServices has an input that offers one of two services of a file,
// and one that offers the other.
func TestOfferedServices(t *testing.T) {
	t.Parallel()
	sources := schematest.Sources{"a.proto": `
syntax = "proto3"; package a;
message M {}
service One { rpc G(M) returns (M); }
service Two { rpc G(M) returns (M); }
service None { rpc G(M) returns (M); }
`}
	one, two := compile(t, "one", sources), compile(t, "two", sources)
	one.Services = []protoreflect.FullName{"a.One"}
	two.Services = []protoreflect.FullName{"a.Two", "a.One", "a.Other"}
	catalog := mustNew(t, one, two)
	checkServices(t, catalog, "a.One", "a.Two")
	for name, want := range map[protoreflect.FullName][]string{
		"a.One": {"one", "two"}, "a.Two": {"two"}, "a.None": nil, "a.Other": nil,
	} {
		if diff := cmp.Diff(want, catalog.Origins(name), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("origins of %s (-want +got):\n%s", name, diff)
		}
	}
}
