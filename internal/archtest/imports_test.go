// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dragoman-gateway/dragoman/"

// allowed lists, for each package of the module, the packages of the module
// that it may import. A package that is not listed may import none. "gen"
// stands for everything below it.
var allowed = map[string][]string{
	"schema/fileset":     {"schema"},
	"schema/protosource": {"schema"},
	"schema/reflection":  {"schema"},

	"internal/deadline":  {"rpc"},
	"internal/recovery":  {"rpc"},
	"internal/telemetry": {"rpc"},
	"internal/validate":  {"rpc"},
	"internal/upstream":  {"rpc"},

	"internal/config": {"gen"},

	"internal/rpctest":           {"rpc"},
	"schema/internal/schematest": {},
	"internal/tools/configdoc":   {"gen"},

	"rest":      {"rpc", "schema", "translate", "internal/httprule"},
	"grpcproxy": {"rpc", "schema"},

	"gateway": {
		"gen", "rpc", "schema", "schema/fileset", "schema/protosource", "schema/reflection", "translate",
		"rest", "grpcproxy", "internal/admin", "internal/config", "internal/deadline", "internal/recovery",
		"internal/telemetry", "internal/upstream", "internal/validate",
	},
	"cmd/dragoman": {"gateway", "gen", "internal/config"},

	// The demo and the tools are programs of their own beside the gateway.
	"internal/bookshop": {"gen"},
	"cmd/bookshop":      {"internal/bookshop"},
	"cmd/demo":          {},
}

// ownModules are folders with a go.mod of their own: what they import is no
// part of the gateway.
var ownModules = []string{"bench", "conformance", "tools"}

func TestImports(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if relative != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains(ownModules, relative) ||
				relative == "gen" || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			seen++
			checkFile(t, path, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Errorf("read %d files, want the whole tree", seen)
	}
}

func checkFile(t *testing.T, path, relative string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	room := relative[:max(strings.LastIndexByte(relative, '/'), 0)]
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		sibling, ok := strings.CutPrefix(imported, module)
		if !ok {
			continue
		}
		if strings.HasPrefix(sibling, "gen/") {
			sibling = "gen"
		}
		if !slices.Contains(allowed[room], sibling) {
			t.Errorf("%s imports %s, which %s may not", relative, sibling, room)
		}
	}
}

// TestTableNamesRooms fails on a line that has outlived its package.
func TestTableNamesRooms(t *testing.T) {
	t.Parallel()
	for room, imports := range allowed {
		for _, name := range append([]string{room}, imports...) {
			if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(name))); err != nil {
				t.Errorf("the table names %s: %v", name, err)
			}
		}
	}
}
