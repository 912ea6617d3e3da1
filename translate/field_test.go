// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/translate"
)

// field returns the compiled path in a message of the tests.
func field(tb testing.TB, s *schema, message, path string) *translate.Field {
	tb.Helper()
	f, err := s.program(tb, message).Field(path)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// TestAppendTextLikeGateway holds URL text against grpc-gateway's own reading
// of it. That needs enums in the global registry: they are tested below.
func TestAppendTextLikeGateway(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	texts := []string{
		"", "0", "-0", "1", "-1", "+1", "01", " 1", "1.0", "1e3", "0x10", "1_000", "true", "TRUE", "t", "F", "yes", "null", "NaN", "nan", "Infinity", "-Infinity", "inf", "+Inf", "1e400", "-1.5", ".5", "5.",
		"2147483648", "-2147483649", "4294967296", "9223372036854775808", "18446744073709551615", "18446744073709551616", "3.5e38", "AA==", "AA", "-_8", "+/8=", "A", "é", "a,b", "a.b,cD,e_f", ",", "{}", "{", "[]", `"x"`, `{"a":1}`, `{"a":1,"a":2}`, "{} x",
		"2001-02-03T04:05:06Z", "2001-02-03T04:05:06.5+01:00", "2001-02-03", "0000-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "1s", "1.5s", "-1h2m3.000000004s", "1h", "1", "s", "400000h", "4000000h", "9999999999s",
	}
	targets := []struct{ message, path string }{
		{"v3.Tree", "left.right.weight"}, {"v3.Tree", "left.name"}, {"v3.Tree", "left"}, {"v3.WellKnown", "any"}, {"v3.WellKnown", "timestamp.seconds"}, {"v3.WellKnown", "string_value.value"},
		{"v3.Oneofs", "wrapped"}, {"v3.Oneofs", "number"}, {"v3.Optionals", "int32_field"}, {"v2.Groups", "single"}, {"v2.Groups", "single.id"}, {"v2023.Features", "delimited.prefixed.implicit"},
	}
	for _, name := range []string{"bool", "int32", "sint32", "sfixed32", "uint32", "fixed32", "int64", "sint64", "sfixed64", "uint64", "fixed64", "float", "double", "string", "bytes"} {
		targets = append(targets, struct{ message, path string }{"v3.Scalars", name + "_field"}, struct{ message, path string }{"v3.Lists", name + "_field"})
	}
	for _, name := range []string{"duration", "empty", "mask", "list", "struct", "timestamp", "value", "bool_value", "int32_value", "int64_value", "uint32_value", "uint64_value", "float_value", "double_value", "string_value", "bytes_value", "timestamps", "values", "strings"} {
		targets = append(targets, struct{ message, path string }{"v3.WellKnown", name})
	}
	for _, target := range targets {
		t.Run(target.message+"/"+target.path, func(t *testing.T) {
			t.Parallel()
			f := field(t, s, target.message, target.path)
			for _, text := range texts {
				want := dynamicpb.NewMessage(s.message(t, target.message))
				wantErr := runtime.PopulateFieldFromPath(want, target.path, text)
				if wantErr == nil {
					_, wantErr = proto.Marshal(want) // where it finds invalid UTF-8
				}
				wire, gotErr := f.AppendText(nil, text)
				if (gotErr == nil) != (wantErr == nil) {
					t.Errorf("AppendText(%q) = %v, grpc-gateway = %v", text, gotErr, wantErr)
				}
				if gotErr != nil || wantErr != nil {
					continue
				}
				requireWire(t, s, target.message, wire, want)
			}
		})
	}
}

// requireWire requires that wire is the message want, which may have messages
// of generated types inside.
func requireWire(t *testing.T, s *schema, message string, wire []byte, want proto.Message) {
	t.Helper()
	encoded, err := proto.MarshalOptions{AllowPartial: true}.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	decode := func(b []byte) proto.Message {
		m := dynamicpb.NewMessage(s.message(t, message))
		if err := (proto.UnmarshalOptions{Resolver: s.types, AllowPartial: true}).Unmarshal(b, m); err != nil {
			t.Fatalf("bad wire %x: %v", b, err)
		}
		return m
	}
	if got, want := decode(wire), decode(encoded); !proto.Equal(got, want) {
		t.Errorf("wire %x is %v, want %v", wire, got, want)
	}
}

// requireJSON requires that wire is the message that JSON stands for.
func requireJSON(t *testing.T, s *schema, message string, wire []byte, want string) {
	t.Helper()
	m := dynamicpb.NewMessage(s.message(t, message))
	if err := (protojson.UnmarshalOptions{Resolver: s.types, AllowPartial: true}).Unmarshal([]byte(want), m); err != nil {
		t.Fatal(err)
	}
	requireWire(t, s, message, wire, m)
}

func TestAppendTextEnum(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range []struct{ name, text, want string }{
		{"name", "COLOR_RED", `{"color":1}`},
		{"alias", "COLOR_CRIMSON", `{"color":1}`},
		{"number", "1000000", `{"color":1000000}`},
		{"negative number", "-7", `{"color":-7}`},
		{"number that the enum does not have", "5", ""},
		{"other case", "color_red", ""},
		{"nothing", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wire, err := field(t, s, "v3.Scalars", "color").AppendText(nil, row.text)
			if (err != nil) != (row.want == "") {
				t.Fatalf("AppendText(%q) = %v", row.text, err)
			}
			if err == nil {
				requireJSON(t, s, "v3.Scalars", wire, row.want)
			}
		})
	}
}

