// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dragoman-gateway/dragoman/gateway"
)

// check reports everything that is wrong with a configuration, with the files
// that it names. It calls no upstream: what only an upstream's reflection can
// tell is checked when the gateway runs.
func check(ctx context.Context, env *environment, args []string) error {
	flags, err := parseFlags("check", args, false)
	if err != nil {
		return err
	}
	if flags.config == "" {
		return &usageError{"--config FILE is needed"}
	}
	configuration, err := flags.load()
	if err != nil {
		return err
	}
	warnings, err := gateway.Check(ctx, configuration)
	for _, warning := range warnings {
		fmt.Fprintf(env.stderr, "%s: warning: %s\n", flags.config, warning)
	}
	if err != nil {
		return &locatedError{errors.New(locate(flags.config, err.Error()))}
	}
	return nil
}

// located matches a line that says itself where its error is.
var located = regexp.MustCompile(`^[^ ]+:[0-9]+:[0-9]+: `)

// locate puts the configuration as a whole before each line that says no place
// of its own, such as one in a .proto file.
func locate(file, message string) string {
	lines := strings.Split(message, "\n")
	for i, line := range lines {
		if !located.MatchString(line) {
			lines[i] = file + ":1:1: " + line
		}
	}
	return strings.Join(lines, "\n")
}
