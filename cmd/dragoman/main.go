// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Command dragoman is a gRPC-first, protocol-translating API gateway.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

const usage = `usage: dragoman COMMAND [FLAGS]

  serve    serve an API
           [--config FILE] [--upstream TARGET] [--schema SRC]...
           [--http ADDR] [--grpc ADDR] [--admin ADDR]
  check    check a configuration: --config FILE
  routes   list every way in: serve's --config, --upstream and --schema
  version  print the version

TARGET is any gRPC target, such as localhost:50051. SRC is a descriptor set, a
.proto file, a folder of .proto files, or "reflect" (ask the upstream).
`

// A command runs one subcommand and returns what kept it from doing its work.
type command func(ctx context.Context, env *environment, args []string) error

// An environment is the world outside the process.
type environment struct {
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, &environment{stdout: os.Stdout, stderr: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run returns the exit code of the process.
func run(ctx context.Context, env *environment, args []string) int {
	commands := map[string]command{
		"serve":   serve,
		"check":   check,
		"routes":  routes,
		"version": printVersion,
	}
	if len(args) == 0 {
		_, _ = io.WriteString(env.stderr, usage)
		return exitUsage
	}
	name := args[0]
	if name == "help" || name == "-h" || name == "--help" {
		_, _ = io.WriteString(env.stdout, usage)
		return exitOK
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(env.stderr, "dragoman: unknown command %q; \"dragoman help\" lists them\n", name)
		return exitUsage
	}
	err := command(ctx, env, args[1:])
	if err == nil {
		return exitOK
	}
	if errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(env.stdout, usage)
		return exitOK
	}
	if wrong, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintf(env.stderr, "dragoman %s: %v\n", name, wrong)
		return exitUsage
	}
	if located, ok := errors.AsType[*locatedError](err); ok {
		fmt.Fprintln(env.stderr, located)
		return exitError
	}
	fmt.Fprintf(env.stderr, "dragoman %s: %s\n", name, oneLine(err))
	return exitError
}
