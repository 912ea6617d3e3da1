// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"
)

// How a connection is made, kept and made again. An upstream that comes back
// is to be found within two seconds, so the back-off must stay well below: an
// attempt and the longest pause, with jitter, are together 0.6 s unless the
// attempt gets no answer at all.
const (
	attemptTimeout   = 2 * time.Second
	firstBackoff     = 100 * time.Millisecond
	longestBackoff   = 500 * time.Millisecond
	backoffGrowth    = 1.6
	backoffJitter    = 0.2
	maxHeaderBytes   = 1 << 20
	userAgent        = "dragoman"
	keepaliveTimeout = 10 * time.Second

	// keepaliveTime must not be below the five minutes that gRPC servers
	// grant by default before they answer ENHANCE_YOUR_CALM. It also makes
	// gRPC bound, by keepaliveTimeout, how long sent bytes may stay
	// unacknowledged, which is what finds a dead peer under load.
	keepaliveTime = 6 * time.Minute
)

// dialOptions are the options of a connection.
func dialOptions(options Options, creds credentials.TransportCredentials) []grpc.DialOption {
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithUserAgent(userAgent),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallSendMsgSize(options.maxRequestBytes()),
			grpc.MaxCallRecvMsgSize(options.maxResponseBytes()),
		),
		grpc.WithMaxHeaderListSize(maxHeaderBytes),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: firstBackoff, Multiplier: backoffGrowth, Jitter: backoffJitter, MaxDelay: longestBackoff,
			},
			MinConnectTimeout: attemptTimeout,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		// HTTPS_PROXY is for the way out of a network. An upstream is what
		// the gateway stands in front of.
		grpc.WithNoProxy(),
		// The first call after a quiet time would pay for connecting.
		grpc.WithIdleTimeout(0),
	}
	if !strings.HasPrefix(options.Target, "xds:") {
		// Spares the TXT look-up by which DNS may carry a service config:
		// what a call may do is said by the gateway's own configuration.
		// Retries of calls that the server never saw go on without one.
		dial = append(dial, grpc.WithDisableServiceConfig())
	}
	return dial
}

// clientTarget returns what gRPC is given for target. gRPC would resolve a
// plain host:port itself, and after a failure wait up to two minutes before
// it asks again; the dialer asks each time.
func clientTarget(target string) string {
	host, port, err := net.SplitHostPort(target)
	if err != nil || resolver.Get(host) != nil {
		return target
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return target
	}
	return "passthrough:///" + target
}

// awaitConnection returns once a call would neither wait nor, having waited
// too long, be worth starting. Where the last attempt to connect has failed it
// returns at once: the call fails with that attempt's error, which is known
// only there.
func (c *Cluster) awaitConnection(ctx context.Context) error {
	state := c.conn.GetState()
	if state == connectivity.Ready || state == connectivity.TransientFailure {
		return nil
	}
	timeout := c.key.options.connectTimeout()
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		switch state {
		case connectivity.Ready, connectivity.TransientFailure:
			return nil
		case connectivity.Shutdown:
			return c.unavailable("the gateway has let go of it")
		case connectivity.Idle:
			c.conn.Connect()
		case connectivity.Connecting:
		}
		if !c.conn.WaitForStateChange(waiting, state) {
			break
		}
		state = c.conn.GetState()
	}
	if err := ctx.Err(); err != nil {
		return status.FromContextError(fmt.Errorf("%s: not connected yet: %w", c, err)).Err()
	}
	reason := "no answer to the attempt to connect"
	if last := c.lastError.Load(); last != nil {
		reason = *last
	}
	return c.unavailable(fmt.Sprintf("not connected after %v: %s", timeout, reason))
}

// openError names the upstream in an error that came up before the upstream
// had seen the call.
func (c *Cluster) openError(err error) error {
	if s := status.Convert(err); s.Code() == codes.Unavailable {
		reason := s.Message()
		c.lastError.Store(&reason)
		return c.unavailable("not connected: " + reason)
	}
	return err
}

func (c *Cluster) unavailable(reason string) error {
	return status.Errorf(codes.Unavailable, "%s: %s", c, reason)
}

// String names the cluster in errors.
func (c *Cluster) String() string {
	return fmt.Sprintf("upstream %q (%s)", c.key.name, c.key.options.Target)
}

// watch keeps the upstream connected while no call asks for it, so that the
// first call after a restart finds the connection made. It ends with ctx.
func (c *Cluster) watch(ctx context.Context) {
	defer close(c.watchDone)
	logger := c.pool.logger.With("upstream", c.key.name, "target", c.key.options.Target)
	c.conn.Connect()
	for {
		state := c.conn.GetState()
		switch state {
		case connectivity.Ready:
			c.lastError.Store(nil)
			logger.Info("upstream connected")
		case connectivity.TransientFailure:
			logger.Warn("upstream not reachable")
		case connectivity.Idle:
			// The connection was lost. A server that accepts and hangs up
			// would otherwise be called in a tight loop.
			if !pause(ctx, firstBackoff) {
				return
			}
			c.conn.Connect()
		case connectivity.Connecting, connectivity.Shutdown:
		}
		if !c.conn.WaitForStateChange(ctx, state) {
			return
		}
	}
}

// pause reports false if ctx ended before d had passed.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
