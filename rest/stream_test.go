// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dragoman-gateway/dragoman/rest"
)

// patience is how long a test waits for what should happen at once.
const patience = 10 * time.Second

// item is the encoding of an Item with that id.
func item(id string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), id)
}

// A conversation is a request whose body is written while the response is read.
type conversation struct {
	t        *testing.T
	body     *io.PipeWriter
	response *http.Response
	lines    *bufio.Reader
	cancel   context.CancelFunc
}

// converse begins a request. The response is awaited only after the first
// lines, if any, are written.
func converse(t *testing.T, server *httptest.Server, path string, first ...string) *conversation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		for _, line := range first {
			if _, err := io.WriteString(writer, line); err != nil {
				return // The response tells.
			}
		}
	}()
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	<-written
	t.Cleanup(func() {
		_ = writer.Close()
		_ = response.Body.Close()
	})
	return &conversation{t: t, body: writer, response: response, lines: bufio.NewReader(response.Body), cancel: cancel}
}

func (c *conversation) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.body, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conversation) expect(want string) {
	c.t.Helper()
	line, err := c.lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		c.t.Fatalf("read %q: %v", line, err)
	}
	if diff := diffJSON(c.t, want, line); diff != "" {
		c.t.Fatalf("line mismatch (-want +got):\n%s", diff)
	}
}

func (c *conversation) expectEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.lines); err != nil || len(rest) > 0 {
		c.t.Fatalf("read %q, %v, want the end", rest, err)
	}
}

// protocols are the ones a stream has to work on.
func protocols(t *testing.T, test func(t *testing.T, server func(handle func(*serverCall) error) (*httptest.Server, *fakeUpstream))) {
	t.Helper()
	for _, name := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(handle func(*serverCall) error) (*httptest.Server, *fakeUpstream) {
				handler, upstream := newHandler(t, handle, nil)
				server := httptest.NewUnstartedServer(handler)
				server.EnableHTTP2 = name == "HTTP/2.0"
				server.StartTLS()
				t.Cleanup(func() {
					server.Client().CloseIdleConnections()
					server.Close()
				})
				return server, upstream
			})
		})
	}
}

// TestBidi has a conversation in which each message waits for the one before.
func TestBidi(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, serve func(func(*serverCall) error) (*httptest.Server, *fakeUpstream)) {
		server, _ := serve(echo)
		c := converse(t, server, "/v1/talk", `{"id":"a"}`)
		c.expect(`{"result":{"id":"a"}}`)
		c.say("\n{\"id\":")
		c.say(`"b"}`)
		c.expect(`{"result":{"id":"b"}}`)
		if err := c.body.Close(); err != nil {
			t.Fatal(err)
		}
		c.expectEnd()
	})
}

// TestBidiUpstreamSpeaksFirst has an upstream that does not wait, and ends while
// the caller still may speak.
func TestBidiUpstreamSpeaksFirst(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, serve func(func(*serverCall) error) (*httptest.Server, *fakeUpstream)) {
		server, _ := serve(func(c *serverCall) error { return c.send(item("hello")) })
		c := converse(t, server, "/v1/talk")
		c.expect(`{"result":{"id":"hello"}}`)
		c.expectEnd()
	})
}

// TestBidiWithoutAnything has a call that succeeds without a message either way,
// as etcd's lease keep-alive does, with and without headers.
func TestBidiWithoutAnything(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(*serverCall) error{
		"no headers": func(*serverCall) error { return nil },
		"headers":    func(c *serverCall) error { c.sendHeader(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bidiWithoutAnything(t, handle)
		})
	}
}

