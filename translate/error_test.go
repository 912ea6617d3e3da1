// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/translate"
)

func TestReadErrors(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range []struct {
		name, message, json string
		text, field         string
		offset              int
	}{
		{"wrong type", "v3.Tree", `{"name":5}`, `1:9: name: expected a string, got a number`, "name", 8},
		{"second line", "v3.Tree", "{\n  \"name\": \"é\", \"weight\": true}", `2:26: weight: expected a number, got a boolean`, "weight", 28},
		{"list", "v3.Tree", `{"children":[{},{"left":{"weight":{}}}]}`, `1:35: children[1].left.weight: expected a number, got an object`, "children[1].left.weight", 34},
		{"map", "v3.Maps", `{"trees":{"a\"b":{"name":[]}}}`, `1:26: trees["a\"b"].name: expected a string, got an array`, `trees["a\"b"].name`, 25},
		{"packed list", "v3.Lists", `{"int32Field":[1,"x"]}`, `1:18: int32Field[1]: expected a number, got a string that is none`, "int32Field[1]", 17},
		{"map key", "v3.Maps", `{"byInt32":{"x":1}}`, `1:13: byInt32: expected a key of type int32, got "x"`, "byInt32", 12},
		{"duplicate key", "v3.Maps", `{"byInt32":{"1":1,"1":2}}`, `1:19: byInt32["1"]: the key is set twice`, `byInt32["1"]`, 18},
		{"unknown field", "v3.Tree", `{"left":{"nothing":1}}`, `1:10: left: unknown field "nothing"`, "left", 9},
		{"unknown enum", "v3.Scalars", `{"color":"PUCE"}`, `1:10: color: the enum has no value "PUCE"`, "color", 9},
		{"twice", "v3.Tree", `{"name":"a","name":"b"}`, `1:13: name: the field is set twice`, "name", 12},
		{"oneof", "v3.Oneofs", `{"number":1,"text":"b"}`, `1:13: text: another field of the same oneof is set "first"`, "text", 12},
		{"required", "v2.Required", `{"name":"a"}`, `1:13: mood: the required field is not set`, "mood", 12},
		{"end of input", "v3.Tree", `{"name":"a"`, `1:12: expected ',' or '}', got the end of the input`, "", 11},
		{"trailing", "v3.Tree", `{} x`, `1:4: expected the end of the input, got 'x'`, "", 3},
		{"root", "v3.Tree", `null`, `1:1: expected an object, got null`, "", 0},
		{"any", "v3.WellKnown", `{"any":{"@type":"a/b"}}`, `1:17: any: cannot resolve the type "a/b": proto: not found`, "any", 16},
		{"redacted enum", "v3.Secrets", `{"open":{"color":"PUCE"}}`, `1:18: open.color: the enum has no value`, "open.color", 17},
		{"redacted map", "v3.Secrets", `{"labels":{"key":"x"}}`, `1:18: labels[*]: expected a number, got a string that is none`, "labels[*]", 17},
		{"map that is not redacted", "v3.Secrets", `{"shown":{"key":"x"}}`, `1:17: shown["key"]: expected a number, got a string that is none`, `shown["key"]`, 16},
		{"below a redacted field", "v3.Secrets", `{"inner":{"shown":{"key":"x"}}}`, `1:26: inner.shown[*]: expected a number, got a string that is none`, "inner.shown[*]", 25},
		{"unknown field below a redacted field", "v3.Secrets", `{"inner":{"hunter2":1}}`, `1:11: inner: unknown field`, "inner", 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := s.program(t, row.message).AppendWire(nil, []byte(row.json), translate.ReadOptions{})
			e, ok := errors.AsType[*translate.Error](err)
			if !ok {
				t.Fatalf("AppendWire = %v, want an *Error", err)
			}
			// The protobuf module varies the space in its errors.
			if got := strings.ReplaceAll(e.Error(), "\u00a0", " "); got != row.text || e.Field() != row.field || e.Offset() != row.offset {
				t.Errorf("got %q, field %q, offset %d\nwant %q, field %q, offset %d", got, e.Field(), e.Offset(), row.text, row.field, row.offset)
			}
		})
	}
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	for _, row := range []struct{ name, message, wire, text string }{
		{"string", "v3.Tree", "\x12\x03\x4a\x01\xff", `left.name: invalid UTF-8 in a string`},
		{"list", "v3.Lists", "\x72\x01a\x72\x01\xff", `stringField[1]: invalid UTF-8 in a string`},
		{"map", "v3.Maps", "\xaa\x01\x08\x0a\x01k\x12\x03\x4a\x01\xff", `trees["k"].name: invalid UTF-8 in a string`},
		{"truncated", "v3.Tree", "\x12\x05\x4a", `the wire format is malformed`},
		{"required", "v2.Required", "\x0a\x00", `mood: the required field is not set`},
		{"mask", "v3.WellKnown", "\x22\x05\x0a\x03a B", `mask: a field mask has an invalid path "a B"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := s.program(t, row.message).AppendJSON(nil, []byte(row.wire), translate.WriteOptions{})
			e, ok := errors.AsType[*translate.Error](err)
			if !ok || e.Error() != row.text || e.Offset() != -1 || e.Line() != 0 || e.Column() != 0 {
				t.Errorf("AppendJSON = %v, want %s", err, row.text)
			}
		})
	}
}

func TestTextErrors(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	_, err := field(t, s, "v3.Tree", "left.weight").AppendText(nil, "x")
	if want := `left.weight: expected an integer that fits, got "x"`; err == nil || err.Error() != want {
		t.Errorf("AppendText = %v, want %s", err, want)
	}
	_, err = field(t, s, "v3.Secrets", "open.color").AppendText(nil, "x")
	if want := `open.color: expected the name or the number of an enum value`; err == nil || err.Error() != want {
		t.Errorf("AppendText = %v, want %s", err, want)
	}
	_, err = field(t, s, "v3.Secrets", "labels").AppendMapEntry(nil, "secret", "x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("AppendMapEntry = %v, which shows a redacted key", err)
	}
	_, err = field(t, s, "v3.Tree", "left").AppendWire(nil, []byte("{\n\"name\":1}"), translate.ReadOptions{})
	if want := `2:8: left.name: expected a string, got a number`; err == nil || err.Error() != want {
		t.Errorf("AppendWire = %v, want %s", err, want)
	}
}
