// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package protosource_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/protosource"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// write writes files below a new folder and returns it.
func write(tb testing.TB, files map[string]string) string {
	tb.Helper()
	root := tb.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

func link(tb testing.TB, to, from string) {
	tb.Helper()
	if err := os.Symlink(to, from); err != nil {
		tb.Fatal(err)
	}
}

// load makes a catalog of what is at path.
func load(tb testing.TB, path string) *schema.Catalog {
	tb.Helper()
	input, err := schema.Load(tb.Context(), protosource.New(path))
	if err != nil {
		tb.Fatal(err)
	}
	catalog, err := schema.New(input)
	if err != nil {
		tb.Fatal(err)
	}
	if warnings := catalog.Warnings(); len(warnings) > 0 {
		tb.Errorf("warnings: %q", warnings)
	}
	return catalog
}

func serviceNames(catalog *schema.Catalog) []string {
	var names []string
	for _, service := range catalog.Services() {
		names = append(names, service.ParentFile().Path()+" "+string(service.FullName()))
	}
	return names
}

const (
	typesProto = `
syntax = "proto3";
package acme.v1;
import "buf/validate/validate.proto";
// An Item is for sale.
message Item { string name = 1 [(buf.validate.field).string.min_len = 1]; }
`
	shopProto = `
syntax = "proto3";
package acme.v1;
import "acme/v1/types.proto";
import "google/api/annotations.proto";
service Shop { rpc Get(Item) returns (Item) { option (google.api.http) = { get: "/v1/items" }; } }
`
	aloneProto = `
syntax = "proto3";
package alone;
import "google/protobuf/timestamp.proto";
service Alone { rpc Get(google.protobuf.Timestamp) returns (google.protobuf.Timestamp); }
`
)

func acme() map[string]string {
	return map[string]string{
		"acme/v1/types.proto": typesProto,
		"acme/v1/shop.proto":  shopProto,
		"alone.proto":         aloneProto,
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	const broken = "this is not proto"
	tests := []struct {
		name  string
		files map[string]string
		// path is what is loaded, relative to the folder of files.
		path string
		want []string
	}{
		{name: "folder", path: ".", files: acme(), want: []string{"acme/v1/shop.proto acme.v1.Shop", "alone.proto alone.Alone"}},
		{name: "file", path: "alone.proto", files: acme(), want: []string{"alone.proto alone.Alone"}},
		{
			name: "file whose imports resolve further up", path: "acme/v1/shop.proto", files: acme(),
			want: []string{"acme/v1/shop.proto acme.v1.Shop"},
		},
		{
			name: "file that imports services", path: "acme/v1/all.proto",
			files: map[string]string{
				"acme/v1/types.proto": typesProto,
				"acme/v1/shop.proto":  shopProto,
				"acme/v1/alone.proto": aloneProto,
				"acme/v1/all.proto": `
syntax = "proto3"; package all; import "acme/v1/alone.proto"; import "acme/v1/shop.proto"; import "acme/v1/types.proto";
service All { rpc Get(acme.v1.Item) returns (acme.v1.Item); }
`,
			},
			want: []string{"acme/v1/shop.proto acme.v1.Shop", "acme/v1/all.proto all.All", "acme/v1/alone.proto alone.Alone"},
		},
		{
			// Its import resolves in its folder, but what that imports does not.
			name: "file whose import's import resolves further up", path: "up/here/a.proto",
			files: map[string]string{
				"up/here/a.proto":      `syntax = "proto3"; package a; import "here/b.proto"; service S { rpc G(b.M) returns (b.M); }`,
				"up/here/here/b.proto": `syntax = "proto3"; package b; import "here/c.proto"; message M { c.M m = 1; }`,
				"up/here/c.proto":      `syntax = "proto3"; package c; message M {}`,
				"up/here/b.proto":      `syntax = "proto3"; package b; import "here/c.proto"; message M { c.M m = 1; }`,
			},
			want: []string{"here/a.proto a.S"},
		},
		{
			name: "hidden files and node_modules", path: ".",
			files: map[string]string{
				"alone.proto": aloneProto, ".git/a.proto": broken, "x/.cache/a.proto": broken, "._alone.proto": broken,
				"node_modules/a.proto": broken, "x/node_modules/a/b.proto": broken, "x/readme.txt": broken, "proto": broken,
			},
			want: []string{"alone.proto alone.Alone"},
		},
		{
			// Neither the disk's nor the compiler's standard files may be in the way
			// of what the gateway has linked.
			name: "copies of linked files", path: ".",
			files: map[string]string{
				"acme/v1/types.proto":         typesProto,
				"acme/v1/shop.proto":          shopProto,
				"google/api/http.proto":       `syntax = "proto3"; package google.api; message HttpRule { string get = 2; }`,
				"google/protobuf/any.proto":   broken,
				"google/protobuf/empty.proto": broken,
			},
			want: []string{"acme/v1/shop.proto acme.v1.Shop"},
		},
		{
			name: "features of other languages", path: "a.proto",
			files: map[string]string{"a.proto": `
edition = "2023"; package a;
import "google/protobuf/java_features.proto";
option features.(pb.java).utf8_validation = VERIFY;
message M {} service S { rpc G(M) returns (M); }
`},
			want: []string{"a.proto a.S"},
		},
		{
			name: "proto2", path: "a.proto",
			files: map[string]string{"a.proto": `
syntax = "proto2"; package a;
message M { optional group G = 1 { optional M m = 1; } extensions 5; } extend M { optional M m = 5; }
service S { rpc G(M) returns (M); }
`},
			want: []string{"a.proto a.S"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(write(t, test.files), filepath.FromSlash(test.path))
			if diff := cmp.Diff(test.want, serviceNames(load(t, path))); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			if got := protosource.New(path).String(); got != path {
				t.Errorf("String: got %q, want %q", got, path)
			}
		})
	}
}

func TestLoadKeepsCommentsAndOptions(t *testing.T) {
	t.Parallel()
	root := write(t, acme())
	set, err := protosource.New(root).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := protosource.New(root).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(set, again, protocmp.Transform()); diff != "" {
		t.Errorf("two results differ:\n%s", diff)
	}
	if !proto.Equal(set, again) {
		t.Error("two results are not equal")
	}
	catalog := load(t, root)
	item, err := catalog.Files().FindDescriptorByName("acme.v1.Item")
	if err != nil {
		t.Fatal(err)
	}
	if got := item.ParentFile().SourceLocations().ByDescriptor(item).LeadingComments; got != " An Item is for sale.\n" {
		t.Errorf("comment: got %q", got)
	}
	get, err := catalog.Files().FindDescriptorByName("acme.v1.Shop.Get")
	if err != nil {
		t.Fatal(err)
	}
	rule, ok := proto.GetExtension(get.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule.GetGet() != "/v1/items" {
		t.Errorf("http rule: got %v", rule)
	}
}

func TestSymlinks(t *testing.T) {
	t.Parallel()
	elsewhere := write(t, map[string]string{"types.proto": typesProto, "more/alone.proto": aloneProto})
	root := write(t, map[string]string{"acme/v1/shop.proto": shopProto})
	link(t, filepath.Join(elsewhere, "types.proto"), filepath.Join(root, "acme", "v1", "types.proto"))
	link(t, filepath.Join(elsewhere, "more"), filepath.Join(root, "more"))
	// Circles, and a link to nothing.
	link(t, root, filepath.Join(root, "acme", "loop"))
	link(t, "self", filepath.Join(root, "self"))
	link(t, "nowhere", filepath.Join(root, "dangling"))

	linked := filepath.Join(t.TempDir(), "linked")
	link(t, root, linked)
	for _, path := range []string{root, linked} {
		var names []protoreflect.FullName
		for _, service := range load(t, path).Services() {
			names = append(names, service.FullName())
		}
		if diff := cmp.Diff([]protoreflect.FullName{"acme.v1.Shop", "alone.Alone"}, names); diff != "" {
			t.Errorf("%s: services (-want +got):\n%s", path, diff)
		}
	}
}

func TestDanglingProtoFile(t *testing.T) {
	t.Parallel()
	root := write(t, acme())
	link(t, "nowhere", filepath.Join(root, "gone.proto"))
	_, err := protosource.New(root).Load(t.Context())
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "gone.proto") {
		t.Errorf("got %v, want %v of gone.proto", err, os.ErrNotExist)
	}
}

func TestMaxFiles(t *testing.T) {
	t.Parallel()
	files := acme()
	root := write(t, files)
	source := protosource.New(root)
	source.MaxFiles = len(files)
	if _, err := source.Load(t.Context()); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	source = protosource.New(root)
	source.MaxFiles = len(files) - 1
	want := fmt.Sprintf("read .proto files: %s has more than %d of them", root, len(files)-1)
	if _, err := source.Load(t.Context()); err == nil || err.Error() != want {
		t.Errorf("beyond the limit: got %v, want %s", err, want)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	root := write(t, acme())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, path := range []string{root, filepath.Join(root, "alone.proto")} {
		if _, err := protosource.New(path).Load(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", path, err, context.Canceled)
		}
	}
}
