// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// patience is how long a test waits for what has to happen.
const patience = time.Minute

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// A program is a run of the program.
type program struct {
	stop  context.CancelFunc
	code  int           // set before ended is closed
	ended chan struct{} // closed when the program has ended
	ready []string      // the first line, and the address in it
	conn  *grpc.ClientConn
}

// start runs the program until it is ready.
func start(t *testing.T) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{stop: cancel, ended: make(chan struct{})}
	reader, writer := io.Pipe()
	go func() {
		defer close(p.ended)
		p.code = run(ctx, writer, []string{"--listen", "127.0.0.1:0"})
		_ = writer.Close()
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	p.ready = regexp.MustCompile(`msg=ready grpc=(127\.0\.0\.1:[1-9]\d*)\n$`).FindStringSubmatch(line)
	if p.ready == nil {
		t.Fatalf("the program says %q", line)
	}
	p.conn, err = grpc.NewClient(p.ready[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = p.conn.Close()
		p.wait(t)
	})
	return p
}

// wait waits until the program has ended, and checks its exit code.
func (p *program) wait(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
		if p.code != exitOK {
			t.Errorf("exit code %d, want %d", p.code, exitOK)
		}
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	p := start(t)
	health, err := grpc_health_v1.NewHealthClient(p.conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health is %v, %v", health, err)
	}
	want := []string{
		"bookshop.catalog.v1.CatalogService", "bookshop.media.v1.CoverService", "bookshop.orders.v1.OrderService",
		"bookshop.support.v1.ChatService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
		"grpc.reflection.v1alpha.ServerReflection",
	}
	for _, version := range []string{"v1", "v1alpha"} {
		if got := services(t, p.conn, version); !slices.Equal(got, want) {
			t.Errorf("reflection %s lists %v, want %v", version, got, want)
		}
	}
	p.stop()
	p.wait(t)
}

// TestStopWithStream checks that a stream which never ends does not keep the
// program from ending.
func TestStopWithStream(t *testing.T) {
	t.Parallel()
	p := start(t)
	stream, err := catalogv1.NewCatalogServiceClient(p.conn).WatchStock(t.Context(), &catalogv1.WatchStockRequest{
		Names: []string{"shelves/fiction/books/emma"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	p.stop()
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the stream ends with %v, want UNAVAILABLE", err)
	}
	p.wait(t)
}

// services returns what the reflection service of version lists. The messages
// of all versions are the same on the wire.
func services(t *testing.T, conn *grpc.ClientConn, version string) []string {
	t.Helper()
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		"/grpc.reflection."+version+".ServerReflection/ServerReflectionInfo")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{},
	}); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var answer reflectionv1.ServerReflectionResponse
	if err := stream.RecvMsg(&answer); err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&reflectionv1.ServerReflectionResponse{}); !errors.Is(err, io.EOF) {
		t.Fatalf("the stream ends with %v", err)
	}
	var names []string
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	return slices.Sorted(slices.Values(names))
}

func TestRefused(t *testing.T) {
	t.Parallel()
	taken := start(t).ready[1]
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"help", []string{"-h"}, exitOK, "Usage of bookshop"},
		{"unknown flag", []string{"--port", "1"}, exitUsage, "not defined: -port"},
		{"argument", []string{"now"}, exitUsage, `bookshop: unexpected argument "now"`},
		{"address taken", []string{"--listen", taken}, exitError, "bookshop: listen: "},
		{"no address", []string{"--listen", "nowhere"}, exitError, "bookshop: listen: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			if code := run(t.Context(), &stderr, test.args); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(stderr.String(), test.want) {
				t.Errorf("got %q, want %q in it", stderr.String(), test.want)
			}
		})
	}
}
