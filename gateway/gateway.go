// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package gateway assembles the gateway and keeps it running: one [Gateway]
// turns a configuration into generations (catalog, routes, chain, compiled
// programs), serves every protocol from the current one, and replaces it when
// the configuration or a schema changes.
//
// A Gateway is an [http.Handler], so a Go program can mount it in a server of
// its own; [Gateway.Run] is what the dragoman binary uses.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// Options are what a Go program can give to a gateway beyond its
// configuration. The zero value works.
type Options struct {
	// Logger gets the log, the access log included. Default: none is written.
	Logger *slog.Logger
	// Interceptors are put into the chain of every call, after the access log
	// and before validation.
	Interceptors []rpc.Interceptor
}

// A Gateway serves an API. Its methods may be used concurrently. Close it when
// it is no longer needed.
type Gateway struct {
	options Options
	logger  *slog.Logger
	pool    *upstream.Pool
	current atomic.Pointer[generation]
	built   atomic.Uint64
	// stopping is set when the gateway is about to stop, so that a load
	// balancer takes it out first.
	stopping atomic.Bool

	// grpc serves native gRPC, on the HTTP port and on a port of its own.
	grpc *grpcproxy.Server

	// reloading guards what follows.
	reloading sync.Mutex
	plan      *plan
	// unfollow stops the goroutine that follows plan and waits for its end.
	unfollow func()
	closed   bool
}

// New builds a gateway from configuration, which is checked and completed
// with its defaults; it is not changed. Schemas in files must load. An
// upstream that does not answer is no error: its calls get UNAVAILABLE until
// it does. ctx bounds the start only.
func New(ctx context.Context, configuration *configv1.Config, options Options) (*Gateway, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if err := config.Validate(configuration); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	configuration = config.WithDefaults(configuration)
	g := &Gateway{options: options, logger: options.Logger, pool: upstream.NewPool(options.Logger)}
	serverOptions, err := grpcOptions(configuration)
	if err != nil {
		return nil, err
	}
	serverOptions.Acquire, serverOptions.Logger = g.acquireTable, g.logger
	g.grpc = grpcproxy.NewServer(serverOptions)
	if err := g.start(ctx, configuration); err != nil {
		return nil, errors.Join(err, g.pool.Close())
	}
	return g, nil
}

// start makes the first generation, or the next one, of configuration and
// follows its sources. The caller holds reloading or is the only one.
func (g *Gateway) start(ctx context.Context, configuration *configv1.Config) error {
	next, err := newPlan(configuration, g.pool)
	if err != nil {
		return err
	}
	if g.plan != nil {
		g.unfollow() // Its plan stands still from here on.
	}
	built, err := g.first(ctx, next, g.plan)
	if err != nil {
		next.release()
		if g.plan != nil {
			g.unfollow = g.goFollow(g.plan)
		}
		return err
	}
	g.swap(built)
	if g.plan != nil {
		g.plan.release()
	}
	g.plan = next
	g.unfollow = g.goFollow(next)
	return nil
}

// first loads the sources of next once and builds from what they gave or, where
// a server did not answer, had given before. before may be nil.
func (g *Gateway) first(ctx context.Context, next, before *plan) (*generation, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	if _, err := next.load(ctx, g.logger, allSources); err != nil {
		return nil, err
	}
	if before != nil {
		next.adopt(before)
	}
	return g.build(next)
}

// goFollow starts to follow plan; the result ends that.
func (g *Gateway) goFollow(plan *plan) func() {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // it lives until Close or Reload.
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.follow(ctx, plan)
	}()
	return func() {
		cancel()
		<-done
	}
}

// Reload replaces the configuration. Calls in progress, and streams, end on
// the one they began with; connections whose settings are the same are kept.
// An error leaves everything as it was. What [Gateway.Run] listens on, and the
// limits of its listeners, stay as they are.
func (g *Gateway) Reload(ctx context.Context, configuration *configv1.Config) error {
	if err := config.Validate(configuration); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if g.closed {
		return ErrClosed
	}
	return g.start(ctx, config.WithDefaults(configuration))
}

// ErrClosed is returned by methods of a [Gateway] that was closed.
var ErrClosed = status.Error(codes.Unavailable, "the gateway is closed") //nolint:gochecknoglobals // a sentinel.

// Close stops everything at once; calls in progress fail. It is safe to call
// it more than once. To let calls finish, shut the HTTP server down first, or
// use [Gateway.Run].
func (g *Gateway) Close() {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if g.closed {
		return
	}
	g.closed = true
	g.unfollow()
	ended, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // Close waits for nothing.
	cancel()
	if err := g.grpc.Stop(ended); err != nil {
		g.logger.Debug("close", "error", err)
	}
	g.current.Swap(nil).release()
	g.plan.release()
	if err := g.pool.Close(); err != nil {
		g.logger.Warn("close upstreams", "error", err)
	}
}

// ServeHTTP serves every protocol of the HTTP port. The path of a user's
// schema wins over any of the gateway's own.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isGRPC(r) {
		g.grpc.ServeHTTP(w, r)
		return
	}
	current := g.acquire()
	if current == nil {
		http.Error(w, "the gateway is closed", http.StatusServiceUnavailable)
		return
	}
	defer current.release()
	current.rest.ServeHTTP(w, r)
}

// isGRPC tells native gRPC from everything else: gRPC over HTTP/2, "Requests".
// gRPC-Web has a content type of its own that begins with the same letters.
func isGRPC(r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.Header.Get("Content-Type"), "application/grpc")
	return ok && r.ProtoMajor == 2 && r.Method == http.MethodPost &&
		(rest == "" || rest[0] == '+' || rest[0] == ';')
}

// acquireTable is how the gRPC servers reach the current generation.
func (g *Gateway) acquireTable() (*grpcproxy.Table, func()) {
	current := g.acquire()
	if current == nil {
		return nil, nil
	}
	return current.grpc, current.unref
}

// Conn returns a client connection to the upstreams behind the gateway, for
// generated stubs and generated grpc-gateway handlers. Calls go to the
// upstream that serves their service, over the shared connections, and do not
// pass the chain.
func (g *Gateway) Conn() grpc.ClientConnInterface {
	return conn{g}
}

// Ready returns nil if the gateway can serve its whole API, else the reason
// why not.
func (g *Gateway) Ready() error {
	if g.stopping.Load() {
		return status.Error(codes.Unavailable, "the gateway is stopping")
	}
	current := g.acquire()
	if current == nil {
		return ErrClosed
	}
	defer current.release()
	return current.pending
}
