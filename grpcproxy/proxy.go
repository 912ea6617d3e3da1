// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A proxied call joins a caller with an upstream. The frames are fields so
// that a call allocates once; in belongs to the way up and out to the way
// down.
type proxied struct {
	caller grpc.ServerStream
	method *rpc.Method
	logger *slog.Logger
	in     frame
	out    frame
}

// open opens the upstream's side of the call.
func (p *proxied) open(ctx context.Context, md metadata.MD, invoke rpc.Invoker) (rpc.Stream, error) {
	call := &rpc.Call{Method: p.method, Metadata: requestMetadata(md), Protocol: rpc.ProtocolGRPC}
	if from, ok := peer.FromContext(ctx); ok && from.Addr != nil {
		call.Peer = from.Addr.String()
	}
	return invoke(ctx, call)
}

// one carries a call with one request, in the goroutine of the caller. The
// upstream is not called before the whole request is there.
func (p *proxied) one(ctx context.Context, md metadata.MD, invoke rpc.Invoker) error {
	request, err := receiveOne(p.caller, &p.in)
	if err != nil {
		return err
	}
	upstream, err := p.open(ctx, md, invoke)
	if err != nil {
		request.Free()
		return err
	}
	// Where Send says that the call has ended, the way down tells how.
	if err := upstream.Send(request); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := upstream.CloseSend(); err != nil {
		return err
	}
	return p.down(ctx, upstream)
}

// many carries a call with a stream of requests. The way up has a goroutine of
// its own. It ends with the call: gRPC cancels the context of the caller's
// stream, and so both sides of it, when the handler has returned.
func (p *proxied) many(ctx context.Context, md metadata.MD, invoke rpc.Invoker) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	upstream, err := p.open(ctx, md, invoke)
	if err != nil {
		return err
	}
	go func() {
		if err := p.up(upstream); err != nil {
			cancel(err)
		}
	}()
	return p.down(ctx, upstream)
}

// up passes requests on until there are no more, or the call has ended.
func (p *proxied) up(upstream rpc.Stream) (err error) {
	defer recovered(p.logger, p.method.Path, &err)
	for {
		err := p.caller.RecvMsg(&p.in)
		if errors.Is(err, io.EOF) {
			return upstream.CloseSend()
		}
		if err != nil {
			return err
		}
		err = upstream.Send(p.in.take())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// down passes the response on and returns what the call ends with.
func (p *proxied) down(ctx context.Context, upstream rpc.Stream) error {
	// Without headers there is an error, or the end, and Recv returns it too.
	if header, err := upstream.Header(); err == nil {
		if err := p.sendHeader(responseMetadata(header)); err != nil {
			return err
		}
	}
	for {
		payload, err := upstream.Recv()
		if err != nil {
			p.caller.SetTrailer(responseMetadata(upstream.Trailer()))
			return outcome(ctx, err)
		}
		if err := p.send(payload); err != nil {
			return err
		}
	}
}

// sendHeader sends headers at once, except where the message that is about to
// follow takes them along.
func (p *proxied) sendHeader(header metadata.MD) error {
	descriptor := p.method.Descriptor
	if descriptor.IsStreamingServer() || descriptor.IsStreamingClient() {
		return p.caller.SendHeader(header)
	}
	return p.caller.SetHeader(header)
}

// send takes the reference to payload.
func (p *proxied) send(payload mem.BufferSlice) error {
	p.out = frame{payload: payload}
	err := p.caller.SendMsg(&p.out)
	if !p.out.taken {
		p.out.take().Free()
	}
	return err
}

// outcome is what a call ends with whose upstream ended with err. If the call
// was given up from this side, the reason counts and not the cancellation
// that follows from it.
func outcome(ctx context.Context, err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	if status.Code(err) == codes.Canceled {
		if cause := context.Cause(ctx); cause != nil {
			if _, ok := status.FromError(cause); ok {
				return cause
			}
		}
	}
	return err
}
