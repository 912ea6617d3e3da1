// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

// rename gives the file of one path another, but leaves the imports of it.
func rename(t *testing.T, input schema.Input, from, to string) {
	t.Helper()
	schematest.File(t, input.Files, from).Name = new(to)
}

func imports(t *testing.T, catalog *schema.Catalog, path string) []string {
	t.Helper()
	file, err := catalog.Files().FindFileByPath(path)
	if err != nil {
		t.Fatalf("find %q: %v", path, err)
	}
	var paths []string
	for i := range file.Imports().Len() {
		paths = append(paths, file.Imports().Get(i).Path())
	}
	return paths
}

// etcd is what the reflection of etcd serves: files whose imports name them by
// other paths, and imports that are not served at all.
func etcd(t *testing.T) schema.Input {
	t.Helper()
	input := compile(t, "reflection of etcd", schematest.Sources{
		"gogoproto/gogo.proto": `
syntax = "proto2"; package gogoproto; import "google/protobuf/descriptor.proto";
extend google.protobuf.FileOptions { optional bool marshaler_all = 63017; }
`,
		"etcd/api/versionpb/version.proto": `
syntax = "proto3"; package versionpb; import "google/protobuf/descriptor.proto";
extend google.protobuf.MessageOptions { optional string etcd_version_msg = 50001; }
`,
		"etcd/api/mvccpb/kv.proto": `
syntax = "proto3"; package mvccpb; import "gogoproto/gogo.proto";
option (gogoproto.marshaler_all) = true;
message KeyValue { bytes key = 1; }
message Event { KeyValue kv = 2; }
`,
		"etcd/api/authpb/auth.proto": `
syntax = "proto3"; package authpb; import "gogoproto/gogo.proto";
option (gogoproto.marshaler_all) = true;
message Permission { bytes key = 2; }
`,
		"rpc.proto": `
syntax = "proto3"; package etcdserverpb;
import "gogoproto/gogo.proto";
import "etcd/api/mvccpb/kv.proto";
import "etcd/api/authpb/auth.proto";
import "etcd/api/versionpb/version.proto";
import "google/api/annotations.proto";
option (gogoproto.marshaler_all) = true;
message RangeRequest { option (versionpb.etcd_version_msg) = "3.0"; bytes key = 1; }
message RangeResponse { repeated mvccpb.KeyValue kvs = 2; authpb.Permission perm = 3; }
service KV {
  rpc Range(RangeRequest) returns (RangeResponse) {
    option (google.api.http) = { post: "/v3/kv/range" body: "*" };
  }
}
`,
	})
	rename(t, input, "etcd/api/mvccpb/kv.proto", "kv.proto")
	rename(t, input, "etcd/api/authpb/auth.proto", "auth.proto")
	input.Files = schematest.Without(input.Files, "gogoproto/gogo.proto", "etcd/api/versionpb/version.proto")
	return input
}

func TestMendEtcd(t *testing.T) {
	t.Parallel()
	catalog := mustNew(t, etcd(t))
	checkServices(t, catalog, "etcdserverpb.KV")
	const dropped = ", which is missing: dropped, for the types that the file uses are there without it"
	checkWarnings(t, catalog,
		`"auth.proto" (reflection of etcd) imports "gogoproto/gogo.proto"`+dropped,
		`"kv.proto" (reflection of etcd) imports "gogoproto/gogo.proto"`+dropped,
		`"rpc.proto" (reflection of etcd) imports "gogoproto/gogo.proto"`+dropped,
		`"rpc.proto" (reflection of etcd) imports "etcd/api/mvccpb/kv.proto", which is missing: "kv.proto" takes its place`,
		`"rpc.proto" (reflection of etcd) imports "etcd/api/authpb/auth.proto", which is missing: "auth.proto" takes its place`,
		`"rpc.proto" (reflection of etcd) imports "etcd/api/versionpb/version.proto"`+dropped,
	)
	want := []string{"kv.proto", "auth.proto", "google/api/annotations.proto"}
	if got := imports(t, catalog, "rpc.proto"); !slices.Equal(got, want) {
		t.Errorf("imports of rpc.proto: got %q, want %q", got, want)
	}
	if got := httpRule(t, catalog, "etcdserverpb.KV.Range").GetPost(); got != "/v3/kv/range" {
		t.Errorf("http rule: got %q", got)
	}
}

func TestMendOtherName(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"a/types.proto": `syntax = "proto3"; package a; message M {} message N {}`,
		"b.proto":       `syntax = "proto3"; package b; import "a/types.proto"; service S { rpc G(a.M) returns (a.N); }`,
	})
	rename(t, input, "a/types.proto", "elsewhere.proto")
	catalog := mustNew(t, input)
	checkServices(t, catalog, "b.S")
	checkWarnings(t, catalog, `"b.proto" (x) imports "a/types.proto", which is missing: "elsewhere.proto" takes its place`)
}

