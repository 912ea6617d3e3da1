// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// root is the root of the project, in which commands are pasted.
const root = "../.."

// patience is how long a test waits for what has to happen.
const patience = time.Minute

// programs is the folder that the programs are built into.
var programs string

// build builds the programs of the demo, once.
var build = sync.OnceValue(func() error {
	if _, err := os.Stat(filepath.Join(root, ".tmp/bin/grpcurl")); errors.Is(err, os.ErrNotExist) {
		if err := goBuild(filepath.Join(root, "tools"), "../.tmp/bin/grpcurl", "github.com/fullstorydev/grpcurl/cmd/grpcurl"); err != nil {
			return err
		}
	}
	for _, name := range []string{"bookshop", "dragoman", "demo"} {
		if err := goBuild(root, filepath.Join(programs, name), "./cmd/"+name); err != nil {
			return err
		}
	}
	return nil
})

func goBuild(folder, output, pkg string) error {
	command := exec.Command("go", "build", "-o", output, pkg)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		return errors.New(string(out))
	}
	return nil
}

// A running is a demo that was started.
type running struct {
	command *exec.Cmd
	ended   chan struct{}
	output  output
}

// An output collects what a process writes. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts a demo on free ports, with args besides.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	r := &running{ended: make(chan struct{})}
	r.command = exec.Command(filepath.Join(programs, "demo"), append([]string{
		"--bookshop", "127.0.0.1:0", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", "127.0.0.1:0",
	}, args...)...)
	r.command.Stdout, r.command.Stderr = &r.output, &r.output
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.command.Wait()
	}()
	t.Cleanup(func() {
		_ = r.command.Process.Signal(os.Interrupt)
		r.waitEnd(t)
		if t.Failed() {
			t.Logf("output of the demo:\n%s", r.output.String())
		}
	})
	return r
}

// waitEnd waits until the demo has ended, and returns its exit code.
func (r *running) waitEnd(t *testing.T) int {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		_ = r.command.Process.Kill()
		t.Fatal("the demo does not end")
	}
	return r.command.ProcessState.ExitCode()
}

// waitFor waits for what a demo prints.
func (r *running) waitFor(t *testing.T, pattern string) []string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if match := expression.FindStringSubmatch(r.output.String()); match != nil {
			return match
		}
		select {
		case <-r.ended:
			t.Fatalf("the demo ended before it printed %s", pattern)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the demo does not print %s", pattern)
		}
	}
}

// addresses waits until everything serves, and returns where.
func (r *running) addresses(t *testing.T) addresses {
	t.Helper()
	r.waitFor(t, `Ctrl-C stops`)
	find := func(pattern string) string { return r.waitFor(t, pattern)[1] }
	return addresses{
		bookshop: find(`the bookshop itself +(\S+)`),
		http:     find(`REST and everything else +http://(\S+)`),
		grpc:     find(`native gRPC alone +(\S+)`),
		admin:    find(`health and readiness +http://(\S+)`),
	}
}

