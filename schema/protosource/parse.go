// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package protosource

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"

	"github.com/dragoman-gateway/dragoman/schema"
)

// sources are parsed files and all that they import.
type sources struct {
	root string
	// files are those that were read from disk, by name.
	files map[string]*ast.FileNode
	// problems are errors of the files' syntax.
	problems []problem
	// missing are imports that lead nowhere.
	missing []problem
}

// A problem is something wrong at a place of a file.
type problem struct {
	at  ast.SourcePos
	err error
}

// parse reads the named files below root, and what they import, as far as it is
// there. The error is one of reading; what is wrong with the files is in the
// result.
func parse(ctx context.Context, root string, names []string) (*sources, error) {
	s := &sources{root: root, files: make(map[string]*ast.FileNode)}
	seen := make(map[string]bool)
	for _, name := range names {
		seen[name] = true
	}
	for queue := slices.Clone(names); len(queue) > 0; queue = queue[1:] {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read .proto files: %w", err)
		}
		imports, err := s.read(queue[0])
		if err != nil {
			return nil, fmt.Errorf("read .proto files: %w", err)
		}
		for _, name := range imports {
			if !seen[name.path] && s.exists(name) {
				seen[name.path] = true
				queue = append(queue, name.path)
			}
		}
	}
	return s, nil
}

// An imported is one import of a file.
type imported struct {
	path string
	at   ast.SourcePos
}

// read parses a file, if it is to be read from disk, and returns its imports.
func (s *sources) read(name string) ([]imported, error) {
	if _, ok := standardFile(name); ok {
		return nil, nil
	}
	content, err := os.ReadFile(s.onDisk(name))
	if errors.Is(err, fs.ErrNotExist) {
		return importsOfLinked(name), nil
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // The error names the path.
	}
	handler := reporter.NewHandler(reporter.NewReporter(func(err reporter.ErrorWithPos) error {
		s.problems = append(s.problems, problemOf(err))
		return nil
	}, nil))
	file, err := parser.Parse(name, bytes.NewReader(content), handler)
	if err != nil && !errors.Is(err, reporter.ErrInvalidSource) {
		return nil, fmt.Errorf("%s: %w", s.onDisk(name), err)
	}
	s.files[name] = file
	var imports []imported
	for _, decl := range file.Decls {
		if node, ok := decl.(*ast.ImportNode); ok && node.Name != nil {
			imports = append(imports, imported{
				path: node.Name.AsString(), at: file.NodeInfo(node.Name).Start(),
			})
		}
	}
	return imports, nil
}

// importsOfLinked returns the imports of a file that the gateway has linked.
// Some of them may be on disk.
func importsOfLinked(name string) []imported {
	file := schema.Linked(name)
	if file == nil {
		return nil
	}
	var imports []imported
	for i := range file.Imports().Len() {
		imports = append(imports, imported{path: file.Imports().Get(i).Path()})
	}
	return imports
}

// exists reports whether an import leads somewhere, and notes it if not.
func (s *sources) exists(name imported) bool {
	if _, ok := standardFile(name.path); ok || schema.Linked(name.path) != nil {
		return true
	}
	err := s.stat(name.path)
	if err != nil {
		s.missing = append(s.missing, problem{at: name.at, err: fmt.Errorf("import %q: %w", name.path, err)})
	}
	return err == nil
}

// stat tells why there is no file of this name on disk.
func (s *sources) stat(name string) error {
	if !fs.ValidPath(name) {
		return errors.New("it is not a path below the root of imports")
	}
	info, err := os.Stat(s.onDisk(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("not found")
	case err != nil:
		return err //nolint:wrapcheck // The caller wraps it.
	case info.IsDir():
		return errors.New("it is a folder")
	default:
		return nil
	}
}

// onDisk returns the path of a file to read it by and to name it in messages.
func (s *sources) onDisk(name string) string {
	return filepath.Join(s.root, filepath.FromSlash(name))
}

// err joins all problems, in the order of the files' names and of the places in
// them. It is nil if there are none.
func (s *sources) err() error {
	return s.join(append(slices.Clone(s.problems), s.missing...))
}

func (s *sources) join(problems []problem) error {
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(
			cmp.Compare(a.at.Filename, b.at.Filename),
			cmp.Compare(a.at.Line, b.at.Line),
			cmp.Compare(a.at.Col, b.at.Col),
			cmp.Compare(a.err.Error(), b.err.Error()),
		)
	})
	problems = slices.CompactFunc(problems, func(a, b problem) bool {
		return a.at == b.at && a.err.Error() == b.err.Error()
	})
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = fmt.Errorf("%s:%d:%d: %w", s.onDisk(p.at.Filename), p.at.Line, p.at.Col, p.err)
	}
	return errors.Join(errs...)
}

func problemOf(err reporter.ErrorWithPos) problem {
	return problem{at: err.GetPosition(), err: err.Unwrap()}
}

// standardFile returns a file that comes with every compiler. It is not read
// from disk: the compiler wants its own.
func standardFile(name string) (protocompile.SearchResult, bool) {
	nothing := protocompile.ResolverFunc(func(string) (protocompile.SearchResult, error) {
		return protocompile.SearchResult{}, fs.ErrNotExist
	})
	result, err := protocompile.WithStandardImports(nothing).FindFileByPath(name)
	return result, err == nil
}
