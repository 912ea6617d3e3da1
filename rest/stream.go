// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/mem"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A streamWriter writes the messages of a stream as they come.
type streamWriter struct {
	x       *exchange
	control *http.ResponseController

	mu    sync.Mutex
	begun bool // guarded by mu: the HTTP headers are out
	ended bool // guarded by mu: the handler is about to return
}

// writeStream answers with the messages of stream: one line of JSON for each
// or, for google.api.HttpBody, the data alone. It returns when the stream has
// ended or the caller is gone.
func (x *exchange) writeStream(ctx context.Context, stream rpc.Stream) {
	w := &streamWriter{x: x, control: http.NewResponseController(x.w)}
	header, err := stream.Header()
	if isEOF(err) {
		return // The call succeeded with nothing at all: so does the request.
	}
	if err != nil {
		w.fail(causeOf(ctx, err))
		return
	}
	x.h.setResponseHeaders(x.w.Header(), header)
	if !x.matched.reply.raw && x.h.headersAfter > 0 {
		timer := time.AfterFunc(x.h.headersAfter, w.begin)
		defer timer.Stop()
	}
	defer w.end()
	for {
		message, err := stream.Recv()
		if isEOF(err) {
			break
		}
		if err != nil {
			w.fail(causeOf(ctx, err))
			break
		}
		err = w.message(message)
		message.Free()
		if err != nil {
			x.note(err)
			return
		}
	}
	if acceptsTrailers(x.r) {
		w.mu.Lock()
		defer w.mu.Unlock()
		setLateTrailers(x.w.Header(), stream.Trailer())
	}
}

// begin sends the HTTP headers, unless they are out or the answer has ended.
func (w *streamWriter) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun || w.ended {
		return
	}
	w.begun = true
	w.x.w.Header().Set("Content-Type", jsonType)
	w.x.w.WriteHeader(http.StatusOK)
	_ = w.flush() // A caller that is gone is noticed by the next write.
}

func (w *streamWriter) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
}

// flush sends what has been written. The lock is held.
func (w *streamWriter) flush() error {
	if err := w.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// message writes one message. An error means that no more can be written.
func (w *streamWriter) message(message mem.BufferSlice) error {
	if w.x.matched.reply.raw {
		return w.chunk(message)
	}
	line := w.x.h.buffers.get()
	defer w.x.h.buffers.Put(line)
	*line = append(*line, `{"result":`...)
	if err := w.x.appendJSON(line, message); err != nil {
		w.fail(err)
		return err
	}
	*line = append(*line, "}\n"...)

	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		// An answer without a message has no type, as grpc-gateway's.
		w.begun = true
		w.x.w.Header().Set("Content-Type", jsonType)
	}
	if _, err := w.x.w.Write(*line); err != nil {
		return err
	}
	return w.flush()
}

// chunk writes the data of one google.api.HttpBody. The first one decides the
// content type.
func (w *streamWriter) chunk(message mem.BufferSlice) error {
	body, err := readHTTPBody(message, w.x.matched.reply.rawPath)
	if err != nil {
		err = badResponse(err)
		w.fail(err)
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.x.w.Header().Set("Content-Type", cmp.Or(body.contentType, defaultContentType))
		w.x.w.WriteHeader(http.StatusOK)
		w.begun = true
	}
	if err := body.writeTo(w.x.w); err != nil {
		return err
	}
	return w.flush()
}

// fail tells the caller that the stream ended with err: by the HTTP status if
// nothing has been written, and by a line of its own. In data that is passed on
// as it is, there is no room for a line, so the answer is cut short; otherwise
// the caller would take it for complete.
func (w *streamWriter) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun && w.x.matched.reply.raw {
		w.ended = true
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http has no other way
	}
	st, code := answerOf(err)
	line := w.x.h.buffers.get()
	defer w.x.h.buffers.Put(line)
	*line = append(*line, `{"error":`...)
	*line = w.x.h.statuses.append(*line, st)
	*line = append(*line, "}\n"...)
	if !w.begun {
		w.begun = true
		w.x.w.Header().Set("Content-Type", jsonType)
		w.x.w.WriteHeader(code)
	}
	_, writeErr := w.x.w.Write(*line)
	w.x.note(writeErr)
}
