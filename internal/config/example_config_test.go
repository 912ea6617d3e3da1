// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

// TestExample loads the example of docs/configuration.md and requires that it
// shows every field of every message.
func TestExample(t *testing.T) {
	t.Chdir(filepath.Join("testdata", "example")) // The files that it names are there.
	parsed, err := config.Load("dragoman.yaml", config.Options{Env: func(name string) (string, bool) {
		return "token", name == "CATALOG_TOKEN"
	}})
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[protoreflect.FullName]bool)
	if err := protorange.Range(parsed.ProtoReflect(), func(values protopath.Values) error {
		if step := values.Index(-1).Step; step.Kind() == protopath.FieldAccessStep {
			shown[step.FieldDescriptor().FullName()] = true
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, field := range fieldsBelow((*configv1.Config)(nil).ProtoReflect().Descriptor()) {
		if !shown[field] {
			t.Errorf("the example does not set %s", field)
		}
	}
}

// fieldsBelow returns the fields of md and of the messages that it has.
// Durations are one value.
func fieldsBelow(md protoreflect.MessageDescriptor) []protoreflect.FullName {
	var fields []protoreflect.FullName
	seen := make(map[protoreflect.FullName]bool)
	var visit func(md protoreflect.MessageDescriptor)
	visit = func(md protoreflect.MessageDescriptor) {
		if seen[md.FullName()] || md.FullName() == "google.protobuf.Duration" {
			return
		}
		seen[md.FullName()] = true
		for i := range md.Fields().Len() {
			fd := md.Fields().Get(i)
			fields = append(fields, fd.FullName())
			if fd.Message() != nil {
				visit(fd.Message())
			}
		}
	}
	visit(md)
	return fields
}
