// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// interop are gRPC's interoperability tests
// (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md)
// that need no credentials.
func interop() map[string]func(context.Context, *testing.T, *grpc.ClientConn) {
	return map[string]func(context.Context, *testing.T, *grpc.ClientConn){
		"empty_unary":                 emptyUnary,
		"large_unary":                 largeUnary,
		"client_streaming":            clientStreaming,
		"server_streaming":            serverStreaming,
		"ping_pong":                   pingPong,
		"empty_stream":                emptyStream,
		"custom_metadata":             customMetadata,
		"status_code_and_message":     statusCodeAndMessage,
		"special_status_message":      specialStatusMessage,
		"unimplemented_method":        unimplementedMethod,
		"unimplemented_service":       unimplementedService,
		"cancel_after_begin":          cancelAfterBegin,
		"cancel_after_first_response": cancelAfterFirstResponse,
		"timeout_on_sleeping_server":  timeoutOnSleepingServer,
	}
}

func TestInterop(t *testing.T) {
	t.Parallel()
	compressions := map[string][]grpc.DialOption{
		"plain": nil,
		"gzip":  {grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name))},
	}
	for _, front := range fronts() {
		for compression, options := range compressions {
			t.Run(front.name+"/"+compression, func(t *testing.T) {
				t.Parallel()
				routes := serveUpstream(t, &service{}, upstream.Options{})
				conn := dial(t, front.serve(t, grpcproxy.NewServer(always(t, routes.Open))), options...)
				for name, test := range interop() {
					t.Run(name, func(t *testing.T) { test(testContext(t), t, conn) })
				}
			})
		}
	}
}

func emptyUnary(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	got, err := testpb.NewTestServiceClient(conn).EmptyCall(ctx, &testpb.Empty{})
	if err != nil || !proto.Equal(got, &testpb.Empty{}) {
		t.Errorf("EmptyCall = %v, %v", got, err)
	}
}

func largeUnary(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	got, err := testpb.NewTestServiceClient(conn).UnaryCall(ctx, &testpb.SimpleRequest{
		ResponseSize: 314159, Payload: &testpb.Payload{Body: make([]byte, 271828)},
	})
	if err != nil || len(got.GetPayload().GetBody()) != 314159 {
		t.Errorf("UnaryCall = %d bytes, %v", len(got.GetPayload().GetBody()), err)
	}
}