// TestAppendTextReplaces checks that a zero counts when it comes after another
// value: the path of a URL wins over the body.
func TestAppendTextReplaces(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	wire, err := s.program(t, "v3.Tree").AppendWire(nil, []byte(`{"left":{"weight":"5","name":"a"},"name":"b"}`), translate.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{"left.weight": "0", "name": ""} {
		if wire, err = field(t, s, "v3.Tree", path).AppendText(wire, text); err != nil {
			t.Fatal(err)
		}
	}
	requireJSON(t, s, "v3.Tree", wire, `{"left":{"name":"a"}}`)
}

func TestAppendMapEntryLikeGateway(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	keys := []string{"", "a", "1", "-1", "01", "true", "T", "2147483648", "18446744073709551615"}
	values := []string{"", "1", "-1", "x", "true", "1.5", "AA==", "2001-02-03T04:05:06Z", "null", `{"a":1}`}
	for _, name := range []string{"by_bool", "by_int32", "by_sint32", "by_sfixed32", "by_uint32", "by_fixed32", "by_int64", "by_sint64", "by_sfixed64", "by_uint64", "by_fixed64", "by_string", "trees", "values", "times"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := field(t, s, "v3.Maps", name)
			for _, key := range keys {
				for _, value := range values {
					want := dynamicpb.NewMessage(s.message(t, "v3.Maps"))
					query := url.Values{name + "[" + key + "]": {value}}
					wantErr := runtime.PopulateQueryParameters(want, query, utilities.NewDoubleArray(nil))
					wire, gotErr := f.AppendMapEntry(nil, key, value)
					if (gotErr == nil) != (wantErr == nil) {
						t.Errorf("AppendMapEntry(%q, %q) = %v, grpc-gateway = %v", key, value, gotErr, wantErr)
					}
					if gotErr == nil && wantErr == nil {
						requireWire(t, s, "v3.Maps", wire, want)
					}
				}
			}
		})
	}
}