func bidiWithoutAnything(t *testing.T, handle func(*serverCall) error) {
	t.Helper()
	protocols(t, func(t *testing.T, serve func(func(*serverCall) error) (*httptest.Server, *fakeUpstream)) {
		server, _ := serve(handle)
		response, err := server.Client().Post(server.URL+"/v1/talk", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || len(body) > 0 || response.Header.Get("Content-Type") != "" {
			t.Errorf("%s %v %q, %v; want 200 with nothing", response.Status, response.Header, body, err)
		}
	})
}

// TestBidiBadJSON sends JSON that is wrong before it is complete, and expects
// the answer at once.
func TestBidiBadJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		first  []string
		status int
		want   []string
	}{
		{name: "at once", first: []string{`{"id": nope`}, status: 400, want: []string{`{"error":{"code":3,"message":"body: offset 8: unexpected character 'o'"}}`}},
		{name: "wrong type at once", first: []string{`{"number": "x"}`}, status: 400, want: []string{`{"error":{"code":3,"message":"body: 1:12: number: expected an integer","details":[]}}`}},
	}
	protocols(t, func(t *testing.T, serve func(func(*serverCall) error) (*httptest.Server, *fakeUpstream)) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				ended := make(chan error, 1)
				server, upstream := serve(func(c *serverCall) error {
					err := echo(c)
					ended <- err
					return err
				})
				c := converse(t, server, "/v1/talk", test.first...)
				if c.response.StatusCode != test.status {
					t.Errorf("status = %d, want %d", c.response.StatusCode, test.status)
				}
				line, err := c.lines.ReadString('\n')
				if err != nil || !strings.HasPrefix(line, `{"error":{"code":3,"message":"body: `) {
					t.Errorf("line = %q, %v", line, err)
				}
				c.expectEnd()
				if err := <-ended; status.Code(err) != codes.Canceled {
					t.Errorf("the upstream's call ended with %v, want it cancelled", err)
				}
				if n := len(upstream.seen()); n != 0 {
					t.Errorf("the upstream got %d messages", n)
				}
			})
		}
	})
}

// TestBidiBadJSONLater expects an error line once messages have been answered.
func TestBidiBadJSONLater(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, serve func(func(*serverCall) error) (*httptest.Server, *fakeUpstream)) {
		server, upstream := serve(echo)
		c := converse(t, server, "/v1/talk", `{"id":"a"}`)
		c.expect(`{"result":{"id":"a"}}`)
		c.say(`]`)
		c.expect(`{"error":{"code":3,"message":"body: offset 10: unexpected character ']'"}}`)
		c.expectEnd()
		if n := len(upstream.seen()); n != 1 {
			t.Errorf("the upstream got %d messages, want 1", n)
		}
	})
}

// TestCallerGone checks that the upstream's call ends with the caller.
func TestCallerGone(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, serve func(func(*serverCall) error) (*httptest.Server, *fakeUpstream)) {
		ended := make(chan error, 1)
		server, _ := serve(func(c *serverCall) error {
			err := c.send(item("a"))
			if err == nil {
				<-c.ctx.Done()
				err = c.ctx.Err()
			}
			ended <- err
			return err
		})
		c := converse(t, server, "/v1/talk")
		c.expect(`{"result":{"id":"a"}}`)
		// Over HTTP/2 the client does not watch the context while it waits
		// for more of the request's body; this ends that.
		_ = c.response.Body.Close()
		c.cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the upstream's call ended with %v, want it cancelled", err)
			}
		case <-time.After(patience):
			t.Error("the upstream's call did not end")
		}
	})
}

