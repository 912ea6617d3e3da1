// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package protosource

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// protoFiles returns the names of the .proto files below root, relative to it
// and with slashes, sorted.
func protoFiles(ctx context.Context, root string, limit int) ([]string, error) {
	w := &walker{ctx: ctx, root: root, limit: limit, entered: make(map[string]bool)}
	if err := w.walk(""); err != nil {
		return nil, err
	}
	slices.Sort(w.names)
	return w.names, nil
}

// A walker walks one folder, once.
type walker struct {
	ctx   context.Context //nolint:containedctx // The walker lives for one call.
	root  string
	limit int
	// entered holds the real paths of the folders that were entered, so that
	// symbolic links can't lead in circles.
	entered map[string]bool
	names   []string
}

// walk adds the files of a folder below the root.
func (w *walker) walk(dir string) error {
	if err := w.ctx.Err(); err != nil {
		return err //nolint:wrapcheck // The caller wraps it.
	}
	onDisk := filepath.Join(w.root, filepath.FromSlash(dir))
	realPath, err := filepath.EvalSymlinks(onDisk)
	if err != nil {
		return err //nolint:wrapcheck // The error names the path.
	}
	if w.entered[realPath] {
		return nil
	}
	w.entered[realPath] = true
	entries, err := os.ReadDir(onDisk)
	if err != nil {
		return err //nolint:wrapcheck // The error names the path.
	}
	for _, entry := range entries {
		if err := w.visit(path.Join(dir, entry.Name()), entry); err != nil {
			return err
		}
	}
	return nil
}

// visit enters a folder, or adds a .proto file.
func (w *walker) visit(name string, entry fs.DirEntry) error {
	if strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" {
		return nil
	}
	isProto := path.Ext(name) == ".proto"
	isDir := entry.IsDir()
	if entry.Type()&fs.ModeSymlink != 0 {
		info, err := os.Stat(filepath.Join(w.root, filepath.FromSlash(name)))
		if err != nil && !isProto {
			return nil // A link to nothing that matters.
		}
		if err != nil {
			return err //nolint:wrapcheck // The error names the path.
		}
		isDir = info.IsDir()
	}
	switch {
	case isDir:
		return w.walk(name)
	case !isProto:
		return nil
	case len(w.names) == w.limit:
		return fmt.Errorf("%s has more than %d of them", w.root, w.limit)
	default:
		w.names = append(w.names, name)
		return nil
	}
}
