// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// BenchmarkUnary is one unary call: straight to the server, through a proxy
// as simple as one can be, and through ours by both ways in. What is allocated
// includes the client and the server.
func BenchmarkUnary(b *testing.B) {
	for _, size := range []int{100, 64 << 10} {
		for _, way := range []struct {
			name  string
			serve func(*testing.B) string
		}{
			{"direct", serveTest},
			{"naive", func(b *testing.B) string { return serveNaive(b, serveTest(b)) }},
			{"Serve", func(b *testing.B) string { return serveProxy(b, fronts()[0]) }},
			{"ServeHTTP", func(b *testing.B) string { return serveProxy(b, fronts()[1]) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", way.name, size), func(b *testing.B) {
				client := testpb.NewTestServiceClient(dial(b, way.serve(b)))
				request := &testpb.SimpleRequest{
					ResponseSize: int32(size), Payload: &testpb.Payload{Body: make([]byte, size)},
				}
				ctx := metadata.AppendToOutgoingContext(b.Context(), "authorization", "Bearer token", "x-request-id", "1")
				if _, err := client.UnaryCall(ctx, request); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := client.UnaryCall(ctx, request); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// quiet answers without the echoes that tests look at.
type quiet struct {
	testpb.UnimplementedTestServiceServer
}

func (quiet) UnaryCall(_ context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	return &testpb.SimpleResponse{Payload: &testpb.Payload{Body: make([]byte, request.GetResponseSize())}}, nil
}

func serveTest(b *testing.B) string {
	b.Helper()
	server := grpc.NewServer()
	testpb.RegisterTestServiceServer(server, quiet{})
	return listen(b, server.Serve, server.Stop)
}

func serveProxy(b *testing.B, front front) string {
	b.Helper()
	return front.serve(b, grpcproxy.NewServer(always(b, serveUpstream(b, quiet{}, upstream.Options{}).Open)))
}

// serveNaive serves a proxy that copies each message into bytes and has two
// goroutines for each call.
func serveNaive(b *testing.B, target string) string {
	b.Helper()
	conn := dial(b, target)
	handler := func(_ any, caller grpc.ServerStream) error {
		path, _ := grpc.MethodFromServerStream(caller)
		md, _ := metadata.FromIncomingContext(caller.Context())
		ctx := metadata.NewOutgoingContext(caller.Context(), md)
		server, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, path, grpc.ForceCodecV2(raw{}))
		if err != nil {
			return err
		}
		go func() {
			for {
				var message []byte
				if caller.RecvMsg(&message) != nil || server.SendMsg(&message) != nil {
					break
				}
			}
			_ = server.CloseSend()
		}()
		for {
			var message []byte
			if err := server.RecvMsg(&message); errors.Is(err, io.EOF) {
				caller.SetTrailer(server.Trailer())
				return nil
			} else if err != nil {
				return err
			}
			if err := caller.SendMsg(&message); err != nil {
				return err
			}
		}
	}
	server := grpc.NewServer(grpc.UnknownServiceHandler(handler), grpc.ForceServerCodecV2(raw{}))
	return listen(b, server.Serve, server.Stop)
}
