// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/rest"
)

func TestRequestMetadata(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		forward []string
		header  http.Header
		want    metadata.MD
	}{
		{name: "permanent", header: http.Header{"Accept": {"a", "b"}, "X-Own": {"x"}}, want: metadata.MD{"grpcgateway-accept": {"a", "b"}}},
		{
			name: "authorization", header: http.Header{"Authorization": {"Bearer x"}},
			want: metadata.MD{"authorization": {"Bearer x"}, "grpcgateway-authorization": {"Bearer x"}},
		},
		{name: "metadata is not asked for", header: http.Header{"Grpc-Metadata-User": {"root"}}, want: metadata.MD{}},
		{name: "metadata that is asked for", forward: []string{"Grpc-Metadata-*"}, header: http.Header{"Grpc-Metadata-User": {"root"}}, want: metadata.MD{"user": {"root"}}},
		{name: "exact", forward: []string{"X-Own"}, header: http.Header{"X-Own": {"x"}, "X-Owner": {"y"}}, want: metadata.MD{"x-own": {"x"}}},
		{name: "prefix", forward: []string{"x-*"}, header: http.Header{"X-Own": {"x"}, "Y": {"y"}}, want: metadata.MD{"x-own": {"x"}}},
		{name: "binary", forward: []string{"x-*"}, header: http.Header{"X-Own-Bin": {"AP8=", "AP8"}}, want: metadata.MD{"x-own-bin": {"\x00\xff", "\x00\xff"}}},
		{
			name: "reserved", forward: []string{"*"},
			header: http.Header{
				"Connection": {"close"}, "Te": {"trailers"}, "Grpc-Timeout": {"1H"}, "Grpcgateway-Accept": {"x"},
				"Grpc-Metadata-Grpcgateway-Accept": {"x"}, "Grpc-Metadata-X-Forwarded-For": {"192.0.2.9"},
				"Grpc-Metadata-Grpc-Status": {"0"}, "Grpc-Metadata-Authorization": {"Bearer root"}, "X-Forwarded-For": {"192.0.2.1"},
			},
			want: metadata.MD{"x-forwarded-for": {"192.0.2.1, 192.0.2.1"}},
		},
		{name: "not printable", forward: []string{"*"}, header: http.Header{"X-Own": {"\u00e9", "e"}}, want: metadata.MD{"x-own": {"e"}}},
		{name: "host", header: http.Header{"X-Forwarded-Host": {"front.example.com"}}, want: metadata.MD{"x-forwarded-host": {"front.example.com"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler, upstream := newHandler(t, echo, func(o *rest.Options) { o.ForwardRequestHeaders = test.forward })
			if response := do(handler, "GET", "/v1/items/a", "", test.header); response.Code != http.StatusOK {
				t.Fatalf("status = %d: %s", response.Code, response.Body)
			}
			call := upstream.called()[0]
			if call.Peer != "192.0.2.1:1234" {
				t.Errorf("peer = %q", call.Peer)
			}
			got := call.Metadata
			for key, value := range map[string]string{"x-forwarded-for": "192.0.2.1", "x-forwarded-host": "example.com"} {
				if test.want[key] == nil {
					if diff := cmp.Diff([]string{value}, got[key]); diff != "" {
						t.Errorf("%s mismatch (-want +got):\n%s", key, diff)
					}
					delete(got, key)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("metadata mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBinaryHeaderThatIsNot(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, func(o *rest.Options) { o.ForwardRequestHeaders = []string{"x-*"} })
	response := do(handler, "GET", "/v1/items/a", "", http.Header{"X-Own-Bin": {"?"}})
	if response.Code != http.StatusBadRequest || len(upstream.called()) != 0 {
		t.Errorf("status = %d after %d calls, want 400 after none", response.Code, len(upstream.called()))
	}
}

func TestResponseHeaders(t *testing.T) {
	t.Parallel()
	handler, _ := newHandler(t, func(c *serverCall) error {
		c.header = metadata.MD{"x-own": {"1", "2"}, "other": {"3"}, "x-bin": {"\x00\xff"}, "connection": {"close"}}
		return echo(c)
	}, func(o *rest.Options) { o.ForwardResponseHeaders = []string{"X-Own", "connection"} })
	response := do(handler, "GET", "/v1/items/a", "", nil)
	want := http.Header{
		"Content-Type":             {"application/json"},
		"Content-Length":           {"10"},
		"X-Own":                    {"1", "2"},
		"Grpc-Metadata-Other":      {"3"},
		"Grpc-Metadata-X-Bin":      {"AP8="},
		"Grpc-Metadata-Connection": {"close"},
	}
	if diff := cmp.Diff(want, response.Header()); diff != "" {
		t.Errorf("header mismatch (-want +got):\n%s", diff)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	var deadline time.Time
	var bounded bool
	handler, _ := newHandler(t, func(c *serverCall) error {
		if deadline, bounded = c.ctx.Deadline(); time.Until(deadline) < time.Minute {
			<-c.ctx.Done()
			return status.FromContextError(c.ctx.Err()).Err()
		}
		return echo(c)
	}, nil)
	if response := do(handler, "GET", "/v1/items/a", "", http.Header{"Grpc-Timeout": {"2H"}}); response.Code != http.StatusOK {
		t.Fatalf("status = %d: %s", response.Code, response.Body)
	}
	if left := time.Until(deadline); !bounded || left < time.Hour || left > 2*time.Hour {
		t.Errorf("deadline is in %v (%t), want two hours", left, bounded)
	}
	if response := do(handler, "GET", "/v1/items/a", "", http.Header{"Grpc-Timeout": {"1n"}}); response.Code != http.StatusGatewayTimeout {
		t.Errorf("status = %d, want 504: %s", response.Code, response.Body)
	}
}
