// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/reflection"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// serve starts a server and returns a connection to it.
func serve(tb testing.TB, register func(*grpc.Server)) *grpc.ClientConn {
	tb.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); err != nil {
			tb.Errorf("serve: %v", err)
		}
	}()
	tb.Cleanup(func() {
		server.Stop()
		<-done
	})
	return dial(tb, listener.Addr().String())
}

func dial(tb testing.TB, address string) *grpc.ClientConn {
	tb.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := conn.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return conn
}

// A fakeServer reflects what its fields say. It counts its streams.
type fakeServer struct {
	reflectionpb.UnimplementedServerReflectionServer

	services []string
	// files are served by name, and by the full names of their services,
	// messages and nested messages.
	files []*descriptorpb.FileDescriptorProto
	// transitive makes it send all files with each.
	transitive bool
	// raw is sent as a file for a symbol that no file has.
	raw []byte
	// before, if set, may end the stream before a request is answered.
	before func(ctx context.Context, request *reflectionpb.ServerReflectionRequest) error

	streams  atomic.Int32
	requests atomic.Int32
}

func (s *fakeServer) register(server *grpc.Server) {
	reflectionpb.RegisterServerReflectionServer(server, s)
}

func (s *fakeServer) ServerReflectionInfo(stream reflectionpb.ServerReflection_ServerReflectionInfoServer) error {
	s.streams.Add(1)
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.requests.Add(1)
		if s.before != nil {
			if err := s.before(stream.Context(), request); err != nil {
				return err
			}
		}
		response, err := s.answer(request)
		if err != nil {
			return err
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

func (s *fakeServer) answer(request *reflectionpb.ServerReflectionRequest) (*reflectionpb.ServerReflectionResponse, error) {
	switch r := request.GetMessageRequest().(type) {
	case *reflectionpb.ServerReflectionRequest_ListServices:
		return s.list(), nil
	case *reflectionpb.ServerReflectionRequest_FileByFilename:
		return s.file(func(f *descriptorpb.FileDescriptorProto) bool { return f.GetName() == r.FileByFilename })
	case *reflectionpb.ServerReflectionRequest_FileContainingSymbol:
		return s.file(func(f *descriptorpb.FileDescriptorProto) bool { return declares(f, r.FileContainingSymbol) })
	default:
		return notFound(), nil
	}
}

func declares(f *descriptorpb.FileDescriptorProto, symbol string) bool {
	for _, service := range f.GetService() {
		if f.GetPackage()+"."+service.GetName() == symbol {
			return true
		}
	}
	return slices.ContainsFunc(f.GetMessageType(), func(message *descriptorpb.DescriptorProto) bool {
		return strings.HasPrefix(symbol+".", f.GetPackage()+"."+message.GetName()+".")
	})
}

func (s *fakeServer) list() *reflectionpb.ServerReflectionResponse {
	list := &reflectionpb.ListServiceResponse{}
	for _, service := range s.services {
		list.Service = append(list.Service, &reflectionpb.ServiceResponse{Name: service})
	}
	return &reflectionpb.ServerReflectionResponse{
		MessageResponse: &reflectionpb.ServerReflectionResponse_ListServicesResponse{ListServicesResponse: list},
	}
}

func (s *fakeServer) file(
	match func(*descriptorpb.FileDescriptorProto) bool,
) (*reflectionpb.ServerReflectionResponse, error) {
	i := slices.IndexFunc(s.files, match)
	if i < 0 {
		if s.raw != nil {
			return filesResponse(s.raw), nil
		}
		return notFound(), nil
	}
	send := s.files[i : i+1]
	if s.transitive {
		send = s.files
	}
	var wires [][]byte
	for _, file := range send {
		wire, err := proto.Marshal(file)
		if err != nil {
			return nil, err
		}
		wires = append(wires, wire)
	}
	return filesResponse(wires...), nil
}

func filesResponse(wires ...[]byte) *reflectionpb.ServerReflectionResponse {
	return &reflectionpb.ServerReflectionResponse{
		MessageResponse: &reflectionpb.ServerReflectionResponse_FileDescriptorResponse{
			FileDescriptorResponse: &reflectionpb.FileDescriptorResponse{FileDescriptorProto: wires},
		},
	}
}

func notFound() *reflectionpb.ServerReflectionResponse {
	return &reflectionpb.ServerReflectionResponse{
		MessageResponse: &reflectionpb.ServerReflectionResponse_ErrorResponse{
			ErrorResponse: &reflectionpb.ErrorResponse{ErrorCode: int32(codes.NotFound), ErrorMessage: "not there"},
		},
	}
}

// testContext ends soon enough for a test to fail rather than hang.
func testContext(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	tb.Cleanup(cancel)
	return ctx
}

// catalogOf loads source and makes a catalog of it.
func catalogOf(tb testing.TB, source *reflection.Source) *schema.Catalog {
	tb.Helper()
	input, err := schema.Load(testContext(tb), source)
	if err != nil {
		tb.Fatal(err)
	}
	catalog, err := schema.New(input)
	if err != nil {
		tb.Fatal(err)
	}
	return catalog
}

func serviceNames(catalog *schema.Catalog) []string {
	var names []string
	for _, service := range catalog.Services() {
		names = append(names, string(service.FullName()))
	}
	return names
}
