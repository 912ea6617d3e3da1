// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"buf.build/go/protoyaml"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// decode makes the message of the tree. What is wrong with single values is
// reported; their fields are unset then.
//
// The error is what no configuration can cause: protoyaml and this package do
// not agree.
func (d *document) decode() (*configv1.Config, error) {
	config := new(configv1.Config)
	options := protoyaml.UnmarshalOptions{CustomUnmarshaler: &transplant{root: d.root}}
	// protoyaml reads bytes only. It is given a mapping with none of the keys,
	// which transplant then replaces. It quotes the source in errors, and for
	// that needs as many lines as the tree has.
	stub := "{}" + strings.Repeat("\n", lastLine(d.root))
	if err := options.Unmarshal([]byte(stub), config); err != nil {
		if err := d.explain(err); err != nil {
			return nil, fmt.Errorf("%s:1:1: decode: %w", d.name, err)
		}
	}
	return config, nil
}

// A transplant puts the tree that was prepared into the place of the one that
// protoyaml has parsed.
type transplant struct {
	root *yaml.Node
}

var _ protoyaml.CustomUnmarshaler = (*transplant)(nil)

// Unmarshal is called for every message before its node is read; the first is
// the root.
func (t *transplant) Unmarshal(node *yaml.Node, _ proto.Message) (handled bool, err error) {
	if t.root != nil {
		*node, t.root = *t.root, nil
	}
	return false, nil
}

// explain reports what protoyaml found wrong. It returns what it can't place.
func (d *document) explain(err error) error {
	joined, ok := err.(interface{ Unwrap() []error }) // As errors.Join makes it.
	if !ok {
		return err
	}
	var unplaced []error
	for _, one := range joined.Unwrap() {
		// The node is in a type that protoyaml doesn't export; its text begins
		// with PATH:LINE:COLUMN, and the path is empty.
		var at position
		if _, scanErr := fmt.Sscanf(one.Error(), ":%d:%d", &at.line, &at.column); scanErr != nil {
			unplaced = append(unplaced, one)
			continue
		}
		if value, ok := d.scalars[at]; ok {
			d.report(at, value.path, "%s", value.complaint())
		} else if !slices.ContainsFunc(d.problems, func(p *problem) bool { return p.at == at }) {
			unplaced = append(unplaced, one)
		}
	}
	return errors.Join(unplaced...)
}

func lastLine(node *yaml.Node) int {
	last := node.Line
	for _, child := range node.Content {
		last = max(last, lastLine(child))
	}
	return last
}
