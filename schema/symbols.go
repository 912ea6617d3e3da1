// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// symbols knows which file declares what.
type symbols struct {
	warnings *warnings
	// files holds the files that were added, by path.
	files map[string]*file
	// owners holds the names that files declare in their packages.
	owners map[protoreflect.FullName]owner
	// packages holds the first file of each package and of those around it.
	packages map[protoreflect.FullName]*file
	// types holds the path of the file that declares a message or an enum,
	// nested ones included. Linked files are not in it.
	types map[protoreflect.FullName]string
	// aside holds, for the path of a file, where else to look for what it was to
	// declare: the files whose declarations it repeats, and its spare copies. An
	// import of the file stands for them too.
	aside map[string][]string
	errs  []error
}

type owner struct {
	file  *file
	proto proto.Message
}

// declare indexes files and leaves each symbol in one of them. It returns the
// files less those that only repeat what others declare. That one symbol is
// declared in different ways is an error.
func declare(
	files []*file, aside map[string][]string, w *warnings,
) (*symbols, []*file, error) {
	s := &symbols{
		warnings: w,
		files:    make(map[string]*file),
		owners:   make(map[protoreflect.FullName]owner),
		packages: make(map[protoreflect.FullName]*file),
		types:    make(map[protoreflect.FullName]string),
		aside:    aside,
	}
	kept := make([]*file, 0, len(files))
	for _, f := range files {
		f.index()
		if s.add(f) {
			kept = append(kept, f)
		}
	}
	for _, f := range kept {
		s.checkPackages(f)
	}
	return s, kept, errors.Join(s.errs...)
}

// add enters what f declares, removes what it repeats, and reports whether the
// file is still of use.
func (s *symbols) add(f *file) bool {
	s.files[f.path] = f
	repeated := make(map[string][]element)
	var removed []element
	var others []string
	for i := range f.elements {
		e := &f.elements[i]
		if !e.declaresAtTop() {
			continue
		}
		if path, ok := s.repeats(f, e); ok {
			if len(repeated[path]) == 0 {
				others = append(others, path)
			}
			repeated[path] = append(repeated[path], *e)
			removed = append(removed, *e)
			continue
		}
		for _, name := range e.scopeNames() {
			s.owners[name] = owner{file: f, proto: e.proto}
		}
	}
	for _, path := range others {
		s.aside[f.path] = append(s.aside[f.path], path)
		s.warnRepeated(f, path, repeated[path])
	}
	if len(removed) > 0 {
		f.remove(removed)
		f.index()
		if len(f.elements) == 0 {
			return false
		}
	}
	for i := range f.elements {
		for _, name := range f.elements[i].types {
			s.types[name] = f.path
		}
	}
	for pkg := protoreflect.FullName(f.proto.GetPackage()); pkg != ""; pkg = pkg.Parent() {
		if s.packages[pkg] == nil {
			s.packages[pkg] = f
		}
	}
	return true
}

// repeats reports the path of the file that declares e already.
func (s *symbols) repeats(f *file, e *element) (string, bool) {
	for _, name := range e.scopeNames() {
		if path, ok := linkedSymbol(name); ok {
			return path, true
		}
		other, ok := s.owners[name]
		if !ok || other.file == f { // Twice in one file is an error of the file.
			continue
		}
		same := name == e.name && sameElement(e.proto, other.proto) && sameSemantics(f.proto, other.file.proto)
		if !same && !f.shared() {
			s.errs = append(s.errs, fmt.Errorf("symbol %s is defined in %v and, differently, in %v", name, other.file, f))
		}
		// After an error the file is not used, but the rest of it is compared.
		return other.file.path, true
	}
	return "", false
}

func (s *symbols) warnRepeated(f *file, path string, elements []element) {
	if f.spare {
		return
	}
	if Linked(path) != nil {
		s.warnings.add("%v repeats %s: the gateway's own %q is used", f, list(names(elements)), path)
		return
	}
	s.warnings.add("%v repeats %s of %v: the latter is used", f, list(names(elements)), s.files[path])
}

// checkPackages finds symbols of f that are packages elsewhere.
func (s *symbols) checkPackages(f *file) {
	for i := range f.elements {
		e := &f.elements[i]
		if !e.declaresAtTop() {
			continue
		}
		if other := s.packages[e.name]; other != nil {
			s.errs = append(s.errs, fmt.Errorf("%s is a %s in %v and a package in %v", e.name, e.kind, f, other))
		}
	}
}

// declaredIn returns the path of the file that declares a type.
func (s *symbols) declaredIn(name protoreflect.FullName) (string, bool) {
	if path, ok := s.types[name]; ok {
		return path, true
	}
	return linkedSymbol(name)
}
