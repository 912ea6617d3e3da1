// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A file is the catalog's own copy of a file that is not linked, from the time
// it is read to the time it becomes a descriptor.
type file struct {
	path string
	// proto belongs to the file and is changed by mending.
	proto *descriptorpb.FileDescriptorProto
	// origins are the inputs that brought the file, in their order. Never empty.
	origins []string
	// spare is set for what is left of a shared file beside the copy that won.
	// It is kept only if another file refers to it.
	spare bool
	// elements index proto. They are made anew when proto loses elements.
	elements []element
	// uses are the paths of the other files that references lead to, sorted,
	// each with the names it is needed for.
	uses []use
	// unresolved is set if a reference leads nowhere.
	unresolved bool
	// orphaned are the missing imports for which no replacement was found.
	orphaned []string
}

// A use is what one file needs of another.
type use struct {
	path  string
	names []string
}

// newFile makes a copy of fd. The way through the wire makes options uniform,
// however the set was made: an option that the gateway has a generated type
// for is of that type afterwards, whether it was parsed with another resolver,
// holds dynamic messages, or was not parsed at all.
func newFile(fd *descriptorpb.FileDescriptorProto, origin string) (*file, error) {
	wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(fd)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	own := &descriptorpb.FileDescriptorProto{}
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(wire, own); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if err := checkFile(own); err != nil {
		return nil, err
	}
	return &file{path: own.GetName(), proto: own, origins: []string{origin}}, nil
}

// String names the file and where it is from.
func (f *file) String() string {
	return fmt.Sprintf("%q (%s)", f.path, strings.Join(f.origins, ", "))
}

func (f *file) addOrigin(origin string) {
	if !slices.Contains(f.origins, origin) {
		f.origins = append(f.origins, origin)
	}
}

func (f *file) shared() bool {
	return isShared(f.path, f.proto.GetPackage())
}

// A dependency is one import.
type dependency struct {
	path         string
	public, weak bool
}

func (f *file) dependencies() []dependency {
	paths := f.proto.GetDependency()
	deps := make([]dependency, len(paths))
	for i, path := range paths {
		deps[i].path = path
	}
	for _, i := range f.proto.GetPublicDependency() {
		if 0 <= i && int(i) < len(deps) {
			deps[i].public = true
		}
	}
	for _, i := range f.proto.GetWeakDependency() {
		if 0 <= i && int(i) < len(deps) {
			deps[i].weak = true
		}
	}
	return deps
}

// setDependencies replaces the imports. Of imports of the same path the first
// stays, public if one of them is.
func (f *file) setDependencies(deps []dependency) {
	fd := f.proto
	if slices.Equal(deps, f.dependencies()) && !hasDuplicates(deps) {
		return
	}
	fd.Dependency, fd.PublicDependency, fd.WeakDependency = nil, nil, nil
	index := make(map[string]int32, len(deps))
	for _, dep := range deps {
		i, seen := index[dep.path]
		if !seen {
			i = int32(len(fd.GetDependency()))
			index[dep.path] = i
			fd.Dependency = append(fd.Dependency, dep.path)
		}
		if dep.public && !slices.Contains(fd.GetPublicDependency(), i) {
			fd.PublicDependency = append(fd.PublicDependency, i)
		}
		if dep.weak && !slices.Contains(fd.GetWeakDependency(), i) {
			fd.WeakDependency = append(fd.WeakDependency, i)
		}
	}
	f.dropImportLocations()
}

func hasDuplicates(deps []dependency) bool {
	seen := make(map[string]bool, len(deps))
	for _, dep := range deps {
		if seen[dep.path] {
			return true
		}
		seen[dep.path] = true
	}
	return false
}

// setOptionDependencies replaces the imports that only options use.
func (f *file) setOptionDependencies(paths []string) {
	if slices.Equal(paths, f.proto.GetOptionDependency()) {
		return
	}
	f.proto.OptionDependency = paths
	f.dropImportLocations()
}

// dropImportLocations removes source locations that point at imports by index.
func (f *file) dropImportLocations() {
	info := f.proto.GetSourceCodeInfo()
	if info == nil {
		return
	}
	info.Location = slices.DeleteFunc(info.GetLocation(), func(l *descriptorpb.SourceCodeInfo_Location) bool {
		if len(l.GetPath()) == 0 {
			return false
		}
		switch l.GetPath()[0] {
		case fileDependencyField, filePublicDependencyField, fileWeakDependencyField, fileOptionDependencyField:
			return true
		default:
			return false
		}
	})
}
