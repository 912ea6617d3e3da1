// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rpc"
)

func TestUnary(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	call := callOf("UnaryCall")
	call.Metadata.Append("x-echo", "one", "two")
	stream, err := cluster.Open(testContext(t), call)
	if err != nil {
		t.Fatal(err)
	}
	// Larger than a frame and than the window of a stream, so that it arrives
	// in pieces.
	request := &testpb.SimpleRequest{Payload: &testpb.Payload{Body: make([]byte, 300_000)}, ResponseSize: 200_000}
	request.Payload.Body[299_999] = 7
	if err := stream.Send(tracked.payload(t, request)); err != nil {
		t.Fatalf("Send = %v", err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatalf("CloseSend = %v", err)
	}
	header, err := stream.Header()
	if err != nil {
		t.Fatalf("Header = %v", err)
	}
	if diff := cmp.Diff([]string{"one", "two"}, header.Get("x-header")); diff != "" {
		t.Errorf("header mismatch (-want +got):\n%s", diff)
	}
	payload, err := stream.Recv()
	if err != nil {
		t.Fatalf("Recv = %v", err)
	}
	if len(payload) < 2 {
		t.Errorf("the answer came in %d piece, which proves nothing about pieces", len(payload))
	}
	if diff := cmp.Diff([]string{"one", "two"}, stream.Trailer().Get("x-trailer-bin")); diff != "" {
		t.Errorf("trailer mismatch (-want +got):\n%s", diff)
	}
	body := decode(t, payload, &testpb.SimpleResponse{}).GetPayload().GetBody()
	if len(body) != 500_000 || body[499_999] != 7 {
		t.Errorf("answer of %d bytes is not what was sent", len(body))
	}
	for range 2 {
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			t.Errorf("Recv after the answer = %v, want EOF", err)
		}
	}
}