func TestFieldErrors(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range []struct{ name, message, path, want string }{
		{"unknown", "v3.Tree", "left.nothing", `field path "left.nothing": the message test.v3.Tree has no field "nothing"`},
		{"empty", "v3.Tree", "", `field path "": the message test.v3.Tree has no field ""`},
		{"through a scalar", "v3.Tree", "name.x", `field path "name.x": the field "name" of test.v3.Tree is not a singular message`},
		{"through a list", "v3.Tree", "children.name", `field path "children.name": the field "children" of test.v3.Tree is not a singular message`},
		{"through a map", "v3.Maps", "trees.value", `field path "trees.value": the field "trees" of test.v3.Maps is not a singular message`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := s.program(t, row.message).Field(row.path)
			if err == nil || err.Error() != row.want {
				t.Errorf("Field(%q) = %v, want %s", row.path, err, row.want)
			}
		})
	}
	if _, err := field(t, s, "v3.Maps", "trees").AppendText(nil, "x"); err == nil {
		t.Error("a map took a value without a key")
	}
	if _, err := field(t, s, "v3.Tree", "name").AppendMapEntry(nil, "k", "v"); err == nil {
		t.Error("a string took a key")
	}
}

func TestFieldAppendWire(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range []struct{ name, message, path, json, want string }{
		{"message", "v3.Tree", "left", `{"name":"a"}`, `{"left":{"name":"a"}}`},
		{"inner message by JSON name", "v3.Item", "owner", `{"age":3}`, `{"owner":{"age":3}}`},
		{"scalar", "v3.Tree", "left.right.weight", `"5"`, `{"left":{"right":{"weight":"5"}}}`},
		{"list of messages", "v3.Tree", "left.children", `[{"name":"a"},{}]`, `{"left":{"children":[{"name":"a"},{}]}}`},
		{"packed list", "v3.Lists", "int32Field", `[1,2]`, `{"int32Field":[1,2]}`},
		{"map", "v3.Maps", "colors", `{"a":"COLOR_RED"}`, `{"colors":{"a":1}}`},
		{"group", "v2.Groups", "single", `{"id":1}`, `{"single":{"id":1}}`},
		{"in a group", "v2.Groups", "single.nested", `[{"text":"a"}]`, `{"single":{"nested":[{"text":"a"}]}}`},
		{"null", "v3.Tree", "left.name", `null`, `{}`},
		{"null as a value", "v3.WellKnown", "value", ` null `, `{"value":null}`},
		{"timestamp", "v3.WellKnown", "timestamp", `"2001-02-03T04:05:06Z"`, `{"timestamp":"2001-02-03T04:05:06Z"}`},
		{"long message", "v3.Tree", "left.left", `{"name":"` + strings.Repeat("x", 300) + `"}`, `{"left":{"left":{"name":"` + strings.Repeat("x", 300) + `"}}}`},
		{"wrong type", "v3.Tree", "left", `[]`, ""},
		{"more than one value", "v3.Tree", "left", `{} {}`, ""},
		{"nothing", "v3.Tree", "left", ``, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wire, err := field(t, s, row.message, row.path).AppendWire(nil, []byte(row.json), translate.ReadOptions{})
			if (err != nil) != (row.want == "") {
				t.Fatalf("AppendWire(%s) = %v", row.json, err)
			}
			if err == nil {
				requireJSON(t, s, row.message, wire, row.want)
			}
		})
	}
}

