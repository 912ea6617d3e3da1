// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/experimental"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// each runs test with a connection through each front to a server of options.
func each(t *testing.T, options func(*testing.T) grpcproxy.Options, test func(context.Context, *testing.T, *grpc.ClientConn)) {
	t.Helper()
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			server := grpcproxy.NewServer(options(t))
			test(testContext(t), t, dial(t, front.serve(t, server)))
		})
	}
}

func TestCall(t *testing.T) {
	t.Parallel()
	calls := make(chan *rpc.Call, 2)
	each(t, func(t *testing.T) grpcproxy.Options {
		return always(t, func(_ context.Context, call *rpc.Call) (rpc.Stream, error) {
			calls <- call
			return &fake{
				recv:    once(nil),
				header:  metadata.MD{"content-length": {"7"}, "trailer": {"x"}, "x-header": {"a", "b"}},
				trailer: metadata.MD{"grpc-retry-pushback-ms": {"5"}, "connection": {"close"}},
			}, nil
		})
	}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-text", "one", "x-text", "two", "x-bytes-bin", "\x00\xff",
			"grpc-trace-bin", "trace", "authorization", "Bearer t",
			"accept-encoding", "br", "proxy-authorization", "secret", "expect", "100-continue")
		var header, trailer metadata.MD
		err := conn.Invoke(ctx, "/"+testService+"/UnaryCall", &testpb.SimpleRequest{}, &testpb.SimpleResponse{},
			grpc.Header(&header), grpc.Trailer(&trailer), grpc.UseCompressor(gzip.Name))
		if err != nil {
			t.Fatal(err)
		}
		call := <-calls
		want := metadata.MD{
			"x-text": {"one", "two"}, "x-bytes-bin": {"\x00\xff"}, "grpc-trace-bin": {"trace"}, "authorization": {"Bearer t"},
		}
		if diff := cmp.Diff(want, call.Metadata); diff != "" {
			t.Errorf("metadata mismatch (-want +got):\n%s", diff)
		}
		if call.Protocol != rpc.ProtocolGRPC {
			t.Errorf("protocol is %q, want %q", call.Protocol, rpc.ProtocolGRPC)
		}
		if !strings.HasPrefix(call.Peer, "127.0.0.1:") {
			t.Errorf("peer is %q, want an address of this machine", call.Peer)
		}
		if got, want := call.Method.Path, "/"+testService+"/UnaryCall"; got != want {
			t.Errorf("path is %q, want %q", got, want)
		}
		if diff := cmp.Diff([]string{"a", "b"}, header.Get("x-header")); diff != "" {
			t.Errorf("header mismatch (-want +got):\n%s", diff)
		}
		if header.Get("content-length") != nil || slices.Contains(header.Get("trailer"), "x") {
			t.Errorf("header %v has what is of one hop", header)
		}
		if diff := cmp.Diff(metadata.MD{"grpc-retry-pushback-ms": {"5"}}, trailer); diff != "" {
			t.Errorf("trailer mismatch (-want +got):\n%s", diff)
		}
	})
}

// TestCardinality is about callers that send none or two messages where the
// method takes one.
func TestCardinality(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"UnaryCall", "StreamingOutputCall"} {
		for requests, want := range map[int]codes.Code{0: codes.Unimplemented, 1: codes.OK, 2: codes.Unimplemented} {
			t.Run(method, func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T) grpcproxy.Options {
					return always(t, func(context.Context, *rpc.Call) (rpc.Stream, error) {
						if want != codes.OK {
							t.Error("the upstream was called")
						}
						return &fake{recv: once(nil)}, nil
					})
				}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
					stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/"+testService+"/"+method)
					if err != nil {
						t.Fatal(err)
					}
					for range requests {
						if err := stream.SendMsg(&testpb.SimpleRequest{}); err != nil {
							t.Fatal(err)
						}
					}
					if err := stream.CloseSend(); err != nil {
						t.Fatal(err)
					}
					if err := stream.RecvMsg(&testpb.SimpleResponse{}); status.Code(err) != want {
						t.Errorf("RecvMsg after %d requests = %v, want %v", requests, err, want)
					}
				})
			})
		}
	}
}

