// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A merger makes one set of files of the inputs, in which each path and each
// symbol occurs once.
type merger struct {
	warnings *warnings
	// files are in the order of preference: by input, then by path.
	files  []*file
	byPath map[string]*file
	// linked are the paths of linked files that an input has.
	linked map[string]bool
	// spares are, for the path of a shared file, those of its losing copies.
	spares map[string][]string
	// services are the inputs that brought a service.
	services map[protoreflect.FullName][]string
	errs     []error
}

func newMerger(w *warnings) *merger {
	return &merger{
		warnings: w,
		byPath:   make(map[string]*file),
		linked:   make(map[string]bool),
		spares:   make(map[string][]string),
		services: make(map[protoreflect.FullName][]string),
	}
}

// merge adds the files of all inputs, one for each path.
func (m *merger) merge(inputs []Input) error {
	total := 0
	for _, input := range inputs {
		total += len(input.Files.GetFile())
	}
	if total > maxFiles {
		return fmt.Errorf("merge schemas: %d files are more than the limit of %d", total, maxFiles)
	}
	for _, input := range inputs {
		files := slices.Clone(input.Files.GetFile())
		slices.SortStableFunc(files, func(a, b *descriptorpb.FileDescriptorProto) int {
			return cmp.Compare(a.GetName(), b.GetName())
		})
		for _, fd := range files {
			m.add(fd, input)
		}
	}
	return errors.Join(m.errs...)
}

func (m *merger) add(fd *descriptorpb.FileDescriptorProto, input Input) {
	origin := input.Origin
	f, err := newFile(fd, origin)
	if err != nil {
		m.warnings.add("%q (%s) left out: %v", fd.GetName(), origin, err)
		return
	}
	m.brought(f, input)
	if Linked(f.path) != nil {
		m.linked[f.path] = true
		m.addSpare(f)
		return
	}
	other := m.byPath[f.path]
	if other == nil {
		m.byPath[f.path] = f
		m.files = append(m.files, f)
		return
	}
	m.addAgain(other, f, origin)
}

// addAgain merges f with other, which has the same path.
func (m *merger) addAgain(other, f *file, origin string) {
	differs := difference(other.proto, f.proto)
	switch {
	case differs == "":
		// Comments are the one thing in which equal copies differ.
		if other.proto.GetSourceCodeInfo() == nil && f.proto.GetSourceCodeInfo() != nil {
			other.proto = f.proto
		}
		other.addOrigin(origin)
	case other.shared():
		m.warnings.add("%s differs from that of %s at %s: the first is used", other, origin, differs)
		m.addSpare(f)
	default:
		m.errs = append(m.errs, fmt.Errorf("file %q differs between %s and %s, first at %s",
			f.path, strings.Join(other.origins, ", "), origin, differs))
	}
}

// addSpare keeps a copy that lost under a path of its own, for what only it
// declares.
func (m *merger) addSpare(f *file) {
	original := f.path
	base := strings.TrimSuffix(original, ".proto")
	for n := 1; m.byPath[f.path] != nil || Linked(f.path) != nil; n++ {
		f.path = fmt.Sprintf("%s_spare%d.proto", base, n)
	}
	f.proto.Name = new(f.path)
	f.spare = true
	m.spares[original] = append(m.spares[original], f.path)
	m.byPath[f.path] = f
	m.files = append(m.files, f)
}

// brought records which services of f are those of input.
func (m *merger) brought(f *file, input Input) {
	for _, service := range f.proto.GetService() {
		name := qualify(protoreflect.FullName(f.proto.GetPackage()), service.GetName())
		if input.Services != nil && !slices.Contains(input.Services, name) {
			continue
		}
		if !slices.Contains(m.services[name], input.Origin) {
			m.services[name] = append(m.services[name], input.Origin)
		}
	}
}
