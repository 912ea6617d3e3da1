// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
)

func TestHeaderLimit(t *testing.T) {
	t.Parallel()
	base := 0
	for _, field := range headers("UnaryCall", 0) {
		base += int(field.Size())
	}
	for _, test := range []struct {
		name  string
		limit uint32
		size  int
		reset bool
	}{
		{"n", 1000, 1000, false},
		{"n+1", 1000, 1001, true},
		{"default n", 0, 64 << 10, false},
		{"default n+1", 0, 64<<10 + 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := always(t, (&fake{recv: once(nil)}).invoke)
			options.HeaderBytes = test.limit
			server := grpcproxy.NewServer(options)
			address := fronts()[0].serve(t, server)
			code, err := requestWith(t, address, headers("UnaryCall", test.size-base), framed(0))
			if code != codes.OK || (err != nil) != test.reset {
				t.Errorf("headers of %d bytes: %v, %v", test.size, code, err)
			}
		})
	}
}

func TestConcurrentStreams(t *testing.T) {
	t.Parallel()
	options := always(t, untilCancelled)
	options.ConcurrentStreams = 2
	client := testpb.NewTestServiceClient(dial(t, fronts()[0].serve(t, grpcproxy.NewServer(options))))
	ctx := testContext(t)
	open := func() context.CancelFunc {
		ctx, end := context.WithCancel(ctx)
		stream, err := client.FullDuplexCall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Header(); err != nil {
			t.Fatal(err)
		}
		return end
	}
	first, second := open(), open()
	defer second()

	// The client knows the bound and waits.
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := client.FullDuplexCall(short); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("a third call = %v, want DEADLINE_EXCEEDED", err)
	}
	first()
	open()()
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	options := always(t, (&fake{}).invoke)
	options.IdleTimeout = 10 * time.Millisecond
	conn := dial(t, fronts()[0].serve(t, grpcproxy.NewServer(options)))
	if _, err := healthpb.NewHealthClient(conn).Check(testContext(t), &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if state := conn.GetState(); state != connectivity.Idle {
			return status.Errorf(codes.Internal, "the connection is %v", state)
		}
		return nil
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	// Only for its certificate.
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	options := always(t, (&fake{recv: once(nil)}).invoke)
	options.TLS = &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	address := fronts()[0].serve(t, grpcproxy.NewServer(options))
	authorities := x509.NewCertPool()
	authorities.AddCert(web.Certificate())
	trusted := credentials.NewTLS(&tls.Config{RootCAs: authorities, ServerName: "example.com", MinVersion: tls.VersionTLS12})
	if err := exchange(testContext(t), dial(t, address, grpc.WithTransportCredentials(trusted)), "UnaryCall", nil); err != nil {
		t.Errorf("by TLS: %v", err)
	}
	if err := exchange(testContext(t), dial(t, address), "UnaryCall", nil); status.Code(err) != codes.Unavailable {
		t.Errorf("in clear text: %v, want UNAVAILABLE", err)
	}
}
