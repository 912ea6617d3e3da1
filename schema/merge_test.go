// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

func TestMergeDisjoint(t *testing.T) {
	t.Parallel()
	other := compile(t, "b", schematest.Sources{
		"b.proto": `syntax = "proto3"; package b; message M {} service Aardvark { rpc Get(M) returns (M); }`,
	})
	catalog := mustNew(t, compile(t, "a", shop()), other)
	checkServices(t, catalog, "acme.Shop", "b.Aardvark")
	checkWarnings(t, catalog)
	if diff := cmp.Diff([]string{"b"}, catalog.Origins("b.Aardvark")); diff != "" {
		t.Errorf("Origins (-want +got):\n%s", diff)
	}
}

// TestMergeEqualFiles merges copies of one file that differ in what says
// nothing about messages. The comments of one of them must survive.
func TestMergeEqualFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(item *descriptorpb.FileDescriptorProto)
	}{
		{name: "no comments", change: func(*descriptorpb.FileDescriptorProto) {}},
		{name: "go package", change: func(item *descriptorpb.FileDescriptorProto) {
			item.Options = &descriptorpb.FileOptions{GoPackage: new("example.com/acme")}
		}},
		{name: "no JSON names", change: func(item *descriptorpb.FileDescriptorProto) {
			item.GetMessageType()[0].GetField()[0].JsonName = nil
		}},
		{name: "import that is not needed", change: func(item *descriptorpb.FileDescriptorProto) {
			item.Dependency = []string{"google/protobuf/any.proto"}
		}},
		{name: "unknown field", change: func(item *descriptorpb.FileDescriptorProto) {
			item.ProtoReflect().SetUnknown(protoreflect.RawFields{0xd2, 0xf6, 0x03, 0x00})
		}},
		{name: "file option that is not linked", change: func(item *descriptorpb.FileDescriptorProto) {
			item.Options = &descriptorpb.FileOptions{}
			item.Options.ProtoReflect().SetUnknown(protoreflect.RawFields{0xd2, 0xf6, 0x03, 0x00})
		}},
		{name: "field option that is not linked", change: func(item *descriptorpb.FileDescriptorProto) {
			field := item.GetMessageType()[0].GetField()[0]
			field.Options = &descriptorpb.FieldOptions{}
			field.Options.ProtoReflect().SetUnknown(protoreflect.RawFields{0xd2, 0xf6, 0x03, 0x00})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plain := compile(t, "plain", shop())
			for _, file := range plain.Files.GetFile() {
				file.SourceCodeInfo = nil
			}
			test.change(schematest.File(t, plain.Files, "acme/item.proto"))
			commented := compile(t, "commented", shop())
			for _, inputs := range [][]schema.Input{{plain, commented}, {commented, plain}} {
				catalog := mustNew(t, inputs...)
				checkWarnings(t, catalog)
				item := find[protoreflect.MessageDescriptor](t, catalog, "acme.Item")
				if item.ParentFile().SourceLocations().ByDescriptor(item).LeadingComments == "" {
					t.Errorf("%s before %s: the comment is lost", inputs[0].Origin, inputs[1].Origin)
				}
				want := []string{inputs[0].Origin, inputs[1].Origin}
				if diff := cmp.Diff(want, catalog.Origins("acme.Shop")); diff != "" {
					t.Errorf("Origins (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestMergeProto2Syntax(t *testing.T) {
	t.Parallel()
	sources := schematest.Sources{
		"a.proto": `syntax = "proto2"; package a; message M {} service S { rpc G(M) returns (M); }`,
	}
	explicit := compile(t, "explicit", sources)
	implicit := compile(t, "implicit", sources)
	schematest.File(t, explicit.Files, "a.proto").Syntax = new("proto2")
	schematest.File(t, implicit.Files, "a.proto").Syntax = nil
	checkServices(t, mustNew(t, explicit, implicit), "a.S")
}

func TestConflictingFiles(t *testing.T) {
	t.Parallel()
	const original = `
syntax = "proto3"; package a;
message M { int32 f = 1; message N { int32 g = 1; } enum E { A = 0; } }
enum E { B = 0; }
service S { rpc G(M) returns (M); }
`
	tests := []struct {
		name  string
		other string
		want  string
	}{
		{
			name:  "field",
			other: `syntax = "proto3"; package a; message M { int64 f = 1; message N { int32 g = 1; } enum E { A = 0; } } enum E { B = 0; } service S { rpc G(M) returns (M); }`,
			want:  "a.M.f",
		},
		{
			name:  "field of a nested message",
			other: `syntax = "proto3"; package a; message M { int32 f = 1; message N { int32 h = 1; } enum E { A = 0; } } enum E { B = 0; } service S { rpc G(M) returns (M); }`,
			want:  "a.M.N.g",
		},
		{
			name:  "nested enum",
			other: `syntax = "proto3"; package a; message M { int32 f = 1; message N { int32 g = 1; } enum E { A = 0; C = 1; } } enum E { B = 0; } service S { rpc G(M) returns (M); }`,
			want:  "a.M.E",
		},
		{
			name:  "message that only one has",
			other: original + `message New {}`,
			want:  "a.New",
		},
		{
			name:  "enum",
			other: `syntax = "proto3"; package a; message M { int32 f = 1; message N { int32 g = 1; } enum E { A = 0; } } enum E { B = 0; D = 1; } service S { rpc G(M) returns (M); }`,
			want:  "a.E",
		},
		{
			name:  "method",
			other: `syntax = "proto3"; package a; message M { int32 f = 1; message N { int32 g = 1; } enum E { A = 0; } } enum E { B = 0; } service S { rpc G(M) returns (stream M); }`,
			want:  "a.S.G",
		},
		{
			name:  "package",
			other: `syntax = "proto3"; package b; message M {}`,
			want:  "package",
		},
		{
			name:  "syntax",
			other: `syntax = "proto2"; package a; message M {}`,
			want:  "syntax",
		},
		{
			name:  "options",
			other: `syntax = "proto3"; package a; option deprecated = true; message M {}`,
			want:  "file options",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.New(
				compile(t, "one.binpb", schematest.Sources{"a.proto": original}),
				compile(t, "two.binpb", schematest.Sources{"a.proto": test.other}),
			)
			checkError(t, err, `file "a.proto" differs between one.binpb and two.binpb, first at `+test.want)
		})
	}
}

func TestConflictingSymbols(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		one, two string
		want     []string
	}{
		{
			name: "message",
			one:  `syntax = "proto3"; package a; message M { int32 f = 1; }`,
			two:  `syntax = "proto3"; package a; message M { int64 f = 1; }`,
			want: []string{`symbol a.M is defined in "one.proto" (one) and, differently, in "two.proto" (two)`},
		},
		{
			name: "two symbols",
			one:  `syntax = "proto3"; package a; message M { int32 f = 1; } message N {}`,
			two:  `syntax = "proto3"; package a; message M { int64 f = 1; } enum N { Z = 0; }`,
			want: []string{"symbol a.M is defined", "symbol a.N is defined"},
		},
		{
			name: "enum value",
			one:  `syntax = "proto3"; package a; enum E { SAME = 0; }`,
			two:  `syntax = "proto3"; package a; enum F { SAME = 0; }`,
			want: []string{"symbol a.SAME is defined"},
		},
		{
			name: "same text, other syntax",
			one:  `syntax = "proto3"; package a; message M { repeated int32 f = 1; }`,
			two:  `syntax = "proto2"; package a; message M { repeated int32 f = 1; }`,
			want: []string{"symbol a.M is defined"},
		},
		{
			name: "package",
			one:  `syntax = "proto3"; package a.b.c; message M {}`,
			two:  `syntax = "proto3"; package a; message b {}`,
			want: []string{`a.b is a message in "two.proto" (two) and a package in "one.proto" (one)`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.New(
				compile(t, "one", schematest.Sources{"one.proto": test.one}),
				compile(t, "two", schematest.Sources{"two.proto": test.two}),
			)
			checkError(t, err, test.want...)
		})
	}
}

// TestRepeatedFile has one file under two paths, each of which is imported.
func TestRepeatedFile(t *testing.T) {
	t.Parallel()
	const kv = `syntax = "proto3"; package kv; message Pair { string key = 1; } enum Kind { NONE = 0; }`
	sources := schematest.Sources{
		"a.proto": `syntax = "proto3"; package a; import "kv.proto"; service S { rpc G(kv.Pair) returns (kv.Pair); }`,
	}
	one := compile(t, "one", schematest.Sources{"kv.proto": kv, "a.proto": sources["a.proto"]})
	two := compile(t, "two", schematest.Sources{
		"api/kv.proto": kv,
		"b.proto":      `syntax = "proto3"; package b; import "api/kv.proto"; service S { rpc G(kv.Pair) returns (kv.Pair); }`,
	})
	catalog := mustNew(t, one, two)
	checkServices(t, catalog, "a.S", "b.S")
	checkWarnings(t, catalog, `"api/kv.proto" (two) repeats kv.Pair, kv.Kind of "kv.proto" (one): the latter is used`)
	for _, service := range catalog.Services() {
		pair := service.Methods().Get(0).Input()
		if pair != find[protoreflect.MessageDescriptor](t, catalog, "kv.Pair") {
			t.Errorf("%s uses another kv.Pair", service.FullName())
		}
	}
}

// TestPartlyRepeatedFile has a file of which another repeats one message and
// adds one.
func TestPartlyRepeatedFile(t *testing.T) {
	t.Parallel()
	one := compile(t, "one", schematest.Sources{
		"one.proto": `syntax = "proto3"; package a; message M {} service S { rpc G(M) returns (M); }`,
	})
	two := compile(t, "two", schematest.Sources{
		"two.proto": `
syntax = "proto3"; package a;
// Of M.
message M {}
// Of N.
message N { M m = 1; }
`,
		"three.proto": `
syntax = "proto3"; package b; import "two.proto";
service S { rpc G(a.M) returns (a.N); }
`,
	})
	catalog := mustNew(t, one, two)
	checkServices(t, catalog, "a.S", "b.S")
	checkWarnings(t, catalog, `"two.proto" (two) repeats a.M of "one.proto" (one): the latter is used`)
	n := find[protoreflect.MessageDescriptor](t, catalog, "a.N")
	if got := n.ParentFile().SourceLocations().ByDescriptor(n).LeadingComments; got != " Of N.\n" {
		t.Errorf("comment of a.N: got %q", got)
	}
	if n.Fields().Get(0).Message() != find[protoreflect.MessageDescriptor](t, catalog, "a.M") {
		t.Error("a.N uses another a.M")
	}
}

// TestVendoredSharedFile has a copy of a linked file under another path.
func TestVendoredSharedFile(t *testing.T) {
	t.Parallel()
	input := compile(t, "vendored", schematest.Sources{
		"third_party/status.proto": `syntax = "proto3"; package google.rpc; message Status { int32 code = 1; }`,
		"a.proto": `
syntax = "proto3"; package a; import "third_party/status.proto";
service S { rpc G(google.rpc.Status) returns (google.rpc.Status); }
`,
	})
	catalog := mustNew(t, input)
	checkServices(t, catalog, "a.S")
	checkWarnings(t, catalog,
		`"third_party/status.proto" (vendored) repeats google.rpc.Status: the gateway's own "google/rpc/status.proto" is used`)
	if got := catalog.Services()[0].Methods().Get(0).Input().Fields().Len(); got != 3 {
		t.Errorf("google.rpc.Status has %d fields, want the 3 of the linked one", got)
	}
}

// TestSharedFilesDiffer has two versions of a file that every server brings and
// that the gateway has not linked.
func TestSharedFilesDiffer(t *testing.T) {
	t.Parallel()
	one := compile(t, "one", schematest.Sources{
		"google/type/money.proto": `syntax = "proto3"; package google.type; message Money { int64 units = 1; }`,
		"a.proto":                 `syntax = "proto3"; package a; import "google/type/money.proto"; service S { rpc G(google.type.Money) returns (google.type.Money); }`,
	})
	two := compile(t, "two", schematest.Sources{
		"google/type/money.proto": `syntax = "proto3"; package google.type; message Money { int64 units = 1; int32 nanos = 2; } message New { Money m = 1; }`,
		"b.proto":                 `syntax = "proto3"; package b; import "google/type/money.proto"; service S { rpc G(google.type.Money) returns (google.type.New); }`,
	})
	catalog := mustNew(t, one, two)
	checkServices(t, catalog, "a.S", "b.S")
	checkWarnings(t, catalog,
		`"google/type/money.proto" (one) differs from that of two at google.type.Money.nanos: the first is used`)
	money := find[protoreflect.MessageDescriptor](t, catalog, "google.type.Money")
	if got := money.Fields().Len(); got != 1 {
		t.Errorf("google.type.Money has %d fields, want 1", got)
	}
	added := find[protoreflect.MessageDescriptor](t, catalog, "google.type.New")
	if got, want := added.ParentFile().Path(), "google/type/money_spare1.proto"; got != want {
		t.Errorf("google.type.New is in %q, want %q", got, want)
	}
	if added.Fields().Get(0).Message() != money {
		t.Error("google.type.New uses another google.type.Money")
	}
}

// TestLinkedFileLacksSymbol has a copy of a linked file with a message that the
// gateway's own lacks.
func TestLinkedFileLacksSymbol(t *testing.T) {
	t.Parallel()
	input := compile(t, "new", schematest.Sources{
		"google/rpc/status.proto": `
syntax = "proto3"; package google.rpc;
message Status { int32 code = 1; }
message Novel { Status status = 1; }
message Unused {}
`,
		"a.proto": `
syntax = "proto3"; package a; import "google/rpc/status.proto";
service S { rpc G(google.rpc.Novel) returns (google.rpc.Status); }
`,
	})
	catalog := mustNew(t, input)
	checkServices(t, catalog, "a.S")
	checkWarnings(t, catalog)
	novel := find[protoreflect.MessageDescriptor](t, catalog, "google.rpc.Novel")
	linked := schema.Linked("google/rpc/status.proto").Messages().ByName("Status")
	if novel.Fields().Get(0).Message() != linked {
		t.Error("google.rpc.Novel does not use the linked google.rpc.Status")
	}
}

// TestLinkedFileSpareIsDropped has such a message that nothing refers to.
func TestLinkedFileSpareIsDropped(t *testing.T) {
	t.Parallel()
	input := compile(t, "new", schematest.Sources{
		"google/rpc/status.proto": `syntax = "proto3"; package google.rpc; message Novel {}`,
		"a.proto":                 `syntax = "proto3"; package a; message M {} service S { rpc G(M) returns (M); }`,
	})
	catalog := mustNew(t, input)
	checkWarnings(t, catalog)
	if isDeclared(catalog, "google.rpc.Novel") {
		t.Error("google.rpc.Novel is in the catalog")
	}
}

func TestSameFileTwiceInOneInput(t *testing.T) {
	t.Parallel()
	input := compile(t, "api.binpb", shop())
	input.Files.File = append(input.Files.File, input.Files.GetFile()...)
	catalog := mustNew(t, input)
	checkServices(t, catalog, "acme.Shop")
	if diff := cmp.Diff([]string{"api.binpb"}, catalog.Origins("acme.Shop")); diff != "" {
		t.Errorf("Origins (-want +got):\n%s", diff)
	}
}
