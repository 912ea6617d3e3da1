// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package validate_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"

	rules "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
	"github.com/dragoman-gateway/dragoman/internal/rpctest"
	"github.com/dragoman-gateway/dragoman/internal/validate"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// An upstream counts what reaches it.
type upstream struct {
	opened, received int
	// cancelled says that the context of the last stream was cancelled.
	cancelled func() bool
}

func (u *upstream) invoke(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
	u.opened++
	u.cancelled = func() bool { return ctx.Err() != nil }
	return &rpctest.Stream{
		SendFunc: func(payload mem.BufferSlice) error {
			payload.Free()
			u.received++
			return nil
		},
		HeaderFunc: func() (metadata.MD, error) { return metadata.Pairs("from", "upstream"), ctx.Err() },
		RecvFunc: func() (mem.BufferSlice, error) {
			if ctx.Err() != nil {
				return nil, status.FromContextError(ctx.Err()).Err()
			}
			return nil, io.EOF
		},
	}, nil
}

func method(t *testing.T, service protoreflect.ServiceDescriptor, name protoreflect.Name) *rpc.Call {
	t.Helper()
	descriptor := service.Methods().ByName(name)
	if descriptor == nil {
		t.Fatalf("%s has no method %s", service.FullName(), name)
	}
	return &rpc.Call{Method: rpc.NewMethod(descriptor)}
}

func interceptor(t *testing.T, calls ...*rpc.Call) rpc.Interceptor {
	t.Helper()
	var methods []protoreflect.MethodDescriptor
	for _, call := range calls {
		methods = append(methods, call.Method.Descriptor)
	}
	made, problems := validate.New(methods, protoregistry.GlobalTypes)
	if err := errors.Join(problems...); err != nil {
		t.Fatal(err)
	}
	return made
}

func payload(t *testing.T, message proto.Message) mem.BufferSlice {
	t.Helper()
	wire, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return mem.BufferSlice{mem.SliceBuffer(wire)}
}

func TestUnary(t *testing.T) {
	t.Parallel()
	service := catalogv1.File_bookshop_catalog_v1_catalog_service_proto.Services().ByName("CatalogService")
	for _, test := range []struct {
		name   string
		method protoreflect.Name
		wire   func(t *testing.T) mem.BufferSlice
		code   codes.Code
		want   []*errdetails.BadRequest_FieldViolation
	}{
		{
			name:   "within the rules",
			method: "ListBooks",
			wire:   func(t *testing.T) mem.BufferSlice { return payload(t, &catalogv1.ListBooksRequest{PageSize: 0}) },
		},
		{
			name:   "against a rule",
			method: "ListBooks",
			wire:   func(t *testing.T) mem.BufferSlice { return payload(t, &catalogv1.ListBooksRequest{PageSize: -1}) },
			code:   codes.InvalidArgument,
			want: []*errdetails.BadRequest_FieldViolation{{
				Field: "page_size", Description: "must be greater than or equal to 0", Reason: "int32.gte",
			}},
		},
		{
			name:   "in several pieces",
			method: "ListBooks",
			wire: func(t *testing.T) mem.BufferSlice {
				whole := payload(t, &catalogv1.ListBooksRequest{PageSize: -1})[0].ReadOnlyData()
				return mem.BufferSlice{mem.SliceBuffer(whole[:1]), mem.SliceBuffer(whole[1:])}
			},
			code: codes.InvalidArgument,
			want: []*errdetails.BadRequest_FieldViolation{{
				Field: "page_size", Description: "must be greater than or equal to 0", Reason: "int32.gte",
			}},
		},
		{
			name:   "no message at all",
			method: "ListBooks",
			wire:   func(*testing.T) mem.BufferSlice { return rpctest.Payload("\xff") },
			code:   codes.InvalidArgument,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			call := method(t, service, test.method)
			var behind upstream
			stream, err := interceptor(t, call)(behind.invoke)(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			err = stream.Send(test.wire(t))
			if got := status.Code(err); got != test.code {
				t.Fatalf("Send = %v, want %v", err, test.code)
			}
			if test.code != codes.OK {
				checkRefused(t, stream, err, test.want)
				if behind.opened != 0 {
					t.Errorf("the upstream saw %d calls", behind.opened)
				}
				return
			}
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if header, err := stream.Header(); err != nil || len(header["from"]) != 1 {
				t.Errorf("Header = %v, %v", header, err)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				t.Errorf("Recv = %v, want EOF", err)
			}
			if behind.opened != 1 || behind.received != 1 {
				t.Errorf("the upstream saw %d calls with %d messages", behind.opened, behind.received)
			}
		})
	}
}

