// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

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
		return &locatedError{fmt.Errorf("%s:1:1: %w", flags.config, err)}
	}
	return nil
}
