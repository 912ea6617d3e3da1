// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// Run runs a program that ends by itself, and returns what it wrote and its
// exit status.
func Run(tb testing.TB, c Command) (stdout, stderr string, status int) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), readyWithin)
	defer cancel()
	var out, errOut bytes.Buffer
	command := exec.CommandContext(ctx, c.Path, c.Args...) //nolint:gosec // The test chooses what to run.
	command.Env = append(os.Environ(), c.Env...)
	command.Stdout, command.Stderr = &out, &errOut
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		tb.Fatalf("run %s: %v", c.Path, err)
	}
	return out.String(), errOut.String(), command.ProcessState.ExitCode()
}
