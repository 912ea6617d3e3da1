// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"

	"github.com/dragoman-gateway/dragoman/rest"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// A mirror is a call that answers with its request, and costs nothing.
type mirror struct{ payload mem.BufferSlice }

func (m *mirror) Send(payload mem.BufferSlice) error            { m.payload = payload; return nil }
func (m *mirror) CloseSend() error                              { return nil }
func (m *mirror) Recv() (mem.BufferSlice, error)                { return m.payload, nil }
func (m *mirror) Header() (metadata.MD, error)                  { return metadata.MD{}, nil }
func (m *mirror) Trailer() metadata.MD                          { return nil }
func mirrorCall(context.Context, *rpc.Call) (rpc.Stream, error) { return new(mirror), nil }

// A sink is a ResponseWriter that keeps nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// BenchmarkUnary measures what the frontend adds to a unary call.
func BenchmarkUnary(b *testing.B) {
	benchmarks := []struct{ name, method, path, body string }{
		{name: "path", method: http.MethodGet, path: "/v1/items/a"},
		{name: "query", method: http.MethodGet, path: "/v1/find?id=a&number=1&tags=x&tags=y&child.id=b"},
		{name: "body", method: http.MethodPost, path: "/v1/items", body: `{"id":"a","number":1,"tags":["x","y"],"child":{"id":"b"},"time":"2020-01-02T03:04:05Z"}`},
	}
	handler, err := rest.New(rest.Options{Catalog: echoCatalog(b), Invoke: mirrorCall})
	if err != nil {
		b.Fatal(err)
	}
	for _, benchmark := range benchmarks {
		b.Run(benchmark.name, func(b *testing.B) {
			request := httptest.NewRequest(benchmark.method, benchmark.path, nil)
			request.Header.Set("Content-Type", "application/json")
			body := []byte(benchmark.body)
			b.ReportAllocs()
			for b.Loop() {
				if len(body) > 0 {
					request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				}
				handler.ServeHTTP(&sink{header: make(http.Header)}, request)
			}
		})
	}
}
