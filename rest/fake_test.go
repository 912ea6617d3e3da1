// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/bufbuild/protocompile"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/rest"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/translate"
)

// A serverCall is a call as the fake upstream's handler sees it.
type serverCall struct {
	ctx  context.Context
	call *rpc.Call
	in   chan []byte
	out  chan []byte

	headerOnce sync.Once
	headerSent chan struct{}
	header     metadata.MD
	trailer    metadata.MD
}

// recv returns the next message, or io.EOF.
func (c *serverCall) recv() ([]byte, error) {
	select {
	case message, ok := <-c.in:
		if !ok {
			return nil, io.EOF
		}
		return message, nil
	case <-c.ctx.Done():
		return nil, status.FromContextError(c.ctx.Err()).Err()
	}
}

func (c *serverCall) sendHeader() {
	c.headerOnce.Do(func() { close(c.headerSent) })
}

func (c *serverCall) send(message []byte) error {
	c.sendHeader()
	select {
	case c.out <- message:
		return nil
	case <-c.ctx.Done():
		return status.FromContextError(c.ctx.Err()).Err()
	}
}

// A fakeUpstream runs a handler for each call.
type fakeUpstream struct {
	handle func(*serverCall) error

	mu       sync.Mutex
	calls    []*rpc.Call
	messages [][]byte
	running  sync.WaitGroup
}

// echo sends back every message, or, if the method gives one, the last one.
func echo(c *serverCall) error {
	var last []byte
	for {
		message, err := c.recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		last = message
		if c.call.Method.Descriptor.IsStreamingServer() {
			if err := c.send(message); err != nil {
				return err
			}
		}
	}
	if !c.call.Method.Descriptor.IsStreamingServer() {
		return c.send(last)
	}
	return nil
}

func (f *fakeUpstream) invoke(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	s := &fakeStream{
		upstream: f,
		call: &serverCall{
			ctx: ctx, call: call,
			in: make(chan []byte, 1), out: make(chan []byte, 1),
			headerSent: make(chan struct{}),
		},
		done: make(chan struct{}),
	}
	f.running.Go(func() {
		s.err = f.handle(s.call)
		close(s.done)
	})
	return s, nil
}

// seen returns the messages that have been received.
func (f *fakeUpstream) seen() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages
}

func (f *fakeUpstream) called() []*rpc.Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// A fakeStream is the caller's side of a serverCall.
type fakeStream struct {
	upstream *fakeUpstream
	call     *serverCall
	done     chan struct{}
	err      error // set before done is closed
}

var _ rpc.Stream = (*fakeStream)(nil)

func (s *fakeStream) Send(payload mem.BufferSlice) error {
	message := payload.Materialize()
	payload.Free()
	s.upstream.mu.Lock()
	s.upstream.messages = append(s.upstream.messages, message)
	s.upstream.mu.Unlock()
	select {
	case s.call.in <- message:
		return nil
	case <-s.done:
		return io.EOF
	case <-s.call.ctx.Done():
		return status.FromContextError(s.call.ctx.Err()).Err()
	}
}

func (s *fakeStream) CloseSend() error {
	close(s.call.in)
	return nil
}

func (s *fakeStream) Recv() (mem.BufferSlice, error) {
	select {
	case message := <-s.call.out:
		return s.reply(message)
	case <-s.done:
	}
	// What was sent before the end comes before it.
	select {
	case message := <-s.call.out:
		return s.reply(message)
	default:
	}
	if s.err != nil {
		return nil, s.err
	}
	return nil, io.EOF
}

// reply gives a message, of a call that gives one only if it succeeds.
func (s *fakeStream) reply(message []byte) (mem.BufferSlice, error) {
	if !s.call.call.Method.Descriptor.IsStreamingServer() {
		if <-s.done; s.err != nil {
			return nil, s.err
		}
	}
	return split(message), nil
}

// split makes a payload of several buffers, as a connection does.
func split(message []byte) mem.BufferSlice {
	var payload mem.BufferSlice
	for size := 1; len(message) > size; size *= 3 {
		payload = append(payload, mem.SliceBuffer(message[:size]))
		message = message[size:]
	}
	return append(payload, mem.SliceBuffer(message))
}

func (s *fakeStream) Header() (metadata.MD, error) {
	select {
	case <-s.call.headerSent:
		return s.call.header, nil
	case <-s.done:
	}
	select {
	case <-s.call.headerSent:
		return s.call.header, nil
	default:
		if s.err == nil {
			return nil, io.EOF
		}
		return nil, s.err
	}
}

func (s *fakeStream) Trailer() metadata.MD {
	return s.call.trailer
}

// loadCatalog compiles .proto sources; what they import comes from the types
// linked into the test.
func loadCatalog(t testing.TB, sources map[string]string) *schema.Catalog {
	t.Helper()
	names := make([]string, 0, len(sources))
	for name := range sources {
		names = append(names, name)
	}
	compiler := protocompile.Compiler{Resolver: protocompile.CompositeResolver{
		&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(sources)},
		protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
			fd, err := protoregistry.GlobalFiles.FindFileByPath(path)
			return protocompile.SearchResult{Desc: fd}, err
		}),
	}}
	files, err := compiler.Compile(t.Context(), names...)
	if err != nil {
		t.Fatal(err)
	}
	set := new(descriptorpb.FileDescriptorSet)
	seen := make(map[string]bool)
	var add func(fd protoreflect.FileDescriptor)
	add = func(fd protoreflect.FileDescriptor) {
		if seen[fd.Path()] {
			return
		}
		seen[fd.Path()] = true
		for i := range fd.Imports().Len() {
			add(fd.Imports().Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(fd))
	}
	for _, file := range files {
		add(file)
	}
	catalog, err := schema.New(schema.Input{Origin: "test", Files: set})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func echoCatalog(t testing.TB) *schema.Catalog {
	t.Helper()
	source, err := os.ReadFile("testdata/echo.proto")
	if err != nil {
		t.Fatal(err)
	}
	return loadCatalog(t, map[string]string{"echo/v1/echo.proto": string(source)})
}

// newHandler serves the echo service.
func newHandler(t testing.TB, handle func(*serverCall) error, change func(*rest.Options)) (*rest.Handler, *fakeUpstream) {
	t.Helper()
	upstream := &fakeUpstream{handle: handle}
	options := rest.Options{
		Catalog: echoCatalog(t),
		Invoke:  upstream.invoke,
		Write:   translate.WriteOptions{},
	}
	if change != nil {
		change(&options)
	}
	handler, err := rest.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(upstream.running.Wait)
	return handler, upstream
}

// newServer serves the echo service on a real connection.
func newServer(t testing.TB, handle func(*serverCall) error, change func(*rest.Options)) (*httptest.Server, *fakeUpstream) {
	t.Helper()
	handler, upstream := newHandler(t, handle, change)
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Client().CloseIdleConnections()
		server.Close()
	})
	return server, upstream
}

// do answers a request without a connection.
func do(handler http.Handler, method, target, body string, header http.Header) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request := httptest.NewRequest(method, target, reader)
	maps.Copy(request.Header, header)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func base64Of(data string) string {
	return base64.StdEncoding.EncodeToString([]byte(data))
}
