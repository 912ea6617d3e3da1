// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package config reads the configuration of the gateway.
//
// A file goes through these steps: YAML to a tree of nodes, which is held
// against the descriptors of [configv1.Config] and has its environment
// variables expanded; the tree to a message; the message through the rules of
// its .proto and the checks that concern more than one field. The tree is
// kept until the end, so that an error of any step knows its line and column.
// An environment variable is put in place after the YAML was parsed, and so
// can never be taken for YAML itself.
//
// Nothing here opens the files that a configuration names, except
// [ReadSecret]; that they exist is checked, so that the error can say where
// they are named. Relative names are relative to the working directory.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"

	"google.golang.org/protobuf/proto"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// MaxFileBytes is the size of the largest configuration that is read. It keeps
// a wrong file name, of a log or a device, from filling the memory.
const MaxFileBytes = 4 << 20

// Options say how a configuration is read. The zero value works.
type Options struct {
	// Env looks up an environment variable. If nil, it is [os.LookupEnv].
	Env func(name string) (value string, ok bool)
	// Overlay, if not nil, changes the configuration after it was read and
	// before it is checked: so flags win over the file, and may give what the
	// file lacks. An error about a value that came from it names the field
	// instead of a place in the file.
	Overlay func(config *configv1.Config)
}

// Load reads and checks the configuration in the file at path, without its
// defaults. Errors are those of [Parse].
func Load(path string, options Options) (*configv1.Config, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names it.
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read.
	// One byte more than allowed tells the largest file from one that was cut.
	source, err := io.ReadAll(io.LimitReader(file, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, source, options)
}

// Parse reads and checks the configuration in source, without its defaults.
// The error joins everything that was found wrong, in the order of the file,
// each as one line "NAME:LINE:COLUMN: what is wrong, what was expected". What
// follows from an error that is reported already is left out.
func Parse(name string, source []byte, options Options) (*configv1.Config, error) {
	doc, err := newDocument(name, source)
	if err != nil {
		return nil, err
	}
	env := options.Env
	if env == nil {
		env = os.LookupEnv
	}
	doc.walk(env)
	config, err := doc.decode()
	if err != nil {
		return nil, err
	}
	inFile := config
	if options.Overlay != nil {
		config = proto.CloneOf(inFile)
		options.Overlay(config)
	}
	for _, found := range check(config) {
		doc.place(found, sameField(inFile, config, found.field))
	}
	if err := doc.err(); err != nil {
		return nil, err
	}
	return config, nil
}

// FromFlags returns the configuration that overlay makes out of an empty one,
// without its defaults. Errors are those of [Validate].
func FromFlags(overlay func(config *configv1.Config)) (*configv1.Config, error) {
	config := new(configv1.Config)
	overlay(config)
	if err := Validate(config); err != nil {
		return nil, err
	}
	return config, nil
}

// Validate checks a configuration that came from no file: by the rules of its
// .proto, and by what concerns more than one field. The error joins everything
// that was found wrong, each as one line "field: what is wrong, what was
// expected".
func Validate(config *configv1.Config) error {
	found := check(config)
	errs := make([]error, 0, len(found))
	for _, one := range found {
		errs = append(errs, &problem{finding: one})
	}
	return errors.Join(errs...)
}
