// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package process runs a program for the length of a test: it waits for the
// line by which the program says that it is ready, keeps what it writes, and
// sees to it that nothing is left running.
package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	// readyWithin and stopWithin are bounds, not expectations: a loaded
	// machine is slow, and a test that waits for ever says nothing.
	readyWithin = 60 * time.Second
	stopWithin  = 30 * time.Second
)

// A Command is a program to start.
type Command struct {
	// Path is the file to run.
	Path string
	// Args are its arguments, without its name.
	Args []string
	// Env is added to the environment of the test.
	Env []string
	// Ready matches the line of standard output or standard error by which
	// the program says that it is ready. What its groups capture is had from
	// [Process.Ready].
	Ready *regexp.Regexp
	// AnyStatus lets the program end in any way when it is told to stop, for
	// programs whose manners are not under test.
	AnyStatus bool
}

// A Process is a program that was started by [Start]. Its methods may be
// called concurrently.
type Process struct {
	command *exec.Cmd
	any     bool
	output  *output
	ready   []string
	killed  atomic.Bool
	exited  chan struct{}
	err     error // what Wait returned; read it after exited is closed
}

// Start runs c until tb ends, and returns when c is ready. At the end of tb
// the program is told to stop, by SIGTERM, and tb fails if it then does not
// exit with status 0, unless [Process.Kill] was called before or c allows
// [Command.AnyStatus].
func Start(tb testing.TB, c Command) *Process {
	tb.Helper()
	out := &output{ready: c.Ready, found: make(chan []string, 1)}
	command := exec.Command(c.Path, c.Args...) //nolint:gosec,noctx // The test chooses what to run; the end of it is Stop.
	command.Env = append(os.Environ(), c.Env...)
	command.Stdout, command.Stderr = out, out
	// A descendant that keeps the pipes open must not keep Wait.
	command.WaitDelay = stopWithin
	if err := command.Start(); err != nil {
		tb.Fatalf("start %s: %v", c.Path, err)
	}
	p := &Process{command: command, any: c.AnyStatus, output: out, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		p.err = command.Wait()
	}()
	tb.Cleanup(func() {
		if err := p.Stop(); err != nil {
			tb.Errorf("%v\n%s", err, p.Output())
		}
	})

	timer := time.NewTimer(readyWithin)
	defer timer.Stop()
	select {
	case p.ready = <-out.found:
	case <-p.exited:
		tb.Fatalf("%s exited before it was ready: %v\n%s", c.Path, p.err, p.Output())
	case <-timer.C:
		tb.Fatalf("%s not ready after %v\n%s", c.Path, readyWithin, p.Output())
	}
	return p
}

// Ready returns what the groups of Command.Ready captured; the line's match
// is the first element.
func (p *Process) Ready() []string { return p.ready }

// Output returns what the program has written so far.
func (p *Process) Output() string { return p.output.String() }

// Stop tells the program to stop and waits until it has. It returns an error
// if the program had to be killed, or if its exit status is not 0. Stopping
// what has been killed is no error.
func (p *Process) Stop() error {
	if p.killed.Load() {
		return nil
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("tell %s to stop: %w", p.command.Path, err)
	}
	timer := time.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("%s went on for %v after SIGTERM", p.command.Path, stopWithin)
	}
	if p.err != nil && !p.any {
		return fmt.Errorf("%s: %w", p.command.Path, p.err)
	}
	return nil
}

// Kill ends the program without a chance to tidy up, and waits until it is
// gone.
func (p *Process) Kill() {
	p.killed.Store(true)
	// An error means that the program has ended, which is what is wanted.
	_ = p.command.Process.Kill()
	<-p.exited
}

// An output keeps what a program writes, and looks for the line that says
// that the program is ready.
type output struct {
	ready *regexp.Regexp
	found chan []string // has room for the one match that is sent

	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(b)
	if o.ready == nil {
		return len(b), nil
	}
	if match := o.ready.FindStringSubmatch(o.text.String()); match != nil {
		o.ready = nil
		o.found <- match
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
