// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import "slices"

// order sorts files such that each comes after those that it needs. The second
// result holds the groups of files that need each other and can't be sorted.
//
// Imports that no reference needs may close a cycle, in particular those that
// mending has put in. Such a cycle is no obstacle: imports are left out of
// account where they are in the way, and the linker does without them.
func order(files []*file) (sorted []*file, cycles [][]*file) {
	for _, group := range components(files, everyNeed) {
		if len(group) == 1 {
			sorted = append(sorted, group[0])
			continue
		}
		for _, core := range components(group, referencesOnly) {
			if len(core) > 1 {
				cycles = append(cycles, core)
				continue
			}
			sorted = append(sorted, core[0])
		}
	}
	return sorted, cycles
}

// everyNeed returns the paths of the files that f imports or refers to.
func everyNeed(f *file) []string {
	return slices.Concat(referencesOnly(f), f.proto.GetDependency(), f.proto.GetOptionDependency())
}

// referencesOnly returns the paths of the files that f refers to.
func referencesOnly(f *file) []string {
	paths := make([]string, len(f.uses))
	for i, u := range f.uses {
		paths[i] = u.path
	}
	return paths
}

// components returns the strongly connected components of the graph of files,
// each after those that it needs, in an order that depends on that of files
// only. Edges to other files are ignored. (Tarjan, Depth-first search and
// linear graph algorithms, 1972.)
func components(files []*file, needs func(*file) []string) [][]*file {
	t := &tarjan{
		files: make(map[string]*file, len(files)),
		nodes: make(map[*file]*node, len(files)),
		needs: needs,
	}
	for _, f := range files {
		t.files[f.path] = f
	}
	for _, f := range files {
		if t.nodes[f] == nil {
			t.visit(f)
		}
	}
	return t.components
}

type tarjan struct {
	files      map[string]*file
	nodes      map[*file]*node
	needs      func(*file) []string
	stack      []*file
	components [][]*file
}

// A node is where the search met a file: index counts the files met before,
// and low is the least index that is known to be reachable from it.
type node struct {
	index, low int
	onStack    bool
}

// visit recurses at most maxFiles deep.
func (t *tarjan) visit(f *file) *node {
	n := &node{index: len(t.nodes), low: len(t.nodes), onStack: true}
	t.nodes[f] = n
	t.stack = append(t.stack, f)
	for _, path := range t.needs(f) {
		next := t.files[path]
		if next == nil {
			continue
		}
		switch met := t.nodes[next]; {
		case met == nil:
			n.low = min(n.low, t.visit(next).low)
		case met.onStack:
			n.low = min(n.low, met.index)
		}
	}
	if n.low == n.index {
		t.pop(f)
	}
	return n
}

// pop takes the component whose first file is f off the stack.
func (t *tarjan) pop(f *file) {
	at := len(t.stack) - 1
	for t.stack[at] != f {
		at--
	}
	group := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, member := range group {
		t.nodes[member].onStack = false
	}
	t.components = append(t.components, group)
}
