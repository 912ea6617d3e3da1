// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// stopTime bounds how long a process may take to end when it was told to.
	stopTime = 15 * time.Second
	// pollTime is how long to wait before asking the gateway again.
	pollTime = 50 * time.Millisecond
)

// A process is a program that was started, in a process group of its own: a
// Ctrl-C in the terminal reaches only the demo, which then stops it.
type process struct {
	name  string
	words map[string]string // of the ready line; set by waitReady
	ready chan map[string]string
	ended chan struct{} // closed when the process has ended
	err   error         // how it ended; set before ended is closed
}

// startProcess starts the program at path. When ctx is done it is told to end,
// and killed if it does not. What it writes goes to out, each line behind its
// name.
func startProcess(ctx context.Context, out io.Writer, path string, args ...string) (*process, error) {
	started := &process{
		name:  filepath.Base(path),
		ready: make(chan map[string]string, 1),
		ended: make(chan struct{}),
	}
	command := exec.CommandContext(ctx, path, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopTime
	// One writer for both, so that exec copies them one after the other.
	output := &lineWriter{line: func(line []byte) {
		_, _ = fmt.Fprintf(out, "%-8s | %s\n", started.name, line)
		if words := readyWords(string(line)); words != nil {
			select {
			case started.ready <- words:
			default:
			}
		}
	}}
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", started.name, err)
	}
	_, _ = fmt.Fprintf(out, "%-8s | is process %d\n", started.name, command.Process.Pid)
	go func() {
		defer close(started.ended)
		started.err = command.Wait()
	}()
	return started, nil
}

// waitReady waits for the line with which the process says that it is ready.
func (p *process) waitReady(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case p.words = <-p.ready:
		return nil
	case <-p.ended:
		return p.endError()
	case <-ctx.Done():
		return fmt.Errorf("%s is not ready: %w", p.name, ctx.Err())
	}
}

// endError says how the process ended, which it has.
func (p *process) endError() error {
	if p.err == nil {
		return fmt.Errorf("%s ended by itself", p.name)
	}
	return fmt.Errorf("%s ended: %w", p.name, p.err)
}

// readyWords returns the words of a line of [slog.TextHandler] by their keys if
// it says that a program is ready, or else nil.
func readyWords(line string) map[string]string {
	words := make(map[string]string)
	for word := range strings.FieldsSeq(line) {
		if key, value, ok := strings.Cut(word, "="); ok {
			words[key] = value
		}
	}
	if words["msg"] != "ready" {
		return nil
	}
	return words
}

// waitServing waits until the gateway that has its admin port at address can
// serve calls: it may be up before it has asked its upstream for a schema.
func (p *process) waitServing(ctx context.Context, address string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for !serving(ctx, address) {
		select {
		case <-ticker.C:
		case <-p.ended:
			return p.endError()
		case <-ctx.Done():
			return fmt.Errorf("%s does not serve: %w", p.name, ctx.Err())
		}
	}
	return nil
}

func serving(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // nothing was written
	return response.StatusCode == http.StatusOK
}

// A lineWriter calls line with each whole line that is written to it. A last
// line without an end is not a line.
type lineWriter struct {
	line func([]byte)

	mu   sync.Mutex
	rest []byte
}

// Write implements [io.Writer]. It never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		line, rest, ok := bytes.Cut(w.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		w.line(line)
		w.rest = rest
	}
}
