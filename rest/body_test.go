// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dragoman-gateway/dragoman/rest"
)

func zipped(t testing.TB, text string) string {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := io.WriteString(writer, text); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.String()
}

// TestBodyLimit sends bodies of n and n+1 bytes, declared and not, plain and
// compressed.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	const limit = 5000
	body := func(size int) string { return `{"id":"` + strings.Repeat("a", size-9) + `"}` }
	encoded := http.Header{"Content-Encoding": {"gzip"}}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	tests := []struct {
		name    string
		path    string
		body    string
		header  http.Header
		chunked bool
		status  int
	}{
		{name: "n", path: "/v1/items", body: body(limit), status: 200},
		{name: "n+1", path: "/v1/items", body: body(limit + 1), status: 413},
		{name: "n undeclared", path: "/v1/items", body: body(limit), chunked: true, status: 200},
		{name: "n+1 undeclared", path: "/v1/items", body: body(limit + 1), chunked: true, status: 413},
		{name: "n compressed", path: "/v1/items", body: zipped(t, body(limit)), header: encoded, status: 200},
		{name: "n+1 compressed", path: "/v1/items", body: zipped(t, body(limit+1)), header: encoded, status: 413},
		{name: "bomb", path: "/v1/items", body: zipped(t, strings.Repeat(" ", 100*limit)), header: encoded, status: 413},
		{name: "bomb in a stream", path: "/v1/collect", body: zipped(t, `{"id":"`+strings.Repeat("a", 100*limit)), header: encoded, status: 413},
		{name: "n as a form", path: "/v1/find:form", body: "id=" + strings.Repeat("a", limit-3), header: form, status: 200},
		{name: "n+1 as a form", path: "/v1/find:form", body: "id=" + strings.Repeat("a", limit-2), header: form, status: 413},
		{name: "n raw", path: "/v1/pass", body: strings.Repeat("a", limit), status: 200},
		{name: "n+1 raw", path: "/v1/pass", body: strings.Repeat("a", limit+1), status: 413},
	}
	handler, _ := newHandler(t, echo, func(o *rest.Options) { o.MaxBodyBytes = limit })
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(test.body))
			maps.Copy(request.Header, test.header)
			if test.chunked {
				request.ContentLength = -1
			}
			response := httptest.NewRecorder()
			handler.ServeHTTP(response, request)
			if response.Code != test.status {
				t.Fatalf("status = %d, want %d: %.100s", response.Code, test.status, response.Body)
			}
			if test.status == http.StatusRequestEntityTooLarge {
				want := `{"code":8,"message":"body: a message is larger than the limit of 5000 bytes"}`
				if diff := diffJSON(t, want, response.Body.String()); diff != "" {
					t.Errorf("body mismatch (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestBodyDepth nests JSON as deep as the limit and one deeper.
func TestBodyDepth(t *testing.T) {
	t.Parallel()
	handler, _ := newHandler(t, echo, func(o *rest.Options) { o.MaxDepth = 10 })
	for depth, status := range map[int]int{10: http.StatusOK, 11: http.StatusBadRequest} {
		body := strings.Repeat(`{"child":`, depth-1) + `{}` + strings.Repeat(`}`, depth-1)
		if response := do(handler, "POST", "/v1/items", body, nil); response.Code != status {
			t.Errorf("depth %d: status = %d, want %d: %s", depth, response.Code, status, response.Body)
		}
	}
	for depth, status := range map[int]int{10: http.StatusOK, 11: http.StatusBadRequest} {
		query := strings.Repeat("child.", depth-1) + "number=1"
		if response := do(handler, "GET", "/v1/find?"+query, "", nil); response.Code != status {
			t.Errorf("query of depth %d: status = %d, want %d: %s", depth, response.Code, status, response.Body)
		}
	}
}

func TestCompressedRequest(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, nil)
	encoded := http.Header{"Content-Encoding": {"gzip"}}
	body := zipped(t, `{"id":"a"}`)
	response := do(handler, "POST", "/v1/items", body, encoded)
	if diff := diffJSON(t, `{"id":"a"}`, response.Body.String()); diff != "" {
		t.Errorf("body mismatch (-want +got):\n%s", diff)
	}
	response = do(handler, "POST", "/v1/collect", zipped(t, `{"id":"b"}{"id":"c"}`), encoded)
	if diff := diffJSON(t, `{"id":"c"}`, response.Body.String()); diff != "" {
		t.Errorf("stream mismatch (-want +got):\n%s", diff)
	}
	before := len(upstream.called())
	if response := do(handler, "POST", "/v1/items", body[:len(body)-4], encoded); response.Code != http.StatusBadRequest {
		t.Errorf("truncated: status = %d, want 400", response.Code)
	}
	response = do(handler, "POST", "/v1/items", body, http.Header{"Content-Encoding": {"gzip, br"}})
	if response.Code != http.StatusUnsupportedMediaType || response.Header().Get("Accept-Encoding") != "gzip" {
		t.Errorf("unknown encoding: %d %v, want 415 and what is known", response.Code, response.Header())
	}
	if n := len(upstream.called()) - before; n != 0 {
		t.Errorf("the upstream got %d calls", n)
	}
}

func TestCompressedResponse(t *testing.T) {
	t.Parallel()
	long, short := strings.Repeat("a", 2000), "a"
	tests := []struct {
		name    string
		accept  string
		id      string
		encoded bool
	}{
		{name: "asked for", accept: "gzip", id: long, encoded: true},
		{name: "among others", accept: "br;q=1.0, GZIP ; q=0.5", id: long, encoded: true},
		{name: "any", accept: "br, *;q=0.1", id: long, encoded: true},
		{name: "refused", accept: "gzip;q=0, *", id: long},
		{name: "weight that is none", accept: "gzip;q=x", id: long},
		{name: "another", accept: "br, identity", id: long},
		{name: "not asked for", id: long},
		{name: "too short", accept: "gzip", id: short},
	}
	handler, _ := newHandler(t, echo, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response := do(handler, "GET", "/v1/items/"+test.id, "", http.Header{"Accept-Encoding": {test.accept}})
			if encoded := response.Header().Get("Content-Encoding") == "gzip"; encoded != test.encoded {
				t.Fatalf("compressed = %t, want %t", encoded, test.encoded)
			}
			if vary := response.Header().Get("Vary"); (vary == "Accept-Encoding") != (len(test.id) > 1000) {
				t.Errorf("Vary = %q", vary)
			}
			var body io.Reader = response.Body
			if test.encoded {
				reader, err := gzip.NewReader(body)
				if err != nil {
					t.Fatal(err)
				}
				body = reader
			}
			text, err := io.ReadAll(body)
			if want := `{"id":"` + test.id + `"}`; err != nil || string(text) != want {
				t.Errorf("body = %.100s, %v", text, err)
			}
		})
	}
}

