// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// TestUpToDate fails where docs/configuration.md is not what the .proto file
// says; `make generate` writes it.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	var got bytes.Buffer
	if err := run(t.Context(), root, &got); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(root, "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("docs/configuration.md is not up to date (-file +made):\n%s", diff)
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body, want, wantErr string
	}{
		{
			name: "fields",
			body: "// M is a|b.\n//\n// More.\nmessage M {\n  // The |\n  // name.\n  string a = 1;\n  repeated E b = 2;\n  enum E {\n    // Zero.\n    A = 0;\n    B = 1;\n  }\n}",
			want: "\n## M\n\n`M` is a|b.\n\nMore.\n\n| key | type | meaning |\n| --- | --- | --- |\n" +
				"| `a` | text | The \\| name. |\n| `b` | list of [M.E](#me) |  |\n\n### M.E\n\n\n\n- `A`: Zero.\n- `B`\n",
		},
		{
			name: "rules",
			body: "message M {\n  string a = 1 [(buf.validate.field).string = {min_len: 2, pattern: \"a|b\"}];\n" +
				"  uint32 b = 2 [(buf.validate.field).uint32 = {gte: 1, lte: 9}];\n" +
				"  google.protobuf.Duration c = 3 [(buf.validate.field).required = true, (buf.validate.field).duration.gte.seconds = 61];\n}",
			want: "\n## M\n\n\n\n| key | type | meaning | rules |\n| --- | --- | --- | --- |\n" +
				"| `a` | text |  | at least 2 characters; matches `a\\|b` |\n" +
				"| `b` | number |  | at least 1; at most 9 |\n" +
				"| `c` | duration |  | at least 1m1s; required |\n",
		},
		{
			name: "oneof that may be unset",
			body: "message M { oneof x { bool a = 1; bool b = 2; } optional bool c = 3; }",
			want: "\n## M\n\n\n\nRule: at most one of `a`, `b`.\n\n| key | type | meaning |\n| --- | --- | --- |\n" +
				"| `a` | boolean |  |\n| `b` | boolean |  |\n| `c` | boolean |  |\n",
		},
		{
			name:    "rule without words",
			body:    "message M { string a = 1 [(buf.validate.field).string.max_len = 2]; }",
			wantErr: "dragoman.config.v1.M.a: no words for the rule string.max_len",
		},
		{
			name:    "rule of a message without words",
			body:    "message M { option (buf.validate.message).cel = {id: \"m\", expression: \"true\"}; }",
			wantErr: "dragoman.config.v1.M: the rule m has no message",
		},
		{
			name:    "type without words",
			body:    "message M { sint64 a = 1; }",
			wantErr: "dragoman.config.v1.M.a: no words for the type sint64",
		},
		{
			name:    "message of others without words",
			body:    "message M { google.protobuf.Empty a = 1; }",
			wantErr: "dragoman.config.v1.M.a: no words for the type message",
		},
		{
			name:    "map",
			body:    "message M { map<string, string> a = 1; }",
			wantErr: "dragoman.config.v1.M.a: no words for the type message",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := reference(t, test.body)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Errorf("got %v, want %s", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// reference returns what is written for a .proto file with body.
func reference(t *testing.T, body string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, filepath.FromSlash(source))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	content := "syntax = \"proto3\";\npackage dragoman.config.v1;\nimport \"buf/validate/validate.proto\";\n" +
		"import \"google/protobuf/duration.proto\";\nimport \"google/protobuf/empty.proto\";\n" + body
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := compile(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	doc := &document{file: file}
	err = doc.messages()
	return string(doc.text), err
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), t.TempDir(), new(bytes.Buffer)); err == nil {
		t.Error("run in an empty folder gave no error")
	}
	if _, err := compile(t.Context(), t.TempDir()); err == nil {
		t.Error("compile in an empty folder gave no error")
	}
}
