// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package stock runs the dragoman command as a user has it: built from the
// main module with no tag and no option, and started as a process.
package stock

import (
	"regexp"
	"testing"

	"github.com/dragoman-gateway/dragoman/conformance/internal/process"
)

// ready is the line that `dragoman serve` logs when it is ready.
var ready = regexp.MustCompile(`(?m)^.*\bmsg=ready\b.*\n`)

// New returns the stock program. Tests run in their package's folder, two
// below the main module.
func New() *process.Program {
	return &process.Program{Dir: "../..", Package: "./cmd/dragoman"}
}

// A Gateway is a running `dragoman serve`.
type Gateway struct {
	*process.Process

	// HTTP, GRPC and Admin are the addresses that it listens on, as
	// host:port.
	HTTP, GRPC, Admin string
}

// Serve runs `dragoman serve` with args until tb ends, on free ports of the
// loopback interface. env is added to the environment.
func Serve(tb testing.TB, program *process.Program, env []string, args ...string) *Gateway {
	tb.Helper()
	const anyPort = "127.0.0.1:0"
	p := process.Start(tb, process.Command{
		Path:  program.Path(tb),
		Args:  append([]string{"serve", "--http", anyPort, "--grpc", anyPort, "--admin", anyPort}, args...),
		Env:   env,
		Ready: ready,
	})
	line := p.Ready()[0]
	return &Gateway{
		Process: p,
		HTTP:    address(tb, line, "http"),
		GRPC:    address(tb, line, "grpc"),
		Admin:   address(tb, line, "admin"),
	}
}

// address returns the address that line has under key.
func address(tb testing.TB, line, key string) string {
	tb.Helper()
	match := regexp.MustCompile(` ` + key + `=(\S+)`).FindStringSubmatch(line)
	if match == nil {
		tb.Fatalf("no %s= in %q", key, line)
	}
	return match[1]
}