func clientStreaming(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	stream, err := testpb.NewTestServiceClient(conn).StreamingInputCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{27182, 8, 1828, 45904} {
		if err := stream.Send(&testpb.StreamingInputCallRequest{Payload: &testpb.Payload{Body: make([]byte, size)}}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := stream.CloseAndRecv(); err != nil || got.GetAggregatedPayloadSize() != 74922 {
		t.Errorf("CloseAndRecv = %v, %v, want 74922", got, err)
	}
}

func serverStreaming(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	want := []int32{31415, 9, 2653, 58979}
	request := &testpb.StreamingOutputCallRequest{}
	for _, size := range want {
		request.ResponseParameters = append(request.ResponseParameters, &testpb.ResponseParameters{Size: size})
	}
	stream, err := testpb.NewTestServiceClient(conn).StreamingOutputCall(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	var got []int32
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, int32(len(response.GetPayload().GetBody())))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sizes mismatch (-want +got):\n%s", diff)
	}
}

func pingPong(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range []int32{31415, 9, 2653, 58979} {
		request := &testpb.StreamingOutputCallRequest{
			ResponseParameters: []*testpb.ResponseParameters{{Size: size}},
			Payload:            &testpb.Payload{Body: make([]byte, []int{27182, 8, 1828, 45904}[i])},
		}
		if err := stream.Send(request); err != nil {
			t.Fatal(err)
		}
		response, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if got := int32(len(response.GetPayload().GetBody())); got != size {
			t.Errorf("pong %d has %d bytes, want %d", i, got, size)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("Recv = %v, want EOF", err)
	}
}

func emptyStream(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("Recv = %v, want EOF", err)
	}
}

func customMetadata(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	client := testpb.NewTestServiceClient(conn)
	binary := string([]byte{0, 0xab, 0xff, ','})
	ctx = metadata.AppendToOutgoingContext(ctx,
		"x-initial", "one", "x-initial", "two", "x-initial-bin", binary, "x-initial-bin", "",
		"x-trailer", "three", "x-trailer", "four", "x-trailer-bin", binary)
	wantHeader := metadata.MD{
		"echo-x-initial": {"one", "two"}, "echo-x-initial-bin": {binary, ""},
	}
	wantTrailer := metadata.MD{"x-trailer": {"three", "four"}, "x-trailer-bin": {binary}}
	check := func(header, trailer metadata.MD) {
		t.Helper()
		for name, want := range wantHeader {
			if diff := cmp.Diff(want, header.Get(name)); diff != "" {
				t.Errorf("header %s mismatch (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(wantTrailer, trailer); diff != "" {
			t.Errorf("trailer mismatch (-want +got):\n%s", diff)
		}
	}

	var header, trailer metadata.MD
	if _, err := client.UnaryCall(ctx, &testpb.SimpleRequest{}, grpc.Header(&header), grpc.Trailer(&trailer)); err != nil {
		t.Fatal(err)
	}
	check(header, trailer)

	refused := &testpb.SimpleRequest{ResponseStatus: &testpb.EchoStatus{Code: 5}}
	if _, err := client.UnaryCall(ctx, refused, grpc.Trailer(&trailer)); status.Code(err) != codes.NotFound {
		t.Fatal(err)
	}
	for name, want := range wantTrailer {
		if diff := cmp.Diff(want, trailer.Get(name)); diff != "" {
			t.Errorf("trailer of an error mismatch (-want +got):\n%s", diff)
		}
	}

	stream, err := client.FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// Before any message: the headers must not wait for one.
	header, err = stream.Header()
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("Recv = %v, want EOF", err)
	}
	check(header, stream.Trailer())
}

// wantRefusal requires that err is what the service makes of want, details
// and all.
func wantRefusal(t *testing.T, err error, want *testpb.EchoStatus) {
	t.Helper()
	if diff := cmp.Diff(status.Convert(refusal(want)).Proto(), status.Convert(err).Proto(), protocmp.Transform()); diff != "" {
		t.Errorf("status mismatch (-want +got):\n%s", diff)
	}
}

func statusCodeAndMessage(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	client := testpb.NewTestServiceClient(conn)
	want := &testpb.EchoStatus{Code: int32(codes.Unknown), Message: "test status message"}
	_, err := client.UnaryCall(ctx, &testpb.SimpleRequest{ResponseStatus: want})
	wantRefusal(t, err, want)

	stream, err := client.FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	request := &testpb.StreamingOutputCallRequest{
		ResponseParameters: []*testpb.ResponseParameters{{Size: 1}}, ResponseStatus: want,
	}
	if err := stream.Send(request); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Errorf("Recv before the status = %v", err)
	}
	_, err = stream.Recv()
	wantRefusal(t, err, want)
}

func specialStatusMessage(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	want := &testpb.EchoStatus{
		Code: int32(codes.Unknown), Message: "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n",
	}
	_, err := testpb.NewTestServiceClient(conn).UnaryCall(ctx, &testpb.SimpleRequest{ResponseStatus: want})
	wantRefusal(t, err, want)
}

func unimplementedMethod(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	_, err := testpb.NewTestServiceClient(conn).UnimplementedCall(ctx, &testpb.Empty{})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("a method that the upstream does not implement = %v, want UNIMPLEMENTED", err)
	}
	err = conn.Invoke(ctx, "/"+testService+"/Nothing", &testpb.Empty{}, &testpb.Empty{})
	if want := status.Error(codes.Unimplemented, `unknown method "Nothing" of service "`+testService+`"`); !sameStatus(err, want) {
		t.Errorf("a method that is not in the schema = %v, want %v", err, want)
	}
}

func unimplementedService(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	err := conn.Invoke(ctx, "/no.such.Service/Method", &testpb.Empty{}, &testpb.Empty{})
	if want := status.Error(codes.Unimplemented, `unknown service "no.such.Service"`); !sameStatus(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func sameStatus(got, want error) bool {
	return proto.Equal(status.Convert(got).Proto(), status.Convert(want).Proto())
}

func cancelAfterBegin(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	ctx, cancel := context.WithCancel(ctx)
	stream, err := testpb.NewTestServiceClient(conn).StreamingInputCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := stream.CloseAndRecv(); status.Code(err) != codes.Canceled {
		t.Errorf("CloseAndRecv = %v, want CANCELED", err)
	}
}

func cancelAfterFirstResponse(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	ctx, cancel := context.WithCancel(ctx)
	stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	request := &testpb.StreamingOutputCallRequest{ResponseParameters: []*testpb.ResponseParameters{{Size: 31415}}}
	if err := stream.Send(request); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("Recv = %v, want CANCELED", err)
	}
}

func timeoutOnSleepingServer(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	stream, err := testpb.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		if status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("FullDuplexCall = %v", err)
		}
		return
	}
	_ = stream.Send(&testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: bytes.Repeat([]byte{1}, 27182)}})
	if _, err := stream.Recv(); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("Recv = %v, want DEADLINE_EXCEEDED", err)
	}
}
