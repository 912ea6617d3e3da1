// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"cmp"
	"log/slog"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"

	"github.com/dragoman-gateway/dragoman/rpc"
)

const jsonType = "application/json"

// writeReply answers with the one message of stream.
func (x *exchange) writeReply(stream rpc.Stream) {
	message, err := stream.Recv()
	// The call has ended, so this does not wait, and its error is the same.
	header, _ := stream.Header()
	if err != nil {
		x.writeError(err, header, stream.Trailer())
		return
	}
	defer message.Free()
	if x.matched.reply.raw {
		x.writeRaw(message, header, stream.Trailer())
		return
	}
	body := x.h.buffers.get()
	defer x.h.buffers.Put(body)
	if err := x.appendJSON(body, message); err != nil {
		x.writeError(err, header, stream.Trailer())
		return
	}
	x.w.Header().Set("Content-Type", jsonType)
	x.write(http.StatusOK, *body, header, stream.Trailer())
}

// appendJSON appends the JSON of a response message.
func (x *exchange) appendJSON(dst *[]byte, message mem.BufferSlice) error {
	wire := message.MaterializeToBuffer(x.h.buffers)
	defer wire.Free()
	out, err := x.matched.reply.appendJSON(*dst, wire.ReadOnlyData(), x.h.write)
	if err != nil {
		return badResponse(err)
	}
	*dst = out
	return nil
}

// badResponse is an upstream's message that cannot be written.
func badResponse(err error) error {
	return &requestError{code: codes.Internal, err: err}
}

// write writes a whole JSON body, compressed if that helps and is wanted.
func (x *exchange) write(httpStatus int, body []byte, header, trailer metadata.MD) {
	out := x.w.Header()
	x.h.setResponseHeaders(out, header)
	if len(body) >= gzipAbove {
		out.Add("Vary", "Accept-Encoding")
		if acceptsGzip(x.r.Header.Get("Accept-Encoding")) {
			compressed := x.h.buffers.get()
			defer x.h.buffers.Put(compressed)
			var err error
			if *compressed, err = x.h.gzip.encode(*compressed, body); err == nil {
				out.Set("Content-Encoding", "gzip")
				body = *compressed
			}
		}
	}
	trailers := acceptsTrailers(x.r)
	if trailers {
		announceTrailers(out, trailer)
	}
	if !trailers || len(trailer) == 0 {
		out.Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(httpStatus)
	_, err := x.w.Write(body)
	x.note(err)
	if trailers {
		setTrailers(out, trailer)
	}
}

// writeRaw writes the data of the google.api.HttpBody in message as it is.
func (x *exchange) writeRaw(message mem.BufferSlice, header, trailer metadata.MD) {
	body, err := readHTTPBody(message, x.matched.reply.rawPath)
	if err != nil {
		x.writeError(badResponse(err), header, trailer)
		return
	}
	out := x.w.Header()
	x.h.setResponseHeaders(out, header)
	out.Set("Content-Type", cmp.Or(body.contentType, defaultContentType))
	trailers := acceptsTrailers(x.r)
	if trailers {
		announceTrailers(out, trailer)
	}
	if !trailers || len(trailer) == 0 {
		out.Set("Content-Length", strconv.Itoa(body.size()))
	}
	x.w.WriteHeader(http.StatusOK)
	x.note(body.writeTo(x.w))
	if trailers {
		setTrailers(out, trailer)
	}
}

// writeError answers with a google.rpc.Status. Nothing may have been written.
func (x *exchange) writeError(err error, header, trailer metadata.MD) {
	st, code := answerOf(err)
	body := x.h.buffers.get()
	defer x.h.buffers.Put(body)
	*body = x.h.statuses.append(*body, st)
	x.w.Header().Set("Content-Type", jsonType)
	x.write(code, *body, header, trailer)
}

// note logs that the caller did not get all of the answer, which there is
// nobody else to tell.
func (x *exchange) note(err error) {
	if err == nil {
		return
	}
	x.h.logger.LogAttrs(x.r.Context(), slog.LevelDebug, "response was cut short",
		slog.String("method", x.matchedPath()), slog.Any("error", err))
}

func (x *exchange) matchedPath() string {
	if x.matched == nil {
		return ""
	}
	return x.matched.method.Path
}