// checkRefused checks that every side of the stream tells what Send told.
func checkRefused(t *testing.T, stream rpc.Stream, want error, violations []*errdetails.BadRequest_FieldViolation) {
	t.Helper()
	_, recvErr := stream.Recv()
	_, headerErr := stream.Header()
	for name, err := range map[string]error{
		"CloseSend": stream.CloseSend(), "Recv": recvErr, "Header": headerErr, "second Send": stream.Send(rpctest.Payload("")),
	} {
		if !errors.Is(err, want) {
			t.Errorf("%s = %v, want %v", name, err, want)
		}
	}
	if got := stream.Trailer(); len(got) != 0 {
		t.Errorf("Trailer = %v, want none", got)
	}
	var got []*errdetails.BadRequest_FieldViolation
	for _, detail := range status.Convert(want).Details() {
		got = append(got, detail.(*errdetails.BadRequest).GetFieldViolations()...)
	}
	if diff := cmp.Diff(violations, got, protocmp.Transform()); diff != "" {
		t.Errorf("violations mismatch (-want +got):\n%s", diff)
	}
}

func TestManyViolations(t *testing.T) {
	t.Parallel()
	service := ordersv1.File_bookshop_orders_v1_order_service_proto.Services().ByName("OrderService")
	call := method(t, service, "CreateOrder")
	var behind upstream
	stream, err := interceptor(t, call)(behind.invoke)(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Send(payload(t, &ordersv1.CreateOrderRequest{
		Customer: "nobody", Labels: map[string]string{"Bad Key": "x"},
	}))
	refused := status.Convert(err)
	if refused.Code() != codes.InvalidArgument || !strings.Contains(refused.Message(), "more)") {
		t.Errorf("Send = %v, want INVALID_ARGUMENT that counts the violations", err)
	}
	reasons := map[string]string{}
	for _, violation := range refused.Details()[0].(*errdetails.BadRequest).GetFieldViolations() {
		reasons[violation.GetReason()] = violation.GetField()
	}
	for reason, field := range map[string]string{
		"string.email": "customer", "repeated.min_items": "lines", "required": "payment",
		"string.pattern": `labels["Bad Key"]`, "create_order.ship_to.country": "",
	} {
		if got, ok := reasons[reason]; !ok || got != field {
			t.Errorf("violation %s names field %q, want %q (all: %v)", reason, got, field, reasons)
		}
	}
}

// FuzzUnary sends whatever bytes: the call is refused or goes on, and nothing
// panics. The second seed is a map entry whose key comes once more with another
// wire type.
func FuzzUnary(f *testing.F) {
	f.Add([]byte("\x0a\x0fada@example.com"))
	f.Add([]byte("\x2a\x05\x0a\x01a\x08\x01"))
	f.Add([]byte("\x2a\x05\x08\x01\x0a\x01a"))
	service := ordersv1.File_bookshop_orders_v1_order_service_proto.Services().ByName("OrderService")
	call := &rpc.Call{Method: rpc.NewMethod(service.Methods().ByName("CreateOrder"))}
	made, problems := validate.New([]protoreflect.MethodDescriptor{call.Method.Descriptor}, protoregistry.GlobalTypes)
	if err := errors.Join(problems...); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var behind upstream
		stream, err := made(behind.invoke)(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		err = stream.Send(mem.BufferSlice{mem.SliceBuffer(wire)})
		if got := status.Code(err); got != codes.OK && got != codes.InvalidArgument {
			t.Errorf("Send = %v", err)
		}
		if refused := err != nil; refused == (behind.opened == 1) {
			t.Errorf("Send = %v, and the upstream saw %d calls", err, behind.opened)
		}
	})
}

