// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema/reflection"
)

func checkError(tb testing.TB, err error, code codes.Code, want string) {
	tb.Helper()
	if err == nil {
		tb.Fatal("no error")
	}
	if !strings.HasPrefix(err.Error(), "reflection of target: ") || !strings.Contains(err.Error(), want) {
		tb.Errorf("got %q, want %q", err, want)
	}
	if got := status.Code(err); got != code {
		tb.Errorf("got code %v, want %v", got, code)
	}
}

func TestReflectionNotEnabled(t *testing.T) {
	t.Parallel()
	const want = "server reflection is not enabled: enable it on the server, or give a descriptor set or .proto files with --schema"
	t.Run("no service", func(t *testing.T) {
		t.Parallel()
		conn := serve(t, func(s *grpc.Server) { healthpb.RegisterHealthServer(s, health.NewServer()) })
		_, err := reflection.New("target", conn, nil).Load(testContext(t))
		checkError(t, err, codes.Unknown, want)
	})
	t.Run("answers with an error", func(t *testing.T) {
		t.Parallel()
		server := &fakeServer{before: func(context.Context, *reflectionpb.ServerReflectionRequest) error {
			return status.Error(codes.Unimplemented, "no")
		}}
		_, err := reflection.New("target", serve(t, server.register), nil).Load(testContext(t))
		checkError(t, err, codes.Unknown, want)
	})
}

func TestServerIsAway(t *testing.T) {
	t.Parallel()
	_, err := reflection.New("target", dial(t, "127.0.0.1:1"), nil).Load(testContext(t))
	checkError(t, err, codes.Unavailable, "list services: ")
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	server := &fakeServer{
		services: []string{"a.S"}, files: api(t), transitive: true,
		before: func(ctx context.Context, _ *reflectionpb.ServerReflectionRequest) error {
			md, _ := metadata.FromIncomingContext(ctx)
			if got := md.Get("authorization"); len(got) != 1 || got[0] != "secret" {
				return status.Error(codes.Unauthenticated, "who are you?")
			}
			if got := md.Get("x-of-caller"); len(got) != 1 {
				return status.Error(codes.InvalidArgument, "the caller's metadata is lost")
			}
			return nil
		},
	}
	conn := serve(t, server.register)
	ctx := metadata.AppendToOutgoingContext(testContext(t), "x-of-caller", "1")

	_, err := reflection.New("target", conn, nil).Load(ctx)
	checkError(t, err, codes.Unauthenticated, "reflection asks for credentials: configure them as its metadata")

	md := metadata.Pairs("authorization", "secret")
	source := reflection.New("target", conn, md)
	md.Set("authorization", "changed")
	if _, err := source.Load(ctx); err != nil {
		t.Errorf("with credentials: %v", err)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	server := &fakeServer{before: func(ctx context.Context, _ *reflectionpb.ServerReflectionRequest) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := reflection.New("target", serve(t, server.register), nil).Load(ctx)
	checkError(t, err, codes.DeadlineExceeded, "list services: ")
}

// TestStreamEnds has servers that end the stream after the list.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		code codes.Code
		want string
	}{
		{
			name: "with an error", err: status.Error(codes.Internal, "broken"), code: codes.Internal,
			want: "get the file of service a.S: broken",
		},
		{
			// It is no answer to the question whether there is reflection.
			name: "unimplemented", err: status.Error(codes.Unimplemented, "no"), code: codes.Unimplemented,
			want: "get the file of service a.S: no",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := &fakeServer{
				services: []string{"a.S"}, files: api(t),
				before: func(_ context.Context, request *reflectionpb.ServerReflectionRequest) error {
					if request.GetFileContainingSymbol() != "" {
						return test.err
					}
					return nil
				},
			}
			_, err := reflection.New("target", serve(t, server.register), nil).Load(testContext(t))
			checkError(t, err, test.code, test.want)
		})
	}
}

func TestStreamEndsWithoutAnswer(t *testing.T) {
	t.Parallel()
	conn := serve(t, func(s *grpc.Server) { reflectionpb.RegisterServerReflectionServer(s, silentServer{}) })
	_, err := reflection.New("target", conn, nil).Load(testContext(t))
	checkError(t, err, codes.Unavailable, "the server ended the stream before it answered")
}

// A silentServer ends each stream at once and without an error.
type silentServer struct {
	reflectionpb.UnimplementedServerReflectionServer
}

func (silentServer) ServerReflectionInfo(reflectionpb.ServerReflection_ServerReflectionInfoServer) error {
	return nil
}

