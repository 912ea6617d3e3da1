// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/dragoman-gateway/dragoman/gateway"
	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
	"github.com/dragoman-gateway/dragoman/rpc"
)

const unaryPath = "/grpc.testing.TestService/UnaryCall"

func TestUpstreamComesLater(t *testing.T) {
	t.Parallel()
	// A port that is free now and is taken by the upstream later.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()

	g := newGateway(t, configFor(address), gateway.Options{})
	code, body := post(t, g, unaryPath, "{}")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, address) || !strings.Contains(body, "refused") {
		t.Errorf("without an upstream: %d %s, want 503 with its address and the reason", code, body)
	}
	if g.Ready() == nil {
		t.Error("ready without a schema")
	}

	_, stop := serveTestService(t, address)
	works := func() string {
		if code, body := post(t, g, unaryPath, `{"responseSize": 1}`); code != http.StatusOK {
			return body
		}
		return ""
	}
	eventually(t, works)
	if err := g.Ready(); err != nil {
		t.Errorf("not ready: %v", err)
	}

	stop()
	eventually(t, func() string {
		if code, body := post(t, g, unaryPath, "{}"); code != http.StatusServiceUnavailable {
			return body
		}
		return ""
	})
	serveTestService(t, address)
	eventually(t, works)
}

func TestReloadCutsNothing(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	g := run(t, config)
	client := testpb.NewTestServiceClient(dial(t, g.addresses.HTTP.String()))
	stream, err := client.FullDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pingPong(t, stream)

	for round := range 3 {
		next := proto.CloneOf(config)
		next.Timeouts = &configv1.Timeouts{Call: durationpb.New(time.Duration(round+1) * time.Minute)}
		if err := g.Reload(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		pingPong(t, stream)
	}
	if got := g.Status().Generation; got != 4 {
		t.Errorf("generation = %d, want 4", got)
	}

	bad := proto.CloneOf(config)
	bad.Upstreams[0].Services = []string{"no.such.Service"}
	err = g.Reload(t.Context(), bad)
	if err == nil || !strings.Contains(err.Error(), "no.such.Service") {
		t.Errorf("Reload of a bad configuration = %v, want an error that names the service", err)
	}
	pingPong(t, stream)
	if code, body := post(t, g, unaryPath, "{}"); code != http.StatusOK {
		t.Errorf("after a refused reload: %d %s", code, body)
	}

	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the end of the stream = %v, want EOF", err)
	}
}

func TestReloadAsksAgain(t *testing.T) {
	t.Parallel()
	address, stop := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	g := newGateway(t, config, gateway.Options{})
	if got := g.Status().Services; !slices.Equal(got, []string{"grpc.testing.TestService"}) {
		t.Fatalf("services = %q", got)
	}

	stop()
	if err := g.Reload(t.Context(), config); err != nil {
		t.Fatalf("Reload without the upstream: %v", err)
	}
	if code, body := post(t, g, unaryPath, "{}"); code != http.StatusServiceUnavailable || g.Ready() != nil {
		t.Errorf("%d %s, ready: %v; want 503 of a method that is still known", code, body, g.Ready())
	}

	serveGRPC(t, address, func(server *grpc.Server) { bookshop.New(bookshop.Options{}).Register(server) })
	eventually(t, func() string {
		if err := g.Reload(t.Context(), config); err != nil {
			return err.Error()
		}
		if got := g.Status().Services; !slices.Contains(got, "bookshop.orders.v1.OrderService") {
			return fmt.Sprintf("services = %q", got)
		}
		return ""
	})
}

// An upstream whose schema changes while it runs is followed if an interval is
// set.
func TestFollowReflection(t *testing.T) {
	t.Parallel()
	address, stop := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	config.Upstreams[0].Schema = []*configv1.Schema{{Source: &configv1.Schema_Reflection{
		Reflection: &configv1.Reflection{Interval: durationpb.New(time.Second)},
	}}}
	g := newGateway(t, config, gateway.Options{})
	stop()
	serveGRPC(t, address, func(server *grpc.Server) { bookshop.New(bookshop.Options{}).Register(server) })
	eventually(t, func() string {
		if got := g.Status().Services; !slices.Contains(got, "bookshop.orders.v1.OrderService") {
			return fmt.Sprintf("services = %q", got)
		}
		return ""
	})
}

