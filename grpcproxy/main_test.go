// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
)

const testService = "grpc.testing.TestService"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service answers as the interoperability tests of gRPC describe.
type service struct {
	testpb.UnimplementedTestServiceServer

	// ended is told how each streaming call ended for the server; nil if
	// nobody asks.
	ended chan error
}

func (*service) EmptyCall(context.Context, *testpb.Empty) (*testpb.Empty, error) {
	return &testpb.Empty{}, nil
}

func (*service) UnaryCall(ctx context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	header, trailer := echoes(md)
	if err := errors.Join(grpc.SetHeader(ctx, header), grpc.SetTrailer(ctx, trailer)); err != nil {
		return nil, err
	}
	if want := request.GetResponseStatus(); want != nil {
		return nil, refusal(want)
	}
	return &testpb.SimpleResponse{Payload: &testpb.Payload{Body: make([]byte, request.GetResponseSize())}}, nil
}

func (*service) StreamingInputCall(stream grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]) error {
	var size int32
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: size})
		}
		if err != nil {
			return err
		}
		size += int32(len(request.GetPayload().GetBody()))
	}
}

func (s *service) StreamingOutputCall(request *testpb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error {
	return s.answer(stream.Context(), request, stream.Send)
}

// FullDuplexCall sends its headers at once, so that a test can see them come
// before any message.
func (s *service) FullDuplexCall(stream grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) (err error) {
	if s.ended != nil {
		defer func() { s.ended <- err }()
	}
	md, _ := metadata.FromIncomingContext(stream.Context())
	header, trailer := echoes(md)
	stream.SetTrailer(trailer)
	if err := stream.SendHeader(header); err != nil {
		return err
	}
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.answer(stream.Context(), request, stream.Send); err != nil {
			return err
		}
	}
}

// answer sends what request asks for.
func (*service) answer(ctx context.Context, request *testpb.StreamingOutputCallRequest, send func(*testpb.StreamingOutputCallResponse) error) error {
	for _, want := range request.GetResponseParameters() {
		select {
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		case <-time.After(time.Duration(want.GetIntervalUs()) * time.Microsecond):
		}
		if err := send(&testpb.StreamingOutputCallResponse{Payload: &testpb.Payload{Body: make([]byte, want.GetSize())}}); err != nil {
			return err
		}
	}
	if want := request.GetResponseStatus(); want != nil {
		return refusal(want)
	}
	return nil
}

// echoes returns what a caller who sent md is to get back.
func echoes(md metadata.MD) (header, trailer metadata.MD) {
	header, trailer = metadata.MD{}, metadata.MD{}
	for name, values := range md {
		header["echo-"+name] = values
	}
	trailer["x-trailer"] = md["x-trailer"]
	trailer["x-trailer-bin"] = md["x-trailer-bin"]
	delete(header, "echo-:authority")
	return header, trailer
}

func refusal(want *testpb.EchoStatus) error {
	st, err := status.New(codes.Code(uint32(want.GetCode())), want.GetMessage()).
		WithDetails(&testpb.Payload{Body: []byte("detail")})
	if err != nil {
		return err
	}
	return st.Err()
}

// testContext ends long after any test should have.
func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// listen serves by serve on a free port of this machine and returns the
// address. stop is called when the test ends.
func listen(t testing.TB, serve func(net.Listener) error, stop func()) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve = %v", err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return listener.Addr().String()
}

// serveUpstream starts s as a server and returns the routes to it.
func serveUpstream(t testing.TB, s testpb.TestServiceServer, options upstream.Options) *upstream.Routes {
	t.Helper()
	server := grpc.NewServer(grpc.MaxRecvMsgSize(1 << 30))
	testpb.RegisterTestServiceServer(server, s)
	options.Target = listen(t, server.Serve, server.Stop)
	pool := upstream.NewPool(nil)
	cluster, err := pool.Acquire("test", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cluster.Release()
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return upstream.NewRoutes(map[protoreflect.FullName]*upstream.Cluster{testService: cluster})
}

// testCatalog has the services of gRPC's interoperability tests.
func testCatalog(t testing.TB) *schema.Catalog {
	t.Helper()
	file := testpb.File_grpc_testing_test_proto
	set := &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{protodesc.ToFileDescriptorProto(file)}}
	for i := range file.Imports().Len() {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file.Imports().Get(i)))
	}
	catalog, err := schema.New(schema.Input{Origin: "test", Files: set})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// always makes every call use the table that serves testCatalog by invoke.
func always(t testing.TB, invoke rpc.Invoker) grpcproxy.Options {
	t.Helper()
	table := grpcproxy.NewTable(testCatalog(t), invoke)
	return grpcproxy.Options{Acquire: func() (*grpcproxy.Table, func()) { return table, func() {} }}
}

// front is a way in to a server.
type front struct {
	name  string
	serve func(t testing.TB, server *grpcproxy.Server) string
}

// stop ends server at once.
func stop(t testing.TB, server *grpcproxy.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := server.Stop(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v", err)
	}
}

// fronts are the ways in: the server's own listener, and an HTTP server.
func fronts() []front {
	return []front{
		{"Serve", func(t testing.TB, server *grpcproxy.Server) string {
			return listen(t, server.Serve, func() { stop(t, server) })
		}},
		{"ServeHTTP", func(t testing.TB, server *grpcproxy.Server) string {
			web := &http.Server{Handler: server, Protocols: &http.Protocols{}}
			web.Protocols.SetUnencryptedHTTP2(true)
			return listen(t, web.Serve, func() {
				stop(t, server)
				_ = web.Close()
			})
		}},
	}
}

// dial returns a connection that ends with the test.
func dial(t testing.TB, address string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30)),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// eventually calls try until it succeeds.
func eventually(t testing.TB, try func() error) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("still: %v", err)
		}
	}
}
