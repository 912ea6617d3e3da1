// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// An exchange is one request being answered. It belongs to the goroutine of
// the request, except where a method says otherwise.
type exchange struct {
	h *Handler
	w http.ResponseWriter
	r *http.Request

	matched      *route
	captures     []string
	captureSpace [8]string

	// form holds the parameters of a form that was posted, which has consumed
	// the body.
	form     []parameter
	formRead bool
}

// serve makes the call and answers.
func (x *exchange) serve() {
	// The cause tells what was wrong with a message of a streamed request.
	ctx, cancel := context.WithCancelCause(x.r.Context())
	defer cancel(nil)

	md, err := x.h.requestMetadata(x.r)
	if err != nil {
		x.writeError(err, nil, nil)
		return
	}
	if header := x.r.Header.Get("Grpc-Timeout"); header != "" {
		var timeout time.Duration
		if timeout, err = parseTimeout(header); err != nil {
			x.writeError(err, nil, nil)
			return
		}
		if timeout > 0 {
			var stop context.CancelFunc
			ctx, stop = context.WithTimeout(ctx, timeout)
			defer stop()
		}
	}
	call := &rpc.Call{Method: x.matched.method, Metadata: md, Protocol: rpc.ProtocolREST, Peer: x.r.RemoteAddr}
	switch {
	case x.matched.clientStream() && x.matched.serverStream():
		x.serveBidi(ctx, cancel, call)
	case x.matched.clientStream():
		x.serveUpload(ctx, call)
	default:
		x.serveRequest(ctx, call)
	}
}

// serveRequest answers a method that takes one message.
func (x *exchange) serveRequest(ctx context.Context, call *rpc.Call) {
	payload, err := x.requestPayload(ctx)
	if err != nil {
		x.writeError(err, nil, nil)
		return
	}
	stream, err := x.h.invoke(ctx, call)
	if err != nil {
		payload.Free()
		x.writeError(err, nil, nil)
		return
	}
	if err := stream.Send(payload); err != nil && !isEOF(err) {
		x.writeError(err, nil, nil)
		return
	}
	// An error here is one that Recv tells better.
	_ = stream.CloseSend()
	if x.matched.serverStream() {
		x.writeStream(ctx, stream)
		return
	}
	x.writeReply(stream)
}

// serveUpload answers a method that takes a stream of messages and gives one.
// Nothing is opened before the first message is known to be good.
func (x *exchange) serveUpload(ctx context.Context, call *rpc.Call) {
	source, err := x.newSource(ctx)
	if err != nil {
		x.writeError(err, nil, nil)
		return
	}
	defer source.close()
	payload, err := source.next()
	if err != nil && !isEOF(err) {
		x.writeError(err, nil, nil)
		return
	}
	stream, openErr := x.h.invoke(ctx, call)
	if openErr != nil {
		payload.Free()
		x.writeError(openErr, nil, nil)
		return
	}
	for err == nil {
		if sendErr := stream.Send(payload); sendErr != nil {
			break // Recv tells why.
		}
		payload, err = source.next()
	}
	if err != nil && !isEOF(err) {
		x.writeError(err, nil, nil)
		return
	}
	// An error here is one that Recv tells better.
	_ = stream.CloseSend()
	x.writeReply(stream)
}

// serveBidi answers a method with streams both ways, which run at once.
func (x *exchange) serveBidi(ctx context.Context, cancel context.CancelCauseFunc, call *rpc.Call) {
	control := http.NewResponseController(x.w)
	// HTTP/2 needs no leave for it, and other writers cannot give it.
	_ = control.EnableFullDuplex()

	source, err := x.newSource(ctx)
	if err != nil {
		x.writeError(err, nil, nil)
		return
	}
	stream, err := x.h.invoke(ctx, call)
	if err != nil {
		source.close()
		x.writeError(err, nil, nil)
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer source.close()
		if err := pump(source, stream); err != nil {
			cancel(err)
		}
	}()
	defer func() {
		cancel(nil)
		x.stopReading(control, done)
	}()
	x.writeStream(ctx, stream)
}

// pump sends the messages of source. It returns what is wrong with one of them,
// and nil if the call ended first.
func pump(source messageSource, stream rpc.Stream) error {
	for {
		payload, err := source.next()
		if isEOF(err) {
			// An error here is one that Recv tells better.
			_ = stream.CloseSend()
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(payload); err != nil {
			return nil //nolint:nilerr // Recv tells it
		}
	}
}

// stopReading waits for the goroutine that reads the body, which may be waiting
// for a caller that has nothing more to say.
func (x *exchange) stopReading(control *http.ResponseController, done <-chan struct{}) {
	select {
	case <-done:
		return
	default:
	}
	if err := control.SetReadDeadline(time.Unix(1, 0)); err != nil {
		// Closing the body waits for a read in progress on a real connection,
		// but those can have a deadline.
		_ = x.r.Body.Close()
	}
	<-done
}

// causeOf returns what was wrong with the request, if that is why the call
// ended with err.
func causeOf(ctx context.Context, err error) error {
	if refused, ok := context.Cause(ctx).(*requestError); ok && refused.code != codes.Canceled { //nolint:errorlint // the cause is stored as it is
		return refused
	}
	return err
}
