// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"

	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/signal.loop"),
		goleak.IgnoreAnyFunction("os/signal.loop"))
}

// startBookshop starts an upstream with reflection.
func startBookshop(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	bookshop.New(bookshop.Options{}).Register(server)
	reflection.Register(server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return listener.Addr().String()
}

// dragoman runs a command in this process.
func dragoman(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	code = run(t.Context(), &environment{stdout: &out, stderr: &errors}, args)
	return code, out.String(), errors.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const greeter = `syntax = "proto3"; package greet.v1;
import "google/api/annotations.proto";
message Hello { string name = 1; }
service Greeter {
  rpc Greet(Hello) returns (Hello) { option (google.api.http) = {get: "/v1/hello/{name}"}; }
  %s
}`

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nothing", nil, exitUsage, "usage: dragoman"},
		{"unknown command", []string{"server"}, exitUsage, `unknown command "server"`},
		{"unknown flag", []string{"serve", "--bogus"}, exitUsage, "bogus"},
		{"no upstream", []string{"serve"}, exitUsage, "--upstream TARGET or --config FILE is needed"},
		{"an argument too many", []string{"serve", "--upstream", "x:1", "y"}, exitUsage, `unexpected argument "y"`},
		{"no file to check", []string{"check"}, exitUsage, "--config FILE is needed"},
		{"version with an argument", []string{"version", "x"}, exitUsage, `unexpected argument "x"`},
		{"check does not listen", []string{"check", "--http", ":1"}, exitUsage, "http"},
		{"no such file", []string{"check", "--config", "no/such.yaml"}, exitError, "no/such.yaml"},
		{"no such schema", []string{"routes", "--upstream", "127.0.0.1:1", "--schema", "no/such.binpb"}, exitError, "no/such.binpb"},
		{"no upstream there", []string{"routes", "--upstream", "127.0.0.1:1"}, exitError, "127.0.0.1:1"},
		{"bad address", []string{"serve", "--upstream", "127.0.0.1:1", "--http", "nowhere"}, exitError, "nowhere"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := dragoman(t, test.args...)
			if code != test.code || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d, want %d; standard error %q, want %q in it", code, test.code, stderr, test.want)
			}
			if lines := strings.Count(stderr, "\n"); code == exitError && lines != 1 {
				t.Errorf("standard error has %d lines, want 1: %q", lines, stderr)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"--help"}, {"serve", "--help"}, {"check", "-h"}} {
		if code, stdout, _ := dragoman(t, args...); code != exitOK || stdout != usage {
			t.Errorf("%q: exit code %d, %q", args, code, stdout)
		}
	}
	code, stdout, _ := dragoman(t, "version")
	if code != exitOK || !regexp.MustCompile(`^dragoman \S+ go1\S* \w+/\w+\n$`).MatchString(stdout) {
		t.Errorf("version: exit code %d, %q", code, stdout)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := write(t, "good.proto", strings.ReplaceAll(greeter, "%s", ""))
	twice := write(t, "twice.proto", strings.ReplaceAll(greeter, "%s",
		`rpc Again(Hello) returns (Hello) { option (google.api.http) = {get: "/v1/hello/{name}"}; }`))
	broken := write(t, "broken.proto", "syntax = \"proto3\";\nmessage M { string }")
	for _, test := range []struct {
		name   string
		config string
		code   int
		want   string // a regular expression
	}{
		{"good", "upstreams: [{target: 'a:1', schema: [{proto: " + good + "}]}]", exitOK, `^$`},
		{"reflection is not asked", "upstreams: [{target: 'a:1'}]", exitOK, `^$`},
		{"unknown key", "upstreams:\n- target: a:1\n  tsl: {}", exitError, `config\.yaml:3:3: .*"tsl"`},
		{"wrong type", "upstreams: [{target: a:1}]\nlimits: {json_depth: deep}", exitError, `config\.yaml:2:22: .*"deep"`},
		{"broken schema", "upstreams: [{target: 'a:1', schema: [{proto: " + broken + "}]}]", exitError, `^\S*broken\.proto:2:20: `},
		{"one path twice", "upstreams: [{target: 'a:1', schema: [{proto: " + twice + "}]}]", exitError,
			`greet\.v1\.Greeter\.Again(.|\n)*greet\.v1\.Greeter\.Greet`},
		{"rule for an unknown method",
			"upstreams: [{target: 'a:1', schema: [{proto: " + good + "}]}]\nrest: {rules: [{selector: no.such.Method, get: /x}]}",
			exitError, `no\.such\.Method`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := dragoman(t, "check", "--config", write(t, "config.yaml", test.config))
			if code != test.code || !regexp.MustCompile(test.want).MatchString(stderr) {
				t.Errorf("exit code %d, want %d; standard error %q, want %q", code, test.code, stderr, test.want)
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := dragoman(t, "routes", "--upstream", startBookshop(t))
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		`(?m)^rest +GET +/v1/isbn/\{isbn\} +bookshop\.catalog\.v1\.CatalogService\.GetBook$`,
		`(?m)^rest +POST +/bookshop\.catalog\.v1\.CatalogService/GetBook +bookshop\.catalog\.v1\.CatalogService\.GetBook$`,
		`(?m)^grpc +POST +/bookshop\.catalog\.v1\.CatalogService/GetBook +bookshop\.catalog\.v1\.CatalogService\.GetBook$`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("no line matches %q in\n%s", want, stdout)
		}
	}
}

func TestFlagsWinOverTheFile(t *testing.T) {
	t.Parallel()
	file := write(t, "config.yaml", "upstreams: [{target: '127.0.0.1:1'}]")
	if code, _, stderr := dragoman(t, "routes", "--config", file, "--upstream", startBookshop(t)); code != exitOK {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	two := write(t, "config.yaml", "upstreams: [{target: 'a:1'}, {target: 'b:1'}]")
	code, _, stderr := dragoman(t, "routes", "--config", two, "--upstream", "c:1")
	if code != exitUsage || !strings.Contains(stderr, "several") {
		t.Errorf("one flag for two upstreams: exit code %d, %q", code, stderr)
	}
}