// TestMendUnclear has two missing imports, and one file that may be either.
func TestMendUnclear(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"a.proto": `syntax = "proto3"; package a; message M {}`,
		"o.proto": `syntax = "proto3"; package o;`,
		"b.proto": `syntax = "proto3"; package b; import "o.proto"; import "a.proto"; service S { rpc G(a.M) returns (a.M); }`,
	})
	rename(t, input, "a.proto", "z.proto")
	input.Files = schematest.Without(input.Files, "o.proto")
	catalog := mustNew(t, input)
	checkServices(t, catalog, "b.S")
	checkWarnings(t, catalog,
		`"b.proto" (x) imports "o.proto", which is missing: dropped, for the types that the file uses are there without it`,
		`"b.proto" (x) imports "a.proto", which is missing: dropped, for the types that the file uses are there without it`,
		`"b.proto" (x) uses a.M of "z.proto" without importing it: imported`,
	)
}

// TestMendMissingPublicImport has a file that saw what it uses only through a
// public import that is missing.
func TestMendMissingPublicImport(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"deep/a.proto": `syntax = "proto3"; package a; message M {}`,
		"b.proto":      `syntax = "proto3"; package b; import public "deep/a.proto"; message N { a.M m = 1; }`,
		"c.proto":      `syntax = "proto3"; package c; import "b.proto"; service S { rpc G(a.M) returns (b.N); }`,
	})
	rename(t, input, "deep/a.proto", "a.proto")
	catalog := mustNew(t, input)
	checkServices(t, catalog, "c.S")
	checkWarnings(t, catalog, `"b.proto" (x) imports "deep/a.proto", which is missing: "a.proto" takes its place`)
	file, err := catalog.Files().FindFileByPath("b.proto")
	if err != nil {
		t.Fatal(err)
	}
	if !file.Imports().Get(0).IsPublic {
		t.Error("the import is not public any more")
	}
}

func TestMendWeakAndRepeatedImports(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"a.proto": `syntax = "proto3"; package a; message M {}`,
		"w.proto": `syntax = "proto3"; package w; message W {}`,
		"b.proto": `syntax = "proto3"; package b; import "w.proto"; import "a.proto"; service S { rpc G(a.M) returns (a.M); }`,
	})
	b := schematest.File(t, input.Files, "b.proto")
	b.Dependency = append(b.GetDependency(), "a.proto", "b.proto")
	b.PublicDependency = []int32{2, 17, -1}
	b.WeakDependency = []int32{0}
	input.Files = schematest.Without(input.Files, "w.proto")
	catalog := mustNew(t, input)
	checkServices(t, catalog, "b.S")
	checkWarnings(t, catalog,
		`"b.proto" (x) imports "w.proto", which is missing: dropped, for the types that the file uses are there without it`)
	if got := imports(t, catalog, "b.proto"); !slices.Equal(got, []string{"a.proto"}) {
		t.Errorf("imports: got %q", got)
	}
}

func TestMendOptionImports(t *testing.T) {
	t.Parallel()
	edition := descriptorpb.Edition_EDITION_2024
	input := compile(t, "x", schematest.Sources{
		"a.proto": `edition = "2023"; package a; message M {} service S { rpc G(M) returns (M); }`,
		"o.proto": `edition = "2023"; package o; message O {}`,
	})
	a := schematest.File(t, input.Files, "a.proto")
	a.Edition = &edition
	a.OptionDependency = []string{"missing.proto", "o.proto", "google/api/annotations.proto", "o.proto"}
	catalog := mustNew(t, input)
	checkServices(t, catalog, "a.S")
	checkWarnings(t, catalog, `"a.proto" (x) imports "missing.proto" for options, which is missing: dropped`)
	checkOptionImports(t, catalog, "a.proto", "o.proto", "google/api/annotations.proto")
}

func checkOptionImports(t *testing.T, catalog *schema.Catalog, path string, want ...string) {
	t.Helper()
	file, err := catalog.Files().FindFileByPath(path)
	if err != nil {
		t.Fatal(err)
	}
	withOptions, ok := file.(interface {
		OptionImports() protoreflect.FileImports
	})
	if !ok {
		t.Fatalf("%T has no option imports", file)
	}
	var got []string
	for i := range withOptions.OptionImports().Len() {
		got = append(got, withOptions.OptionImports().Get(i).Path())
		if withOptions.OptionImports().Get(i).IsPlaceholder() {
			t.Errorf("%q is a placeholder", got[i])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("option imports: got %q, want %q", got, want)
	}
}

// TestMendClosesCycle has imports that, once mended, lead in a circle that no
// reference needs.
func TestMendClosesCycle(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"m.proto": `syntax = "proto3"; package m; message M {}`,
		"a.proto": `syntax = "proto3"; package a; import "m.proto"; service S { rpc G(m.M) returns (m.M); }`,
		"b.proto": `syntax = "proto3"; package b; import "a.proto"; message Other {}`,
	})
	// b.proto, not m.proto, is what declares M.
	m := schematest.File(t, input.Files, "m.proto")
	rename(t, input, "m.proto", "dir/b.proto")
	m.Dependency = []string{"b.proto"}
	b := schematest.File(t, input.Files, "b.proto")
	b.Dependency = []string{"a.proto"}
	catalog := mustNew(t, input)
	checkServices(t, catalog, "a.S")
	checkWarnings(t, catalog, `"a.proto" (x) imports "m.proto", which is missing: "dir/b.proto" takes its place`)
}

