// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/translate"
)

// oracleDepth is the limit that the oracle has by default. Input as deep as
// the translator's own default is tested by itself.
const oracleDepth = 10000

// checkRead requires that the translator and protojson take the same JSON and,
// where they do, agree on the message.
func checkRead(tb testing.TB, s *schema, md protoreflect.MessageDescriptor, src []byte, discard bool) {
	tb.Helper()
	program, err := s.compiler.Compile(md)
	if err != nil {
		tb.Fatal(err)
	}
	want := dynamicpb.NewMessage(md)
	wantErr := protojson.UnmarshalOptions{Resolver: s.types, DiscardUnknown: discard}.Unmarshal(src, want)
	wire, gotErr := program.AppendWire([]byte("prefix"), src, translate.ReadOptions{DiscardUnknown: discard, MaxDepth: oracleDepth})
	if gotErr != nil {
		if string(wire) != "prefix" {
			tb.Fatalf("AppendWire(%q) returned %q with its error", src, wire)
		}
		// protojson takes numbers such as 1e, which RFC 8259 does not.
		if wantErr == nil && json.Valid(src) {
			tb.Errorf("%s: AppendWire(%q) = %v, protojson accepts it", md.FullName(), src, gotErr)
		}
		return
	}
	if wantErr != nil {
		tb.Errorf("%s: AppendWire(%q) accepts it, protojson = %v", md.FullName(), src, wantErr)
		return
	}
	wire, ok := bytes.CutPrefix(wire, []byte("prefix"))
	if !ok {
		tb.Fatalf("AppendWire(%q) changed what was before", src)
	}
	got := dynamicpb.NewMessage(md)
	if err := (proto.UnmarshalOptions{Resolver: s.types}).Unmarshal(wire, got); err != nil {
		tb.Errorf("%s: AppendWire(%q) wrote bad wire %x: %v", md.FullName(), src, wire, err)
		return
	}
	requireEqual(tb, s, src, got, want)
}

// requireEqual requires that two messages are equal. What is inside an Any may
// have its fields in another order, which their JSON does not show.
func requireEqual(tb testing.TB, s *schema, src []byte, got, want proto.Message) {
	tb.Helper()
	if proto.Equal(got, want) {
		return
	}
	o := protojson.MarshalOptions{Resolver: s.types}
	gotJSON, gotErr := o.Marshal(got)
	wantJSON, wantErr := o.Marshal(want)
	if gotErr != nil || wantErr != nil || compact(tb, gotJSON) != compact(tb, wantJSON) {
		tb.Errorf("AppendWire(%q) wrote another message:\ngot  %v\nwant %v", src, got, want)
	}
}

// checkWrite requires that the translator and protojson take the same wire
// and, where they do, write the same JSON but for white space.
func checkWrite(tb testing.TB, s *schema, md protoreflect.MessageDescriptor, wire []byte, o translate.WriteOptions) {
	tb.Helper()
	program, err := s.compiler.Compile(md)
	if err != nil {
		tb.Fatal(err)
	}
	message := dynamicpb.NewMessage(md)
	var want []byte
	wantErr := unmarshal(s, wire, message)
	if errors.Is(wantErr, errOracle) {
		_, _ = program.AppendJSON(nil, wire, o) // which must not panic as well
		return
	}
	if wantErr == nil {
		want, wantErr = protojson.MarshalOptions{
			UseProtoNames:   o.ProtoNames,
			UseEnumNumbers:  o.EnumNumbers,
			EmitUnpopulated: o.EmitUnset,
			Resolver:        s.types,
		}.Marshal(message)
	}
	o.MaxDepth = oracleDepth
	got, gotErr := program.AppendJSON([]byte("{"), wire, o)
	if gotErr != nil {
		if string(got) != "{" {
			tb.Fatalf("AppendJSON(%x) returned %q with its error", wire, got)
		}
		if wantErr == nil {
			tb.Errorf("%s: AppendJSON(%x) = %v, protojson accepts it as %s", md.FullName(), wire, gotErr, want)
		}
		return
	}
	if wantErr != nil {
		tb.Errorf("%s: AppendJSON(%x) = %s, protojson = %v", md.FullName(), wire, got, wantErr)
		return
	}
	got, ok := bytes.CutPrefix(got, []byte("{"))
	if !ok {
		tb.Fatalf("AppendJSON(%x) changed what was before", wire)
	}
	if want := compact(tb, want); string(got) != want {
		tb.Errorf("%s: AppendJSON(%x, %+v)\ngot  %s\nwant %s", md.FullName(), wire, o, got, want)
	}
}

var errOracle = errors.New("the oracle panicked")

// unmarshal is proto.Unmarshal, which panics in dynamic messages at a map entry
// that has its key once more with another wire type.
func unmarshal(s *schema, wire []byte, message proto.Message) (err error) {
	defer func() {
		if recover() != nil {
			err = errOracle
		}
	}()
	return proto.UnmarshalOptions{Resolver: s.types}.Unmarshal(wire, message)
}