func TestClientStreaming(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	stream := open(testContext(t), t, cluster, "StreamingInputCall")
	for range 3 {
		request := &testpb.StreamingInputCallRequest{Payload: &testpb.Payload{Body: make([]byte, 100_000)}}
		if err := stream.Send(tracked.payload(t, request)); err != nil {
			t.Fatalf("Send = %v", err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatalf("CloseSend = %v", err)
	}
	payload, err := stream.Recv()
	if err != nil {
		t.Fatalf("Recv = %v", err)
	}
	if got := decode(t, payload, &testpb.StreamingInputCallResponse{}).GetAggregatedPayloadSize(); got != 300_000 {
		t.Errorf("the server got %d bytes, want 300000", got)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("Recv after the answer = %v, want EOF", err)
	}
}

func TestServerStreaming(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	stream := open(testContext(t), t, cluster, "StreamingOutputCall")
	want := []int32{0, 1, 40_000, 2_000_000}
	request := &testpb.StreamingOutputCallRequest{}
	for _, size := range want {
		request.ResponseParameters = append(request.ResponseParameters, &testpb.ResponseParameters{Size: size})
	}
	if err := stream.Send(tracked.payload(t, request)); err != nil {
		t.Fatalf("Send = %v", err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatalf("CloseSend = %v", err)
	}
	var got []int32
	for {
		payload, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Recv = %v", err)
		}
		response := decode(t, payload, &testpb.StreamingOutputCallResponse{})
		got = append(got, int32(len(response.GetPayload().GetBody())))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sizes mismatch (-want +got):\n%s", diff)
	}
}

func TestBidiStreaming(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	stream := open(testContext(t), t, cluster, "FullDuplexCall")
	for i := range byte(5) {
		want := &testpb.Payload{Body: []byte{i}}
		if err := stream.Send(tracked.payload(t, &testpb.StreamingOutputCallRequest{Payload: want})); err != nil {
			t.Fatalf("Send = %v", err)
		}
		payload, err := stream.Recv()
		if err != nil {
			t.Fatalf("Recv = %v", err)
		}
		got := decode(t, payload, &testpb.StreamingOutputCallResponse{}).GetPayload()
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("echo mismatch (-want +got):\n%s", diff)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatalf("CloseSend = %v", err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("Recv after CloseSend = %v, want EOF", err)
	}
}

func TestStatusDetails(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	call := callOf("UnaryCall")
	call.Metadata.Set("x-echo", "v")
	stream, err := cluster.Open(testContext(t), call)
	if err != nil {
		t.Fatal(err)
	}
	request := &testpb.SimpleRequest{
		ResponseStatus: &testpb.EchoStatus{Code: int32(codes.Aborted), Message: "no \t🚪"},
	}
	if err := stream.Send(tracked.payload(t, request)); err != nil {
		t.Fatalf("Send = %v", err)
	}
	want, err := status.New(codes.Aborted, "no \t🚪").WithDetails(&testpb.Payload{Body: []byte("detail")})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err = stream.Recv()
		if diff := cmp.Diff(want.Proto(), status.Convert(err).Proto(), protocmp.Transform()); diff != "" {
			t.Errorf("status mismatch (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"v"}, stream.Trailer().Get("x-trailer-bin")); diff != "" {
		t.Errorf("trailer mismatch (-want +got):\n%s", diff)
	}
}

// TestOddAnswers is about upstreams that answer in ways that generated stubs
// don't.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	answer := &testpb.SimpleResponse{Payload: &testpb.Payload{Body: make([]byte, 5000)}}
	refused := status.Error(codes.DataLoss, "refused")
	for _, test := range []struct {
		name    string
		method  protoreflect.Name
		answers int
		err     error
		// want are the codes of Header and of each Recv; OK is a success, and
		// Unknown stands for io.EOF.
		wantHeader codes.Code
		want       []codes.Code
	}{
		{"unary: none", "UnaryCall", 0, nil, codes.Internal, []codes.Code{codes.Internal, codes.Internal}},
		{"unary: one", "UnaryCall", 1, nil, codes.OK, []codes.Code{codes.OK, codes.Unknown}},
		{"unary: two", "UnaryCall", 2, nil, codes.OK, []codes.Code{codes.Internal, codes.Internal}},
		{"unary: one and an error", "UnaryCall", 1, refused, codes.OK, []codes.Code{codes.DataLoss, codes.DataLoss}},
		{"unary: an error", "UnaryCall", 0, refused, codes.DataLoss, []codes.Code{codes.DataLoss}},
		{"stream: none", "FullDuplexCall", 0, nil, codes.Unknown, []codes.Code{codes.Unknown, codes.Unknown}},
		{"stream: one and an error", "FullDuplexCall", 1, refused, codes.OK, []codes.Code{codes.OK, codes.DataLoss, codes.DataLoss}},
		{"stream: an error", "FullDuplexCall", 0, refused, codes.DataLoss, []codes.Code{codes.DataLoss}},
	} {
		for _, headerFirst := range []bool{false, true} {
			name := test.name
			if headerFirst {
				name += ", header first"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cluster, tracked := acquire(t, upstream.Options{Target: serveAnswers(t, test.answers, answer, test.err)})
				stream := open(testContext(t), t, cluster, test.method)
				if err := stream.Send(tracked.payload(t, &testpb.SimpleRequest{})); err != nil && !errors.Is(err, io.EOF) {
					t.Fatalf("Send = %v", err)
				}
				if err := stream.CloseSend(); err != nil {
					t.Fatal(err)
				}
				if headerFirst {
					if _, err := stream.Header(); codeOf(t, err) != test.wantHeader {
						t.Errorf("Header = %v, want %v", err, test.wantHeader)
					}
				}
				for i, want := range test.want {
					payload, err := stream.Recv()
					if codeOf(t, err) != want {
						t.Errorf("Recv %d = %v, want %v", i, err, want)
					}
					if err != nil && payload != nil {
						t.Errorf("Recv %d returns a payload with an error", i)
					}
					payload.Free()
				}
			})
		}
	}
}

// codeOf is Unknown for io.EOF alone.
func codeOf(t *testing.T, err error) codes.Code {
	t.Helper()
	if errors.Is(err, io.EOF) {
		return codes.Unknown
	}
	s, ok := status.FromError(err)
	if !ok {
		t.Errorf("%v has no status", err)
	}
	return s.Code()
}

// serveAnswers starts a server that reads no request, sends answer some times
// and ends with err, whatever is called.
func serveAnswers(t *testing.T, times int, answer *testpb.SimpleResponse, end error) string {
	t.Helper()
	address, _ := serve(t, "127.0.0.1:0", nil, grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		for range times {
			if err := stream.SendMsg(answer); err != nil {
				return err
			}
		}
		return end
	}))
	return address
}