// TestCycle has files that refer to each other. They can't be linked, and only
// they are left out.
func TestCycle(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"a.proto":    `syntax = "proto3"; package a; message M {} service Lost { rpc G(M) returns (M); }`,
		"b.proto":    `syntax = "proto3"; package b; import "a.proto"; message N { a.M m = 1; }`,
		"c.proto":    `syntax = "proto3"; package c; import "b.proto"; import "a.proto"; message Own {} service S { rpc Lost(b.N) returns (a.M); rpc Kept(Own) returns (Own); }`,
		"self.proto": `syntax = "proto3"; package self; message M {} service S { rpc G(M) returns (M); }`,
	})
	a := schematest.File(t, input.Files, "a.proto")
	a.Dependency = []string{"b.proto"}
	a.GetMessageType()[0].Field = []*descriptorpb.FieldDescriptorProto{{
		Name: new("n"), Number: proto.Int32(1), TypeName: new(".b.N"),
		Type:  descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}}
	schematest.File(t, input.Files, "self.proto").Dependency = []string{"self.proto"}
	catalog := mustNew(t, input)
	checkServices(t, catalog, "c.S", "self.S")
	checkWarnings(t, catalog,
		`"a.proto" (x) left out: it is in an import cycle: a.proto, b.proto; services lost: a.Lost`,
		`"b.proto" (x) left out: it is in an import cycle: a.proto, b.proto`,
		`"c.proto" (x) needs b.N of "b.proto", which is left out; left out: method c.S.Lost`,
	)
}

// TestRelativeNames resolves type names without a leading dot from the scope
// outwards, as protodesc does.
func TestRelativeNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ref  string
		want protoreflect.FullName
	}{
		{name: "nested", ref: "Inner", want: "a.b.M.Inner"},
		{name: "package", ref: "Own", want: "a.b.Own"},
		{name: "outer package", ref: "Imported", want: "a.Imported"},
		{name: "qualified", ref: "b.Own", want: "a.b.Own"},
		{name: "from the root", ref: "a.Imported", want: "a.Imported"},
		{name: "full", ref: ".a.b.Own", want: "a.b.Own"},
		// a.b.Hidden is nearer, but is not imported.
		{name: "imported before not imported", ref: "Hidden", want: "a.Hidden"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			input := compile(t, "x", schematest.Sources{
				"hidden.proto":   `syntax = "proto3"; package a.b; message Hidden {}`,
				"imported.proto": `syntax = "proto3"; package a; message Imported {} message Hidden {}`,
				"m.proto": `
syntax = "proto3"; package a.b; import "imported.proto";
message M { message Inner {} Own f = 1; Imported i = 2; }
message Own {}
service S { rpc G(M) returns (M); }
`,
			})
			m := schematest.File(t, input.Files, "m.proto")
			m.GetMessageType()[0].GetField()[0].TypeName = new(test.ref)
			m.GetService()[0].GetMethod()[0].InputType = new("M")
			catalog := mustNew(t, input)
			checkWarnings(t, catalog)
			field := find[protoreflect.FieldDescriptor](t, catalog, "a.b.M.f")
			if got := field.Message().FullName(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestRelativeNameNotImported resolves a relative name to the one file that
// has it, and imports that.
func TestRelativeNameNotImported(t *testing.T) {
	t.Parallel()
	input := compile(t, "x", schematest.Sources{
		"a.proto": `syntax = "proto3"; package a; message M {}`,
		"b.proto": `syntax = "proto3"; package a; import "a.proto"; service S { rpc G(M) returns (M); }`,
	})
	b := schematest.File(t, input.Files, "b.proto")
	b.Dependency = nil
	b.GetService()[0].GetMethod()[0].InputType = new("M")
	b.GetService()[0].GetMethod()[0].OutputType = new("M")
	catalog := mustNew(t, input)
	checkServices(t, catalog, "a.S")
	checkWarnings(t, catalog, `"b.proto" (x) uses a.M of "a.proto" without importing it: imported`)
}
