// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

// TestSyntaxes links a file of each syntax, which refer to each other.
func TestSyntaxes(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"two.proto": `
syntax = "proto2"; package two;
message M {
  required int32 r = 1;
  optional string s = 2 [default = "d"];
  optional group G = 3 { optional int32 i = 1; }
  repeated int32 unpacked = 4;
  extensions 100 to 200;
}
enum Closed { ONE = 1; }
`,
		"three.proto": `
syntax = "proto3"; package three; import "two.proto"; import "google/protobuf/timestamp.proto";
message M {
  two.M m = 1;
  optional int32 o = 2;
  repeated int32 packed = 3;
  map<string, google.protobuf.Timestamp> times = 4;
  oneof choice { int32 a = 5; string b = 6; }
}
`,
		"edition.proto": `
edition = "2023"; package edition; import "two.proto"; import "three.proto";
message M {
  int32 explicit = 1;
  int32 implicit = 2 [features.field_presence = IMPLICIT];
  three.M delimited = 3 [features.message_encoding = DELIMITED];
}
extend two.M { M ext = 100; }
service S { rpc G(M) returns (stream two.M); }
`,
	})
	latest := descriptorpb.Edition_EDITION_2024
	newer := proto.CloneOf(schematest.File(t, input.Files, "edition.proto"))
	newer.Name, newer.Package, newer.Edition = new("newer.proto"), new("newer"), &latest
	newer.Dependency = append(newer.GetDependency(), "edition.proto")
	newer.GetExtension()[0].Number = proto.Int32(101)
	input.Files.File = append(input.Files.File, newer)

	catalog := mustNew(t, input)
	checkServices(t, catalog, "edition.S", "newer.S")
	checkWarnings(t, catalog)
	field := func(name protoreflect.FullName) protoreflect.FieldDescriptor {
		return find[protoreflect.FieldDescriptor](t, catalog, name)
	}
	checks := []struct {
		name string
		ok   bool
	}{
		{name: "group", ok: field("two.M.g").Kind() == protoreflect.GroupKind},
		{name: "default", ok: field("two.M.s").Default().String() == "d"},
		{name: "required", ok: field("two.M.r").Cardinality() == protoreflect.Required},
		{name: "unpacked", ok: !field("two.M.unpacked").IsPacked()},
		{name: "packed", ok: field("three.M.packed").IsPacked()},
		{name: "optional", ok: field("three.M.o").HasPresence()},
		{name: "map", ok: field("three.M.times").IsMap()},
		{name: "explicit", ok: field("edition.M.explicit").HasPresence()},
		{name: "implicit", ok: !field("edition.M.implicit").HasPresence()},
		{name: "delimited", ok: field("edition.M.delimited").Kind() == protoreflect.GroupKind},
		{name: "closed enum", ok: find[protoreflect.EnumDescriptor](t, catalog, "two.Closed").IsClosed()},
	}
	for _, check := range checks {
		if !check.ok {
			t.Errorf("%s is not as declared", check.name)
		}
	}
	for _, number := range []protoreflect.FieldNumber{100, 101} {
		if _, err := catalog.Types().FindExtensionByNumber("two.M", number); err != nil {
			t.Errorf("extension %d: %v", number, err)
		}
	}
}

// TestNextEdition notices when the Protobuf runtime has learnt another edition,
// which checkFile must then let through.
func TestNextEdition(t *testing.T) {
	t.Parallel()
	next := descriptorpb.Edition_EDITION_2024 + 1
	file := &descriptorpb.FileDescriptorProto{
		Name: new("next.proto"), Syntax: new("editions"), Edition: &next,
	}
	if _, err := protodesc.NewFile(file, nil); err == nil {
		t.Errorf("the runtime links files of %v", next)
	}
	input := compile(t, "x", shop())
	input.Files.File = append(input.Files.File, file)
	checkWarnings(t, mustNew(t, input), fmt.Sprintf(`"next.proto" (x) left out: edition %v is not supported`, next))
}

func TestLinked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path string
		want bool
	}{
		{path: "google/protobuf/any.proto", want: true},
		{path: "google/protobuf/descriptor.proto", want: true},
		{path: "google/api/annotations.proto", want: true},
		{path: "google/rpc/error_details.proto", want: true},
		{path: "buf/validate/validate.proto", want: true},
		{path: "grpc/health/v1/health.proto", want: true},
		{path: "google/api/none.proto", want: false},
		{path: "xds/core/v3/authority.proto", want: false},
		{path: "any.proto", want: false},
		{path: "", want: false},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			file := schema.Linked(test.path)
			if got := file != nil; got != test.want {
				t.Fatalf("got %v, want a file: %t", file, test.want)
			}
			if file != nil && file.Path() != test.path {
				t.Errorf("got %q", file.Path())
			}
		})
	}
}
