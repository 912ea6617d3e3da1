// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package fileset reads schemas from files that hold a binary
// google.protobuf.FileDescriptorSet, as buf build and protoc write them.
package fileset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
)

var _ schema.Source = (*Source)(nil)

// A Source is a file with a FileDescriptorSet. It reads the file each time it
// is asked to.
type Source struct {
	path string
}

// New returns a source that reads the file at path.
func New(path string) *Source {
	return &Source{path: path}
}

// String returns the path.
func (s *Source) String() string {
	return s.path
}

// Load reads the file. It is an error if the file is not a binary
// FileDescriptorSet, or if a file of the set imports one that is neither in the
// set nor one that the gateway has linked.
func (s *Source) Load(ctx context.Context) (*descriptorpb.FileDescriptorSet, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read descriptor set %s: %w", s.path, err)
	}
	content, err := os.ReadFile(s.path)
	if err != nil {
		// The error of os names the path.
		return nil, fmt.Errorf("read descriptor set: %w", err)
	}
	set, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("read descriptor set %s: %w", s.path, err)
	}
	return set, nil
}

// howTo tells how to make what is wanted.
const howTo = "make it with buf build -o api.binpb, or with protoc --include_imports --descriptor_set_out=api.binpb"

// parse reads a complete descriptor set.
func parse(content []byte) (*descriptorpb.FileDescriptorSet, error) {
	set := &descriptorpb.FileDescriptorSet{}
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(content, set); err != nil || !plausible(set) {
		return nil, fmt.Errorf("%s, not a binary FileDescriptorSet; %s", kindOf(content), howTo)
	}
	return set, checkImports(set)
}

// plausible reports whether set has files and all of them have names. Other
// Protobuf messages may parse as a set, but hardly as that.
func plausible(set *descriptorpb.FileDescriptorSet) bool {
	for _, file := range set.GetFile() {
		if file.GetName() == "" {
			return false
		}
	}
	return len(set.GetFile()) > 0
}

// kindOf guesses what content is, which is no descriptor set.
func kindOf(content []byte) string {
	text := bytes.TrimSpace(content)
	switch {
	case len(text) == 0:
		return "the file is empty"
	case bytes.HasPrefix(content, []byte{0x1f, 0x8b}):
		return "the file is compressed by gzip"
	case !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0:
		return "the file is in some binary format"
	case text[0] == '{' || text[0] == '[':
		return "the file is JSON"
	case isTextFormat(text):
		return "the file is in the Protobuf text format"
	case bytes.Contains(text, []byte("syntax")) || bytes.Contains(text, []byte("edition")) ||
		bytes.Contains(text, []byte("message")) || bytes.Contains(text, []byte("service")):
		return "the file is .proto source (which is read if its name ends in .proto)"
	default:
		return "the file is text"
	}
}

// isTextFormat reports whether text begins as a set in the text format does.
func isTextFormat(text []byte) bool {
	rest, ok := bytes.CutPrefix(text, []byte("file"))
	return ok && bytes.HasPrefix(bytes.TrimLeft(rest, " :"), []byte("{"))
}

// checkImports requires that the set is complete. The catalog could mend some
// sets that are not, but whoever made the file can do better.
func checkImports(set *descriptorpb.FileDescriptorSet) error {
	has := make(map[string]bool, len(set.GetFile()))
	for _, file := range set.GetFile() {
		has[file.GetName()] = true
	}
	const listed = 5
	var missing []string
	for _, file := range set.GetFile() {
		for _, path := range file.GetDependency() {
			if has[path] || schema.Linked(path) != nil {
				continue
			}
			has[path] = true // One line will do for each.
			missing = append(missing, fmt.Sprintf("%q (imported by %q)", path, file.GetName()))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	more := ""
	if len(missing) > listed {
		more = fmt.Sprintf(" and %d more", len(missing)-listed)
		missing = missing[:listed]
	}
	return errors.New("imports are missing from it: " + strings.Join(missing, ", ") + more + "; " + howTo)
}
