// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

// compileLacking makes an API of which the file lost.proto is not served.
func compileLacking(t *testing.T) schema.Input {
	t.Helper()
	input := compile(t, "x", schematest.Sources{
		"lost.proto": `syntax = "proto3"; package lost; message L {} enum E { Z = 0; }`,
		"a.proto": `
syntax = "proto2";
package a;
import "lost.proto";
// Of Direct.
message Direct { optional lost.L l = 1; message Inner {} }
// Of Indirect.
message Indirect { optional Direct.Inner i = 1; }
// Of OtherLost.
message OtherLost { optional lost.E e = 1; }
// Of Fine.
message Fine {
  optional int32 i = 1;
  extensions 100 to 200;
  message Nested {
    extend Fine {
      // Of ext_lost.
      optional Indirect ext_lost = 100;
      // Of ext_fine.
      optional Fine ext_fine = 101;
    }
  }
}
extend Fine { optional lost.L top_lost = 102; optional int32 top_fine = 103; }
// Of Gone.
service Gone { rpc One(Direct) returns (Fine); rpc Two(Fine) returns (Indirect); }
// Of Empty.
service Empty {}
// Of Part.
service Part {
  // Of Lost.
  rpc Lost(Indirect) returns (Fine);
  // Of Kept.
  rpc Kept(Fine) returns (Fine);
}
`,
		"b.proto": `
syntax = "proto3"; package b; import "a.proto"; import "google/protobuf/empty.proto";
message Later { a.Indirect i = 1; }
service S { rpc G(Later) returns (google.protobuf.Empty); }
service T { rpc G(google.protobuf.Empty) returns (google.protobuf.Empty); }
`,
	})
	input.Files = schematest.Without(input.Files, "lost.proto")
	return input
}

func TestLeaveOut(t *testing.T) {
	t.Parallel()
	input := compileLacking(t)
	catalog := mustNew(t, input)
	checkServices(t, catalog, "a.Empty", "a.Part", "b.T")
	checkWarnings(t, catalog,
		`"a.proto" (x) needs lost.L, which no source declares (missing imports: "lost.proto"); left out: `+
			`message a.Direct, message a.Indirect, extension a.Fine.Nested.ext_lost, extension a.top_lost, `+
			`method a.Gone.One, method a.Gone.Two, method a.Part.Lost; services lost: a.Gone`,
		`"a.proto" (x) needs lost.E, which no source declares (missing imports: "lost.proto"); left out: message a.OtherLost`,
		`"b.proto" (x) needs lost.L, which no source declares; left out: message b.Later, method b.S.G; services lost: b.S`,
	)
	for name, want := range map[protoreflect.FullName]bool{
		"a.Direct": false, "a.Indirect": false, "a.Fine": true, "a.top_lost": false, "a.top_fine": true,
		"a.Fine.Nested.ext_lost": false, "a.Fine.Nested.ext_fine": true, "a.Part.Lost": false, "a.Part.Kept": true,
		"b.Later": false,
	} {
		if got := isDeclared(catalog, name); got != want {
			t.Errorf("%s is declared: got %t, want %t", name, got, want)
		}
	}
}

// TestLeaveOutMovesComments requires that what stays keeps its own comments.
func TestLeaveOutMovesComments(t *testing.T) {
	t.Parallel()
	catalog := mustNew(t, compileLacking(t))
	for name, want := range map[protoreflect.FullName]string{
		"a.Fine":                 " Of Fine.\n",
		"a.Fine.Nested.ext_fine": " Of ext_fine.\n",
		"a.Empty":                " Of Empty.\n",
		"a.Part":                 " Of Part.\n",
		"a.Part.Kept":            " Of Kept.\n",
	} {
		d := find[protoreflect.Descriptor](t, catalog, name)
		if got := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments; got != want {
			t.Errorf("%s: got comment %q, want %q", name, got, want)
		}
	}
}

