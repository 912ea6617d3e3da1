// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // callers may compress
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// The defaults of [Options].
const (
	DefaultMaxRequestBytes   = 4 << 20
	DefaultMaxResponseBytes  = 64 << 20
	DefaultConcurrentStreams = 250
	DefaultHeaderBytes       = 64 << 10
)

const (
	// handshakeTimeout bounds TLS and the first frames of a connection.
	handshakeTimeout = 10 * time.Second
	// Callers may not ping more often than minPing. gRPC's own default of
	// five minutes cuts off clients behind load balancers that drop quiet
	// connections after one.
	minPing = 10 * time.Second
	// A caller that has gone without a word is noticed after pingAfter and
	// pingTimeout.
	pingAfter   = 2 * time.Minute
	pingTimeout = 20 * time.Second
	// abortTimeout is for calls that are given up to say so to their callers.
	abortTimeout = time.Second
)

// Options are what a [Server] is made of. Only Acquire is required.
type Options struct {
	// Acquire returns the table that a new call is to use, and a function
	// that the server calls when the call has ended. It returns nil for both
	// while there is no table. It is called concurrently.
	Acquire func() (table *Table, release func())
	// NotReady says why there is no table; nil means no reason is known.
	NotReady func() error
	// MaxRequestBytes bounds one message of a caller, decompressed; 0 means
	// [DefaultMaxRequestBytes].
	MaxRequestBytes int
	// MaxResponseBytes bounds one message to a caller; 0 means
	// [DefaultMaxResponseBytes].
	MaxResponseBytes int
	// ConcurrentStreams bounds the calls at one time on one connection; 0
	// means [DefaultConcurrentStreams]. For calls that come through
	// ServeHTTP the HTTP server has the bound.
	ConcurrentStreams uint32
	// HeaderBytes bounds the headers of a call; 0 means
	// [DefaultHeaderBytes]. For calls that come through ServeHTTP the HTTP
	// server has the bound.
	HeaderBytes uint32
	// IdleTimeout ends a connection that has had no call for so long; 0 means
	// never. For calls that come through ServeHTTP the HTTP server has the
	// bound.
	IdleTimeout time.Duration
	// TLS is for the connections of Serve; nil means clear text.
	TLS *tls.Config
	// Logger is told of panics; nil means nobody is.
	Logger *slog.Logger

	// grpc is for tests.
	grpc []grpc.ServerOption
}

// A Server speaks gRPC with callers. Its methods are safe for concurrent use.
type Server struct {
	options Options
	health  *health

	// gRPC's graceful stop cuts calls off that came through ServeHTTP, so
	// they have a server of their own, which is stopped when they are done.
	native, mounted *grpc.Server
	requests        *requests
}

// NewServer returns a server that serves nothing yet: see [Server.Serve] and
// [Server.ServeHTTP]. Until SetServing is called, its health is NOT_SERVING.
func NewServer(options Options) *Server {
	options.MaxRequestBytes = cmp.Or(options.MaxRequestBytes, DefaultMaxRequestBytes)
	options.MaxResponseBytes = cmp.Or(options.MaxResponseBytes, DefaultMaxResponseBytes)
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{options: options, health: newHealth(), requests: newRequests()}
	common := append([]grpc.ServerOption{
		grpc.UnknownServiceHandler(s.handle),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(options.MaxRequestBytes),
		grpc.MaxSendMsgSize(options.MaxResponseBytes),
		// Stop returns when no call uses a table any more.
		grpc.WaitForHandlers(true),
	}, options.grpc...)
	s.mounted = grpc.NewServer(common...)
	own := []grpc.ServerOption{
		grpc.MaxConcurrentStreams(cmp.Or(options.ConcurrentStreams, DefaultConcurrentStreams)),
		grpc.MaxHeaderListSize(cmp.Or(options.HeaderBytes, DefaultHeaderBytes)),
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: options.IdleTimeout, Time: pingAfter, Timeout: pingTimeout,
		}),
	}
	if options.TLS != nil {
		own = append(own, grpc.Creds(credentials.NewTLS(options.TLS)))
	}
	s.native = grpc.NewServer(append(own, common...)...)
	return s
}

// Serve answers the connections of listener until Stop is called, and then
// returns nil. It closes listener.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.native.Serve(listener); err != nil {
		return fmt.Errorf("serve gRPC on %s: %w", listener.Addr(), err)
	}
	return nil
}

// SetServing makes the health of the server and of the services, by full
// name, SERVING. Services that are not named are unknown from then on.
func (s *Server) SetServing(services ...string) {
	s.health.set(healthpb.HealthCheckResponse_SERVING, services)
}

// SetNotServing makes the health of the server and of every service
// NOT_SERVING, until SetServing is called.
func (s *Server) SetNotServing() { s.health.setNotServing() }

// Stop takes no new connections, tells callers to go elsewhere and waits for
// calls to end. If ctx ends first, it gives the calls up and returns an error
// that says so. Either way, no call uses a [Table] when it returns.
//
// It does not stop the HTTP server of ServeHTTP, which is best told at the same
// time. Calls that come from there are accepted until none is left.
func (s *Server) Stop(ctx context.Context) error {
	s.health.stop()
	native := make(chan struct{})
	go func() {
		defer close(native)
		s.native.GracefulStop()
	}()
	mounted := s.requests.drain()
	err := waitFor(ctx, native, mounted)
	if err != nil {
		s.requests.abort(status.Error(codes.Unavailable, "the gateway is stopping"))
		s.native.Stop()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
		defer cancel()
		_ = waitFor(last, mounted)
	}
	s.mounted.Stop()
	<-native
	return err
}

// waitFor waits until all of done are closed.
func waitFor(ctx context.Context, done ...<-chan struct{}) error {
	for _, one := range done {
		select {
		case <-one:
		case <-ctx.Done():
			return fmt.Errorf("stop gRPC while calls are in progress: %w", context.Cause(ctx))
		}
	}
	return nil
}
