// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
)

// errTooLarge reports input beyond a limit.
var errTooLarge = errors.New("too large")

// readAll appends what is left of r to dst, but at most limit bytes. It never
// reserves memory for what has not arrived.
func readAll(dst []byte, r io.Reader, limit int) ([]byte, error) {
	start := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(len(dst), smallestBuffer))
		}
		// One byte beyond the limit tells whether there is more.
		room := min(cap(dst)-len(dst), limit+1-(len(dst)-start))
		n, err := r.Read(dst[len(dst) : len(dst)+room])
		dst = dst[:len(dst)+n]
		if len(dst)-start > limit {
			return dst, errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// readError makes what reading a body reported an error for the caller.
func readError(ctx context.Context, err error, limit int) error {
	if errors.Is(err, errTooLarge) {
		return bodyTooLarge(limit)
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge(int(tooLarge.Limit))
	}
	if ctx.Err() != nil {
		return &requestError{code: codes.Canceled, err: ctx.Err()}
	}
	return badRequest("", "read body: %w", err)
}

// hasBody reports whether the request may have a body.
func hasBody(r *http.Request) bool {
	return r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0
}

// mediaType returns the media type of a Content-Type header without its
// parameters, in lower case.
func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

const formType = "application/x-www-form-urlencoded"

// readsAsJSON reports whether a body of that type is read as JSON. Besides JSON
// and its relatives these are what clients send that were not told the type: no
// type, that of curl --data, and that of fetch with a string.
func readsAsJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	switch media := mediaType(contentType); media {
	case "", "application/json", "text/json", "text/plain", formType,
		"application/x-ndjson", "application/ndjson", "application/jsonl":
		return true
	default:
		return strings.HasSuffix(media, "+json")
	}
}

// checkMedia refuses a body of a type that the binding does not read.
func (b *requestBody) checkMedia(contentType string) error {
	if b.raw || readsAsJSON(contentType) {
		return nil
	}
	return unsupportedMedia("content type %q: this method reads application/json", contentType)
}

// isBlank reports whether a body says nothing.
func isBlank(body []byte) bool {
	switch string(bytes.TrimSpace(body)) {
	case "", "{}", "null":
		return true
	}
	return false
}
