// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// A linker makes descriptors of files. It leaves out what can't be linked, and
// what refers to it, and links the rest.
type linker struct {
	symbols  *symbols
	warnings *warnings
	linked   *protoregistry.Files
	// lost holds the types that are left out, each with the type that was
	// lacking in the first place and why.
	lost map[protoreflect.FullName]string
	// publicImports counts, for each linked file, the paths by which an
	// importer sees files through it, itself included.
	publicImports map[string]int
}

// link links files, which are sorted, on top of the linked files that are
// always present and those at the given paths.
func link(sorted []*file, cycles [][]*file, present []string, s *symbols, w *warnings) (*linker, error) {
	l := &linker{
		symbols:       s,
		warnings:      w,
		linked:        new(protoregistry.Files),
		lost:          make(map[protoreflect.FullName]string),
		publicImports: make(map[string]int),
	}
	for _, fd := range alwaysPresent() {
		if err := l.include(fd); err != nil {
			return nil, err
		}
	}
	for _, path := range present {
		if err := l.include(Linked(path)); err != nil {
			return nil, err
		}
	}
	// Cycles go first: a file outside them does not know that it can't have
	// their types unless they have been lost before.
	for _, cycle := range cycles {
		for _, f := range cycle {
			l.lose(f, fmt.Errorf("it is in an import cycle: %s", list(pathsOf(cycle))))
		}
	}
	for _, f := range sorted {
		if err := l.add(f); err != nil {
			l.lose(f, err)
		}
	}
	return l, nil
}

func pathsOf(files []*file) []string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.path
	}
	return paths
}

// include registers a file that the gateway has linked, and what it imports.
func (l *linker) include(fd protoreflect.FileDescriptor) error {
	if _, err := l.linked.FindFileByPath(fd.Path()); err == nil {
		return nil
	}
	imports := fd.Imports()
	for i := range imports.Len() {
		if err := l.include(imports.Get(i).FileDescriptor); err != nil {
			return err
		}
	}
	if err := l.linked.RegisterFile(fd); err != nil {
		return fmt.Errorf("include linked file %q: %s", fd.Path(), cause(err))
	}
	return nil
}

// add links f as far as it can be linked.
func (l *linker) add(f *file) error {
	l.leaveOut(f)
	if err := l.fitImports(f); err != nil {
		return err
	}
	if err := l.countPublicImports(f); err != nil {
		return err
	}
	fd, err := protodesc.NewFile(f.proto, l.linked)
	if err != nil {
		return fmt.Errorf("%s", cause(err))
	}
	if err := l.linked.RegisterFile(fd); err != nil {
		return fmt.Errorf("%s", cause(err))
	}
	return nil
}

// lose leaves f out. What refers to its types is left out later.
func (l *linker) lose(f *file, err error) {
	var services []protoreflect.FullName
	for _, e := range f.elements {
		for _, name := range e.types {
			l.lost[name] = fmt.Sprintf("%s of %q, which is left out", name, f.path)
		}
		if e.kind == "service" {
			services = append(services, e.name)
		}
	}
	if f.spare {
		return
	}
	if len(services) == 0 {
		l.warnings.add("%v left out: %v", f, err)
		return
	}
	l.warnings.add("%v left out: %v; services lost: %s", f, err, list(services))
}

// fitImports drops the imports of f that have not been linked, and adds those
// that its references need and that it can't see.
func (l *linker) fitImports(f *file) error {
	var deps []dependency
	var paths []string
	for _, dep := range f.dependencies() {
		if l.has(dep.path) {
			deps = append(deps, dep)
			paths = append(paths, dep.path)
		}
	}
	visible := l.visible(paths)
	for _, path := range l.referredTo(f) {
		if visible[path] {
			continue
		}
		if !l.has(path) {
			return fmt.Errorf("%q, which it refers to, is left out", path)
		}
		deps = append(deps, dependency{path: path})
	}
	f.setDependencies(deps)

	f.setOptionDependencies(slices.DeleteFunc(slices.Clone(f.proto.GetOptionDependency()), func(path string) bool {
		return !l.has(path)
	}))
	return nil
}

// has reports whether there is a descriptor of the file. It makes that of a
// linked file if it can.
func (l *linker) has(path string) bool {
	if _, err := l.linked.FindFileByPath(path); err == nil {
		return true
	}
	fd := Linked(path)
	return fd != nil && l.include(fd) == nil
}

// referredTo returns the paths of the other files that the elements of f that
// are left refer to, sorted.
func (l *linker) referredTo(f *file) []string {
	seen := make(map[string]bool)
	for _, e := range f.elements {
		for _, ref := range e.refs {
			// The name was found before, or the element would have been left out.
			name, _ := ref.full()
			if path, ok := l.symbols.declaredIn(name); ok && path != f.path {
				seen[path] = true
			}
		}
	}
	return sortedKeys(seen)
}

// visible returns what is seen by a file that imports paths, all of which are
// linked.
func (l *linker) visible(paths []string) map[string]bool {
	seen := make(map[string]bool)
	var see func(fd protoreflect.FileDescriptor)
	see = func(fd protoreflect.FileDescriptor) {
		if seen[fd.Path()] {
			return
		}
		seen[fd.Path()] = true
		imports := fd.Imports()
		for i := range imports.Len() {
			if imports.Get(i).IsPublic {
				see(imports.Get(i).FileDescriptor)
			}
		}
	}
	for _, path := range paths {
		if fd, err := l.linked.FindFileByPath(path); err == nil {
			see(fd)
		}
	}
	return seen
}

// countPublicImports refuses a file whose public imports are too many to be
// followed path by path.
func (l *linker) countPublicImports(f *file) error {
	seen, public := 0, 1
	for _, dep := range f.dependencies() {
		// A linked file is not counted, and has none or few.
		n := max(1, l.publicImports[dep.path])
		seen += n
		if dep.public {
			public += n
		}
	}
	if seen > maxPublicImports {
		return fmt.Errorf("it sees more than %d files through public imports", maxPublicImports)
	}
	l.publicImports[f.path] = public
	return nil
}