func TestNoServiceLeft(t *testing.T) {
	t.Parallel()
	input := compile(t, "reflection of localhost:1", shop())
	input.Files = schematest.Without(input.Files, "acme/item.proto")
	_, err := schema.New(input)
	checkError(t, err,
		"reflection of localhost:1: there is no service in it that can be served; give what is missing as a further schema",
		`"acme/shop.proto" (reflection of localhost:1) needs acme.Item, which no source declares `+
			`(missing imports: "acme/item.proto"); left out: method acme.Shop.Get; services lost: acme.Shop`,
	)
}

// TestFurtherInputMends gives what one input lacks with another.
func TestFurtherInputMends(t *testing.T) {
	t.Parallel()
	input := compile(t, "reflection of localhost:1", shop())
	input.Files = schematest.Without(input.Files, "acme/item.proto")
	catalog := mustNew(t, input, compile(t, "item.binpb", schematest.Sources{"acme/item.proto": shop()["acme/item.proto"]}))
	checkServices(t, catalog, "acme.Shop")
	checkWarnings(t, catalog)
}

// TestInvalidFiles has files that do not link for reasons of their own.
func TestInvalidFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(item *descriptorpb.FileDescriptorProto)
		want   string
	}{
		{
			name:   "field number",
			change: func(f *descriptorpb.FileDescriptorProto) { f.GetMessageType()[0].GetField()[0].Number = proto.Int32(0) },
			want:   `"acme/item.proto" (x) left out: message field "acme.Item.item_name" has an invalid number: 0`,
		},
		{
			name: "message twice",
			change: func(f *descriptorpb.FileDescriptorProto) {
				f.MessageType = append(f.GetMessageType(), f.GetMessageType()[0])
			},
			want: `"acme/item.proto" (x) left out: descriptor "acme.Item" already declared`,
		},
		{
			name:   "syntax",
			change: func(f *descriptorpb.FileDescriptorProto) { f.Syntax = new("proto4") },
			want:   `"acme/item.proto" (x) left out: invalid syntax: "proto4"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			input := compile(t, "x", shop())
			test.change(schematest.File(t, input.Files, "acme/item.proto"))
			other := compile(t, "y", schematest.Sources{
				"y.proto": `syntax = "proto3"; package y; message M {} service S { rpc G(M) returns (M); }`,
			})
			catalog := mustNew(t, input, other)
			checkServices(t, catalog, "y.S")
			checkWarnings(t, catalog, test.want,
				`"acme/shop.proto" (x) needs acme.Item of "acme/item.proto", which is left out; `+
					`left out: method acme.Shop.Get; services lost: acme.Shop`)
		})
	}
}

// TestUnreadableFiles has files that are not looked at.
func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	edition := descriptorpb.Edition_EDITION_99999_TEST_ONLY
	tests := []struct {
		name string
		file *descriptorpb.FileDescriptorProto
		want string
	}{
		{name: "nil", file: nil, want: `"" (x) left out: it has no name`},
		{name: "no name", file: &descriptorpb.FileDescriptorProto{}, want: `"" (x) left out: it has no name`},
		{
			name: "edition",
			file: &descriptorpb.FileDescriptorProto{
				Name: new("a.proto"), Syntax: new("editions"), Edition: &edition,
			},
			want: `"a.proto" (x) left out: edition EDITION_99999_TEST_ONLY is not supported`,
		},
		{
			// protodesc ends the process on this one.
			name: "edition under a path that protodesc trusts",
			file: &descriptorpb.FileDescriptorProto{
				Name:   new("cmd/protoc-gen-go/testdata/a.proto"),
				Syntax: new("editions"), Edition: &edition,
			},
			want: `"cmd/protoc-gen-go/testdata/a.proto" (x) left out: edition EDITION_99999_TEST_ONLY is not supported`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			input := compile(t, "x", shop())
			input.Files.File = append([]*descriptorpb.FileDescriptorProto{test.file}, input.Files.GetFile()...)
			catalog, err := schema.New(input)
			if err != nil {
				t.Fatal(err)
			}
			checkServices(t, catalog, "acme.Shop")
			checkWarnings(t, catalog, test.want)
		})
	}
}