// TestRawUpload checks the message that a body of any type becomes.
func TestRawUpload(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, nil)
	data := strings.Repeat("\x00\xff{", 1000)
	response := do(handler, "PUT", "/v1/files/a?number=2", data, http.Header{"Content-Type": {"image/png"}})
	want := `{"id":"a","number":2,"file":{"contentType":"image/png","data":"` + base64Of(data) + `"}}`
	if diff := diffJSON(t, want, response.Body.String()); diff != "" {
		t.Errorf("message mismatch (-want +got):\n%s", diff)
	}
	response = do(handler, "PUT", "/v1/files/a", "", nil)
	if diff := diffJSON(t, `{"id":"a","file":{}}`, response.Body.String()); diff != "" {
		t.Errorf("empty message mismatch (-want +got):\n%s", diff)
	}
	before := len(upstream.called())
	if response := do(handler, "PUT", "/v1/files/a?number=x", data, nil); response.Code != http.StatusBadRequest {
		t.Errorf("bad query: status = %d, want 400", response.Code)
	}
	if n := len(upstream.called()) - before; n != 0 {
		t.Errorf("the upstream got %d calls", n)
	}
}

// TestRawStreams sends more than one message holds, up and down.
func TestRawStreams(t *testing.T) {
	t.Parallel()
	server, upstream := newServer(t, echo, func(o *rest.Options) { o.MaxBodyBytes = 1 << 16 })
	data := strings.Repeat("0123456789abcdef", 1<<16)
	response, err := server.Client().Post(server.URL+"/v1/pipe", "text/x-test", strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != data {
		t.Errorf("got %d bytes, %v, want the %d that were sent", len(body), err, len(data))
	}
	if got := response.Header.Get("Content-Type"); got != "text/x-test" {
		t.Errorf("content type = %q", got)
	}
	for _, message := range upstream.seen() {
		if len(message) > 1<<16+64 {
			t.Errorf("a message has %d bytes", len(message))
		}
	}
	if n := len(upstream.seen()); n < 16 {
		t.Errorf("the upstream got %d messages, want at least 16", n)
	}

	empty, err := server.Client().Post(server.URL+"/v1/pipe", "text/x-test", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Body.Close()
	if body, err := io.ReadAll(empty.Body); err != nil || len(body) > 0 || empty.Header.Get("Content-Type") != "text/x-test" {
		t.Errorf("empty: %q, %v, %v", body, err, empty.Header)
	}
}

// TestRawDownload checks what is written of an HttpBody, however it is encoded.
func TestRawDownload(t *testing.T) {
	t.Parallel()
	text := func(dst []byte, number protowire.Number, value string) []byte {
		return protowire.AppendString(protowire.AppendTag(dst, number, protowire.BytesType), value)
	}
	tests := []struct {
		name        string
		message     []byte
		contentType string
		body        string
	}{
		{name: "usual", message: text(text(nil, 1, "image/png"), 2, "\x00\xff"), contentType: "image/png", body: "\x00\xff"},
		{name: "data first", message: text(text(nil, 2, "data"), 1, "a/b"), contentType: "a/b", body: "data"},
		{name: "nothing", contentType: "application/octet-stream"},
		{name: "the last counts", message: text(text(nil, 2, "a"), 2, "b"), contentType: "application/octet-stream", body: "b"},
		{
			name:        "other fields",
			message:     text(protowire.AppendFixed64(protowire.AppendTag(protowire.AppendVarint(protowire.AppendTag(text(nil, 3, "x"), 9, protowire.VarintType), 300), 10, protowire.Fixed64Type), 1), 2, "d"),
			contentType: "application/octet-stream", body: "d",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for path, message := range map[string][]byte{
				"/v1/pass":                  test.message,
				"/echo.v1.Echo/Pass":        test.message,
				"/v1/files/a?number=1&id=b": protowire.AppendBytes(protowire.AppendTag(item("x"), 21, protowire.BytesType), test.message),
			} {
				handler, _ := newHandler(t, func(c *serverCall) error { return c.send(message) }, nil)
				method := http.MethodPost
				if strings.HasPrefix(path, "/v1/files") {
					method = http.MethodGet
				}
				response := do(handler, method, path, "", nil)
				if response.Code != http.StatusOK || response.Body.String() != test.body {
					t.Errorf("%s: answer = %d %q, want %q", path, response.Code, response.Body, test.body)
				}
				if got := response.Header().Get("Content-Type"); got != test.contentType {
					t.Errorf("%s: content type = %q, want %q", path, got, test.contentType)
				}
			}
		})
	}
}