func TestMessageLimits(t *testing.T) {
	t.Parallel()
	const limit = 10_000
	for _, test := range []struct {
		name              string
		request, response int // the lengths on the wire
		compressed        bool
		want              codes.Code
	}{
		{"request of n", limit, 0, false, codes.OK},
		{"request of n+1", limit + 1, 0, false, codes.ResourceExhausted},
		{"response of n", 0, limit, false, codes.OK},
		{"response of n+1", 0, limit + 1, false, codes.ResourceExhausted},
		{"compressed request of n", limit, 0, true, codes.OK},
		{"compressed request of n+1", limit + 1, 0, true, codes.ResourceExhausted},
		{"a request that grows when it is unpacked", 16 << 20, 0, true, codes.ResourceExhausted},
	} {
		for _, method := range []string{"UnaryCall", "FullDuplexCall"} {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T) grpcproxy.Options {
					options := always(t, func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
						closed := make(chan struct{})
						return &fake{
							send: func(payload mem.BufferSlice) error {
								if got := payload.Len(); got != test.request {
									t.Errorf("the upstream got %d bytes, want %d", got, test.request)
								}
								payload.Free()
								return nil
							},
							closeSend: func() error { close(closed); return nil },
							recv: func() func() (mem.BufferSlice, error) {
								answer := once((&buffers{}).payload(test.response))
								return func() (mem.BufferSlice, error) {
									select {
									case <-closed:
										return answer()
									case <-ctx.Done():
										return nil, status.FromContextError(ctx.Err()).Err()
									}
								}
							}(),
						}, nil
					})
					options.MaxRequestBytes, options.MaxResponseBytes = limit, limit
					return options
				}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
					var options []grpc.CallOption
					if test.compressed {
						options = append(options, grpc.UseCompressor(gzip.Name))
					}
					err := exchange(ctx, conn, method, make([]byte, test.request), options...)
					if status.Code(err) != test.want {
						t.Errorf("got %v, want %v", err, test.want)
					}
				})
			})
		}
	}
}

// raw passes bytes as messages.
type raw struct{}

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (raw) Name() string { return "proto" }

// exchange sends one message, however the method is, and returns what the
// call ends with.
func exchange(ctx context.Context, conn *grpc.ClientConn, method string, request []byte, options ...grpc.CallOption) error {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true},
		"/"+testService+"/"+method, append(options, grpc.ForceCodecV2(raw{}))...)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&request); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		var response []byte
		if err := stream.RecvMsg(&response); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestClientGoesAway cuts the client's connection in the middle of a stream.
func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			t.Parallel()
			s := &service{ended: make(chan error, 1)}
			server := grpcproxy.NewServer(always(t, serveUpstream(t, s, upstream.Options{}).Open))
			c := newClient()
			conn := dial(t, front.serve(t, server), grpc.WithContextDialer(c.dial))
			stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			request := &testpb.StreamingOutputCallRequest{ResponseParameters: []*testpb.ResponseParameters{{Size: 5}}}
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err != nil {
				t.Fatal(err)
			}
			if err := (<-c.conns).Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-s.ended; status.Code(err) != codes.Canceled {
				t.Errorf("the call ended for the upstream with %v, want CANCELED", err)
			}
		})
	}
}

// TestUpstreamEndsACall is about a call that the upstream ends while the
// client has more to send.
func TestUpstreamEndsACall(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T) grpcproxy.Options {
		return always(t, serveUpstream(t, &service{}, upstream.Options{}).Open)
	}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
		stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := &testpb.EchoStatus{Code: int32(codes.Aborted), Message: "enough"}
		if err := stream.Send(&testpb.StreamingOutputCallRequest{ResponseStatus: want}); err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		wantRefusal(t, err, want)
		eventually(t, func() error {
			if err := stream.Send(&testpb.StreamingOutputCallRequest{}); !errors.Is(err, io.EOF) {
				return status.Errorf(codes.Internal, "Send = %v, want EOF", err)
			}
			return nil
		})
	})
}