func TestStream(t *testing.T) {
	t.Parallel()
	service := catalogv1.File_bookshop_catalog_v1_catalog_service_proto.Services().ByName("CatalogService")
	call := method(t, service, "ImportBooks")
	if !call.Method.Descriptor.IsStreamingClient() {
		t.Fatal("ImportBooks is no client stream")
	}
	var behind upstream
	stream, err := interceptor(t, call)(behind.invoke)(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	good := &catalogv1.ImportBooksRequest{Parent: "shelves/fiction", Book: &catalogv1.Book{Title: "A"}}
	for range 2 {
		if err := stream.Send(payload(t, good)); err != nil {
			t.Fatal(err)
		}
	}
	refused := stream.Send(payload(t, &catalogv1.ImportBooksRequest{}))
	if status.Code(refused) != codes.InvalidArgument {
		t.Fatalf("Send = %v, want INVALID_ARGUMENT", refused)
	}
	if _, err := stream.Recv(); !errors.Is(err, refused) {
		t.Errorf("Recv = %v, want what Send returned", err)
	}
	if _, err := stream.Header(); !errors.Is(err, refused) {
		t.Errorf("Header = %v, want what Send returned", err)
	}
	if behind.received != 2 {
		t.Errorf("the upstream got %d messages, want 2", behind.received)
	}
	if !behind.cancelled() {
		t.Error("the upstream's stream goes on")
	}
}

func TestMethodsWithoutRulesPass(t *testing.T) {
	t.Parallel()
	call := rpctest.Call("UnaryCall")
	direct := &rpctest.Stream{}
	stream, err := interceptor(t, call)(rpctest.Invoker(direct))(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	if stream != direct {
		t.Errorf("stream = %T, want the upstream's own", stream)
	}
}

func TestCallerGoesAwayBeforeTheMessage(t *testing.T) {
	t.Parallel()
	service := catalogv1.File_bookshop_catalog_v1_catalog_service_proto.Services().ByName("CatalogService")
	call := method(t, service, "ListBooks")
	ctx, cancel := context.WithCancel(t.Context())
	var behind upstream
	stream, err := interceptor(t, call)(behind.invoke)(ctx, call)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("Recv = %v, want Canceled", err)
	}
}

// brokenRule returns a method whose request has a rule that is no CEL.
func brokenRule(t *testing.T) *rpc.Call {
	t.Helper()
	file := protodesc.ToFileDescriptorProto(testpb.File_grpc_testing_empty_proto)
	options := &descriptorpb.MessageOptions{}
	proto.SetExtension(options, rules.E_Message, &rules.MessageRules{
		Cel: []*rules.Rule{{Id: new("broken"), Expression: new("this is no CEL")}},
	})
	file.MessageType[0].Options = options
	file.Dependency = append(file.Dependency, rules.File_buf_validate_validate_proto.Path())
	file.Service = []*descriptorpb.ServiceDescriptorProto{{
		Name: new("Broken"),
		Method: []*descriptorpb.MethodDescriptorProto{{
			Name: new("Call"), InputType: new(".grpc.testing.Empty"), OutputType: new(".grpc.testing.Empty"),
		}},
	}}
	linked, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return &rpc.Call{Method: rpc.NewMethod(linked.Services().Get(0).Methods().Get(0))}
}

func TestRulesThatDoNotCompileRefuseCalls(t *testing.T) {
	t.Parallel()
	call := brokenRule(t)
	made, problems := validate.New([]protoreflect.MethodDescriptor{call.Method.Descriptor}, protoregistry.GlobalTypes)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "grpc.testing.Broken.Call") {
		t.Errorf("problems = %v, want one that names the method", problems)
	}
	var behind upstream
	_, err := made(behind.invoke)(t.Context(), call)
	if status.Code(err) != codes.Internal || behind.opened != 0 {
		t.Errorf("a call got %v and opened %d streams, want INTERNAL and none", err, behind.opened)
	}
}
