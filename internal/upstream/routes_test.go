// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

func TestRoutesCarryStubs(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, _ := acquire(t, upstream.Options{Target: address})
	clusters := map[protoreflect.FullName]*upstream.Cluster{testService: cluster}
	routes := upstream.NewRoutes(clusters)
	delete(clusters, testService) // the Routes have a copy
	client := testpb.NewTestServiceClient(routes)
	ctx := testContext(t)

	var header, trailer metadata.MD
	response, err := client.UnaryCall(metadata.AppendToOutgoingContext(ctx, "x-echo", "v"),
		&testpb.SimpleRequest{ResponseSize: 3}, grpc.Header(&header), grpc.Trailer(&trailer))
	if err != nil {
		t.Fatalf("UnaryCall = %v", err)
	}
	if got := len(response.GetPayload().GetBody()); got != 3 {
		t.Errorf("UnaryCall answers %d bytes, want 3", got)
	}
	if header.Get("x-header") == nil || trailer.Get("x-trailer-bin") == nil {
		t.Errorf("header %v or trailer %v is not what was sent", header, trailer)
	}
	refusal := &testpb.EchoStatus{Code: int32(codes.NotFound), Message: "none"}
	if _, err := client.UnaryCall(ctx, &testpb.SimpleRequest{ResponseStatus: refusal}); status.Code(err) != codes.NotFound {
		t.Errorf("UnaryCall = %v, want NOT_FOUND", err)
	} else if details := status.Convert(err).Details(); len(details) != 1 {
		t.Errorf("the status has details %v, want one", details)
	}

	stream, err := client.FullDuplexCall(ctx)
	if err != nil {
		t.Fatalf("FullDuplexCall = %v", err)
	}
	if err := stream.Send(&testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	if echo, err := stream.Recv(); err != nil || string(echo.GetPayload().GetBody()) != "x" {
		t.Errorf("Recv = %v, %v", echo, err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("Recv = %v, want EOF", err)
	}
}

func TestRoutesOpen(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, "127.0.0.1:0", &service{})
	cluster, tracked := acquire(t, upstream.Options{Target: address})
	routes := upstream.NewRoutes(map[protoreflect.FullName]*upstream.Cluster{testService: cluster})
	stream, err := routes.Open(testContext(t), callOf("UnaryCall"))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(tracked.payload(t, &testpb.SimpleRequest{ResponseSize: 5})); err != nil {
		t.Fatal(err)
	}
	payload, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(decode(t, payload, &testpb.SimpleResponse{}).GetPayload().GetBody()); got != 5 {
		t.Errorf("answer has %d bytes, want 5", got)
	}
}

func TestRoutesUnknownService(t *testing.T) {
	t.Parallel()
	routes := upstream.NewRoutes(nil)
	ctx := testContext(t)
	_, open := routes.Open(ctx, callOf("UnaryCall"))
	_, invoke := healthpb.NewHealthClient(routes).Check(ctx, &healthpb.HealthCheckRequest{})
	_, stream := healthpb.NewHealthClient(routes).Watch(ctx, &healthpb.HealthCheckRequest{})
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"Open", open, string(testService)},
		{"Invoke", invoke, healthpb.Health_ServiceDesc.ServiceName},
		{"NewStream", stream, healthpb.Health_ServiceDesc.ServiceName},
	} {
		if status.Code(test.err) != codes.Unimplemented || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s = %v, want UNIMPLEMENTED that names %s", test.name, test.err, test.want)
		}
	}
}
