// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rpc"
)

func TestNotReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		notReady func() error
		want     string
	}{
		{"no reason", nil, "the gateway has no schema yet"},
		{"no reason known", func() error { return nil }, "the gateway has no schema yet"},
		{"a reason", func() error { return errors.New("no answer") }, "the gateway has no schema yet: no answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(*testing.T) grpcproxy.Options {
				return grpcproxy.Options{
					Acquire:  func() (*grpcproxy.Table, func()) { return nil, nil },
					NotReady: test.notReady,
				}
			}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
				err := exchange(ctx, conn, "UnaryCall", nil)
				if want := status.Error(codes.Unavailable, test.want); !sameStatus(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
				// The health of the gateway is known all the same.
				if _, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{}); err != nil {
					t.Errorf("Check = %v", err)
				}
			})
		})
	}
}

func TestPartialTable(t *testing.T) {
	t.Parallel()
	missing := status.Error(codes.Unavailable, "reflection of localhost:1: no answer")
	each(t, func(t *testing.T) grpcproxy.Options {
		table := grpcproxy.NewPartialTable(testCatalog(t), (&fake{recv: once(nil)}).invoke, missing)
		return grpcproxy.Options{Acquire: func() (*grpcproxy.Table, func()) { return table, func() {} }}
	}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
		for path, want := range map[string]error{
			"/no.such.Service/Method":        missing,
			"/" + testService + "/Nothing":   status.Errorf(codes.Unimplemented, "unknown method \"Nothing\" of service %q", testService),
			"/" + testService + "/UnaryCall": nil,
		} {
			if err := conn.Invoke(ctx, path, &testpb.Empty{}, &testpb.Empty{}); !sameStatus(err, want) {
				t.Errorf("%s = %v, want %v", path, err, want)
			}
		}
	})
}

// TestGenerations swaps the table while a stream is open: the stream stays
// with the old one, which is given back when it ends, and new calls go to the
// new one.
func TestGenerations(t *testing.T) {
	t.Parallel()
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			type generation struct {
				table *grpcproxy.Table
				users atomic.Int64
			}
			make1 := func() *generation {
				routes := serveUpstream(t, &service{}, upstream.Options{})
				return &generation{table: grpcproxy.NewTable(testCatalog(t), routes.Open)}
			}
			first, second := make1(), make1()
			var current atomic.Pointer[generation]
			current.Store(first)
			server := grpcproxy.NewServer(grpcproxy.Options{Acquire: func() (*grpcproxy.Table, func()) {
				g := current.Load()
				g.users.Add(1)
				return g.table, func() { g.users.Add(-1) }
			}})
			client := testpb.NewTestServiceClient(dial(t, front.serve(t, server)))
			ctx := testContext(t)
			stream, err := client.FullDuplexCall(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Header(); err != nil {
				t.Fatal(err)
			}
			current.Store(second)
			if _, err := client.EmptyCall(ctx, &testpb.Empty{}); err != nil {
				t.Errorf("a call of the new generation = %v", err)
			}
			if got := first.users.Load(); got != 1 {
				t.Errorf("the old generation has %d users, want the stream", got)
			}
			request := &testpb.StreamingOutputCallRequest{ResponseParameters: []*testpb.ResponseParameters{{Size: 5}}}
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err != nil {
				t.Errorf("the stream of the old generation = %v", err)
			}
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				t.Errorf("Recv = %v, want EOF", err)
			}
			eventually(t, func() error {
				if first.users.Load() != 0 || second.users.Load() != 0 {
					return errors.New("a generation is still in use")
				}
				return nil
			})
		})
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		stream rpc.Stream
	}{
		{"open", nil},
		{"send", &fake{send: func(mem.BufferSlice) error { panic("boom") }}},
		{"recv", &fake{recv: func() (mem.BufferSlice, error) { panic("boom") }}},
	} {
		for _, method := range []string{"UnaryCall", "FullDuplexCall"} {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				log := &syncBuffer{}
				each(t, func(t *testing.T) grpcproxy.Options {
					options := always(t, func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
						if test.stream == nil {
							panic("boom")
						}
						if f, ok := test.stream.(*fake); ok && f.recv == nil {
							return &fake{send: f.send, recv: waitFor(ctx)}, nil
						}
						return test.stream, nil
					})
					options.Logger = slog.New(slog.NewTextHandler(log, nil))
					return options
				}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
					err := exchange(ctx, conn, method, nil)
					want := status.Error(codes.Internal, "the gateway failed while it handled the call")
					if !sameStatus(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
					for _, part := range []string{"panic=boom", "method=/" + testService + "/" + method, "proxy.go"} {
						if !strings.Contains(log.String(), part) {
							t.Errorf("the log does not say %q: %s", part, log)
						}
					}
				})
			})
		}
	}
}

