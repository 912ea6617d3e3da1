// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/schema"
)

// extended is a schema with what only reflection asks for: extensions, at the
// top and in a message.
func extended(t *testing.T) *schema.Catalog {
	t.Helper()
	extension := func(name string, number int32) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Extendee: new(".shop.Order"),
			Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	file := &descriptorpb.FileDescriptorProto{
		Name: new("shop.proto"), Package: new("shop"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: new("Order"), ExtensionRange: []*descriptorpb.DescriptorProto_ExtensionRange{
				{Start: proto.Int32(100), End: proto.Int32(200)},
			}},
			{Name: new("Scope"), Extension: []*descriptorpb.FieldDescriptorProto{extension("inner", 101)}},
		},
		Extension: []*descriptorpb.FieldDescriptorProto{extension("outer", 100)},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: new("Orders"), Method: []*descriptorpb.MethodDescriptorProto{{
			Name: new("Get"), InputType: new(".shop.Order"), OutputType: new(".shop.Order"),
		}}}},
	}
	catalog, err := schema.New(schema.Input{
		Origin: "test", Files: &descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{file}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func TestReflection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T) grpcproxy.Options {
		table := grpcproxy.NewTable(extended(t), (&fake{}).invoke)
		return grpcproxy.Options{Acquire: func() (*grpcproxy.Table, func()) { return table, func() {} }}
	}, func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
		stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ask := func(request *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
			t.Helper()
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
			response, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			return response
		}

		var names []string
		list := &reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}
		for _, service := range ask(list).GetListServicesResponse().GetService() {
			names = append(names, service.GetName())
		}
		want := []string{
			"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "shop.Orders",
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("services mismatch (-want +got):\n%s", diff)
		}

		for symbol, want := range map[string]string{
			"shop.Orders": "shop.proto", "shop.Orders.Get": "shop.proto", "shop.Scope.inner": "shop.proto",
			"grpc.health.v1.Health":                                         "grpc/health/v1/health.proto",
			"grpc.health.v1.HealthCheckRequest":                             "grpc/health/v1/health.proto",
			"grpc.reflection.v1.ServerReflection":                           "grpc/reflection/v1/reflection.proto",
			"grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo": "grpc/reflection/v1alpha/reflection.proto",
			"shop.Nothing":               "",
			"grpc.testing.TestService":   "", // linked into this program, but not of the schema
			"grpc.health.v1.Health.None": "",
		} {
			response := ask(&reflectionv1.ServerReflectionRequest{
				MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: symbol},
			})
			wantFile(t, symbol, response, want)
		}
		for _, name := range []string{"shop.proto", "grpc/health/v1/health.proto"} {
			wantFile(t, name, ask(&reflectionv1.ServerReflectionRequest{
				MessageRequest: &reflectionv1.ServerReflectionRequest_FileByFilename{FileByFilename: name},
			}), name)
		}
		wantFile(t, "no file", ask(&reflectionv1.ServerReflectionRequest{
			MessageRequest: &reflectionv1.ServerReflectionRequest_FileByFilename{FileByFilename: "grpc/testing/test.proto"},
		}), "")
		wantFile(t, "extension", ask(&reflectionv1.ServerReflectionRequest{
			MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingExtension{
				FileContainingExtension: &reflectionv1.ExtensionRequest{ContainingType: "shop.Order", ExtensionNumber: 101},
			},
		}), "shop.proto")

		numbers := ask(&reflectionv1.ServerReflectionRequest{
			MessageRequest: &reflectionv1.ServerReflectionRequest_AllExtensionNumbersOfType{AllExtensionNumbersOfType: "shop.Order"},
		}).GetAllExtensionNumbersResponse().GetExtensionNumber()
		slices.Sort(numbers)
		if diff := cmp.Diff([]int32{100, 101}, numbers); diff != "" {
			t.Errorf("extension numbers mismatch (-want +got):\n%s", diff)
		}
		if err := stream.CloseSend(); err != nil {
			t.Fatal(err)
		}
	})
}

// wantFile requires that response is the file of this name, or, if there is
// to be none, that it says so.
func wantFile(t *testing.T, question string, response *reflectionv1.ServerReflectionResponse, want string) {
	t.Helper()
	if want == "" {
		if code := codes.Code(uint32(response.GetErrorResponse().GetErrorCode())); code != codes.NotFound {
			t.Errorf("%s: got %v, want NOT_FOUND", question, response)
		}
		return
	}
	for _, wire := range response.GetFileDescriptorResponse().GetFileDescriptorProto() {
		file := &descriptorpb.FileDescriptorProto{}
		if err := proto.Unmarshal(wire, file); err != nil {
			t.Fatal(err)
		}
		if file.GetName() == want {
			return
		}
	}
	t.Errorf("%s: got %v, want %s", question, response, want)
}

// TestReflectionV1Alpha is about the version that many clients still ask. Its
// messages are those of v1.
func TestReflectionV1Alpha(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T) grpcproxy.Options { return always(t, (&fake{}).invoke) },
		func(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
			stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true},
				"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.SendMsg(&reflectionv1.ServerReflectionRequest{
				MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: testService},
			}); err != nil {
				t.Fatal(err)
			}
			response := &reflectionv1.ServerReflectionResponse{}
			if err := stream.RecvMsg(response); err != nil {
				t.Fatal(err)
			}
			wantFile(t, testService, response, "grpc/testing/test.proto")
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
		})
}
