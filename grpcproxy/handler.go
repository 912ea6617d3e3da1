// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"log/slog"
	"runtime/debug"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// handle answers every call.
func (s *Server) handle(_ any, stream grpc.ServerStream) (err error) {
	path, ok := grpc.MethodFromServerStream(stream)
	if !ok {
		return status.Error(codes.Internal, "the call has no method")
	}
	defer recovered(s.options.Logger, path, &err)
	ctx := stream.Context()
	md, _ := metadata.FromIncomingContext(ctx)
	if err := checkContentType(md); err != nil {
		return err
	}
	if b := bodyOf(ctx); b != nil {
		var release func()
		ctx, release = s.requests.abortable(ctx)
		defer release()
		stream = &paced{ServerStream: stream, ctx: ctx, body: b}
	}
	if served, err := s.health.serve(path, stream); served {
		return err
	}
	table, release := s.options.Acquire()
	if table == nil {
		return s.notReady()
	}
	defer release()
	if reflect, ok := table.reflection[path]; ok {
		return reflect(stream)
	}
	method, ok := table.methods[path]
	if !ok {
		return table.unknown(path)
	}
	call := &proxied{caller: stream, method: method, logger: s.options.Logger}
	if method.Descriptor.IsStreamingClient() {
		return call.many(ctx, md, table.invoke)
	}
	return call.one(ctx, md, table.invoke)
}

// notReady is what calls get while there is no table.
func (s *Server) notReady() error {
	if s.options.NotReady != nil {
		if err := s.options.NotReady(); err != nil {
			return status.Errorf(codes.Unavailable, "the gateway has no schema yet: %v", err)
		}
	}
	return status.Error(codes.Unavailable, "the gateway has no schema yet")
}

// unknown says what of path is not known.
func (t *Table) unknown(path string) error {
	service, method, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if t.services[service] {
		return status.Errorf(codes.Unimplemented, "unknown method %q of service %q", method, service)
	}
	if t.missing != nil {
		return t.missing
	}
	return status.Errorf(codes.Unimplemented, "unknown service %q", service)
}

// recovered keeps a panic of the function that defers it from ending the
// process, and puts the caller's part of the story in err.
func recovered(logger *slog.Logger, path string, err *error) {
	if panicked := recover(); panicked != nil {
		logger.Error("panic in a call", "method", path, "panic", panicked, "stack", string(debug.Stack()))
		*err = status.Error(codes.Internal, "the gateway failed while it handled the call")
	}
}
