// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A collection holds the files that a server has sent.
type collection struct {
	maxFiles, maxBytes int

	// seen holds the files as they were sent. Servers send files repeatedly.
	seen  map[string]bool
	bytes int
	files []*descriptorpb.FileDescriptorProto
	// services are the full names of those that the files declare.
	services map[string]bool
	// known are the paths that need not be asked for (any more).
	known map[string]bool
	// imports are the paths that files import, known ones among them.
	imports []string
}

func newCollection(maxFiles, maxBytes int) *collection {
	return &collection{
		maxFiles: maxFiles,
		maxBytes: maxBytes,
		seen:     make(map[string]bool),
		services: make(map[string]bool),
		known:    make(map[string]bool),
	}
}

// add adds a file. It is a problem, not an error, that it can't be read.
func (c *collection) add(wire []byte) (problem, err error) {
	if c.seen[string(wire)] {
		return nil, nil
	}
	if len(c.seen) == c.maxFiles {
		return nil, fmt.Errorf("the server sent more than %d files", c.maxFiles)
	}
	if len(wire) > c.maxBytes-c.bytes {
		return nil, fmt.Errorf("the server sent files of more than %d bytes in all", c.maxBytes)
	}
	c.seen[string(wire)] = true
	c.bytes += len(wire)

	file := &descriptorpb.FileDescriptorProto{}
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(wire, file); err != nil {
		return fmt.Errorf("a file that the server sent is not a FileDescriptorProto: %w", err), nil
	}
	c.files = append(c.files, file)
	c.known[file.GetName()] = true
	for _, service := range file.GetService() {
		name := service.GetName()
		if pkg := file.GetPackage(); pkg != "" {
			name = pkg + "." + name
		}
		c.services[name] = true
	}
	c.imports = append(c.imports, file.GetDependency()...)
	c.imports = append(c.imports, file.GetOptionDependency()...)
	return nil, nil
}

// nextImport returns a path that was not sent and that nextImport has not
// returned before.
func (c *collection) nextImport() (string, bool) {
	for len(c.imports) > 0 {
		path := c.imports[0]
		c.imports = c.imports[1:]
		if !c.known[path] {
			c.known[path] = true
			return path, true
		}
	}
	return "", false
}

// set returns the files, sorted by path.
func (c *collection) set() *descriptorpb.FileDescriptorSet {
	slices.SortStableFunc(c.files, func(a, b *descriptorpb.FileDescriptorProto) int {
		return cmp.Compare(a.GetName(), b.GetName())
	})
	return &descriptorpb.FileDescriptorSet{File: c.files}
}
