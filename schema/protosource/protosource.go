// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package protosource compiles schemas from .proto files, in process.
//
// What the gateway has linked need not be on disk: the files of
// google/protobuf, google/api/annotations.proto, buf/validate/validate.proto
// and the like. Editions are supported as far as the compiler does, up to 2023;
// a descriptor set can have later ones.
package protosource

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
)

// DefaultMaxFiles is the value of Source.MaxFiles if that is zero.
const DefaultMaxFiles = 10_000

var _ schema.Source = (*Source)(nil)

// A Source is a .proto file or a folder of them. It compiles each time it is
// asked to. Its fields must not be changed once it is in use; its methods may
// be called concurrently.
type Source struct {
	// MaxFiles limits how many .proto files a folder may have, so that a wrong
	// name, such as that of a home folder, is not read whole. 0 means
	// DefaultMaxFiles.
	MaxFiles int

	path string
}

// New returns a source that compiles what is at path.
//
// Of a folder, all .proto files are compiled, with the folder as the root of
// imports. Files and folders whose names begin with a dot are passed over, and
// so are folders named node_modules. Symbolic links are followed, but no folder
// is entered twice.
//
// A file is compiled with what it imports. The root of imports is the nearest
// folder above the file from which all imports resolve.
func New(path string) *Source {
	return &Source{path: path}
}

// String returns the path.
func (s *Source) String() string {
	return s.path
}

// Load compiles. The set has comments, and all that the files import. The error
// joins all that is wrong with the files, a line "FILE:LINE:COLUMN: message" for
// each.
func (s *Source) Load(ctx context.Context) (*descriptorpb.FileDescriptorSet, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		// The error of os names the path.
		return nil, fmt.Errorf("read .proto files: %w", err)
	}
	if info.IsDir() {
		return s.loadFolder(ctx)
	}
	return s.loadFile(ctx)
}

func (s *Source) loadFolder(ctx context.Context) (*descriptorpb.FileDescriptorSet, error) {
	limit := s.MaxFiles
	if limit == 0 {
		limit = DefaultMaxFiles
	}
	names, err := protoFiles(ctx, s.path, limit)
	if err != nil {
		return nil, fmt.Errorf("read .proto files: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("read .proto files: there is none in %s", s.path)
	}
	sources, err := parse(ctx, s.path, names)
	if err != nil {
		return nil, err
	}
	if len(sources.missing) > 0 {
		return nil, errors.Join(sources.err(), hint(s.path))
	}
	return compile(ctx, sources, names)
}

// hint tells what to do about imports that are missing from a folder.
func hint(root string) error {
	for _, name := range []string{"buf.yaml", "buf.work.yaml"} {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			return fmt.Errorf("%s: imports are looked for in this folder; it has a %s: "+
				"make a descriptor set with buf build -o api.binpb, and give that", root, name)
		}
	}
	return fmt.Errorf("%s: imports are looked for in this folder: give the folder that they are relative to, "+
		"or a descriptor set", root)
}

// loadFile tries the folders above the file as roots, the nearest first: a file
// does not tell what path others import it by.
func (s *Source) loadFile(ctx context.Context) (*descriptorpb.FileDescriptorSet, error) {
	roots, err := foldersAbove(s.path)
	if err != nil {
		return nil, fmt.Errorf("read .proto file: %w", err)
	}
	var nearest *sources
	name := filepath.Base(s.path)
	for i, root := range roots {
		if i > 0 {
			name = filepath.Base(roots[i-1].absolute) + "/" + name
		}
		parsed, err := parse(ctx, root.shown, []string{name})
		if err != nil {
			return nil, err
		}
		if len(parsed.missing) == 0 {
			return compile(ctx, parsed, []string{name})
		}
		if nearest == nil {
			nearest = parsed
		}
	}
	return nil, errors.Join(nearest.err(), fmt.Errorf("%s: imports are looked for in the folder of the file "+
		"and in those above it: give the folder that they are relative to, or a descriptor set", s.path))
}

// A folder is one that a file is in.
type folder struct {
	absolute string
	// shown names the folder as the user would: relative if the file was given
	// so. It is good for reading, too.
	shown string
}

// foldersAbove returns the folders that the file is in, the nearest first.
func foldersAbove(path string) ([]folder, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // The caller wraps it.
	}
	var folders []folder
	shown := filepath.Dir(path)
	for dir := filepath.Dir(absolute); ; dir = filepath.Dir(dir) {
		folders = append(folders, folder{absolute: dir, shown: shown})
		if dir == filepath.Dir(dir) {
			return folders, nil
		}
		if filepath.IsAbs(shown) {
			shown = filepath.Dir(shown)
		} else {
			shown = above(shown)
		}
	}
}

// above returns the folder above a relative one.
func above(relative string) string {
	if base := filepath.Base(relative); base == "." || base == ".." {
		return filepath.Join(relative, "..")
	}
	return filepath.Dir(relative)
}
