// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// TestExpectation has the kinds that no field of the configuration is of yet.
func TestExpectation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		message     proto.Message
		field, want string
	}{
		{&wrapperspb.Int32Value{}, "value", "a whole number from -2147483648 to 2147483647"},
		{&wrapperspb.UInt32Value{}, "value", "a whole number from 0 to 4294967295"},
		{&wrapperspb.Int64Value{}, "value", "a whole number from -9223372036854775808 to 9223372036854775807"},
		{&wrapperspb.UInt64Value{}, "value", "a whole number from 0 to 18446744073709551615"},
		{&wrapperspb.DoubleValue{}, "value", "a number"},
		{&wrapperspb.FloatValue{}, "value", "a number"},
		{&wrapperspb.BytesValue{}, "value", "bytes in base64"},
		{&wrapperspb.StringValue{}, "value", "text"},
		{&wrapperspb.BoolValue{}, "value", "true or false"},
		{&descriptorpb.FieldOptions{}, "jstype", "one of JS_NORMAL, JS_STRING, JS_NUMBER"},
		{&descriptorpb.FieldOptions{}, "targets", "a list"},
		{&configv1.Header{}, "value", "a mapping with keys out of value, file"},
	} {
		md := test.message.ProtoReflect().Descriptor()
		t.Run(string(md.Name())+"."+test.field, func(t *testing.T) {
			t.Parallel()
			if got := expectation(fieldOf(md, test.field)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"kitten", "sitting", 3},
		{"limts", "limits", 1},
	} {
		t.Run(test.a+"-"+test.b, func(t *testing.T) {
			t.Parallel()
			if got := editDistance(test.a, test.b); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

// TestFind walks paths that lead nowhere: they must end in something.
func TestFind(t *testing.T) {
	t.Parallel()
	doc, err := newDocument("find.yaml", []byte("upstreams:\n  - target: a\nlog: {}\n"))
	if err != nil {
		t.Fatal(err)
	}
	config := &configv1.Config{Upstreams: []*configv1.Upstream{{Target: "a"}}}
	for _, test := range []struct {
		path  string
		at    position
		found bool
	}{
		{"", position{1, 1}, true},
		{"upstreams", position{2, 3}, true},
		{"upstreams[0]", position{2, 5}, true},
		{"upstreams[0].target", position{2, 13}, true},
		{"upstreams[0].target.length", position{2, 13}, false},
		{"upstreams[1]", position{2, 3}, false},
		{"upstreams[x]", position{2, 3}, false},
		{"log.level", position{3, 6}, true},
		{"limits.json_depth", position{1, 1}, true},
		{"nothing", position{1, 1}, false},
	} {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			if got := positionOf(findNode(doc.root, test.path)); got != test.at {
				t.Errorf("found the node at %v, want %v", got, test.at)
			}
			if _, got := findValue(config.ProtoReflect(), test.path); got != test.found {
				t.Errorf("found a value: %t, want %t", got, test.found)
			}
		})
	}
}
