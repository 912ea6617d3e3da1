// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// service is a file with a service, for there must be one.
func service(path, pkg string, imports ...string) *descriptorpb.FileDescriptorProto {
	return &descriptorpb.FileDescriptorProto{
		Name: new(path), Package: new(pkg), Syntax: new("proto3"),
		Dependency:  imports,
		MessageType: []*descriptorpb.DescriptorProto{{Name: new("M")}},
		Service: []*descriptorpb.ServiceDescriptorProto{{
			Name: new("S"),
			Method: []*descriptorpb.MethodDescriptorProto{{
				Name: new("G"), InputType: new("M"), OutputType: new("M"),
			}},
		}},
	}
}

func newOf(files ...*descriptorpb.FileDescriptorProto) (*Catalog, error) {
	return New(Input{Origin: "x", Files: &descriptorpb.FileDescriptorSet{File: files}})
}

func isServed(catalog *Catalog, name protoreflect.FullName) bool {
	for _, service := range catalog.Services() {
		if service.FullName() == name {
			return true
		}
	}
	return false
}

func TestMaxFiles(t *testing.T) {
	t.Parallel()
	files := []*descriptorpb.FileDescriptorProto{service("s.proto", "s")}
	for i := len(files); i < maxFiles; i++ {
		files = append(files, &descriptorpb.FileDescriptorProto{Name: new(fmt.Sprintf("%d.proto", i))})
	}
	if _, err := newOf(files...); err != nil {
		t.Errorf("%d files: %v", len(files), err)
	}
	files = append(files, &descriptorpb.FileDescriptorProto{Name: new("more.proto")})
	_, err := newOf(files...)
	if want := "merge schemas: 20001 files are more than the limit of 20000"; err == nil || err.Error() != want {
		t.Errorf("%d files: got error %v, want %s", len(files), err, want)
	}
}

// TestNameLimits adds to a file something of a given size, for which a limit
// holds: the file must be served at the limit, and left out beyond it.
func TestNameLimits(t *testing.T) {
	t.Parallel()
	// name makes a name that is n bytes long behind a prefix.
	name := func(prefix string, n int) *string { return new(strings.Repeat("x", n-len(prefix))) }
	tests := []struct {
		name  string
		limit int
		add   func(f *descriptorpb.FileDescriptorProto, n int)
	}{
		{name: "nesting", limit: maxNesting, add: func(f *descriptorpb.FileDescriptorProto, n int) {
			inner := f.GetMessageType()[0]
			for range n - 1 {
				inner.NestedType = []*descriptorpb.DescriptorProto{{Name: new("N")}}
				inner = inner.GetNestedType()[0]
			}
		}},
		{name: "package", limit: maxNameLength - len(".S.G"), add: func(f *descriptorpb.FileDescriptorProto, n int) {
			f.Package = name("", n)
		}},
		{name: "message", limit: maxNameLength, add: func(f *descriptorpb.FileDescriptorProto, n int) {
			f.MessageType = append(f.GetMessageType(), &descriptorpb.DescriptorProto{Name: name("s.", n)})
		}},
		{name: "reference", limit: maxNameLength, add: func(f *descriptorpb.FileDescriptorProto, n int) {
			long := name("s.", n)
			f.MessageType = append(f.GetMessageType(), &descriptorpb.DescriptorProto{Name: long})
			f.GetService()[0].GetMethod()[0].OutputType = new(".s." + *long)
		}},
		{name: "field", limit: maxNameLength, add: func(f *descriptorpb.FileDescriptorProto, n int) {
			f.GetMessageType()[0].Field = []*descriptorpb.FieldDescriptorProto{{
				Name: name("s.M.", n), Number: proto.Int32(1),
				Type:  descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum(),
				Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}}
		}},
		{name: "enum value", limit: maxNameLength, add: func(f *descriptorpb.FileDescriptorProto, n int) {
			f.EnumType = []*descriptorpb.EnumDescriptorProto{{
				Name:  new("E"),
				Value: []*descriptorpb.EnumValueDescriptorProto{{Name: name("s.", n), Number: proto.Int32(0)}},
			}}
		}},
		{name: "method", limit: maxNameLength, add: func(f *descriptorpb.FileDescriptorProto, n int) {
			f.GetService()[0].GetMethod()[0].Name = name("s.S.", n)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{test.limit, test.limit + 1} {
				limited := service("s.proto", "s")
				test.add(limited, n)
				catalog, err := newOf(limited, service("other.proto", "other"))
				if err != nil {
					t.Fatal(err)
				}
				want := n <= test.limit
				got := isServed(catalog, protoreflect.FullName(limited.GetPackage()+".S"))
				if got != want {
					t.Errorf("at %d: is served: got %t, want %t; %q", n, got, want, catalog.Warnings())
				}
				if !isServed(catalog, "other.S") {
					t.Errorf("at %d: the other file is not served", n)
				}
			}
		})
	}
}

