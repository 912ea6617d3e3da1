// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

func TestPoolCountsReferences(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	pool := upstream.NewPool(nil)
	defer closePool(t, pool)
	options := upstream.Options{Target: address}

	first := mustAcquire(t, pool, "a", options)
	if again := mustAcquire(t, pool, "a", options); again != first {
		t.Error("the same name and options gave another cluster")
	}
	for _, other := range []*upstream.Cluster{
		mustAcquire(t, pool, "b", options),
		mustAcquire(t, pool, "a", upstream.Options{Target: address, MaxRequestBytes: 1}),
	} {
		if other == first {
			t.Error("another name or other options gave the same cluster")
		}
		other.Release()
		if state := other.State(); state != connectivity.Shutdown {
			t.Errorf("after the last reference the state is %v, want SHUTDOWN", state)
		}
	}

	first.Release()
	ctx := testContext(t)
	if err := call(ctx, first); err != nil {
		t.Errorf("a call with one reference left = %v", err)
	}
	first.Release()
	if _, err := first.Open(ctx, callOf("UnaryCall")); status.Code(err) != codes.Unavailable {
		t.Errorf("Open with no reference left = %v, want UNAVAILABLE", err)
	}
	next := mustAcquire(t, pool, "a", options)
	defer next.Release()
	if next == first {
		t.Error("a closed cluster was given out")
	}
	if err := call(ctx, next); err != nil {
		t.Errorf("a call of the next cluster = %v", err)
	}
	if got := next.Name(); got != "a" {
		t.Errorf("Name = %q, want a", got)
	}
}

func TestPoolClose(t *testing.T) {
	t.Parallel()
	pool := upstream.NewPool(nil)
	cluster := mustAcquire(t, pool, "a", upstream.Options{Target: unused(t)})
	closePool(t, pool)
	closePool(t, pool)
	if state := cluster.State(); state != connectivity.Shutdown {
		t.Errorf("the state is %v, want SHUTDOWN", state)
	}
	cluster.Release()
	if _, err := pool.Acquire("a", upstream.Options{Target: "localhost:1"}); err == nil {
		t.Error("a closed pool gave out a cluster")
	}
}

func TestPoolConcurrency(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	pool := upstream.NewPool(nil)
	defer closePool(t, pool)
	ctx := testContext(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				cluster, err := pool.Acquire("a", upstream.Options{Target: address})
				if err != nil {
					t.Error(err)
					return
				}
				if err := call(ctx, cluster); err != nil {
					t.Error(err)
				}
				cluster.Release()
			}
		})
	}
	group.Wait()
}

func TestPoolRefusesOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options upstream.Options
		want    []string
	}{
		{"empty", upstream.Options{}, []string{`upstream "main"`, "target is missing"}},
		{
			"negative", upstream.Options{Target: "x:1", MaxRequestBytes: -1, MaxResponseBytes: -1, ConnectTimeout: -time.Second},
			[]string{"MaxRequestBytes", "MaxResponseBytes", "ConnectTimeout"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pool := upstream.NewPool(nil)
			defer closePool(t, pool)
			_, err := pool.Acquire("main", test.options)
			if err == nil {
				t.Fatal("Acquire succeeded")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestPoolLogs(t *testing.T) {
	t.Parallel()
	log := &syncBuffer{}
	address, server := serve(t, "127.0.0.1:0", &service{})
	pool := upstream.NewPool(slog.New(slog.NewTextHandler(log, nil)))
	defer closePool(t, pool)
	defer mustAcquire(t, pool, "a", upstream.Options{Target: address}).Release()
	logged := func(text string) func() error {
		return func() error {
			if !strings.Contains(log.String(), text+`" upstream=a target=`+address) {
				return status.Errorf(codes.Internal, "the log has no %q: %s", text, log.String())
			}
			return nil
		}
	}
	eventually(t, logged("upstream connected"))
	server.Stop()
	eventually(t, logged("upstream not reachable"))
}

func mustAcquire(t *testing.T, pool *upstream.Pool, name string, options upstream.Options) *upstream.Cluster {
	t.Helper()
	cluster, err := pool.Acquire(name, options)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

func closePool(t *testing.T, pool *upstream.Pool) {
	t.Helper()
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// syncBuffer is a buffer that may be read while it is written.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