// compact returns JSON without the white space that protojson writes at
// random.
func compact(tb testing.TB, src []byte) string {
	tb.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, src); err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	return out.String()
}

// writeOptions are all combinations.
func writeOptions() []translate.WriteOptions {
	var all []translate.WriteOptions
	for i := range 8 {
		all = append(all, translate.WriteOptions{ProtoNames: i&1 != 0, EmitUnset: i&2 != 0, EnumNumbers: i&4 != 0})
	}
	return all
}

// checkBoth checks JSON both ways.
func checkBoth(tb testing.TB, s *schema, md protoreflect.MessageDescriptor, src []byte) {
	tb.Helper()
	checkRead(tb, s, md, src, false)
	checkRead(tb, s, md, src, true)
	message := dynamicpb.NewMessage(md)
	if err := (protojson.UnmarshalOptions{Resolver: s.types, AllowPartial: true}).Unmarshal(src, message); err != nil {
		return
	}
	wire, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(message)
	if err != nil {
		tb.Fatal(err)
	}
	for _, o := range writeOptions() {
		checkWrite(tb, s, md, wire, o)
	}
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, group := range corpus() {
		t.Run(group.message, func(t *testing.T) {
			t.Parallel()
			md := s.message(t, group.message)
			for _, src := range append(group.json, hostileJSON()...) {
				checkBoth(t, s, md, []byte(src))
			}
			for _, wire := range append(group.wire, hostileWire()...) {
				for _, o := range writeOptions() {
					checkWrite(t, s, md, []byte(wire), o)
				}
			}
		})
	}
}

func FuzzScalars(f *testing.F)     { fuzz(f, "v3.Scalars") }
func FuzzOptionals(f *testing.F)   { fuzz(f, "v3.Optionals") }
func FuzzLists(f *testing.F)       { fuzz(f, "v3.Lists") }
func FuzzMaps(f *testing.F)        { fuzz(f, "v3.Maps") }
func FuzzOneofs(f *testing.F)      { fuzz(f, "v3.Oneofs") }
func FuzzTree(f *testing.F)        { fuzz(f, "v3.Tree") }
func FuzzWellKnown(f *testing.F)   { fuzz(f, "v3.WellKnown") }
func FuzzNames(f *testing.F)       { fuzz(f, "v3.Names") }
func FuzzItem(f *testing.F)        { fuzz(f, "v3.Item") }
func FuzzProto2(f *testing.F)      { fuzz(f, "v2.Scalars") }
func FuzzRequired(f *testing.F)    { fuzz(f, "v2.Required") }
func FuzzGroups(f *testing.F)      { fuzz(f, "v2.Groups") }
func FuzzExtendable(f *testing.F)  { fuzz(f, "v2.Extendable") }
func FuzzEditions(f *testing.F)    { fuzz(f, "v2023.Features") }
func FuzzMust(f *testing.F)        { fuzz(f, "v2023.Must") }
func FuzzAny(f *testing.F)         { fuzz(f, "google.protobuf.Any") }
func FuzzTimestamp(f *testing.F)   { fuzz(f, "google.protobuf.Timestamp") }
func FuzzDuration(f *testing.F)    { fuzz(f, "google.protobuf.Duration") }
func FuzzFieldMask(f *testing.F)   { fuzz(f, "google.protobuf.FieldMask") }
func FuzzStruct(f *testing.F)      { fuzz(f, "google.protobuf.Struct") }
func FuzzValue(f *testing.F)       { fuzz(f, "google.protobuf.Value") }
func FuzzListValue(f *testing.F)   { fuzz(f, "google.protobuf.ListValue") }
func FuzzDoubleValue(f *testing.F) { fuzz(f, "google.protobuf.DoubleValue") }
func FuzzStringValue(f *testing.F) { fuzz(f, "google.protobuf.StringValue") }

// fuzz runs both directions of one message type against the oracle. What is
// JSON is read, and everything is taken for wire.
func fuzz(f *testing.F, message string) {
	f.Helper()
	s := testSchema(f)
	md := s.message(f, message)
	for _, group := range corpus() {
		if group.message != message {
			continue
		}
		for _, src := range group.json {
			f.Add([]byte(src), byte(0))
			m := dynamicpb.NewMessage(md)
			if err := (protojson.UnmarshalOptions{Resolver: s.types, AllowPartial: true}).Unmarshal([]byte(src), m); err != nil {
				continue
			}
			wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(wire, byte(len(wire)))
		}
		for i, wire := range group.wire {
			f.Add([]byte(wire), byte(i))
		}
	}
	options := writeOptions()
	f.Fuzz(func(t *testing.T, src []byte, option byte) {
		checkRead(t, s, md, src, option&8 != 0)
		checkWrite(t, s, md, src, options[option%8])
	})
}
