// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// A walker holds the tree of a document against the descriptors of the
// configuration: it reports what has no place in it, takes that out, and
// expands what is left. What remains has the shape of the message, so that
// protoyaml can only find fault with scalars.
type walker struct {
	*document

	env func(string) (string, bool)
}

// walk makes the tree ready for decode.
func (d *document) walk(env func(string) (string, bool)) {
	w := &walker{document: d, env: env}
	if !w.message(d.root, configDescriptor(), "") {
		w.replace(d.root, yaml.MappingNode)
	}
}

func configDescriptor() protoreflect.MessageDescriptor {
	return (*configv1.Config)(nil).ProtoReflect().Descriptor()
}

// message checks the node of a message. It reports whether the node can be
// decoded; if not, that was reported.
func (w *walker) message(node *yaml.Node, md protoreflect.MessageDescriptor, path string) bool {
	if !w.kind(node, yaml.MappingNode, path, mappingOf(md)) {
		return false
	}
	set := make(map[protoreflect.Name]*yaml.Node)
	kept := node.Content[:0]
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if w.entry(key, value, md, path, set) {
			kept = append(kept, key, value)
		} else {
			w.damaged[node] = true
		}
	}
	node.Content = kept
	return true
}

// entry checks one key of a message with its value. set holds the keys of the
// fields and oneofs that were met before.
func (w *walker) entry(key, value *yaml.Node, md protoreflect.MessageDescriptor, path string, set map[protoreflect.Name]*yaml.Node) bool {
	if !w.kind(key, yaml.ScalarNode, path, "a key") {
		return false
	}
	fd := fieldOf(md, key.Value)
	if fd == nil {
		w.report(positionOf(key), path, "unknown key %q, %s", key.Value, suggest(key.Value, md))
		return false
	}
	path = join(path, fd)
	if first := set[fd.Name()]; first != nil {
		w.report(positionOf(key), path, "the key is here a second time, expected it once; the first is in line %d", first.Line)
		return false
	}
	set[fd.Name()] = key
	if oneof := fd.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() {
		if other := set[oneof.FullName().Name()+"="]; other != nil {
			w.report(positionOf(key), path, "%s is there already in line %d, expected only one of %s",
				other.Value, other.Line, list(oneof.Fields(), fieldName))
			return false
		}
		set[oneof.FullName().Name()+"="] = key
	}
	if isNull(value) {
		// A null has the place of whatever follows it.
		w.report(positionOf(key), path, "there is no value, expected %s", expectation(fd))
		return false
	}
	if fd.IsList() {
		return w.list(value, fd, path)
	}
	return w.element(value, fd, path)
}

// list checks the value of a repeated field.
func (w *walker) list(node *yaml.Node, fd protoreflect.FieldDescriptor, path string) bool {
	if !w.kind(node, yaml.SequenceNode, path, expectation(fd)) {
		return false
	}
	for i, item := range node.Content {
		if w.element(item, fd, fmt.Sprintf("%s[%d]", path, i)) {
			continue
		}
		// Its place in the list is kept, as the paths of the others have their
		// index.
		kind := yaml.ScalarNode
		if fd.Message() != nil {
			kind = yaml.MappingNode
		}
		w.replace(item, kind)
		w.damaged[node] = true
	}
	return true
}

// element checks one value: that of a field, or an item of a list.
func (w *walker) element(node *yaml.Node, fd protoreflect.FieldDescriptor, path string) bool {
	if md := fd.Message(); md != nil && md.FullName() != durationName {
		return w.message(node, md, path)
	}
	if !w.kind(node, yaml.ScalarNode, path, elementExpectation(fd)) || !w.expand(node, path) {
		return false
	}
	value := scalar{node: node, field: fd, path: path}
	if !value.valid() {
		w.report(positionOf(node), path, "%s", value.complaint())
		return false
	}
	w.scalars[positionOf(node)] = value
	return true
}

// kind checks what every node must be: of the kind that is expected, and no
// more than that.
func (w *walker) kind(node *yaml.Node, kind yaml.Kind, path, expected string) bool {
	at := positionOf(node)
	switch {
	case node.Kind == yaml.AliasNode:
		w.report(at, path, "*%s refers to another part of the file, expected the value itself", node.Value)
	case node.Style&yaml.TaggedStyle != 0:
		w.report(at, path, "the tag %s, expected a value without one", node.Tag)
	case isNull(node):
		w.report(at, path, "there is no value, expected %s", expected)
	case node.Kind != kind:
		// The value is not quoted: it may be a secret in the wrong place.
		w.report(at, path, "%s, expected %s", kindName(node.Kind), expected)
	default:
		return true
	}
	return false
}

// expand replaces the references in a value.
func (w *walker) expand(node *yaml.Node, path string) bool {
	if !strings.Contains(node.Value, "$") {
		return true
	}
	value, bad := expand(node.Value, w.env)
	if bad != nil {
		w.report(w.within(node, bad.offset), path, "%v", bad.err)
		return false
	}
	node.Value = value
	// The type was told from the text as it is in the file, or by quotes,
	// which "${NAME}" needs within [] and {}.
	node.Tag = ""
	return true
}

// within returns the place of the byte at offset in the value of node, or the
// beginning of the value where the file does not have it letter by letter on
// one line: that is, in blocks and behind escapes.
func (w *walker) within(node *yaml.Node, offset int) position {
	at := positionOf(node)
	if at.line > len(w.lines) {
		return at
	}
	line := w.lines[at.line-1]
	for range at.column - 1 {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	quote := 0
	if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		quote = 1
	}
	before := node.Value[:offset]
	if len(line) > quote && strings.HasPrefix(line[quote:], before+"${") {
		at.column += quote + utf8.RuneCountInString(before)
	}
	return at
}

// replace makes node an empty one of kind, at the same place.
func (w *walker) replace(node *yaml.Node, kind yaml.Kind) {
	*node = yaml.Node{Kind: kind, Line: node.Line, Column: node.Column}
	w.damaged[node] = true
}
