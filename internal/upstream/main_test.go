// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/experimental"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rpc"
)

const testService protoreflect.FullName = "grpc.testing.TestService"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service answers as the interoperability tests of gRPC describe, as far as
// the tests here need it.
type service struct {
	testpb.UnimplementedTestServiceServer

	// ended is told how each FullDuplexCall ended for the server.
	ended chan error
}

func (s *service) UnaryCall(ctx context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if values := md.Get("x-echo"); len(values) > 0 {
		if err := grpc.SetHeader(ctx, metadata.MD{"x-header": values}); err != nil {
			return nil, err
		}
		if err := grpc.SetTrailer(ctx, metadata.MD{"x-trailer-bin": values}); err != nil {
			return nil, err
		}
	}
	if want := request.GetResponseStatus(); want != nil {
		st, err := status.New(codes.Code(uint32(want.GetCode())), want.GetMessage()).
			WithDetails(&testpb.Payload{Body: []byte("detail")})
		if err != nil {
			return nil, err
		}
		return nil, st.Err()
	}
	return &testpb.SimpleResponse{Payload: &testpb.Payload{
		Body: append(make([]byte, request.GetResponseSize()), request.GetPayload().GetBody()...),
	}}, nil
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

func (*service) StreamingOutputCall(request *testpb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]) error {
	for _, parameters := range request.GetResponseParameters() {
		response := &testpb.StreamingOutputCallResponse{Payload: &testpb.Payload{Body: make([]byte, parameters.GetSize())}}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
	return nil
}

// FullDuplexCall echoes until the client is done, and ends at once when it is
// asked for a status.
func (s *service) FullDuplexCall(stream grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) (err error) {
	if s.ended != nil {
		defer func() { s.ended <- err }()
	}
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if want := request.GetResponseStatus(); want != nil {
			return status.Error(codes.Code(uint32(want.GetCode())), want.GetMessage())
		}
		if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: request.GetPayload()}); err != nil {
			return err
		}
	}
}

// serve starts a server on address, of the test service unless s is nil, and
// returns the address it got, and the server.
func serve(t *testing.T, address string, s *service, options ...grpc.ServerOption) (string, *grpc.Server) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	if s != nil {
		testpb.RegisterTestServiceServer(server, s)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); err != nil {
			t.Errorf("Serve = %v", err)
		}
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return listener.Addr().String(), server
}

// acquire returns a cluster of a pool of its own, which is closed when the
// test ends, and what tracks the pool's buffers.
func acquire(t *testing.T, options upstream.Options) (*upstream.Cluster, *buffers) {
	t.Helper()
	tracked := &buffers{}
	pool := upstream.NewPool(nil)
	pool.SetDialOptions(experimental.WithBufferPool(tracked))
	cluster, err := pool.Acquire("main", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cluster.Release()
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		tracked.check(t)
	})
	return cluster, tracked
}

// testContext ends long after any test should have.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func callOf(name protoreflect.Name) *rpc.Call {
	descriptor := testpb.File_grpc_testing_test_proto.Services().ByName(testService.Name()).Methods().ByName(name)
	return &rpc.Call{Method: rpc.NewMethod(descriptor), Metadata: metadata.MD{}}
}

func open(ctx context.Context, t *testing.T, cluster *upstream.Cluster, name protoreflect.Name) rpc.Stream {
	t.Helper()
	stream, err := cluster.Open(ctx, callOf(name))
	if err != nil {
		t.Fatalf("Open(%s) = %v", name, err)
	}
	return stream
}

// buffers is a pool that knows how many of its buffers are in use.
type buffers struct {
	used atomic.Int64
	// unread says that a call of the test ends with data that nobody reads.
	// gRPC leaves that to the garbage collector.
	unread atomic.Bool
}

func (b *buffers) Get(length int) *[]byte {
	buf := make([]byte, length)
	if !mem.IsBelowBufferPoolingThreshold(length) {
		// Below, gRPC leaves buffers to the garbage collector.
		b.used.Add(1)
	}
	return &buf
}

func (b *buffers) Put(buf *[]byte) {
	if !mem.IsBelowBufferPoolingThreshold(cap(*buf)) {
		b.used.Add(-1)
		clear((*buf)[:cap(*buf)]) // what is read from now on is wrong
	}
}

// payload encodes message in a buffer of b.
func (b *buffers) payload(t *testing.T, message proto.Message) mem.BufferSlice {
	t.Helper()
	wire, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	buf := b.Get(max(len(wire), 2048))
	*buf = (*buf)[:copy(*buf, wire)]
	return mem.BufferSlice{mem.NewBuffer(buf, b)}
}

// check waits until every buffer is back: gRPC's own writers may hold one for
// a moment longer than the call.
func (b *buffers) check(t *testing.T) {
	t.Helper()
	if b.unread.Load() {
		return
	}
	for deadline := time.Now().Add(10 * time.Second); b.used.Load() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d buffers are still in use", b.used.Load())
			return
		}
	}
}

// decode frees payload.
func decode[T proto.Message](t *testing.T, payload mem.BufferSlice, into T) T {
	t.Helper()
	defer payload.Free()
	if err := proto.Unmarshal(payload.Materialize(), into); err != nil {
		t.Fatal(err)
	}
	return into
}

// eventually calls try until it succeeds.
func eventually(t *testing.T, try func() error) time.Duration {
	t.Helper()
	start := time.Now()
	for {
		err := try()
		if err == nil {
			return time.Since(start)
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("still: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// onceFreed is a buffer that notes whether it was freed.
type onceFreed struct {
	mem.BufferSlice

	once  sync.Once
	freed chan struct{}
}

func newOnceFreed(length int) *onceFreed {
	o := &onceFreed{freed: make(chan struct{})}
	buf := make([]byte, max(length, 2048))[:length]
	o.BufferSlice = mem.BufferSlice{mem.NewBuffer(&buf, o)}
	return o
}

// Get is not called.
func (*onceFreed) Get(int) *[]byte { return nil }

// Put is called with the last reference.
func (o *onceFreed) Put(*[]byte) { o.once.Do(func() { close(o.freed) }) }

// fill returns a body with which size is want.
func fill(want int, size func(body []byte) int) []byte {
	body := make([]byte, want)
	for over := size(body) - want; over > 0; over = size(body) - want {
		body = body[over:]
	}
	return body
}
