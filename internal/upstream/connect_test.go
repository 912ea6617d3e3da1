// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// call makes one unary call.
func call(ctx context.Context, cluster *upstream.Cluster) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err := testpb.NewTestServiceClient(cluster).UnaryCall(ctx, &testpb.SimpleRequest{})
	return err
}

// unused returns an address at which nothing listens.
func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// wantUnavailable requires that err is UNAVAILABLE and says each of parts.
func wantUnavailable(t *testing.T, err error, parts ...string) {
	t.Helper()
	if status.Code(err) != codes.Unavailable {
		t.Fatalf("got %v, want UNAVAILABLE", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestNoUpstreamAtStart(t *testing.T) {
	t.Parallel()
	address := unused(t)
	cluster, _ := acquire(t, upstream.Options{Target: address})
	ctx := testContext(t)
	_, err := cluster.Open(ctx, callOf("UnaryCall"))
	wantUnavailable(t, err, `upstream "main" (`+address+`)`, "connection refused")
	wantUnavailable(t, call(ctx, cluster), `upstream "main" (`+address+`)`, "connection refused")

	serve(t, address, &service{})
	took := eventually(t, func() error { return call(ctx, cluster) })
	t.Logf("calls succeeded %v after the upstream came", took)
}

func TestUpstreamRestarts(t *testing.T) {
	t.Parallel()
	address, server := serve(t, "127.0.0.1:0", &service{})
	cluster, _ := acquire(t, upstream.Options{Target: address})
	ctx := testContext(t)
	if err := call(ctx, cluster); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		server.Stop()
		// The end of the connection may not be known yet.
		eventually(t, func() error {
			wantUnavailable(t, call(ctx, cluster))
			if state := cluster.State(); state == connectivity.Ready {
				return status.Error(codes.Internal, "still connected")
			}
			return nil
		})
		wantUnavailable(t, call(ctx, cluster), `upstream "main" (`+address+`)`, "connection refused")
		_, server = serve(t, address, &service{})
		took := eventually(t, func() error { return call(ctx, cluster) })
		t.Logf("calls succeeded %v after the upstream came back", took)
	}
}

// TestConnectsWithoutCalls is about the watch: the connection is made again
// although no call asks for it.
func TestConnectsWithoutCalls(t *testing.T) {
	t.Parallel()
	address, server := serve(t, "127.0.0.1:0", &service{})
	cluster, _ := acquire(t, upstream.Options{Target: address})
	ready := func() error {
		if state := cluster.State(); state != connectivity.Ready {
			return status.Errorf(codes.Internal, "state is %v", state)
		}
		return nil
	}
	eventually(t, ready)
	server.Stop()
	eventually(t, func() error {
		if ready() == nil {
			return status.Error(codes.Internal, "still connected")
		}
		return nil
	})
	serve(t, address, &service{})
	eventually(t, ready)
}

// TestBlackHole is about a target that takes the connection and says nothing.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	cluster, _ := acquire(t, upstream.Options{Target: address, ConnectTimeout: 50 * time.Millisecond})
	ctx := testContext(t)
	_, err = cluster.Open(ctx, callOf("UnaryCall"))
	wantUnavailable(t, err, `upstream "main" (`+address+`)`, "not connected after 50ms", "no answer")

	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err = cluster.Open(short, callOf("UnaryCall"))
	if status.Code(err) != codes.DeadlineExceeded || !strings.Contains(err.Error(), `upstream "main"`) {
		t.Errorf("Open with a short deadline = %v, want DEADLINE_EXCEEDED that names the upstream", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err = cluster.Open(gone, callOf("UnaryCall")); status.Code(err) != codes.Canceled {
		t.Errorf("Open of a cancelled call = %v, want CANCELED", err)
	}

	// When the attempt has failed, its error is known.
	eventually(t, func() error {
		if state := cluster.State(); state != connectivity.TransientFailure {
			return status.Errorf(codes.Internal, "state is %v", state)
		}
		return nil
	})
	_, err = cluster.Open(ctx, callOf("UnaryCall"))
	wantUnavailable(t, err, `upstream "main" (`+address+`)`, "not connected: ", "server preface")
}

func TestClientTarget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, target, want string }{
		{"host and port", "localhost:50051", "passthrough:///localhost:50051"},
		{"address and port", "127.0.0.1:2379", "passthrough:///127.0.0.1:2379"},
		{"IPv6 address and port", "[::1]:2379", "passthrough:///[::1]:2379"},
		{"host alone", "localhost", "localhost"},
		{"dns", "dns:///api.internal:443", "dns:///api.internal:443"},
		{"dns without slashes", "dns:api.internal:443", "dns:api.internal:443"},
		{"unix", "unix:///run/api.sock", "unix:///run/api.sock"},
		{"unix without slashes", "unix:run/api.sock", "unix:run/api.sock"},
		{"a scheme that looks like a host", "unix:8080", "unix:8080"},
		{"passthrough", "passthrough:///x:1", "passthrough:///x:1"},
		{"named port", "localhost:http", "localhost:http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := upstream.ClientTarget(test.target); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"localhost:" + port, "dns:///localhost:" + port, "passthrough:///" + address} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			cluster, _ := acquire(t, upstream.Options{Target: target})
			eventually(t, func() error { return call(testContext(t), cluster) })
		})
	}
}