// TestMaxPublicImports has files each of which imports two files publicly that
// both import the next two: the paths double with each layer.
func TestMaxPublicImports(t *testing.T) {
	t.Parallel()
	const layers = 60
	var files []*descriptorpb.FileDescriptorProto
	for i := range layers {
		for _, side := range []string{"a", "b"} {
			f := &descriptorpb.FileDescriptorProto{Name: new(fmt.Sprintf("%s%02d.proto", side, i))}
			if i > 0 {
				f.Dependency = []string{fmt.Sprintf("a%02d.proto", i-1), fmt.Sprintf("b%02d.proto", i-1)}
				f.PublicDependency = []int32{0, 1}
			}
			files = append(files, f)
		}
	}
	// Through a file of layer n one sees 2ⁿ⁺¹-1 files.
	files = append(files,
		service("within.proto", "within", "a11.proto", "a06.proto"),
		service("deep.proto", "deep", "a59.proto"),
	)
	catalog, err := newOf(files...)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []protoreflect.FullName{"within.S", "deep.S"} {
		if !isServed(catalog, name) {
			t.Errorf("%s is not served", name)
		}
	}
	const want = `"a13.proto" (x) left out: it sees more than 10000 files through public imports`
	if got := catalog.Warnings(); len(got) == 0 || got[0] != want {
		t.Errorf("warnings: got %q, want %q first", got, want)
	}
}

// TestMaxPublicImportsExactly counts up to the limit and beyond it.
func TestMaxPublicImportsExactly(t *testing.T) {
	t.Parallel()
	var files []*descriptorpb.FileDescriptorProto
	var all []string
	for i := range maxPublicImports {
		path := fmt.Sprintf("%05d.proto", i)
		all = append(all, path)
		files = append(files, &descriptorpb.FileDescriptorProto{Name: new(path)})
	}
	files = append(files, &descriptorpb.FileDescriptorProto{Name: new("z.proto")})
	files = append(files,
		service("at.proto", "at", all...),
		service("beyond.proto", "beyond", append(slices.Clip(all), "z.proto")...))
	catalog, err := newOf(files...)
	if err != nil {
		t.Fatal(err)
	}
	if !isServed(catalog, "at.S") {
		t.Errorf("at the limit: not served: %q", catalog.Warnings())
	}
	if isServed(catalog, "beyond.S") {
		t.Error("beyond the limit: served")
	}
}

func TestOrderOfChain(t *testing.T) {
	t.Parallel()
	// As long as there may be files, each importing the next.
	files := make([]*file, maxFiles)
	for i := range files {
		fd := &descriptorpb.FileDescriptorProto{Name: new(fmt.Sprintf("%05d.proto", i))}
		if i+1 < len(files) {
			fd.Dependency = []string{fmt.Sprintf("%05d.proto", i+1)}
		}
		files[i] = &file{path: fd.GetName(), proto: fd}
	}
	sorted, cycles := order(files)
	if len(cycles) != 0 || len(sorted) != len(files) {
		t.Fatalf("got %d sorted and %d cycles", len(sorted), len(cycles))
	}
	for i, f := range sorted {
		if f != files[len(files)-1-i] {
			t.Fatalf("at %d: got %q", i, f.path)
		}
	}
}
