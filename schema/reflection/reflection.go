// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package reflection asks servers for their schemas, by the gRPC server
// reflection protocol: grpc.reflection.v1 and, for servers that lack it,
// grpc.reflection.v1alpha.
package reflection

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema"
)

const (
	// DefaultMaxFiles is the value of Source.MaxFiles if that is zero.
	DefaultMaxFiles = 10_000
	// DefaultMaxBytes is the value of Source.MaxBytes if that is zero.
	DefaultMaxBytes = 64 << 20
)

// methodV1Alpha is what methodV1 was called before it was declared stable. The
// messages are the same on the wire.
const (
	methodV1      = reflectionpb.ServerReflection_ServerReflectionInfo_FullMethodName
	methodV1Alpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
)

var _ schema.InputSource = (*Source)(nil)

// A Source is a server that reflects its schema. Its fields must not be changed
// once it is in use; its methods may be called concurrently.
type Source struct {
	// MaxFiles limits how many services the server may list, how many files it
	// may send, and for how many imports it is asked. 0 means DefaultMaxFiles.
	MaxFiles int
	// MaxBytes limits the size of the files, encoded and in all, and that of
	// each message. 0 means DefaultMaxBytes.
	MaxBytes int

	target string
	conn   grpc.ClientConnInterface
	md     metadata.MD
}

// New returns a source that asks the server behind conn, which stays the
// caller's and must be open when the source is loaded. The target names the
// server in messages. The metadata, which may be nil, goes with the request:
// some servers ask for credentials.
func New(target string, conn grpc.ClientConnInterface, md metadata.MD) *Source {
	return &Source{target: target, conn: conn, md: md.Copy()}
}

// String returns "reflection of" and the target.
func (s *Source) String() string {
	return "reflection of " + s.target
}

// Load returns the files of LoadInput.
func (s *Source) Load(ctx context.Context) (*descriptorpb.FileDescriptorSet, error) {
	input, err := s.LoadInput(ctx)
	return input.Files, err
}

// LoadInput asks the server for the files of its services and for what these
// import. The services of [schema.IsInfrastructure] are not asked for. An import
// that the server lacks is passed over: [schema.New] can tell whether it
// matters. A service of which the server does not have the file is a note,
// unless it is so for all of them, which is an error.
//
// All requests go over one stream, so that one server answers them even if
// there are several behind the connection. An error of the server keeps its
// status. Without a deadline in ctx, a server that does not answer is waited
// for without end.
func (s *Source) LoadInput(ctx context.Context) (schema.Input, error) {
	for _, method := range []string{methodV1, methodV1Alpha} {
		input, err := s.loadBy(ctx, method)
		if errors.Is(err, errUnimplemented) {
			continue
		}
		if err != nil {
			return schema.Input{}, fmt.Errorf("%v: %w%s", s, err, hint(err))
		}
		return input, nil
	}
	return schema.Input{}, fmt.Errorf("%v: server reflection is not enabled: "+
		"enable it on the server, or give a descriptor set or .proto files with --schema", s)
}

// hint tells what to do about an error of the server.
func hint(err error) string {
	switch status.Code(err) {
	case codes.Unauthenticated, codes.PermissionDenied:
		return " (reflection asks for credentials: configure them as its metadata, " +
			"or give a descriptor set or .proto files with --schema)"
	default:
		return ""
	}
}

// loadBy loads by one version of the protocol.
func (s *Source) loadBy(ctx context.Context, method string) (schema.Input, error) {
	// Ends the stream, on which the server waits for more requests.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	outgoing, _ := metadata.FromOutgoingContext(ctx)
	ctx = metadata.NewOutgoingContext(ctx, metadata.Join(outgoing, s.md))
	desc := &grpc.StreamDesc{StreamName: "ServerReflectionInfo", ServerStreams: true, ClientStreams: true}
	maxBytes := orDefault(s.MaxBytes, DefaultMaxBytes)
	stream, err := s.conn.NewStream(ctx, desc, method, grpc.MaxCallRecvMsgSize(maxBytes))
	if err != nil {
		return schema.Input{}, listError(err)
	}
	c := &client{
		stream: stream,
		files:  newCollection(orDefault(s.MaxFiles, DefaultMaxFiles), maxBytes),
	}
	services, err := c.load()
	if err != nil {
		return schema.Input{}, err
	}
	return schema.Input{Origin: s.String(), Files: c.files.set(), Services: services, Notes: c.notes}, nil
}

func orDefault(value, standard int) int {
	if value == 0 {
		return standard
	}
	return value
}