func TestSendTakesThePayload(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address, MaxRequestBytes: 1 << 20})
	tracked.unread.Store(true)
	for _, test := range []struct {
		name   string
		method protoreflect.Name
		length int
		// before brings the stream to where Send is called.
		before func(*testing.T, rpc.Stream, context.CancelFunc)
		want   codes.Code
	}{
		{"in the middle", "FullDuplexCall", 0, func(*testing.T, rpc.Stream, context.CancelFunc) {}, codes.OK},
		{
			"after CloseSend", "FullDuplexCall", 0,
			func(t *testing.T, stream rpc.Stream, _ context.CancelFunc) {
				if err := stream.CloseSend(); err != nil {
					t.Error(err)
				}
			},
			codes.Internal,
		},
		{
			"after the call was cancelled", "FullDuplexCall", 0,
			func(t *testing.T, stream rpc.Stream, cancel context.CancelFunc) {
				cancel()
				if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
					t.Errorf("Recv = %v, want CANCELED", err)
				}
			},
			codes.Unknown,
		},
		{
			"after the upstream ended the call", "FullDuplexCall", 0,
			func(t *testing.T, stream rpc.Stream, _ context.CancelFunc) {
				request := &testpb.StreamingOutputCallRequest{ResponseStatus: &testpb.EchoStatus{Code: 9}}
				if err := stream.Send(tracked.payload(t, request)); err != nil {
					t.Error(err)
				}
				if _, err := stream.Recv(); status.Code(err) != codes.FailedPrecondition {
					t.Errorf("Recv = %v, want FAILED_PRECONDITION", err)
				}
			},
			codes.Unknown,
		},
		{
			"a second one where one is due", "UnaryCall", 0,
			func(t *testing.T, stream rpc.Stream, _ context.CancelFunc) {
				if err := stream.Send(tracked.payload(t, &testpb.SimpleRequest{})); err != nil {
					t.Error(err)
				}
			},
			codes.Internal,
		},
		{"too large", "FullDuplexCall", 1<<20 + 1, func(*testing.T, rpc.Stream, context.CancelFunc) {}, codes.ResourceExhausted},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(testContext(t))
			defer cancel()
			stream := open(ctx, t, cluster, test.method)
			test.before(t, stream, cancel)
			message := newOnceFreed(test.length)
			if err := stream.Send(message.BufferSlice); codeOf(t, err) != test.want {
				t.Errorf("Send = %v, want %v", err, test.want)
			}
			cancel()
			for {
				payload, err := stream.Recv()
				if err != nil {
					break
				}
				payload.Free()
			}
			select {
			case <-message.freed:
			case <-time.After(10 * time.Second):
				t.Error("the payload was not freed")
			}
		})
	}
}