// TestServerStreamIsNotHeldBack reads each message before the next is sent, and
// the headers before the first.
func TestServerStreamIsNotHeldBack(t *testing.T) {
	t.Parallel()
	next := make(chan string)
	server, _ := newServer(t, func(c *serverCall) error {
		c.header = metadata.Pairs("x-own", "1")
		c.sendHeader()
		for id := range next {
			if err := c.send(item(id)); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	response, err := server.Client().Get(server.URL + "/v1/watch/a")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Grpc-Metadata-X-Own") != "1" ||
		response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("headers = %d %v", response.StatusCode, response.Header)
	}
	lines := bufio.NewReader(response.Body)
	for _, id := range []string{"a", "b"} {
		next <- id
		line, err := lines.ReadString('\n')
		if want := `{"result":{"id":"` + id + `"}}` + "\n"; err != nil || line != want {
			t.Fatalf("line = %q, %v, want %q", line, err, want)
		}
	}
	close(next)
	if left, err := io.ReadAll(lines); err != nil || len(left) > 0 {
		t.Errorf("end = %q, %v", left, err)
	}
}

// TestClientStreamIsNotHeldBack checks that each message is sent when it has
// arrived, and that an upstream that has enough is answered for.
func TestClientStreamIsNotHeldBack(t *testing.T) {
	t.Parallel()
	arrived := make(chan string)
	server, _ := newServer(t, func(c *serverCall) error {
		for range 2 {
			message, err := c.recv()
			if err != nil {
				return err
			}
			arrived <- string(message)
		}
		return c.send(item("enough"))
	}, nil)
	reader, writer := io.Pipe()
	go func() {
		for _, id := range []string{"a", "b"} {
			_, err := io.WriteString(writer, `{"id":"`+id+`"}`)
			if got := <-arrived; err != nil || got != string(item(id)) {
				t.Errorf("message = %q, %v, want %q", got, err, item(id))
			}
		}
		_, _ = io.WriteString(writer, `{}`) // The upstream does not take it.
		_ = writer.Close()
	}()
	response, err := server.Client().Post(server.URL+"/v1/collect", "application/json", reader)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || diffJSON(t, `{"id":"enough"}`, string(body)) != "" {
		t.Errorf("body = %s, %v", body, err)
	}
}

// TestClientStreamURL checks that what path and query say is in every message.
func TestClientStreamURL(t *testing.T) {
	t.Parallel()
	handler, upstream := newHandler(t, echo, nil)
	response := do(handler, "POST", "/v1/collect/x?number=1", `{"id":"a"}{"id":"b"}`, nil)
	if diff := diffJSON(t, `{"id":"x","number":1,"child":{"id":"b"}}`, response.Body.String()); diff != "" {
		t.Errorf("last message mismatch (-want +got):\n%s", diff)
	}
	if n := len(upstream.seen()); n != 2 {
		t.Errorf("the upstream got %d messages, want 2", n)
	}
}

// TestStreamLimit checks that the limit is one message's, not the stream's.
func TestStreamLimit(t *testing.T) {
	t.Parallel()
	const limit = 32
	fits := `{"id":"` + strings.Repeat("a", limit-9) + `"}`
	tests := []struct {
		name, body   string
		status, sent int
	}{
		{name: "n, three times", body: fits + "\n" + fits + " " + fits, status: 200, sent: 3},
		{name: "n and n+1", body: fits + strings.Replace(fits, "a", "aa", 1), status: 413, sent: 1},
		{name: "without end", body: fits + `{"id":"` + strings.Repeat("a", 1000), status: 413, sent: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler, upstream := newHandler(t, echo, func(o *rest.Options) { o.MaxBodyBytes = limit })
			response := do(handler, "POST", "/v1/collect", test.body, nil)
			if response.Code != test.status {
				t.Errorf("status = %d, want %d: %s", response.Code, test.status, response.Body)
			}
			if n := len(upstream.seen()); n != test.sent {
				t.Errorf("the upstream got %d messages, want %d", n, test.sent)
			}
		})
	}
}

// TestBadResponse has an upstream that sends what is no message.
func TestBadResponse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path string
		status             int
		want               string // how the body begins
	}{
		{name: "unary", method: "GET", path: "/v1/items/a", status: 500, want: `{"code":13,`},
		{name: "raw", method: "GET", path: "/v1/files/a", status: 500, want: `{"code":13,`},
		{name: "stream", method: "GET", path: "/v1/watch/a", status: 500, want: `{"error":{"code":13,`},
	}
	handler, _ := newHandler(t, func(c *serverCall) error {
		if _, err := c.recv(); err != nil {
			return err
		}
		return c.send([]byte{0x0a, 0x05, 'a'})
	}, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response := do(handler, test.method, test.path, "", nil)
			if response.Code != test.status || !strings.HasPrefix(response.Body.String(), test.want) {
				t.Errorf("answer = %d %s", response.Code, response.Body)
			}
		})
	}
}
