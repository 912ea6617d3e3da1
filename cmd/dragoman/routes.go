// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/dragoman-gateway/dragoman/gateway"
)

// routes prints every way in, one line each: the protocol, the verb and path
// (or, for gRPC, the path), and the method behind it.
func routes(ctx context.Context, env *environment, args []string) error {
	flags, err := parseFlags("routes", args, false)
	if err != nil {
		return err
	}
	configuration, err := flags.load()
	if err != nil {
		return err
	}
	made, err := gateway.New(ctx, configuration, gateway.Options{})
	if err != nil {
		return err
	}
	defer made.Close()
	if err := made.Ready(); err != nil {
		return err
	}
	table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0) //nolint:mnd // two spaces between columns.
	for _, route := range made.Routes() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", route.Protocol, route.Verb, route.Path, route.Method)
	}
	return table.Flush()
}
