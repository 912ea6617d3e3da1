// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/stock"
)

// within bounds everything that a test waits for.
const within = 30 * time.Second

// A world is one etcd with a stock dragoman in front of it.
type world struct {
	http *http.Client
	// etcd is etcd's client address as host:port. It serves gRPC and etcd's
	// own gateway, which is the oracle.
	etcd string
	// gateway is what is held against the oracle.
	gateway *stock.Gateway
	// direct is a client of etcd that goes past both gateways.
	direct *clientv3.Client
}

// theirs and ours are the base URLs of the two gateways.
func (w *world) theirs() string { return "http://" + w.etcd }
func (w *world) ours() string   { return "http://" + w.gateway.HTTP }

// inFrontOf returns a world with the etcd at address, and dragoman started
// with the arguments beyond the configuration file.
func inFrontOf(tb testing.TB, address string, arguments ...string) *world {
	tb.Helper()
	w := &world{http: newHTTPClient(tb), etcd: address, direct: newClient(tb, address)}
	w.gateway = serve(tb, address, arguments...)
	return w
}

// serve runs dragoman with etcd.yaml.
func serve(tb testing.TB, address string, arguments ...string) *stock.Gateway {
	tb.Helper()
	return stock.Serve(tb, dragoman, []string{"ETCD=" + address},
		append([]string{"--config", "etcd.yaml"}, arguments...)...)
}

// newHTTPClient returns a client whose connections end with tb.
func newHTTPClient(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// newClient returns etcd's own client for the server at address.
func newClient(tb testing.TB, address string) *clientv3.Client {
	tb.Helper()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address}, DialTimeout: within, Logger: zap.NewNop()})
	if err != nil {
		tb.Fatalf("client of %s: %v", address, err)
	}
	tb.Cleanup(func() {
		if err := client.Close(); err != nil {
			tb.Errorf("close the client of %s: %v", address, err)
		}
	})
	return client
}

// ask asks the gateway at base, for as long as the test may wait.
func (w *world) ask(t *testing.T, base string, request answer.Request) answer.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	got, err := answer.Ask(ctx, w.http, base, request)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// open opens a stream at the gateway at base, for as long as the test may
// wait.
func (w *world) open(t *testing.T, base string, request answer.Request) *answer.Stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	t.Cleanup(cancel)
	stream, err := answer.Open(ctx, w.http, base, request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stream.Close)
	return stream
}