func pingPong(t *testing.T, stream testpb.TestService_FullDuplexCallClient) {
	t.Helper()
	err := stream.Send(&testpb.StreamingOutputCallRequest{
		ResponseParameters: []*testpb.ResponseParameters{{Size: 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(answer.GetPayload().GetBody()); got != 3 {
		t.Errorf("answer of %d bytes, want 3", got)
	}
}

func TestStopLetsCallsFinish(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	for _, port := range []string{"http", "grpc"} {
		t.Run(port, func(t *testing.T) {
			t.Parallel()
			g := run(t, configFor(address))
			target := g.addresses.HTTP.String()
			if port == "grpc" {
				target = g.addresses.GRPC.String()
			}
			stream, err := testpb.NewTestServiceClient(dial(t, target)).FullDuplexCall(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pingPong(t, stream)
			stopped := make(chan error, 1)
			go func() { stopped <- g.stop() }()
			eventually(t, func() string {
				if status, _ := get(t, "http://"+g.addresses.Admin.String()+"/readyz"); status != http.StatusServiceUnavailable {
					return "still ready"
				}
				if conn, err := net.Dial("tcp", target); err == nil {
					_ = conn.Close()
					return "still accepts"
				}
				return ""
			})
			pingPong(t, stream)
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				t.Errorf("the end of the stream = %v, want EOF", err)
			}
			if err := <-stopped; err != nil {
				t.Errorf("Run = %v", err)
			}
		})
	}
}

func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	config.Timeouts = &configv1.Timeouts{Shutdown: durationpb.New(100 * time.Millisecond)}
	g := run(t, config)
	for _, target := range []net.Addr{g.addresses.HTTP, g.addresses.GRPC} {
		stream, err := testpb.NewTestServiceClient(dial(t, target.String())).FullDuplexCall(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pingPong(t, stream)
		defer func() {
			if _, err := stream.Recv(); status.Code(err) != codes.Unavailable && status.Code(err) != codes.Canceled {
				t.Errorf("a stream that was cut off ended with %v", err)
			}
		}()
	}
	if err := g.stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestPanicEndsOnlyItsCall(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	g := newGateway(t, configFor(address), gateway.Options{Interceptors: []rpc.Interceptor{
		func(next rpc.Invoker) rpc.Invoker {
			return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
				if strings.HasSuffix(call.Method.Path, "/EmptyCall") {
					panic("as planned")
				}
				return next(ctx, call)
			}
		},
	}})
	code, body := post(t, g, "/grpc.testing.TestService/EmptyCall", "{}")
	if code != http.StatusInternalServerError || strings.Contains(body, "planned") {
		t.Errorf("%d %s, want 500 without the reason", code, body)
	}
	if code, body := post(t, g, unaryPath, "{}"); code != http.StatusOK {
		t.Errorf("the next call: %d %s", code, body)
	}
}

func TestTwoUpstreams(t *testing.T) {
	t.Parallel()
	first, _ := serveTestService(t, "127.0.0.1:0")
	second, _ := serveTestService(t, "127.0.0.1:0")
	config := configFor(first)
	config.Upstreams = append(config.Upstreams, &configv1.Upstream{Name: "other", Target: second})
	_, err := gateway.New(t.Context(), config, gateway.Options{})
	if err == nil || !strings.Contains(err.Error(), "grpc.testing.TestService") || !strings.Contains(err.Error(), "test and other") {
		t.Errorf("New = %v, want an error that names the service and both upstreams", err)
	}
	config.Upstreams[0].Services = []string{"grpc.testing.TestService"}
	config.Upstreams[1].Services = []string{"grpc.testing.Unknown"}
	if _, err = gateway.New(t.Context(), config, gateway.Options{}); err == nil || !strings.Contains(err.Error(), "grpc.testing.Unknown") {
		t.Errorf("New = %v, want an error that names the unknown service", err)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	g := newGateway(t, configFor(address), gateway.Options{})
	g.Close()
	g.Close()
	if code, _ := post(t, g, unaryPath, "{}"); code != http.StatusServiceUnavailable {
		t.Errorf("a call got %d, want 503", code)
	}
	if err := g.Reload(t.Context(), configFor(address)); !errors.Is(err, gateway.ErrClosed) {
		t.Errorf("Reload = %v, want ErrClosed", err)
	}
	if err := g.Ready(); !errors.Is(err, gateway.ErrClosed) {
		t.Errorf("Ready = %v, want ErrClosed", err)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	g := newGateway(t, configFor(address), gateway.Options{})
	var got []gateway.Route
	for _, route := range g.Routes() {
		if route.Method == "grpc.testing.TestService.UnaryCall" {
			got = append(got, route)
		}
	}
	want := []gateway.Route{
		{Protocol: "rest", Verb: "POST", Path: unaryPath, Method: "grpc.testing.TestService.UnaryCall"},
		{Protocol: "grpc", Verb: "POST", Path: unaryPath, Method: "grpc.testing.TestService.UnaryCall"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes mismatch (-want +got):\n%s", diff)
	}
}
