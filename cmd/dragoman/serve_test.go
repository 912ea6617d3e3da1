// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait.
const patience = 30 * time.Second

// A server is a real dragoman process.
type server struct {
	command *exec.Cmd
	http    string
	// lines has its log.
	lines <-chan string
}

// serveProcess builds the binary and starts it with a configuration file.
func serveProcess(t *testing.T, config string) *server {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "dragoman")
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, text)
	}
	command := exec.Command(binary, "serve", "--config", config, "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		scanner := bufio.NewScanner(stderr)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
		close(lines)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-done
		_ = command.Wait()
	})
	s := &server{command: command, lines: lines}
	s.http = regexp.MustCompile(`http=(\S+)`).FindStringSubmatch(s.await(t, "msg=ready"))[1]
	return s
}

// await returns the next line of the log that contains text.
func (s *server) await(t *testing.T, text string) string {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	var seen []string
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				t.Fatalf("the process has ended; its log:\n%s", strings.Join(seen, "\n"))
			}
			if strings.Contains(line, text) {
				return line
			}
			seen = append(seen, line)
		case <-timeout.C:
			t.Fatalf("no %q within %v; the log:\n%s", text, patience, strings.Join(seen, "\n"))
		}
	}
}

func (s *server) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	response, err := client.Get("http://" + s.http + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func (s *server) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func TestReloadAndStop(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.yaml")
	rewrite := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := "upstreams: [{target: '" + startBookshop(t) + "'}]\n"
	rewrite(base)
	s := serveProcess(t, config)
	const path = "/v1/shelves"
	if status, body := s.get(t, path); status != http.StatusOK || !strings.Contains(body, "bookCount") {
		t.Fatalf("%d %s", status, body)
	}

	rewrite(base + "rest: {json: {proto_names: true}}\n")
	s.signal(t, syscall.SIGHUP)
	s.await(t, "msg=reloaded")
	if status, body := s.get(t, path); status != http.StatusOK || !strings.Contains(body, "book_count") {
		t.Errorf("after a reload: %d %s", status, body)
	}

	rewrite(base + "rest: {jsno: {}}\n")
	s.signal(t, syscall.SIGHUP)
	if line := s.await(t, "not reloaded"); !strings.Contains(line, "config.yaml:2:8") {
		t.Errorf("log: %s, want the place of the mistake", line)
	}
	if status, body := s.get(t, path); status != http.StatusOK || !strings.Contains(body, "book_count") {
		t.Errorf("after a refused reload: %d %s", status, body)
	}

	s.signal(t, syscall.SIGTERM)
	for range s.lines {
		// The log ends when the process does.
		continue
	}
	if err := s.command.Wait(); err != nil {
		t.Errorf("the process ended with %v, want exit code 0", err)
	}
}
