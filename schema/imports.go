// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A mender resolves the references of files and makes their imports fit.
type mender struct {
	symbols  *symbols
	warnings *warnings
	// present holds the files that are left, by path.
	present map[string]*file
}

// mend resolves the references of files, and replaces or drops the imports that
// are missing. It returns files less the spare ones that nothing refers to.
func mend(files []*file, s *symbols, w *warnings) []*file {
	m := &mender{symbols: s, warnings: w, present: make(map[string]*file, len(files))}
	for _, f := range files {
		m.present[f.path] = f
	}
	for _, f := range files {
		visible := m.visible(f)
		m.resolve(f, visible)
		m.mendImports(f, visible)
		m.mendOptionImports(f)
	}
	return m.needed(files)
}

func (m *mender) isPresent(path string) bool {
	return m.present[path] != nil || Linked(path) != nil
}

// visible returns the paths of the files whose declarations f may use: its
// imports, what they import publicly, and what f itself used to declare.
func (m *mender) visible(f *file) map[string]bool {
	seen := make(map[string]bool)
	var see func(path string)
	see = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		for _, other := range m.symbols.aside[path] {
			see(other)
		}
		for _, public := range m.publicImports(path) {
			see(public)
		}
	}
	for _, other := range m.symbols.aside[f.path] {
		see(other)
	}
	for _, dep := range f.dependencies() {
		see(dep.path)
	}
	return seen
}

func (m *mender) publicImports(path string) []string {
	var public []string
	if f := m.symbols.files[path]; f != nil {
		for _, dep := range f.dependencies() {
			if dep.public {
				public = append(public, dep.path)
			}
		}
	} else if linked := Linked(path); linked != nil {
		imports := linked.Imports()
		for i := range imports.Len() {
			if imports.Get(i).IsPublic {
				public = append(public, imports.Get(i).Path())
			}
		}
	}
	return public
}

// resolve makes the references of f full names and notes which files they lead
// to. What leads nowhere is left as it is.
func (m *mender) resolve(f *file, visible map[string]bool) {
	needs := make(map[string]map[string]bool)
	for i := range f.elements {
		for _, ref := range f.elements[i].refs {
			name, path, ok := m.target(f, ref, visible)
			if !ok {
				f.unresolved = true
				continue
			}
			*ref.name = "." + string(name)
			if path == f.path {
				continue
			}
			if needs[path] == nil {
				needs[path] = make(map[string]bool)
			}
			needs[path][string(name)] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(needs)) {
		f.uses = append(f.uses, use{path: path, names: slices.Sorted(maps.Keys(needs[path]))})
	}
}

// target finds what ref refers to. A relative name is looked for from its scope
// outwards; what f declares or imports goes before what it does not, as for
// protodesc.
func (m *mender) target(
	f *file, ref reference, visible map[string]bool,
) (name protoreflect.FullName, path string, ok bool) {
	if full, isFull := ref.full(); isFull {
		path, ok := m.symbols.declaredIn(full)
		return full, path, ok
	}
	for scope := ref.scope; ; scope = scope.Parent() {
		candidate := qualify(scope, *ref.name)
		if found, exists := m.symbols.declaredIn(candidate); exists {
			if found == f.path || visible[found] {
				return candidate, found, true
			}
			if !ok {
				name, path, ok = candidate, found, true
			}
		}
		if scope == "" {
			return name, path, ok
		}
	}
}

// mendImports replaces missing imports of f by files that f uses but can't see,
// drops the others, and imports what else f uses but can't see.
func (m *mender) mendImports(f *file, visible map[string]bool) {
	hidden := slices.DeleteFunc(slices.Clone(f.uses), func(u use) bool { return visible[u.path] })
	var missing []string
	for _, dep := range f.dependencies() {
		if dep.path != f.path && !m.isPresent(dep.path) && len(m.symbols.aside[dep.path]) == 0 {
			missing = append(missing, dep.path)
		}
	}
	replaced := m.replacements(missing, &hidden)

	var deps []dependency
	for _, dep := range f.dependencies() {
		paths, isReplaced := replaced[dep.path]
		switch {
		case dep.path == f.path:
			continue
		case m.isPresent(dep.path):
			paths = []string{dep.path}
		case len(m.symbols.aside[dep.path]) > 0:
			paths = m.symbols.aside[dep.path]
		case isReplaced:
			m.warn(f, "%v imports %q, which is missing: %s takes its place", f, dep.path, quoted(paths))
		case f.unresolved:
			f.orphaned = append(f.orphaned, dep.path)
		default:
			m.warn(f, "%v imports %q, which is missing: dropped, for the types that the file uses are there without it",
				f, dep.path)
		}
		for _, path := range paths {
			deps = append(deps, dependency{path: path, public: dep.public, weak: dep.weak})
		}
	}
	for _, u := range hidden {
		m.warn(f, "%v uses %s of %q without importing it: imported", f, list(u.names), u.path)
		deps = append(deps, dependency{path: u.path})
	}
	f.setDependencies(deps)
}

// replacements decides which of the hidden files take the place of which
// missing imports, and removes these from hidden: each missing import is
// replaced by the file whose path ends most like its own, and a single one
// that is left by all files that are left.
func (m *mender) replacements(missing []string, hidden *[]use) map[string][]string {
	replaced := make(map[string][]string)
	var left []string
	for _, path := range missing {
		best, length := -1, 0
		for i, u := range *hidden {
			if l := commonSuffix(path, u.path); l > length {
				best, length = i, l
			}
		}
		if best < 0 {
			left = append(left, path)
			continue
		}
		replaced[path] = []string{(*hidden)[best].path}
		*hidden = slices.Delete(*hidden, best, best+1)
	}
	if len(left) == 1 && len(*hidden) > 0 {
		for _, u := range *hidden {
			replaced[left[0]] = append(replaced[left[0]], u.path)
		}
		*hidden = nil
	}
	return replaced
}

// commonSuffix counts the equal elements at the ends of two paths.
func commonSuffix(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// mendOptionImports drops the imports for options that are missing. Options are
// known by the gateway's own types or not at all, so nothing is lost.
func (m *mender) mendOptionImports(f *file) {
	imported := make(map[string]bool)
	for _, dep := range f.dependencies() {
		imported[dep.path] = true
	}
	var kept []string
	for _, path := range f.proto.GetOptionDependency() {
		switch {
		case path == f.path || imported[path]:
		case !m.isPresent(path):
			m.warn(f, "%v imports %q for options, which is missing: dropped", f, path)
		default:
			imported[path] = true
			kept = append(kept, path)
		}
	}
	f.setOptionDependencies(kept)
}

// warn warns unless f is what is left of a copy that lost.
func (m *mender) warn(f *file, format string, args ...any) {
	if !f.spare {
		m.warnings.add(format, args...)
	}
}

// needed returns files less the spare ones to which no reference leads.
func (m *mender) needed(files []*file) []*file {
	reached := make(map[string]bool)
	var reach func(f *file)
	reach = func(f *file) {
		if f == nil || reached[f.path] {
			return
		}
		reached[f.path] = true
		for _, u := range f.uses {
			reach(m.present[u.path])
		}
	}
	for _, f := range files {
		if !f.spare {
			reach(f)
		}
	}
	return slices.DeleteFunc(slices.Clone(files), func(f *file) bool { return !reached[f.path] })
}

func quoted(paths []string) string {
	q := make([]string, len(paths))
	for i, path := range paths {
		q[i] = `"` + path + `"`
	}
	return list(q)
}