func TestMessageLimits(t *testing.T) {
	t.Parallel()
	const limit = 10_000
	address, _ := serve(t, "127.0.0.1:0", &service{})
	for _, test := range []struct {
		name    string
		options upstream.Options
		// request and response are the lengths on the wire.
		request, response int
		want              codes.Code
	}{
		{"request of n", upstream.Options{MaxRequestBytes: limit}, limit, 0, codes.OK},
		{"request of n+1", upstream.Options{MaxRequestBytes: limit}, limit + 1, 0, codes.ResourceExhausted},
		{"response of n", upstream.Options{MaxResponseBytes: limit}, 0, limit, codes.OK},
		{"response of n+1", upstream.Options{MaxResponseBytes: limit}, 0, limit + 1, codes.ResourceExhausted},
		{"default request of n", upstream.Options{}, 4 << 20, 0, codes.OK},
		{"default request of n+1", upstream.Options{}, 4<<20 + 1, 0, codes.ResourceExhausted},
		{"default response of n", upstream.Options{}, 0, 64 << 20, codes.OK},
		{"default response of n+1", upstream.Options{}, 0, 64<<20 + 1, codes.ResourceExhausted},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.options.Target = address
			cluster, tracked := acquire(t, test.options)
			tracked.unread.Store(test.want != codes.OK)
			stream := open(testContext(t), t, cluster, "UnaryCall")
			request := &testpb.SimpleRequest{}
			if test.request != 0 {
				request.Payload = &testpb.Payload{Body: fill(test.request, func(body []byte) int {
					return proto.Size(&testpb.SimpleRequest{Payload: &testpb.Payload{Body: body}})
				})}
			}
			if test.response != 0 {
				request.ResponseSize = int32(len(fill(test.response, func(body []byte) int {
					return proto.Size(&testpb.SimpleResponse{Payload: &testpb.Payload{Body: body}})
				})))
			}
			err := stream.Send(tracked.payload(t, request))
			if err == nil {
				var payload interface{ Free() }
				payload, err = stream.Recv()
				payload.Free()
			}
			if status.Code(err) != test.want {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestCancelReachesTheUpstream(t *testing.T) {
	t.Parallel()
	s := &service{ended: make(chan error, 1)}
	address, _ := serve(t, "127.0.0.1:0", s)
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	stream := open(ctx, t, cluster, "FullDuplexCall")
	if err := stream.Send(tracked.payload(t, &testpb.StreamingOutputCallRequest{})); err != nil {
		t.Fatal(err)
	}
	payload, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	payload.Free()
	cancel()
	if err := <-s.ended; status.Code(err) != codes.Canceled {
		t.Errorf("the call ended for the upstream with %v, want CANCELED", err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("Recv = %v, want CANCELED", err)
	}
}

func TestDeadlineReachesTheUpstream(t *testing.T) {
	t.Parallel()
	s := &service{ended: make(chan error, 1)}
	deadlines := make(chan time.Time, 1)
	address, _ := serve(t, "127.0.0.1:0", s, grpc.StreamInterceptor(
		func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			deadline, _ := stream.Context().Deadline()
			deadlines <- deadline
			return handler(srv, stream)
		}))
	cluster, _ := acquire(t, upstream.Options{Target: address})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	stream := open(ctx, t, cluster, "FullDuplexCall")
	if _, err := stream.Recv(); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("Recv = %v, want DEADLINE_EXCEEDED", err)
	}
	if (<-deadlines).IsZero() {
		t.Error("the upstream was given no deadline")
	}
	if err := <-s.ended; err == nil {
		t.Error("the call went on for the upstream")
	}
}

func TestUpstreamDiesInACall(t *testing.T) {
	t.Parallel()
	address, server := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	stream := open(testContext(t), t, cluster, "FullDuplexCall")
	if err := stream.Send(tracked.payload(t, &testpb.StreamingOutputCallRequest{})); err != nil {
		t.Fatal(err)
	}
	payload, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	payload.Free()
	server.Stop()
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("Recv = %v, want UNAVAILABLE", err)
	}
	if err := stream.Send(tracked.payload(t, &testpb.StreamingOutputCallRequest{})); !errors.Is(err, io.EOF) {
		t.Errorf("Send = %v, want EOF", err)
	}
}

func TestMetadataIsRefused(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, _ := acquire(t, upstream.Options{Target: address})
	call := callOf("UnaryCall")
	call.Metadata = metadata.MD{"x-text": {"line\nbreak"}}
	if _, err := cluster.Open(testContext(t), call); status.Code(err) != codes.Internal {
		t.Errorf("Open = %v, want INTERNAL", err)
	}
}

// TestNotHTTP2 is about a target that is some other server.
func TestNotHTTP2(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	cluster, _ := acquire(t, upstream.Options{Target: listener.Addr().String()})
	if _, err := cluster.Open(testContext(t), callOf("UnaryCall")); status.Code(err) != codes.Unavailable {
		t.Errorf("Open = %v, want UNAVAILABLE", err)
	}
}