// TestUpstreamRefusesARequest is about an upstream, or an interceptor, that
// fails to take a message: the reason is what the client is told.
func TestUpstreamRefusesARequest(t *testing.T) {
	t.Parallel()
	want := status.Error(codes.InvalidArgument, "not that")
	for _, method := range []string{"UnaryCall", "StreamingOutputCall", "StreamingInputCall", "FullDuplexCall"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T) grpcproxy.Options {
				return always(t, func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
					return &fake{
						send: func(payload mem.BufferSlice) error { payload.Free(); return want },
						recv: waitFor(ctx),
					}, nil
				})
			}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
				if err := exchange(ctx, conn, method, nil); !sameStatus(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		})
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	want := status.Error(codes.Unavailable, "upstream \"x\": not connected")
	for _, method := range []string{"UnaryCall", "FullDuplexCall"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T) grpcproxy.Options {
				return always(t, func(context.Context, *rpc.Call) (rpc.Stream, error) { return nil, want })
			}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
				if err := exchange(ctx, conn, method, make([]byte, 5000)); !sameStatus(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		})
	}
}

// TestBuffers checks that each buffer is given back, whatever becomes of the
// call.
func TestBuffers(t *testing.T) {
	t.Parallel()
	refused := status.Error(codes.Aborted, "refused")
	both := []string{"UnaryCall", "FullDuplexCall"}
	for _, test := range []struct {
		name    string
		methods []string
		answer  int   // the length of the answer
		open    error // what Open, Send and Recv return in the end
		send    error
		recv    error
		want    codes.Code
	}{
		{"success", both, 5000, nil, nil, io.EOF, codes.OK},
		{"an error after the answer", both, 5000, nil, nil, refused, codes.Aborted},
		{"too large an answer", both, 20_000, nil, nil, io.EOF, codes.ResourceExhausted},
		{"the call has ended", both, 0, nil, io.EOF, refused, codes.Aborted},
		// What nobody has read of a stream when it ends, gRPC leaves to the
		// garbage collector, so the request must have been read.
		{"open fails", both[:1], 0, refused, nil, nil, codes.Aborted},
		{"send fails", both[:1], 0, nil, refused, io.EOF, codes.Aborted},
	} {
		for _, method := range test.methods {
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				tracked := &buffers{}
				t.Cleanup(func() { tracked.check(t) })
				each(t, func(t *testing.T) grpcproxy.Options {
					options := always(t, func(context.Context, *rpc.Call) (rpc.Stream, error) {
						if test.open != nil {
							return nil, test.open
						}
						read := make(chan struct{})
						answered := test.answer == 0
						return &fake{
							send: func(payload mem.BufferSlice) error {
								defer close(read)
								payload.Free()
								return test.send
							},
							recv: func() (mem.BufferSlice, error) {
								<-read
								if answered {
									return nil, test.recv
								}
								answered = true
								return tracked.payload(test.answer), nil
							},
						}, nil
					}).WithServerOptions(experimental.BufferPool(tracked))
					options.MaxResponseBytes = 10_000
					return options
				}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
					if err := exchange(ctx, conn, method, make([]byte, 5000)); status.Code(err) != test.want {
						t.Errorf("got %v, want %v", err, test.want)
					}
				})
			})
		}
	}
}

// TestBackPressure is about a client that sends faster than the upstream
// takes: it must be held up, and not be buffered.
func TestBackPressure(t *testing.T) {
	t.Parallel()
	const message, bound = 64 << 10, 16 << 20
	each(t, func(t *testing.T) grpcproxy.Options {
		return always(t, func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
			stuck := func() error {
				<-ctx.Done()
				return status.FromContextError(ctx.Err()).Err()
			}
			return &fake{
				send: func(payload mem.BufferSlice) error { payload.Free(); return stuck() },
				recv: func() (mem.BufferSlice, error) { return nil, stuck() },
			}, nil
		})
	}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var sent atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			request := &testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: make([]byte, message)}}
			for sent.Load() < bound && stream.Send(request) == nil {
				sent.Add(int64(proto.Size(request)))
			}
		}()
		// Long enough for sixteen megabytes, if nothing held them up.
		last := int64(-1)
		eventually(t, func() error {
			now := sent.Load()
			if now != last || now == 0 {
				last = now
				<-quarterSecond()
				return status.Error(codes.Internal, "still sending")
			}
			return nil
		})
		if got := sent.Load(); got >= bound {
			t.Errorf("the client could send %d bytes that nobody took", got)
		} else {
			t.Logf("the client was held up after %d bytes", got)
		}
		cancel()
		<-done
	})
}
