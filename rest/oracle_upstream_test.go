// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/rest"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/translate"

	catalogpb "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	mediapb "github.com/dragoman-gateway/dragoman/gen/bookshop/media/v1"
	orderspb "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
	supportpb "github.com/dragoman-gateway/dragoman/gen/bookshop/support/v1"
)

// A rawCodec passes messages through as they are.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	payload := *v.(*mem.BufferSlice)
	payload.Ref()
	return payload, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	data.Ref()
	*v.(*mem.BufferSlice) = data
	return nil
}

// Name is empty so that the content type is plain "application/grpc", as that
// of generated clients.
func (rawCodec) Name() string { return "" }

// A connStream is a call over a connection.
type connStream struct {
	grpc.ClientStream
}

func (s connStream) Send(payload mem.BufferSlice) error {
	defer payload.Free()
	return s.SendMsg(&payload)
}

func (s connStream) Recv() (mem.BufferSlice, error) {
	var payload mem.BufferSlice
	err := s.RecvMsg(&payload)
	return payload, err
}

// Header turns the absence of headers into the error that ended the call.
func (s connStream) Header() (metadata.MD, error) {
	md, err := s.ClientStream.Header()
	if err == nil && md == nil {
		_, err = s.Recv()
	}
	return md, err
}

// connInvoker carries calls over conn.
func connInvoker(conn *grpc.ClientConn) rpc.Invoker {
	return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
		stream, err := conn.NewStream(metadata.NewOutgoingContext(ctx, call.Metadata), &grpc.StreamDesc{
			ClientStreams: call.Method.Descriptor.IsStreamingClient(),
			ServerStreams: call.Method.Descriptor.IsStreamingServer(),
		}, call.Method.Path, grpc.ForceCodecV2(rawCodec{}))
		if err != nil {
			return nil, err
		}
		return connStream{stream}, nil
	}
}

// oracleFiles are the files of the demo API.
func oracleFiles() *descriptorpb.FileDescriptorSet {
	set := new(descriptorpb.FileDescriptorSet)
	seen := make(map[string]bool)
	var add func(fd protoreflect.FileDescriptor)
	add = func(fd protoreflect.FileDescriptor) {
		if !seen[fd.Path()] {
			seen[fd.Path()] = true
			for i := range fd.Imports().Len() {
				add(fd.Imports().Get(i).FileDescriptor)
			}
			set.File = append(set.File, protodesc.ToFileDescriptorProto(fd))
		}
	}
	add(catalogpb.File_bookshop_catalog_v1_catalog_service_proto)
	add(orderspb.File_bookshop_orders_v1_order_service_proto)
	add(mediapb.File_bookshop_media_v1_cover_service_proto)
	add(supportpb.File_bookshop_support_v1_chat_service_proto)
	return set
}

// dialOracle starts the upstream that both gateways stand in front of.
func dialOracle(t testing.TB) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodecV2(rawCodec{}), grpc.UnknownServiceHandler(serveOracle))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(conn.Close()); err != nil {
			t.Error(err)
		}
		server.Stop()
		<-served
	})
	return conn
}

// newOracle returns the generated gateway over conn.
func newOracle(t testing.TB, conn *grpc.ClientConn) http.Handler {
	t.Helper()
	mux := runtime.NewServeMux()
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		catalogpb.RegisterCatalogServiceHandler,
		orderspb.RegisterOrderServiceHandler,
		mediapb.RegisterCoverServiceHandler,
		supportpb.RegisterChatServiceHandler,
	} {
		if err := register(context.WithoutCancel(t.Context()), mux, conn); err != nil {
			t.Fatal(err)
		}
	}
	return mux
}

// newSubject returns the handler under test over conn.
func newSubject(t testing.TB, conn *grpc.ClientConn) http.Handler {
	t.Helper()
	catalog, err := schema.New(schema.Input{Origin: "demo", Files: oracleFiles()})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := rest.New(rest.Options{
		Catalog: catalog,
		Invoke:  connInvoker(conn),
		Write:   translate.WriteOptions{EmitUnset: true},
		// Which of header and error comes first must not depend on the load.
		HeadersAfter: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// serveOracle answers any method of the demo API. What it was sent, and with
// which metadata, is in the headers of the answer; every field of the answer is
// set. A cookie makes it fail: "fail=CODE:MESSAGES" after so many messages.
func serveOracle(_ any, stream grpc.ServerStream) error {
	method, err := oracleMethod(stream)
	if err != nil {
		return err
	}
	seen, err := readOracle(stream, method)
	if err != nil {
		return err
	}
	incoming, _ := metadata.FromIncomingContext(stream.Context())
	header := metadata.MD{"seen": seen, "metadata": describeMetadata(incoming), "note-bin": {"abc"}}
	stream.SetTrailer(metadata.Pairs("cost", "7", "cost", "8"))
	failAfter, code := failure(incoming)
	if failAfter != 0 || method.IsStreamingServer() && !strings.Contains(cookie(incoming), "bare") {
		if err := stream.SetHeader(header); err != nil {
			return err
		}
	}
	replies := 1
	if method.IsStreamingServer() {
		replies = 3
	}
	reply := filled(method.Output(), 0)
	for i := range replies {
		if i == failAfter {
			return refusal(code)
		}
		encoded, err := proto.Marshal(reply)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&mem.BufferSlice{mem.SliceBuffer(encoded)}); err != nil {
			return err
		}
	}
	return nil
}

func oracleMethod(stream grpc.ServerStream) (protoreflect.MethodDescriptor, error) {
	path, _ := grpc.MethodFromServerStream(stream)
	service, name, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + name))
	if err != nil {
		return nil, status.Error(codes.Unimplemented, err.Error())
	}
	method, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, status.Errorf(codes.Unimplemented, "%s is not a method", path)
	}
	return method, nil
}

