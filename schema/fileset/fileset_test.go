// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package fileset_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/fileset"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const shopProto = `
syntax = "proto3";
package acme;
import "acme/item.proto";
import "google/api/annotations.proto";
service Shop { rpc Get(Item) returns (Item) { option (google.api.http) = { get: "/v1/items" }; } }
`

func shopSet(tb testing.TB) *descriptorpb.FileDescriptorSet {
	tb.Helper()
	return schematest.Compile(tb, schematest.Sources{
		"acme/item.proto": `syntax = "proto3"; package acme; message Item { string name = 1; }`,
		"acme/shop.proto": shopProto,
	})
}

func marshal(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	wire, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return wire
}

func write(tb testing.TB, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "api.binpb")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	t.Parallel()
	complete := shopSet(t)
	tests := []struct {
		name string
		set  *descriptorpb.FileDescriptorSet
	}{
		{name: "complete", set: complete},
		{
			name: "without linked files",
			set: schematest.Without(complete,
				"google/protobuf/descriptor.proto", "google/api/http.proto", "google/api/annotations.proto"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, marshal(t, test.set))
			source := fileset.New(path)
			if source.String() != path {
				t.Errorf("String: got %q, want %q", source, path)
			}
			got, err := source.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.set, got, protocmp.Transform()); diff != "" {
				t.Errorf("set (-want +got):\n%s", diff)
			}
			input, err := schema.Load(t.Context(), source)
			if err != nil {
				t.Fatal(err)
			}
			catalog, err := schema.New(input)
			if err != nil {
				t.Fatal(err)
			}
			if len(catalog.Services()) != 1 || len(catalog.Warnings()) != 0 {
				t.Errorf("got services %v, warnings %q", catalog.Services(), catalog.Warnings())
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	set := shopSet(t)
	json, err := protojson.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	text, err := prototext.Marshal(schematest.Without(set, "google/protobuf/descriptor.proto"))
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	if _, err := writer.Write(marshal(t, set)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{name: "empty", content: nil, want: "the file is empty, not a binary FileDescriptorSet"},
		{name: "JSON", content: json, want: "the file is JSON, not a binary FileDescriptorSet"},
		{name: "text format", content: text, want: "the file is in the Protobuf text format, not"},
		{name: "source", content: []byte(shopProto), want: "the file is .proto source (which is read if its name ends in .proto), not"},
		{name: "other text", content: []byte("hello"), want: "the file is text, not"},
		{name: "gzip", content: zipped.Bytes(), want: "the file is compressed by gzip, not"},
		{name: "binary", content: []byte{0x7f, 'E', 'L', 'F', 0, 0}, want: "the file is in some binary format, not"},
		{name: "truncated", content: marshal(t, set)[:100], want: "the file is in some binary format, not"},
		{name: "one file", content: marshal(t, set.GetFile()[0]), want: "not a binary FileDescriptorSet"},
		{
			name:    "file without a name",
			content: marshal(t, &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{{}}}),
			want:    "not a binary FileDescriptorSet",
		},
		{
			name:    "missing import",
			content: marshal(t, schematest.Without(set, "acme/item.proto")),
			want:    `imports are missing from it: "acme/item.proto" (imported by "acme/shop.proto"); make it with buf build -o api.binpb, or with protoc --include_imports`,
		},
		{name: "5 missing imports", content: missingImports(t, 5), want: `"4.proto" (imported by "a.proto"); make it`},
		{name: "6 missing imports", content: missingImports(t, 6), want: `"4.proto" (imported by "a.proto") and 1 more; make it`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, test.content)
			_, err := fileset.New(path).Load(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			want := "read descriptor set " + path + ": "
			if !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q and %q", err, want, test.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

// missingImports is a set with n imports that are not in it.
func missingImports(tb testing.TB, n int) []byte {
	tb.Helper()
	file := &descriptorpb.FileDescriptorProto{Name: new("a.proto")}
	for i := range n {
		file.Dependency = append(file.GetDependency(), fmt.Sprintf("%d.proto", i))
	}
	return marshal(tb, &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{file}})
}

func TestLoadNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.binpb")
	_, err := fileset.New(path).Load(t.Context())
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want %v with the path", err, os.ErrNotExist)
	}
}

func TestLoadFolder(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	_, err := fileset.New(path).Load(t.Context())
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with the path", err)
	}
}

func TestLoadCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := fileset.New(write(t, marshal(t, shopSet(t)))).Load(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
