// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/translate"
)

// compileSource returns the file that source is.
func compileSource(tb testing.TB, source string) protoreflect.FileDescriptor {
	tb.Helper()
	compiler := protocompile.Compiler{Resolver: &protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(map[string]string{"a.proto": source}),
	}}
	files, err := compiler.Compile(context.Background(), "a.proto")
	if err != nil {
		tb.Fatal(err)
	}
	return files[0]
}

// sourceSchema returns the schema that source is.
func sourceSchema(tb testing.TB, source string) *schema {
	tb.Helper()
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{
		File: []*descriptorpb.FileDescriptorProto{protodesc.ToFileDescriptorProto(compileSource(tb, source))},
	})
	if err != nil {
		tb.Fatal(err)
	}
	types := dynamicpb.NewTypes(files)
	return &schema{files, types, translate.NewCompiler(types)}
}

// TestCompileWide translates a message with more fields and oneofs than fit
// into a word, and with numbers far apart.
func TestCompileWide(t *testing.T) {
	t.Parallel()
	const n = 3000
	var source, json strings.Builder
	source.WriteString(`syntax = "proto3"; package test; message Wide {`)
	json.WriteString(`{`)
	for i := range n {
		number := i + 1
		if i%10 == 9 {
			number = 100000 + i*17
		}
		switch i % 3 {
		case 0:
			fmt.Fprintf(&source, "int32 f%d = %d;", i, number)
		case 1:
			fmt.Fprintf(&source, "oneof o%d { int32 f%d = %d; string g%d = %d; }", i, i, number, i, 200000+i)
		case 2:
			fmt.Fprintf(&source, "repeated Wide f%d = %d;", i, number)
			continue
		}
		fmt.Fprintf(&json, `"f%d":%d,`, i, i+1)
	}
	source.WriteString("}")
	json.WriteString(`"f2":[{"g1":"a"},{}]`)
	s := sourceSchema(t, source.String())
	md := s.message(t, "Wide")
	for _, src := range []string{json.String() + `}`, json.String() + `,"f2999":[]}`, json.String() + `,"f0":1}`, json.String() + `,"g1":""}`, `{"g2998":"a","g1":"b"}`, `{"g2998":"a","f2998":1}`} {
		checkBoth(t, s, md, []byte(src))
	}
	var wire []byte
	for i := n - 1; i >= 0; i-- {
		fd := md.Fields().ByName(protoreflect.Name(fmt.Sprintf("f%d", i)))
		if fd.Message() == nil {
			wire = protowire.AppendVarint(protowire.AppendTag(wire, fd.Number(), protowire.VarintType), uint64(i))
		}
	}
	wire = protowire.AppendString(protowire.AppendTag(wire, 200001, protowire.BytesType), "x")
	checkWrite(t, s, md, wire, translate.WriteOptions{EmitUnset: true})
}

// TestCompileLookalikes translates types that have the name of a well-known
// one but not its fields: they are messages like any other.
func TestCompileLookalikes(t *testing.T) {
	t.Parallel()
	s := sourceSchema(t, `syntax = "proto3"; package google.protobuf;
		message Timestamp { string text = 1; }
		message Duration { int64 seconds = 1; repeated int32 nanos = 2; }
		message Any { string url = 1; }
		message Struct { int32 fields = 1; }
		message Value { bool null_value = 1; }
		message ListValue {}
		message FieldMask { string paths = 1; }
		message Int32Value { string value = 1; }
		message BoolValue { bool flag = 2; }
		message Holder { Timestamp t = 1; Duration d = 2; Any a = 3; Struct s = 4; Value v = 5; ListValue l = 6; FieldMask m = 7; Int32Value i = 8; BoolValue b = 9; }`)
	p, err := s.compiler.Compile(s.message(t, "google.protobuf.Holder"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"t":{"text":"x"},"d":{"seconds":"1","nanos":[1]},"a":{"url":"u"},"s":{"fields":1},"v":{"nullValue":true},"l":{},"m":{"paths":"p"},"i":{"value":"v"},"b":{"flag":true}}`
	wire, err := p.AppendWire(nil, []byte(want), translate.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.AppendJSON(nil, wire, translate.WriteOptions{})
	if err != nil || string(got) != want {
		t.Errorf("AppendJSON = %s, %v, want %s", got, err, want)
	}
}

func TestCompileUnsupported(t *testing.T) {
	t.Parallel()
	compiler := translate.NewCompiler(nil)
	if _, err := compiler.Compile(nil); err == nil {
		t.Error("Compile took no descriptor")
	}
	file := compileSource(t, `syntax = "proto2"; package test;
		message Set { option message_set_wire_format = true; extensions 4 to max; }
		message Holder { optional Set set = 1; optional string name = 2; }`)
	_, err := compiler.Compile(file.Messages().ByName("Set"))
	if want := "compile test.Set: the message_set_wire_format has no JSON form"; err == nil || err.Error() != want {
		t.Errorf("Compile = %v, want %s", err, want)
	}
	requireBroken(t, compiler, file.Messages().ByName("Holder"), "set")

	// A file whose import is missing links if placeholders are allowed.
	partial, err := protodesc.FileOptions{AllowUnresolvable: true}.New(&descriptorpb.FileDescriptorProto{
		Name: new("b.proto"), Syntax: new("proto3"), Dependency: []string{"missing.proto"},
		MessageType: []*descriptorpb.DescriptorProto{{Name: new("Holder"), Field: []*descriptorpb.FieldDescriptorProto{
			{Name: new("set"), Number: new(int32(1)), TypeName: new(".missing.Message"), Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()},
			{Name: new("name"), Number: new(int32(2)), Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()},
			{Name: new("enum"), Number: new(int32(3)), TypeName: new(".missing.Enum"), Type: descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum()},
		}}},
	}, new(protoregistry.Files))
	if err != nil {
		t.Fatal(err)
	}
	requireBroken(t, compiler, partial.Messages().ByName("Holder"), "set")
}

// requireBroken requires that messages of md can be translated as long as they
// do not have the field.
func requireBroken(t *testing.T, compiler *translate.Compiler, md protoreflect.MessageDescriptor, field string) {
	t.Helper()
	p, err := compiler.Compile(md)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.AppendWire(nil, []byte(`{"name":"a"}`), translate.ReadOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := p.AppendWire(nil, []byte(`{"`+field+`":{}}`), translate.ReadOptions{}); err == nil {
		t.Error("AppendWire took a message of an unsupported type")
	}
	if _, err := p.AppendJSON(nil, []byte("\x12\x01a"), translate.WriteOptions{EmitUnset: true}); err != nil {
		t.Error(err)
	}
	if _, err := p.AppendJSON(nil, []byte("\x0a\x00"), translate.WriteOptions{}); err == nil {
		t.Error("AppendJSON took a message of an unsupported type")
	}
}

func BenchmarkCompile(b *testing.B) {
	const n = 10000
	var source strings.Builder
	source.WriteString(`syntax = "proto3"; package test;`)
	for i := range n {
		fmt.Fprintf(&source, "message M%d { string name = 1; int64 id = 2; repeated M%d next = 3; map<string, int32> labels = 4; bool flag = 5; M%d other = 6; }", i, (i+1)%n, i*7%n)
	}
	s := sourceSchema(b, source.String())
	types := make([]protoreflect.MessageDescriptor, n)
	for i := range types {
		types[i] = s.message(b, fmt.Sprintf("M%d", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		compiler := translate.NewCompiler(s.types)
		for _, md := range types {
			if _, err := compiler.Compile(md); err != nil {
				b.Fatal(err)
			}
		}
	}
}
