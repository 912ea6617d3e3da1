// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"fmt"
	"slices"
	"strings"
)

// AnyMethod is the method of a route that answers every method for which there
// is no route of its own: the kind "*" of a custom pattern.
const AnyMethod = "*"

// A Router finds the template that a request matches. What it costs depends on
// the length of the path and on how many of the templates it matches in part,
// not on how many routes there are.
//
// Routes are added by one goroutine, while the router is built. From then on it
// is read only, and its other methods may be used concurrently.
type Router[T any] struct {
	plain node[T]             // the templates without a verb
	verbs map[string]*node[T] // the others, by verb
	// verbColons is one more than the largest number of colons in a verb, or
	// 0 if there are no verbs. It bounds where a verb may begin in a path that
	// is full of colons.
	verbColons int
}

// NewRouter returns a Router without routes.
func NewRouter[T any]() *Router[T] {
	return &Router[T]{verbs: make(map[string]*node[T])}
}

// A ConflictError reports that two templates of one method match exactly the
// same paths.
type ConflictError[T any] struct {
	// Method is the HTTP method of both, or [AnyMethod].
	Method string
	// Template is the template that was to be added.
	Template string
	// ExistingTemplate is the template that was there before.
	ExistingTemplate string
	// Existing is what had been added with it.
	Existing T
}

// Error names the method and both templates.
func (e *ConflictError[T]) Error() string {
	return fmt.Sprintf("%s %s: the same paths are bound by %s", e.Method, e.Template, e.ExistingTemplate)
}

// Add binds value to method, or to every other method if it is [AnyMethod],
// and to the paths that template matches. Templates may overlap; but if one of
// the same method differs at most in its variables, Add changes nothing and
// returns a [*ConflictError].
func (r *Router[T]) Add(method string, template *Template, value T) error {
	root := &r.plain
	if verb := template.verb; verb != "" {
		root = r.verbs[verb]
		if root == nil {
			root = new(node[T])
			r.verbs[verb] = root
			r.verbColons = max(r.verbColons, 1+strings.Count(verb, ":"))
		}
	}
	routes := root.insert(template.segments)
	for i := range *routes {
		if existing := &(*routes)[i]; existing.method == method {
			return &ConflictError[T]{
				Method:           method,
				Template:         template.String(),
				ExistingTemplate: existing.template.String(),
				Existing:         existing.value,
			}
		}
	}
	*routes = append(*routes, route[T]{method: method, template: template, value: value})
	return nil
}

// Match finds the route for a request and appends the values of its template's
// variables to captures, in the order of [Template.Variables]. The last result
// tells whether there is such a route; if not, captures is returned as it came.
//
// Of several templates that match, the one wins that has a verb (the longest);
// then, at the first segment where they differ, a literal before "*" before
// "**"; then the one for the very method before one for [AnyMethod].
//
// The path is that of [net/url.URL.EscapedPath], whose escapes are always well
// formed. One with a malformed escape, or without a leading "/", matches
// nothing.
//
// Match allocates no memory if captures has room and nothing has to be decoded.
// The values then share the memory of escapedPath.
func (r *Router[T]) Match(method, escapedPath string, captures []string) (T, []string, bool) {
	for split := r.firstSplit(escapedPath); split >= 0; split = nextSplit(escapedPath, split) {
		root, path := r.tree(escapedPath, split)
		if found := root.find(method, path, 0); found != nil {
			return found.value, found.template.appendCaptures(captures, path), true
		}
	}
	var none T
	return none, captures, false
}

// Allow returns the methods for which a template matches the path, sorted and
// without repetition. It includes [AnyMethod] if there is a route for it, in
// which case Match finds a route for any method.
func (r *Router[T]) Allow(escapedPath string) []string {
	var methods []string
	for split := r.firstSplit(escapedPath); split >= 0; split = nextSplit(escapedPath, split) {
		root, path := r.tree(escapedPath, split)
		methods = root.appendMethods(methods, path, 0)
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// A path can be read with different verbs: any colon in its last segment may
// separate one, and none need do so. A split is one way to read it, the offset
// of the separator or else the length of the path.

// firstSplit returns the split of the longest verb that path may have, or -1
// if it is no path. A verb has something of the last segment before it.
func (r *Router[T]) firstSplit(path string) int {
	if !strings.HasPrefix(path, "/") || !escapesValid(path) {
		return -1
	}
	split := len(path)
	if r.verbColons == 0 {
		return split
	}
	segment := strings.LastIndexByte(path, '/') + 1
	for range r.verbColons {
		colon := strings.LastIndexByte(path[segment:split], ':')
		if colon <= 0 {
			break
		}
		split = segment + colon
	}
	return split
}

// nextSplit returns the split after the given one, or -1 if that had no verb.
func nextSplit(path string, split int) int {
	if split == len(path) {
		return -1
	}
	if colon := strings.IndexByte(path[split+1:], ':'); colon >= 0 {
		return split + 1 + colon
	}
	return len(path)
}

// tree returns the tree of the verb that path has with this split, and what is
// left of path for its templates to match. The tree is nil, which has no
// routes, if no template has the verb.
func (r *Router[T]) tree(path string, split int) (*node[T], string) {
	if split == len(path) {
		return &r.plain, path
	}
	return r.verbs[unescape(path[split+1:], false)], path[:split]
}