func TestFieldAppendJSON(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range []struct{ name, message, path, json, want string }{
		{"message", "v3.Tree", "left", `{"left":{"name":"a"}}`, `{"name":"a"}`},
		{"message that is not set", "v3.Tree", "left", `{}`, `{}`},
		{"message in one that is not set", "v3.Tree", "left.right", `{"name":"x"}`, `{}`},
		{"timestamp that is not set", "v3.WellKnown", "timestamp", `{}`, `"1970-01-01T00:00:00Z"`},
		{"value that is not set", "v3.WellKnown", "value", `{}`, `null`},
		{"list", "v3.Tree", "children", `{"children":[{"weight":"5"},{}]}`, `[{"weight":"5"},{}]`},
		{"list that is not set", "v3.Tree", "children", `{}`, `null`},
		{"64-bit integer", "v3.Tree", "weight", `{"weight":"5"}`, `5`},
		{"64-bit integers", "v3.Lists", "uint64Field", `{"uint64Field":["18446744073709551615"]}`, `[18446744073709551615]`},
		{"map of 64-bit integers", "v3.Maps", "by_int64", `{"byInt64":{"1":"2"}}`, `{"1":2}`},
		{"map that is not set", "v3.Maps", "by_int64", `{}`, `{}`},
		{"scalar that is not set", "v3.Tree", "weight", `{}`, `0`},
		{"string that is not set", "v3.Tree", "name", `{}`, `""`},
		{"optional that is not set", "v3.Optionals", "int32_field", `{}`, `null`},
		{"enum", "v3.Scalars", "color", `{"color":1}`, `"COLOR_RED"`},
		{"enum that is not set", "v3.Scalars", "color", `{}`, `"COLOR_UNSPECIFIED"`},
		{"enum without a name", "v3.Scalars", "color", `{"color":9}`, `"9"`},
		{"in a group", "v2.Groups", "single.id", `{"single":{"id":1}}`, `1`},
		{"map with messages", "v3.Maps", "trees", `{"trees":{"b":{},"a":{"weight":"1"}}}`, `{"a":{"weight":"1"},"b":{}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wire, err := s.program(t, row.message).AppendWire(nil, []byte(row.json), translate.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := field(t, s, row.message, row.path).AppendJSON(nil, wire, translate.WriteOptions{})
			if err != nil || string(got) != row.want {
				t.Errorf("AppendJSON = %s, %v, want %s", got, err, row.want)
			}
		})
	}
	if got, err := field(t, s, "v3.Tree", "children").AppendJSON(nil, nil, translate.WriteOptions{EmitUnset: true}); err != nil || string(got) != "[]" {
		t.Errorf("AppendJSON of a list that is not set, with EmitUnset = %s, %v, want []", got, err)
	}
	// A message that is split over several places is merged.
	if got, err := field(t, s, "v3.Tree", "left.right").AppendJSON(nil, []byte("\x12\x04\x0a\x02\x20\x01\x20\x07\x12\x05\x0a\x03\x4a\x01a"), translate.WriteOptions{}); err != nil || string(got) != `{"name":"a","weight":"1"}` {
		t.Errorf("AppendJSON of a split message = %s, %v", got, err)
	}
	if _, err := field(t, s, "v3.Tree", "left.right").AppendJSON(nil, []byte("\x12\x02\x0a"), translate.WriteOptions{}); err == nil {
		t.Error("AppendJSON took malformed wire")
	}
}

func FuzzAppendText(f *testing.F) {
	s := testSchema(f)
	for _, text := range []string{"", "1", "-1.5e3", "true", "NaN", "AA==", "1h2m", "2001-02-03T04:05:06Z", "a,b", `{"a":[1]}`, "x"} {
		f.Add(text)
	}
	var targets []struct{ message, path string }
	for message, paths := range map[string][]string{
		"v3.Scalars":   {"bool_field", "sint32_field", "fixed64_field", "float_field", "double_field", "bytes_field", "string_field"},
		"v3.WellKnown": {"duration", "timestamp", "mask", "struct", "value", "empty", "float_value"},
	} {
		for _, path := range paths {
			targets = append(targets, struct{ message, path string }{message, path})
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, target := range targets {
			want := dynamicpb.NewMessage(s.message(t, target.message))
			wantErr := runtime.PopulateFieldFromPath(want, target.path, text)
			if wantErr == nil {
				_, wantErr = proto.Marshal(want)
			}
			wire, gotErr := field(t, s, target.message, target.path).AppendText(nil, text)
			if (gotErr == nil) != (wantErr == nil) {
				t.Errorf("%s: AppendText(%q) = %v, grpc-gateway = %v", target.path, text, gotErr, wantErr)
			} else if gotErr == nil {
				requireWire(t, s, target.message, wire, want)
			}
		}
	})
}
