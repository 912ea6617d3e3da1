// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// compile makes an input of sources.
func compile(t testing.TB, origin string, sources schematest.Sources) schema.Input {
	t.Helper()
	return schema.Input{Origin: origin, Files: schematest.Compile(t, sources)}
}

// mustNew makes a catalog and requires that inputs are left as they were.
func mustNew(t testing.TB, inputs ...schema.Input) *schema.Catalog {
	t.Helper()
	before := make([]*descriptorpb.FileDescriptorSet, len(inputs))
	for i, input := range inputs {
		before[i] = proto.CloneOf(input.Files)
	}
	catalog, err := schema.New(inputs...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	for i, input := range inputs {
		if !proto.Equal(input.Files, before[i]) {
			t.Errorf("New changed the input %q", input.Origin)
		}
	}
	checkComplete(t, catalog)
	return catalog
}

// checkComplete requires that each file's imports are in the registry: that is
// what server reflection needs to serve a catalog.
func checkComplete(t testing.TB, catalog *schema.Catalog) {
	t.Helper()
	catalog.Files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		imports := file.Imports()
		for i := range imports.Len() {
			imported := imports.Get(i)
			if imported.IsPlaceholder() {
				t.Errorf("%q imports %q, which is a placeholder", file.Path(), imported.Path())
			}
			if found, err := catalog.Files().FindFileByPath(imported.Path()); err != nil || found != imported.FileDescriptor {
				t.Errorf("%q imports %q, which is not that of the registry (%v)", file.Path(), imported.Path(), err)
			}
		}
		return true
	})
}

func serviceNames(catalog *schema.Catalog) []string {
	var names []string
	for _, service := range catalog.Services() {
		names = append(names, string(service.FullName()))
	}
	return names
}

func checkServices(t testing.TB, catalog *schema.Catalog, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, serviceNames(catalog)); diff != "" {
		t.Errorf("Services (-want +got):\n%s", diff)
	}
}

func checkWarnings(t testing.TB, catalog *schema.Catalog, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, catalog.Warnings()); diff != "" {
		t.Errorf("Warnings (-want +got):\n%s", diff)
	}
}

// checkError requires an error whose lines contain the wanted texts, in order.
func checkError(t testing.TB, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%v", len(lines), len(want), err)
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) {
			t.Errorf("line %d: got %q, want %q", i+1, line, want[i])
		}
	}
}

// find returns the descriptor of this name.
func find[T protoreflect.Descriptor](t testing.TB, catalog *schema.Catalog, name protoreflect.FullName) T {
	t.Helper()
	descriptor, err := catalog.Files().FindDescriptorByName(name)
	if err != nil {
		t.Fatalf("find %s: %v", name, err)
	}
	d, ok := descriptor.(T)
	if !ok {
		t.Fatalf("%s is a %T", name, descriptor)
	}
	return d
}

func isDeclared(catalog *schema.Catalog, name protoreflect.FullName) bool {
	_, err := catalog.Files().FindDescriptorByName(name)
	return err == nil
}

// shop is a small API in two files, used where any API will do.
func shop() schematest.Sources {
	return schematest.Sources{
		"acme/item.proto": `
syntax = "proto3";
package acme;
// An Item is for sale.
message Item {
  string item_name = 1;
  enum Kind { KIND_UNSPECIFIED = 0; }
  Kind kind = 2;
}
`,
		"acme/shop.proto": `
syntax = "proto3";
package acme;
import "acme/item.proto";
import "google/api/annotations.proto";
service Shop {
  rpc Get(Item) returns (Item) { option (google.api.http) = { get: "/v1/{item_name}" }; }
}
`,
	}
}