// child returns the process of the program called name.
func (r *running) child(t *testing.T, name string) int {
	t.Helper()
	pid, err := strconv.Atoi(r.waitFor(t, name+` +\| is process (\d+)`)[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// paste runs a command as if it were pasted into a shell.
func paste(t *testing.T, command string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-c", command)
	shell.Dir = root
	var stderr bytes.Buffer
	shell.Stderr = &stderr
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, out, stderr.Bytes())
	}
	return string(out)
}

// TestPrintedCommands runs each command that the demo prints.
func TestPrintedCommands(t *testing.T) {
	t.Parallel()
	// What the answer holds, by the heading of the command.
	want := map[string][]string{
		"# REST":              {`"title":"The Time Machine"`, `"cents":"699"`},
		"# REST, with a body": {`"name":"orders/100001"`, `"status":"ORDER_STATUS_PLACED"`},
		"# REST, a stream from the server (without the limit it goes on for good)": {
			`{"result":{"name":"shelves/children/books/alice-in-wonderland","stock":14,`, "\n{\"result\":",
		},
		"# REST, what is not JSON":                                 {"<svg", ">Emma</text>"},
		"# plain JSON RPC, for a method without a path of its own": {`{"recommendations":[`, `"Pride and Prejudice"`},
		"# native gRPC, on the port of every protocol":             {`"title": "The Time Machine"`},
		"# native gRPC, a stream both ways, on the port for gRPC alone": {
			"Good day!", "Emma costs 9.90 EUR", "Goodbye",
		},
		"# readiness": {"ok"},
	}
	r := start(t)
	r.addresses(t)
	printed := regexp.MustCompile(`(?m)^(# .*)\n(.*)$`).FindAllStringSubmatch(r.output.String(), -1)
	if len(printed) != len(want) {
		t.Errorf("%d commands are printed, want %d", len(printed), len(want))
	}
	for _, match := range printed {
		heading, command := match[1], match[2]
		parts, ok := want[heading]
		if !ok {
			t.Errorf("unexpected heading %q", heading)
		}
		got := paste(t, command)
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("%s\n%s\nanswers %s\nwithout %s", heading, command, got, part)
			}
		}
	}
}

// TestStop checks that no process is left, whoever ends first.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// end ends the demo or one of the processes it has started.
		end      func(t *testing.T, r *running)
		wantCode int
		wantText string
	}{
		{
			name: "interrupt",
			end:  func(t *testing.T, r *running) { send(t, r.command.Process.Pid, syscall.SIGINT) },
		},
		{
			name: "terminate",
			end:  func(t *testing.T, r *running) { send(t, r.command.Process.Pid, syscall.SIGTERM) },
		},
		{
			name:     "bookshop dies",
			end:      func(t *testing.T, r *running) { send(t, r.child(t, "bookshop"), syscall.SIGKILL) },
			wantCode: exitError,
			wantText: "demo: bookshop ended: signal: killed\n",
		},
		{
			name:     "gateway dies",
			end:      func(t *testing.T, r *running) { send(t, r.child(t, "dragoman"), syscall.SIGKILL) },
			wantCode: exitError,
			wantText: "demo: dragoman ended: signal: killed\n",
		},
		{
			name:     "gateway stops by itself",
			end:      func(t *testing.T, r *running) { send(t, r.child(t, "dragoman"), syscall.SIGTERM) },
			wantCode: exitError,
			wantText: "demo: dragoman ended by itself\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			r.addresses(t)
			children := []int{r.child(t, "bookshop"), r.child(t, "dragoman")}
			test.end(t, r)
			if code := r.waitEnd(t); code != test.wantCode {
				t.Errorf("exit code %d, want %d", code, test.wantCode)
			}
			if !strings.Contains(r.output.String(), test.wantText) {
				t.Errorf("%q is not printed", test.wantText)
			}
			for _, child := range children {
				if err := syscall.Kill(child, 0); !errors.Is(err, syscall.ESRCH) {
					t.Errorf("process %d is left: %v", child, err)
				}
			}
		})
	}
}

func send(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("kill: %v", err)
	}
}

// TestCannotStart checks that a program that does not come up ends the demo.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	taken := start(t).addresses(t)
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"port of the bookshop taken", []string{"--bookshop", taken.bookshop}, "demo: bookshop ended: exit status 1\n"},
		{"port of the gateway taken", []string{"--http", taken.http}, "demo: dragoman ended: exit status 1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, test.args...)
			if code := r.waitEnd(t); code != exitError {
				t.Errorf("exit code %d, want %d", code, exitError)
			}
			if !strings.Contains(r.output.String(), test.want) {
				t.Errorf("%q is not printed", test.want)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"help", []string{"-h"}, exitOK, "Usage of demo"},
		{"unknown flag", []string{"--port", "1"}, exitUsage, "not defined: -port"},
		{"argument", []string{"now"}, exitUsage, `unexpected argument "now"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			if code := run(t.Context(), &stderr, &stderr, test.args); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(stderr.String(), test.want) {
				t.Errorf("got %q, want %q in it", stderr.String(), test.want)
			}
		})
	}
}
