// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// callers is how many requests are on their way at one time.
const callers = 32

// rounds is how often the rivals take turns, so that a machine whose speed
// drifts treats them alike.
const rounds = 3

// BenchmarkUnary measures one transcoded unary call through each gateway in
// front of the same upstream process: ns/op as its callers see it, and cpu-us/op
// as what the gateway's process spends.
func BenchmarkUnary(b *testing.B) {
	folder := b.TempDir()
	build(b, filepath.Join(folder, "bookshop"), "..", "./cmd/bookshop")
	build(b, filepath.Join(folder, "dragoman"), "..", "./cmd/dragoman")
	build(b, filepath.Join(folder, "grpcgateway"), ".", "./grpcgateway")
	upstream := start(b, "grpc", filepath.Join(folder, "bookshop"), "--listen", "127.0.0.1:0")
	quiet := filepath.Join(folder, "quiet.yaml")
	if err := os.WriteFile(quiet, []byte("log: {no_access_log: true}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	serve := []string{"serve", "--upstream", upstream.address, "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0"}
	rivals := []struct {
		name    string
		process process
	}{
		{"dragoman", start(b, "http", filepath.Join(folder, "dragoman"), append(serve, "--config", quiet)...)},
		{"dragoman-access-log", start(b, "http", filepath.Join(folder, "dragoman"), serve...)},
		{"grpc-gateway", start(b, "http", filepath.Join(folder, "grpcgateway"), upstream.address)},
	}
	for _, call := range []struct{ name, path string }{
		{"GetBook", "/v1/shelves/children/books/alice-in-wonderland"},
		{"ListShelves", "/v1/shelves"},
	} {
		for round := range rounds {
			for _, rival := range rivals {
				b.Run(fmt.Sprintf("%s/%s/round=%d", call.name, rival.name, round+1), func(b *testing.B) {
					load(b, rival.process, call.path)
				})
			}
		}
	}
}

// load makes b.N requests and reports what they cost the process.
func load(b *testing.B, process process, path string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	defer client.CloseIdleConnections()
	url := "http://" + process.address + path
	var left atomic.Int64
	left.Store(int64(b.N))
	before := process.cpu(b)
	b.ResetTimer()
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				response, err := client.Get(url)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					b.Errorf("GET %s: %s, %v", path, response.Status, err)
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	spent := process.cpu(b) - before
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "cpu-us/op")
}

// A process is a server that runs.
type process struct {
	pid     int
	address string
}

func build(b *testing.B, output, module, pkg string) {
	b.Helper()
	command := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", output, pkg)
	command.Dir = module
	if text, err := command.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", pkg, err, text)
	}
}

// start runs a server until the benchmark ends and waits for the line that
// says where it listens: msg=ready, with the address under key.
func start(b *testing.B, key, name string, args ...string) process {
	b.Helper()
	command := exec.CommandContext(b.Context(), name, args...)
	stderr, err := command.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	ready := regexp.MustCompile(`msg=ready.* ` + key + `=(\S+)`)
	var seen bytes.Buffer
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if match := ready.FindStringSubmatch(lines.Text()); match != nil {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return process{pid: command.Process.Pid, address: match[1]}
		}
		seen.WriteString(lines.Text() + "\n")
	}
	b.Fatalf("%s never got ready:\n%s", name, &seen)
	return process{}
}

// ticks is the unit of /proc/PID/stat on Linux, whatever the kernel's own.
const ticks = 100

// cpu returns the processor time that the process has used: user and system,
// all threads; proc(5), fields 14 and 15 of stat.
func (p process) cpu(b *testing.B) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name, in parentheses, may hold spaces.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var total time.Duration
	for _, field := range fields[11:13] {
		count, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		total += time.Duration(count) * time.Second / ticks
	}
	return total
}