// stopping is a server with a stream open in it.
func stopping(t *testing.T, front front) (*grpcproxy.Server, grpc.BidiStreamingClient[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse], *grpc.ClientConn) {
	t.Helper()
	server := grpcproxy.NewServer(always(t, serveUpstream(t, &service{}, upstream.Options{}).Open))
	server.SetServing(testService)
	conn := dial(t, front.serve(t, server))
	stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Header(); err != nil {
		t.Fatal(err)
	}
	return server, stream, conn
}

func TestStopWaits(t *testing.T) {
	t.Parallel()
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			server, stream, conn := stopping(t, front)
			watch, err := healthpb.NewHealthClient(conn).Watch(testContext(t), &healthpb.HealthCheckRequest{Service: testService})
			if err != nil {
				t.Fatal(err)
			}
			wantHealth(t, watch, healthpb.HealthCheckResponse_SERVING)
			stopped := make(chan error, 1)
			go func() { stopped <- server.Stop(testContext(t)) }()
			// The watch says so, and ends although the client would watch on.
			wantHealth(t, watch, healthpb.HealthCheckResponse_NOT_SERVING)
			if _, err := watch.Recv(); status.Code(err) != codes.Unavailable {
				t.Errorf("Recv of the watch = %v, want UNAVAILABLE", err)
			}
			request := &testpb.StreamingOutputCallRequest{ResponseParameters: []*testpb.ResponseParameters{{Size: 5}}}
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err != nil {
				t.Errorf("Recv while the server stops = %v", err)
			}
			select {
			case err := <-stopped:
				t.Errorf("Stop = %v, before the call ended", err)
			default:
			}
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				t.Errorf("Recv = %v, want EOF", err)
			}
			if err := <-stopped; err != nil {
				t.Errorf("Stop = %v", err)
			}
			if err := exchange(testContext(t), conn, "UnaryCall", nil); status.Code(err) != codes.Unavailable {
				t.Errorf("a call after the stop = %v, want UNAVAILABLE", err)
			}
		})
	}
}

func TestStopGivesUp(t *testing.T) {
	t.Parallel()
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			server, stream, _ := stopping(t, front)
			ctx, cancel := context.WithTimeout(testContext(t), 20*time.Millisecond)
			defer cancel()
			if err := server.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Stop = %v, want DEADLINE_EXCEEDED", err)
			}
			if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
				t.Errorf("Recv = %v, want UNAVAILABLE", err)
			}
			if err := server.Stop(testContext(t)); err != nil {
				t.Errorf("Stop again = %v", err)
			}
		})
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for subtype, want := range map[string]codes.Code{
		"": codes.OK, "proto": codes.OK, "PROTO": codes.OK, "json": codes.Unimplemented, "thrift": codes.Unimplemented,
	} {
		t.Run(subtype, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T) grpcproxy.Options {
				return always(t, func(context.Context, *rpc.Call) (rpc.Stream, error) {
					if want != codes.OK {
						t.Error("the upstream was called")
					}
					return &fake{recv: once(nil)}, nil
				})
			}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
				if err := exchange(ctx, conn, "UnaryCall", nil, grpc.CallContentSubtype(subtype)); status.Code(err) != want {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		})
	}
}

// TestNotHTTP2 is about a gRPC request by HTTP/1.1.
func TestNotHTTP2(t *testing.T) {
	t.Parallel()
	server := grpcproxy.NewServer(always(t, (&fake{}).invoke))
	web := &http.Server{Handler: server, ReadHeaderTimeout: time.Minute}
	address := listen(t, web.Serve, func() { _ = web.Close() })
	request, err := http.NewRequestWithContext(testContext(t), http.MethodPost,
		"http://"+address+"/"+testService+"/UnaryCall", bytes.NewReader(framed(0)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/grpc")
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusHTTPVersionNotSupported {
		t.Errorf("status is %s, want 505", response.Status)
	}
	if err := server.Stop(testContext(t)); err != nil {
		t.Errorf("Stop = %v", err)
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