// readOracle returns the requests in an encoding that does not depend on how
// they were put together.
func readOracle(stream grpc.ServerStream, method protoreflect.MethodDescriptor) ([]string, error) {
	var seen []string
	for {
		var payload mem.BufferSlice
		err := stream.RecvMsg(&payload)
		if errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil {
			return nil, err
		}
		message := dynamicpb.NewMessage(method.Input())
		err = proto.Unmarshal(payload.Materialize(), message)
		payload.Free()
		if err != nil {
			return nil, status.Errorf(codes.Internal, "request: %v", err)
		}
		encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			return nil, err
		}
		seen = append(seen, base64.StdEncoding.EncodeToString(encoded))
		if !method.IsStreamingClient() {
			return seen, nil
		}
	}
}

func describeMetadata(md metadata.MD) []string {
	var described []string
	for _, key := range slices.Sorted(maps.Keys(md)) {
		switch key {
		case "user-agent", "content-type", ":authority", "grpc-accept-encoding", "te":
		default:
			described = append(described, fmt.Sprintf("%s: %q", key, md[key]))
		}
	}
	return described
}

func cookie(md metadata.MD) string {
	return strings.Join(md["grpcgateway-cookie"], "")
}

// failure reads the cookie. It returns -1 for a call that succeeds.
func failure(md metadata.MD) (after int, code codes.Code) {
	if _, err := fmt.Sscanf(cookie(md), "fail=%d:%d", &code, &after); err != nil {
		return -1, codes.OK
	}
	return after, code
}

func refusal(code codes.Code) error {
	st, err := status.New(code, `no "way"`).WithDetails(
		&errdetails.ErrorInfo{Reason: "TEST", Domain: "example.com", Metadata: map[string]string{"k": "v"}},
		&catalogpb.Shelf{Name: "shelves/a"})
	return cmp.Or(err, st.Err())
}

// filled returns a message of that type with all its fields set.
func filled(md protoreflect.MessageDescriptor, depth int) proto.Message {
	if md.FullName() == "google.api.HttpBody" {
		return &httpbody.HttpBody{ContentType: "text/x-test", Data: []byte("\x00data\xff")}
	}
	if example := wellKnownExample(md.FullName()); example != "" {
		message := dynamicpb.NewMessage(md)
		if err := protojson.Unmarshal([]byte(example), message); err != nil {
			return &httpbody.HttpBody{ContentType: err.Error()}
		}
		return message
	}
	message := dynamicpb.NewMessage(md)
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if fd.Message() != nil && depth > 3 {
			continue
		}
		switch {
		case fd.IsList():
			list := message.Mutable(fd).List()
			list.Append(filledValue(fd, depth))
			list.Append(filledValue(fd, depth))
		case fd.IsMap():
			message.Mutable(fd).Map().Set(filledValue(fd.MapKey(), depth).MapKey(), filledValue(fd.MapValue(), depth))
		default:
			message.Set(fd, filledValue(fd, depth))
		}
	}
	return message
}

func wellKnownExample(name protoreflect.FullName) string {
	switch name {
	case "google.protobuf.Timestamp":
		return `"2020-01-02T03:04:05.006Z"`
	case "google.protobuf.Duration":
		return `"1.500s"`
	case "google.protobuf.Struct":
		return `{"a":[1,null,{"b":"c"}]}`
	case "google.protobuf.FieldMask":
		return `"a,bC.d"`
	case "google.protobuf.Any":
		return `{"@type":"type.googleapis.com/bookshop.catalog.v1.Shelf","name":"shelves/a"}`
	}
	return ""
}

func filledValue(fd protoreflect.FieldDescriptor, depth int) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(fd.Enum().Values().Get(fd.Enum().Values().Len() - 1).Number())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(-32)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(1<<32 - 1)
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(-1 << 60)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(1<<64 - 1)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(1.25)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(1e21)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("<\u00e9 \"&" + string(fd.Name()))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{0xfb, 0xff})
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return protoreflect.ValueOfMessage(filled(fd.Message(), depth+1).ProtoReflect())
	}
	return protoreflect.Value{}
}
