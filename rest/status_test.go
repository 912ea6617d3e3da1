// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/dragoman-gateway/dragoman/rest"
)

// TestStatusDetails checks how details are written of types that are in the
// catalog, that are standard, and that nobody knows.
func TestStatusDetails(t *testing.T) {
	t.Parallel()
	reason, err := anypb.New(&errdetails.ErrorInfo{Reason: "R"})
	if err != nil {
		t.Fatal(err)
	}
	known := &anypb.Any{TypeUrl: "type.googleapis.com/echo.v1.Item", Value: item("a")}
	unknown := &anypb.Any{TypeUrl: "type.googleapis.com/no.Such", Value: []byte{0, 255}}
	tests := []struct {
		name      string
		emitUnset bool
		message   string
		details   []*anypb.Any
		want      string
	}{
		{name: "none", message: "no", want: `{"code":9,"message":"no"}`},
		{name: "none, unset written", emitUnset: true, message: "no", want: `{"code":9,"message":"no","details":[]}`},
		{
			name: "known", message: "no", details: []*anypb.Any{reason, known},
			want: `{"code":9,"message":"no","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R"},{"@type":"type.googleapis.com/echo.v1.Item","id":"a"}]}`,
		},
		{
			name: "unknown among known", message: "no", details: []*anypb.Any{reason, unknown},
			want: `{"code":9,"message":"no","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R"},{"@type":"type.googleapis.com/no.Such","value":"AP8="}]}`,
		},
		{
			name: "unknown, unset written", emitUnset: true, message: `,"details":[]}`, details: []*anypb.Any{unknown},
			want: `{"code":9,"message":",\"details\":[]}","details":[{"@type":"type.googleapis.com/no.Such","value":"AP8="}]}`,
		},
		{name: "message that is not UTF-8", message: "\xff", want: `{"code":9,"message":"\ufffd","details":[]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			refusal := status.FromProto(&spb.Status{Code: int32(codes.FailedPrecondition), Message: test.message, Details: test.details}).Err()
			handler, _ := newHandler(t, func(*serverCall) error { return refusal }, func(o *rest.Options) { o.Write.EmitUnset = test.emitUnset })
			response := do(handler, "GET", "/v1/items/a", "", nil)
			if response.Code != http.StatusBadRequest {
				t.Errorf("status = %d, want 400", response.Code)
			}
			if diff := diffJSON(t, test.want, response.Body.String()); diff != "" {
				t.Errorf("body mismatch (-want +got):\n%s", diff)
			}
			response = do(handler, "GET", "/v1/watch/a", "", nil)
			if diff := diffJSON(t, `{"error":`+test.want+`}`, response.Body.String()); diff != "" {
				t.Errorf("stream mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestErrorHeaders checks that an error has the metadata of its call.
func TestErrorHeaders(t *testing.T) {
	t.Parallel()
	handler, _ := newHandler(t, func(c *serverCall) error {
		c.header, c.trailer = metadata.Pairs("x", "1"), metadata.Pairs("y", "2")
		c.sendHeader()
		return status.Error(codes.Unauthenticated, "who")
	}, nil)
	response := do(handler, "GET", "/v1/items/a", "", http.Header{"Te": {"trailers"}})
	result := response.Result()
	if result.StatusCode != http.StatusUnauthorized || result.Header.Get("Grpc-Metadata-X") != "1" ||
		result.Trailer.Get("Grpc-Trailer-Y") != "2" || result.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answer = %d %v %v", result.StatusCode, result.Header, result.Trailer)
	}
}

func TestAllowUnboundBody(t *testing.T) {
	t.Parallel()
	handler, _ := newHandler(t, echo, func(o *rest.Options) { o.AllowUnboundBody = true })
	response := do(handler, "DELETE", "/v1/find?id=a", `{"id":"b"}`, nil)
	if diff := diffJSON(t, `{"id":"a"}`, response.Body.String()); diff != "" {
		t.Errorf("body mismatch (-want +got):\n%s", diff)
	}
}

// TestPayloadsAreNotShared sends many requests at once and checks that none
// sees another's bytes, though all use pooled buffers.
func TestPayloadsAreNotShared(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, echo, nil)
	done := make(chan struct{})
	for worker := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 50 {
				id := strings.Repeat(string(rune('a'+worker)), 3000)
				response, err := server.Client().Get(server.URL + "/v1/items/" + id)
				if err != nil {
					t.Error(err)
					return
				}
				text, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if want := `{"id":"` + id + `"}`; err != nil || string(text) != want {
					t.Errorf("body = %.40q, %v", text, err)
				}
			}
		}()
	}
	for range 8 {
		<-done
	}
}
