// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"strings"
)

// A node is the place in the tree that a sequence of segments leads to. A
// template is a path from the root, except for a "**" at its end, which is no
// step but a mark on the node before it.
type node[T any] struct {
	literals map[string]*node[T] // by decoded text
	any      *node[T]            // after "*"
	routes   []route[T]          // of the templates that end here
	rest     []route[T]          // of the templates that end here in "**"
}

// A route is what was added for one method and template.
type route[T any] struct {
	method   string
	template *Template
	value    T
}

// insert returns where the routes of a template with these segments are kept.
// Templates that match the same paths share it.
func (n *node[T]) insert(segments []segment) *[]route[T] {
	for _, s := range segments {
		switch s.kind {
		case kindRest:
			return &n.rest
		case kindAny:
			if n.any == nil {
				n.any = new(node[T])
			}
			n = n.any
		case kindLiteral:
			child := n.literals[s.text]
			if child == nil {
				child = new(node[T])
				if n.literals == nil {
					n.literals = make(map[string]*node[T])
				}
				n.literals[s.text] = child
			}
			n = child
		}
	}
	return &n.routes
}

// find returns the most specific route below n for method and path[pos:],
// which is empty or begins with "/". It returns nil if there is none, as it
// does if n is nil.
//
// It goes back where a more specific child led nowhere. Only one way leads to a
// node, so none is visited twice: the worst path costs as many steps as there
// are prefixes of templates that it matches, and backtracking can't multiply
// them.
func (n *node[T]) find(method, path string, pos int) *route[T] {
	if n == nil {
		return nil
	}
	if pos == len(path) {
		if found := pick(n.routes, method); found != nil {
			return found
		}
		return pick(n.rest, method)
	}
	end := segmentEnd(path, pos)
	if found := n.literal(path[pos+1:end]).find(method, path, end); found != nil {
		return found
	}
	if found := n.any.find(method, path, end); found != nil {
		return found
	}
	return pick(n.rest, method)
}

// appendMethods appends the method of each route below n that find could
// return for path[pos:].
func (n *node[T]) appendMethods(dst []string, path string, pos int) []string {
	if n == nil {
		return dst
	}
	for i := range n.rest {
		dst = append(dst, n.rest[i].method)
	}
	if pos == len(path) {
		for i := range n.routes {
			dst = append(dst, n.routes[i].method)
		}
		return dst
	}
	end := segmentEnd(path, pos)
	dst = n.literal(path[pos+1:end]).appendMethods(dst, path, end)
	return n.any.appendMethods(dst, path, end)
}

// literal returns the child for a segment as it came in the request, or nil.
func (n *node[T]) literal(escaped string) *node[T] {
	if strings.IndexByte(escaped, '%') < 0 {
		return n.literals[escaped]
	}
	var buffer [unescapeBuffer]byte
	return n.literals[string(appendUnescaped(buffer[:0], escaped, false))]
}

// pick returns the route for method, or else the one for any method, or nil. A
// path has few methods, so a slice beats a map.
func pick[T any](routes []route[T], method string) *route[T] {
	var fallback *route[T]
	for i := range routes {
		switch routes[i].method {
		case method:
			return &routes[i]
		case AnyMethod:
			fallback = &routes[i]
		}
	}
	return fallback
}
