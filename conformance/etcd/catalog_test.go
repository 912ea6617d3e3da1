// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// services are those of etcd's API.
var services = []string{
	"etcdserverpb.Auth", "etcdserverpb.Cluster", "etcdserverpb.KV", "etcdserverpb.Lease",
	"etcdserverpb.Maintenance", "etcdserverpb.Watch", "v3electionpb.Election", "v3lockpb.Lock",
}

// TestCatalog asks both ports for what the gateway itself serves by gRPC: the
// schema, which now links wherever it came from; health; and UNIMPLEMENTED for
// everything else.
func TestCatalog(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		for _, address := range []string{w.gateway.HTTP, w.gateway.GRPC} {
			conn := dial(t, address)
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()

			listed, set := reflected(ctx, t, conn)
			for _, service := range services {
				if !slices.Contains(listed, service) {
					t.Errorf("%s is not among the services %q", service, listed)
				}
			}
			files, err := protodesc.NewFiles(set)
			if err != nil {
				t.Fatalf("the files that the gateway reflects do not link: %v", err)
			}
			var linked []string
			for _, service := range services {
				if _, err := files.FindDescriptorByName(protoreflect.FullName(service)); err == nil {
					linked = append(linked, service)
				}
			}
			if diff := gocmp.Diff(services, linked); diff != "" {
				t.Errorf("services with a descriptor (-want +got):\n%s", diff)
			}

			health, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
			if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
				t.Errorf("health: %v, %v", health, err)
			}
			err = conn.Invoke(ctx, "/etcdserverpb.KV/Nope", &emptypb.Empty{}, &emptypb.Empty{})
			if status.Code(err) != codes.Unimplemented {
				t.Errorf("a method that is none: %v, want UNIMPLEMENTED", err)
			}
		}
	})
}

// dial returns a connection that ends with t.
func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// reflected returns the services that a server lists, and the files that have
// them with all that these import.
func reflected(ctx context.Context, t *testing.T, conn grpc.ClientConnInterface) ([]string, *descriptorpb.FileDescriptorSet) {
	t.Helper()
	stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		t.Fatalf("reflection: %v", err)
	}
	ask := func(request *grpc_reflection_v1.ServerReflectionRequest) *grpc_reflection_v1.ServerReflectionResponse {
		if err := stream.Send(request); err != nil {
			t.Fatalf("ask for %v: %v", request, err)
		}
		response, err := stream.Recv()
		if err != nil || response.GetErrorResponse() != nil {
			t.Fatalf("ask for %v: %v, %v", request, response.GetErrorResponse(), err)
		}
		return response
	}
	var listed []string
	set := &descriptorpb.FileDescriptorSet{}
	list := ask(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
	})
	for _, service := range list.GetListServicesResponse().GetService() {
		listed = append(listed, service.GetName())
		response := ask(&grpc_reflection_v1.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service.GetName()},
		})
		for _, encoded := range response.GetFileDescriptorResponse().GetFileDescriptorProto() {
			file := &descriptorpb.FileDescriptorProto{}
			if err := proto.Unmarshal(encoded, file); err != nil {
				t.Fatalf("a file with %s: %v", service.GetName(), err)
			}
			if !slices.ContainsFunc(set.GetFile(), func(have *descriptorpb.FileDescriptorProto) bool { return have.GetName() == file.GetName() }) {
				set.File = append(set.File, file)
			}
		}
	}
	return listed, set
}
