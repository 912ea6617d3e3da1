// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package protosource_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-gateway/dragoman/schema/protosource"
)

// TestLoadErrors requires all that is wrong, in order. ROOT stands for the
// folder of the files.
func TestLoadErrors(t *testing.T) {
	t.Parallel()
	const m = `message M {} `
	tests := []struct {
		name  string
		files map[string]string
		path  string
		want  []string
	}{
		{
			name: "syntax", path: ".",
			files: map[string]string{
				"b.proto": "syntax = \"proto3\";\nmessage {\n}\nmessage M { int32 = 2; }\n",
				"a.proto": "syntax = \"proto3\";\n\n  nonsense;\n",
			},
			want: []string{
				"ROOT/a.proto:3:3: syntax error: unexpected identifier",
				"ROOT/b.proto:2:9: syntax error: unexpected '{'",
				"ROOT/b.proto:4:19: syntax error: unexpected '='",
			},
		},
		{
			name: "types", path: ".",
			files: map[string]string{
				"a.proto": "syntax = \"proto3\";\nmessage A {\n  Nowhere n = 1;\n  Elsewhere e = 2;\n}\n",
				"d.proto": "syntax = \"proto3\";\nmessage D {\n  int32 a = 1;\n  int32 b = 1;\n}\n",
			},
			want: []string{
				"ROOT/a.proto:3:3: field A.n: unknown type Nowhere",
				"ROOT/a.proto:4:3: field A.e: unknown type Elsewhere",
				"ROOT/d.proto:4:13: message D: fields a and b both have the same tag 1",
			},
		},
		{
			name: "missing imports of a folder", path: ".",
			files: map[string]string{
				"a.proto": "syntax = \"proto3\";\nimport \"x/y.proto\";\nimport \"dir\";\n" + m,
				"b.proto": "syntax = \"proto3\";\npackage b;\nimport   \"x/y.proto\";\nimport \"../a.proto\";\n" + m,
				"dir/c.x": "",
			},
			want: []string{
				`ROOT/a.proto:2:8: import "x/y.proto": not found`,
				`ROOT/a.proto:3:8: import "dir": it is a folder`,
				`ROOT/b.proto:3:10: import "x/y.proto": not found`,
				`ROOT/b.proto:4:8: import "../a.proto": it is not a path below the root of imports`,
				`ROOT: imports are looked for in this folder: give the folder that they are relative to, or a descriptor set`,
			},
		},
		{
			name: "missing imports of a workspace of buf", path: ".",
			files: map[string]string{
				"buf.yaml":      "version: v2\n",
				"proto/a.proto": "syntax = \"proto3\";\nimport \"b.proto\";\n" + m,
				"proto/b.proto": "syntax = \"proto3\";\npackage b;\n" + m,
			},
			want: []string{
				`ROOT/proto/a.proto:2:8: import "b.proto": not found`,
				`ROOT: imports are looked for in this folder; it has a buf.yaml: make a descriptor set with buf build -o api.binpb, and give that`,
			},
		},
		{
			name: "missing import of a file", path: "deep/er/a.proto",
			files: map[string]string{
				"deep/er/a.proto": "syntax = \"proto3\";\nimport \"dragoman-test/none.proto\";\n" + m,
			},
			want: []string{
				`ROOT/deep/er/a.proto:2:8: import "dragoman-test/none.proto": not found`,
				`ROOT/deep/er/a.proto: imports are looked for in the folder of the file and in those above it: ` +
					`give the folder that they are relative to, or a descriptor set`,
			},
		},
		{
			name: "import cycle", path: ".",
			files: map[string]string{
				"b.proto": "syntax = \"proto3\";\nimport \"b.proto\";\n",
			},
			want: []string{`ROOT/b.proto:2:8: cycle found in imports: "b.proto" -> "b.proto"`},
		},
		{
			name: "edition that the compiler does not know", path: ".",
			files: map[string]string{"a.proto": "edition = \"2024\";\n" + m},
			want:  []string{`ROOT/a.proto:1:11: edition value "2024" not recognized; should be one of ["2023"]`},
		},
		{
			name: "option of a wrong type", path: ".",
			files: map[string]string{
				"a.proto": "syntax = \"proto3\";\nimport \"google/api/annotations.proto\";\n" + m +
					"service S { rpc G(M) returns (M) {\n  option (google.api.http) = { get: 5 };\n} }\n",
			},
			want: []string{`ROOT/a.proto:4:37: method S.G: option (google.api.http): expecting string, got integer`},
		},
		{
			name: "no file in the folder", path: ".",
			files: map[string]string{"readme.txt": ""},
			want:  []string{"read .proto files: there is none in ROOT"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := write(t, test.files)
			_, err := protosource.New(filepath.Join(root, filepath.FromSlash(test.path))).Load(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.Split(strings.ReplaceAll(err.Error(), root, "ROOT"), "\n")
			for i, line := range got {
				// What the compiler says beyond what is wanted is its own affair.
				if i < len(test.want) && strings.HasPrefix(line, test.want[i]) {
					got[i] = test.want[i]
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.proto")
	_, err := protosource.New(path).Load(t.Context())
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want %v with the path", err, os.ErrNotExist)
	}
}

// TestRelativePaths requires that messages name files as the user did.
func TestRelativePaths(t *testing.T) {
	root := write(t, map[string]string{
		"api/acme/v1/types.proto": typesProto,
		"api/acme/v1/shop.proto":  shopProto,
		"api/acme/v1/bad.proto":   "syntax = \"proto3\";\nimport \"acme/v1/types.proto\";\nmessage M { Nowhere n = 1; }\n",
		"here/x":                  "",
	})
	tests := []struct {
		cwd, path, want string
	}{
		{cwd: ".", path: "api/acme/v1/bad.proto", want: "api/acme/v1/bad.proto:3:13: "},
		{cwd: ".", path: "api", want: "api/acme/v1/bad.proto:3:13: "},
		{cwd: "api/acme/v1", path: "bad.proto", want: "../../acme/v1/bad.proto:3:13: "},
		{cwd: "here", path: "../api/acme/v1/bad.proto", want: "../api/acme/v1/bad.proto:3:13: "},
		{cwd: "api", path: ".", want: "acme/v1/bad.proto:3:13: "},
	}
	for _, test := range tests {
		t.Chdir(filepath.Join(root, filepath.FromSlash(test.cwd)))
		_, err := protosource.New(filepath.FromSlash(test.path)).Load(t.Context())
		if err == nil || !strings.HasPrefix(filepath.ToSlash(err.Error()), test.want) {
			t.Errorf("%s in %s: got %v, want %q", test.path, test.cwd, err, test.want)
		}
	}
}
