// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipAbove is the size of a response from which on it is worth compressing.
const gzipAbove = 1 << 10

// A gzipPool holds compressors and decompressors, which are large. It is safe
// for concurrent use.
type gzipPool struct {
	readers, writers sync.Pool
}

// decode returns a reader of the request's body with its Content-Encoding
// undone. Closing the reader gives back what it holds, not the body.
func (p *gzipPool) decode(r *http.Request) (io.ReadCloser, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		return io.NopCloser(r.Body), nil
	case "gzip", "x-gzip":
		return &gunzip{body: r.Body, pool: p}, nil
	default:
		return nil, unsupportedMedia("content encoding %q: gzip is the only one", encoding)
	}
}

// A gunzip decompresses a body. The body is first read by Read, so that an
// empty one is nothing rather than a malformed stream.
type gunzip struct {
	body   io.Reader
	pool   *gzipPool
	reader *gzip.Reader
}

// Read reads decompressed bytes.
func (g *gunzip) Read(p []byte) (int, error) {
	if g.reader == nil {
		pooled, ok := g.pool.readers.Get().(*gzip.Reader)
		if !ok {
			pooled = new(gzip.Reader)
		}
		if err := pooled.Reset(g.body); err != nil {
			g.pool.readers.Put(pooled)
			return 0, err
		}
		g.reader = pooled
	}
	return g.reader.Read(p)
}

// Close gives the decompressor back.
func (g *gunzip) Close() error {
	if g.reader != nil {
		g.pool.readers.Put(g.reader)
		g.reader, g.body = nil, eof{}
	}
	return nil
}

// An eof is an empty reader.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// encode appends the compressed form of body.
func (p *gzipPool) encode(dst, body []byte) ([]byte, error) {
	out := appender{dst}
	writer, ok := p.writers.Get().(*gzip.Writer)
	if ok {
		writer.Reset(&out)
	} else {
		var err error
		if writer, err = gzip.NewWriterLevel(&out, gzip.BestSpeed); err != nil {
			return dst, fmt.Errorf("make compressor: %w", err)
		}
	}
	defer p.writers.Put(writer)
	if _, err := writer.Write(body); err != nil {
		return dst, fmt.Errorf("compress: %w", err)
	}
	if err := writer.Close(); err != nil {
		return dst, fmt.Errorf("compress: %w", err)
	}
	return out.buffer, nil
}

// An appender is an [io.Writer] that appends.
type appender struct{ buffer []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.buffer = append(a.buffer, p...)
	return len(p), nil
}

// acceptsGzip reports whether an Accept-Encoding header allows gzip: RFC 9110,
// section 12.5.3.
func acceptsGzip(header string) bool {
	if header == "" || header == "identity" {
		return false
	}
	others := false
	for item := range strings.SplitSeq(header, ",") {
		coding, parameters, _ := strings.Cut(item, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return weight(parameters) > 0
		case "*":
			others = weight(parameters) > 0
		}
	}
	return others
}

// weight returns the "q" among the parameters of an Accept-… item.
func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return 0
		}
		return q
	}
	return 1
}