// TestNoFileAtAll requires an error that tells what became of each service.
func TestNoFileAtAll(t *testing.T) {
	t.Parallel()
	server := &fakeServer{services: []string{"a.S", "b.S"}, raw: []byte{0xff}}
	_, err := reflection.New("target", serve(t, server.register), nil).Load(testContext(t))
	checkError(t, err, codes.Unknown, "the server lists services but has the files of none")
	for _, want := range []string{
		"service a.S is listed but left out: a file that the server sent is not a FileDescriptorProto",
		"service b.S is listed but left out: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

// TestLimits has servers at each limit and beyond it.
func TestLimits(t *testing.T) {
	t.Parallel()
	files := api(t)
	bytes := 0
	for _, file := range files {
		bytes += proto.Size(file)
	}
	importing := &descriptorpb.FileDescriptorProto{
		Name: new("i.proto"), Package: new("i"),
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: new("S")}},
	}
	for i := range 7 {
		importing.Dependency = append(importing.GetDependency(), fmt.Sprintf("missing%d.proto", i))
	}
	using := &descriptorpb.FileDescriptorProto{
		Name: new("u.proto"), Package: new("u"),
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: new("S")}},
	}
	for i := range 7 {
		using.MessageType = append(using.GetMessageType(), &descriptorpb.DescriptorProto{
			Name: new(fmt.Sprintf("M%d", i)),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: new("f"), TypeName: new(fmt.Sprintf(".missing.M%d", i)),
			}},
		})
	}
	many := make([]string, 9)
	for i := range many {
		many[i] = fmt.Sprintf("a.S%d", i)
	}
	many[0] = "a.S"
	tests := []struct {
		name               string
		server             *fakeServer
		maxFiles, maxBytes int
		want               string
	}{
		{
			name:     "files",
			server:   &fakeServer{services: []string{"a.S", "b.S"}, files: files},
			maxFiles: len(files),
			want:     fmt.Sprintf("the server sent more than %d files", len(files)-1),
		},
		{
			name:     "bytes",
			server:   &fakeServer{services: []string{"a.S", "b.S"}, files: files},
			maxBytes: bytes,
			want:     fmt.Sprintf("the server sent files of more than %d bytes in all", bytes-1),
		},
		{
			name:     "services",
			server:   &fakeServer{services: many, files: files},
			maxFiles: len(many),
			want:     fmt.Sprintf("the server lists %d services, more than the limit of %d", len(many), len(many)-1),
		},
		{
			name:     "imports",
			server:   &fakeServer{services: []string{"i.S"}, files: []*descriptorpb.FileDescriptorProto{importing}},
			maxFiles: len(importing.GetDependency()),
			want:     "the files import more than 6 that the server did not send along",
		},
		{
			name:     "symbols",
			server:   &fakeServer{services: []string{"u.S"}, files: []*descriptorpb.FileDescriptorProto{using}},
			maxFiles: len(using.GetMessageType()),
			want:     "the files refer to more than 6 symbols that the server did not send along",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn := serve(t, test.server.register)
			source := reflection.New("target", conn, nil)
			source.MaxFiles, source.MaxBytes = test.maxFiles, test.maxBytes
			if _, err := source.Load(testContext(t)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			source = reflection.New("target", conn, nil)
			if test.maxFiles > 0 {
				source.MaxFiles = test.maxFiles - 1
			}
			if test.maxBytes > 0 {
				source.MaxBytes = test.maxBytes - 1
			}
			_, err := source.Load(testContext(t))
			checkError(t, err, codes.Unknown, test.want)
		})
	}
}

// TestRepeatedFilesCountOnce has a server that sends everything with every
// service: in all more than the limit, but each time the same.
func TestRepeatedFilesCountOnce(t *testing.T) {
	t.Parallel()
	files := api(t)
	server := &fakeServer{services: []string{"a.S", "none.S", "b.S"}, files: files, transitive: true}
	source := reflection.New("target", serve(t, server.register), nil)
	source.MaxFiles = len(files)
	if _, err := source.Load(testContext(t)); err != nil {
		t.Error(err)
	}
}

// TestLargeMessage has one message that is larger than grpc-go takes by default.
func TestLargeMessage(t *testing.T) {
	t.Parallel()
	large := &descriptorpb.FileDescriptorProto{
		Name: new("l.proto"), Package: new("l"),
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: new("S")}},
		SourceCodeInfo: &descriptorpb.SourceCodeInfo{Location: []*descriptorpb.SourceCodeInfo_Location{{
			Span: []int32{0, 0, 0}, LeadingComments: new(strings.Repeat("x", 5<<20)),
		}}},
	}
	server := &fakeServer{services: []string{"l.S"}, files: []*descriptorpb.FileDescriptorProto{large}}
	source := reflection.New("target", serve(t, server.register), nil)
	if _, err := source.Load(testContext(t)); err != nil {
		t.Errorf("below the limit: %v", err)
	}
	source.MaxBytes = 5 << 20
	_, err := source.Load(testContext(t))
	checkError(t, err, codes.ResourceExhausted, "get the file of service l.S: ")
}
