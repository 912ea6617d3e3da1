// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// watchStreams is the line of etcd's metrics that counts open watch streams.
var watchStreams = regexp.MustCompile(`(?m)^etcd_debugging_mvcc_watch_stream_total (\d+)$`)

// noWatchersLeft requires etcd to see every watch stream end: a client that
// goes away from the gateway must be gone from etcd, too.
func (w *world) noWatchersLeft(t *testing.T) {
	t.Helper()
	w.eventually(t, "etcd has no watch streams", func() bool {
		return w.watchStreams(t) == "0"
	})
}

// watchStreams returns how many watch streams etcd has.
func (w *world) watchStreams(t *testing.T) string {
	t.Helper()
	got := w.ask(t, w.theirs(), answer.Request{Method: http.MethodGet, Path: "/metrics"})
	text, _ := got.Body[0].(string)
	match := watchStreams.FindStringSubmatch(text)
	if match == nil {
		t.Fatalf("etcd does not say how many watch streams it has: %d, %d bytes", got.Status, len(text))
	}
	return match[1]
}

// eventually waits until condition holds, and returns how long that took.
func (w *world) eventually(t *testing.T, what string, condition func() bool) time.Duration {
	t.Helper()
	const pause = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	begin := time.Now()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("still not after %v: %s", within, what)
		case <-tick.C:
		}
	}
	return time.Since(begin)
}

// TestWatchConversation watches as only Dragoman lets one: the requests are
// sent one by one, each after the answer to the one before, in one request of
// HTTP/1.1.
func TestWatchConversation(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		body, requests := io.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.ours()+"/v3/watch", body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		type result struct {
			response *http.Response
			err      error
		}
		results := make(chan result, 1)
		go func() {
			response, err := w.http.Do(request)
			results <- result{response, err}
		}()
		say := func(text string) {
			if _, err := io.WriteString(requests, scenario.Variables{}.Fill(text)); err != nil {
				t.Fatalf("send %s: %v", text, err)
			}
		}
		say(`{"create_request":{"key":"b64(a)"}}`)
		opened := <-results
		if opened.err != nil {
			t.Fatal(opened.err)
		}
		defer opened.response.Body.Close()
		decoder := json.NewDecoder(opened.response.Body)
		hear := func(want map[string]any) {
			t.Helper()
			var got struct {
				Result map[string]any `json:"result"`
			}
			if err := decoder.Decode(&got); err != nil {
				t.Fatalf("wait for %v: %v", want, err)
			}
			delete(got.Result, "header")
			if diff := gocmp.Diff(want, got.Result); diff != "" {
				t.Fatalf("answer differs (-want +got):\n%s", diff)
			}
		}
		hear(map[string]any{"created": true})
		say(`{"create_request":{"key":"b64(b)"}}`)
		hear(map[string]any{"created": true, "watch_id": "1"})
		say(`{"cancel_request":{"watch_id":"0"}}`)
		hear(map[string]any{"canceled": true})
		say(`{"cancel_request":{"watch_id":"1"}}`)
		hear(map[string]any{"canceled": true, "watch_id": "1"})
		if err := requests.Close(); err != nil {
			t.Fatal(err)
		}
		cancel()
		w.noWatchersLeft(t)
	})
}
