// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package telemetry tells what the gateway does: so far, the access log.
package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// AccessLog returns an interceptor that writes one line to logger when a call
// ends: at level INFO, or WARN where the gateway or its upstream is at fault.
// It is the last to see the call's end if it is the first of the chain.
func AccessLog(logger *slog.Logger) rpc.Interceptor {
	return func(next rpc.Invoker) rpc.Invoker {
		return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
			entry := &entry{ctx: ctx, logger: logger, start: time.Now(), call: call}
			inner, err := next(ctx, call)
			if err != nil {
				entry.end(err)
				return nil, err
			}
			entry.Stream = inner
			// A caller that goes away may never call Recv again.
			entry.unwatch = context.AfterFunc(ctx, func() {
				entry.end(status.FromContextError(ctx.Err()).Err())
			})
			return entry, nil
		}
	}
}

// An entry is the line of one call in the making, and the stream that it
// counts the messages of.
type entry struct {
	rpc.Stream

	ctx      context.Context //nolint:containedctx // the call's own: an entry is one call.
	logger   *slog.Logger
	start    time.Time
	call     *rpc.Call
	unwatch  func() bool
	sent     atomic.Int64
	received atomic.Int64
	once     sync.Once
}

func (e *entry) Send(payload mem.BufferSlice) error {
	err := e.Stream.Send(payload)
	switch {
	case err == nil:
		e.sent.Add(1)
	case !errors.Is(err, io.EOF):
		// It ends the call; whoever sent it need not ask Recv too.
		e.unwatch()
		e.end(err)
	}
	return err
}

func (e *entry) Recv() (mem.BufferSlice, error) {
	payload, err := e.Stream.Recv()
	if err == nil {
		e.received.Add(1)
	}
	if err != nil || !e.call.Method.Descriptor.IsStreamingServer() {
		e.unwatch()
		e.end(err)
	}
	return payload, err
}

// end writes the line, the first time that it is called.
func (e *entry) end(err error) {
	e.once.Do(func() {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		result := status.Convert(err)
		level := slog.LevelInfo
		if isFault(result.Code()) {
			level = slog.LevelWarn
		}
		if !e.logger.Enabled(e.ctx, level) {
			return
		}
		attrs := []slog.Attr{
			slog.String("protocol", string(e.call.Protocol)),
			slog.String("method", e.call.Method.Path),
			slog.String("code", result.Code().String()),
			slog.Duration("duration", time.Since(e.start)),
			slog.Int64("messages_in", e.sent.Load()),
			slog.Int64("messages_out", e.received.Load()),
			slog.String("peer", e.call.Peer),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", result.Message()))
		}
		e.logger.LogAttrs(e.ctx, level, "call", attrs...)
	})
}

// isFault reports whether code says that the gateway or its upstream, and not
// the caller, is at fault.
func isFault(code codes.Code) bool {
	switch code {
	case codes.Unknown, codes.Internal, codes.Unavailable, codes.DataLoss:
		return true
	default:
		return false
	}
}
