// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/admin"
)

// Addresses are what [Gateway.Run] listens on. Native gRPC has none unless it
// was asked for.
type Addresses struct {
	HTTP, GRPC, Admin net.Addr
}

// Run listens as configuration says, calls ready, and serves until ctx is
// done. Then it stops gracefully: it accepts nothing new, tells HTTP/2 and
// gRPC clients to go away, lets calls finish for as long as timeouts.shutdown
// allows, ends those that are left, and closes the gateway. It returns nil
// after a graceful stop, and whatever kept it from listening or serving
// otherwise.
func (g *Gateway) Run(ctx context.Context, ready func(Addresses)) error {
	defer g.Close()
	g.reloading.Lock()
	configuration := g.plan.config
	g.reloading.Unlock()
	servers, err := g.listen(ctx, configuration)
	if err != nil {
		return err
	}
	ready(servers.addresses())
	failed := servers.serve()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	g.stopping.Store(true)
	bound := configuration.GetTimeouts().GetShutdown().AsDuration()
	servers.stop(context.WithoutCancel(ctx), bound)
	return err
}

// servers are the listeners of a running gateway with what serves them.
type servers struct {
	gateway *Gateway
	http    *http.Server
	admin   *http.Server

	httpListener, grpcListener, adminListener net.Listener
}

// listen opens all listeners, or none.
func (g *Gateway) listen(ctx context.Context, config *configv1.Config) (*servers, error) {
	certificate, err := serverTLS(config)
	if err != nil {
		return nil, err
	}
	made := &servers{gateway: g, http: g.httpServer(config, certificate), admin: g.adminServer()}
	var listen net.ListenConfig
	for _, one := range []struct {
		name, address string
		listener      *net.Listener
	}{
		{"http", config.GetListen().GetHttp(), &made.httpListener},
		{"grpc", config.GetListen().GetGrpc(), &made.grpcListener},
		{"admin", config.GetListen().GetAdmin(), &made.adminListener},
	} {
		if one.address == "" {
			continue
		}
		if *one.listener, err = listen.Listen(ctx, "tcp", one.address); err != nil {
			made.closeListeners()
			return nil, fmt.Errorf("listen.%s: %w", one.name, err)
		}
	}
	return made, nil
}

func (s *servers) closeListeners() {
	for _, listener := range []net.Listener{s.httpListener, s.grpcListener, s.adminListener} {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

func (s *servers) addresses() Addresses {
	addresses := Addresses{HTTP: s.httpListener.Addr(), Admin: s.adminListener.Addr()}
	if s.grpcListener != nil {
		addresses.GRPC = s.grpcListener.Addr()
	}
	return addresses
}

// httpServer sets every bound that net/http leaves open.
func (g *Gateway) httpServer(config *configv1.Config, certificate *tls.Config) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(certificate != nil)
	protocols.SetUnencryptedHTTP2(certificate == nil)
	return &http.Server{
		Handler:           g,
		TLSConfig:         certificate,
		Protocols:         &protocols,
		ReadHeaderTimeout: config.GetTimeouts().GetReadHeader().AsDuration(),
		IdleTimeout:       config.GetTimeouts().GetIdle().AsDuration(),
		MaxHeaderBytes:    int(config.GetLimits().GetHeaderBytes()),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: int(config.GetLimits().GetConcurrentStreams())},
		// What net/http says here is about callers that break the protocol.
		ErrorLog: slog.NewLogLogger(g.logger.Handler(), slog.LevelDebug),
	}
}

func (g *Gateway) adminServer() *http.Server {
	return &http.Server{
		Handler:           g.Admin(),
		ReadHeaderTimeout: adminTimeout,
		WriteTimeout:      adminTimeout,
		ErrorLog:          slog.NewLogLogger(g.logger.Handler(), slog.LevelDebug),
	}
}

const adminTimeout = 10 * time.Second

// Admin returns the handler of the admin address, for programs that do not
// use [Gateway.Run].
func (g *Gateway) Admin() http.Handler {
	return admin.NewHandler(admin.Options{Ready: g.Ready, Status: func() any { return g.Status() }})
}

// serve starts to serve. The channel gets the first error.
func (s *servers) serve() <-chan error {
	failed := make(chan error, 3) //nolint:mnd // one for each server.
	go func() {
		if s.http.TLSConfig != nil {
			failed <- unlessClosed(s.http.ServeTLS(s.httpListener, "", ""))
			return
		}
		failed <- unlessClosed(s.http.Serve(s.httpListener))
	}()
	go func() { failed <- unlessClosed(s.admin.Serve(s.adminListener)) }()
	if s.grpcListener != nil {
		go func() { failed <- s.gateway.grpc.Serve(s.grpcListener) }()
	}
	return failed
}

func unlessClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stop lets calls finish within bound and then ends what is left. Health and
// readiness answer to the last.
func (s *servers) stop(ctx context.Context, bound time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	s.gateway.grpc.SetNotServing()
	native := make(chan error, 1)
	go func() { native <- s.gateway.grpc.Stop(ctx) }()
	err := s.http.Shutdown(ctx)
	if err = errors.Join(err, <-native); err != nil {
		s.gateway.logger.Warn("calls were still open after timeouts.shutdown and were ended", "error", err)
		_ = s.http.Close()
	}
	_ = s.admin.Close()
}
