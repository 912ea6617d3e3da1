// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// A change is something that happens while watchers look on, and how many
// answers it makes.
type change struct {
	do      func(ctx context.Context, client *clientv3.Client) error
	answers int
}

// watches are streams that are opened through both gateways at once. Both see
// the same changes, and must tell them alike, to the last revision.
var watches = []struct {
	name string
	// before is done before the streams are opened, and ${base} in body is
	// the revision then.
	before []change
	body   string
	// opened is how many answers come before anything changes.
	opened int
	// changes are made one after the other, each when the answers to the one
	// before have come: etcd may put quick ones into one answer.
	changes []change
}{
	{
		name: "one key", body: `{"create_request":{"key":"b64(a)"}}`, opened: 1,
		changes: []change{{put("a", "1"), 1}, {put("b", "1"), 0}, {put("a", "2"), 1}, {remove("a"), 1}},
	},
	{
		name: "prefix, with what was there", body: `{"create_request":{"key":"b64(p/)","range_end":"b64(p0)","prev_kv":true}}`, opened: 1,
		changes: []change{{put("p/1", "1"), 1}, {put("p/1", "2"), 1}, {put("q", "2"), 0}, {remove("p/1"), 1}},
	},
	{
		name: "camel case", body: `{"createRequest":{"key":"b64(p/)","rangeEnd":"b64(p0)","prevKv":true,"watchId":"3"}}`, opened: 1,
		changes: []change{{put("p/2", "1"), 1}},
	},
	{
		name: "unknown fields", body: `{"create_request":{"key":"b64(a)","colour":"blue"},"size":[1]}`, opened: 1,
		changes: []change{{put("a", "1"), 1}},
	},
	{
		name: "filter", body: `{"create_request":{"key":"b64(a)","filters":["NODELETE"]}}`, opened: 1,
		changes: []change{{put("a", "1"), 1}, {remove("a"), 0}, {put("a", "2"), 1}},
	},
	{
		name: "filter by number", body: `{"create_request":{"key":"b64(a)","filters":[0]}}`, opened: 1,
		changes: []change{{put("a", "1"), 0}, {remove("a"), 1}},
	},
	{
		name: "several events in one answer", body: `{"create_request":{"key":"AA==","range_end":"AA=="}}`, opened: 1,
		changes: []change{{together("x", "y", "z"), 1}},
	},
	{
		name: "from the past", before: []change{{put("h", "1"), 0}, {put("h", "2"), 0}, {remove("h"), 0}},
		body: `{"create_request":{"key":"b64(h)","start_revision":"${base+1}"}}`, opened: 2,
		changes: []change{{put("h", "3"), 1}},
	},
	{
		name: "from before a compaction", before: []change{{put("h", "1"), 0}, {put("h", "2"), 0}, {compact, 0}},
		body: `{"create_request":{"key":"b64(h)","start_revision":"${base+1}"}}`, opened: 2,
	},
	{
		name: "several in one stream", body: `{"create_request":{"key":"b64(a)"}}
			{"create_request":{"key":"b64(b)","watch_id":"9"}}{"create_request":{"key":"AA==","range_end":"AA==","watch_id":5}}`, opened: 3,
		changes: []change{{put("a", "1"), 2}, {put("b", "1"), 2}, {put("c", "1"), 1}},
	},
	{
		name: "the same number twice", body: `{"create_request":{"key":"b64(a)","watch_id":"9"}}{"create_request":{"key":"b64(b)","watch_id":"9"}}`, opened: 2,
	},
	{
		name: "cancelled", body: `{"create_request":{"key":"b64(a)"}}{"create_request":{"key":"b64(b)"}}{"cancel_request":{"watch_id":"0"}}`, opened: 3,
		changes: []change{{put("a", "1"), 0}, {put("b", "1"), 1}},
	},
	{
		name: "progress", body: `{"create_request":{"key":"b64(a)"}}{"progress_request":{}}`, opened: 2,
		changes: []change{{put("a", "1"), 1}},
	},
}

func TestWatch(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		// One after the other: each sees what the others change.
		for _, watch := range watches {
			t.Run(watch.name, func(t *testing.T) {
				variables := scenario.Variables{"base": strconv.FormatInt(w.revision(t), 10)}
				w.make(t, watch.before...)
				request := answer.Request{Path: "/v3/watch", Body: variables.Fill(watch.body)}
				theirs, ours := w.open(t, w.theirs(), request), w.open(t, w.ours(), request)
				if diff := gocmp.Diff(theirs.Head, ours.Head); diff != "" {
					t.Errorf("head differs (-etcd +dragoman):\n%s", diff)
				}
				sameNext(t, theirs, ours, watch.opened)
				for _, change := range watch.changes {
					w.make(t, change)
					sameNext(t, theirs, ours, change.answers)
				}
			})
		}
		w.noWatchersLeft(t)
	})
}

// sameNext requires the next n answers to be the same. Those of different
// watchers in one stream may overtake each other.
func sameNext(t *testing.T, theirs, ours *answer.Stream, n int) {
	t.Helper()
	want, err := theirs.Take(n)
	if err != nil {
		t.Fatalf("etcd: %v after %v", err, want)
	}
	got, err := ours.Take(n)
	if err != nil {
		t.Fatalf("dragoman: %v after %v", err, got)
	}
	if diff := gocmp.Diff(byWatcher(want), byWatcher(got)); diff != "" {
		t.Errorf("the next %d answers differ (-etcd +dragoman):\n%s", n, diff)
	}
}

// byWatcher sorts answers by the watcher that they are for, and leaves those
// of one watcher in order.
func byWatcher(list []any) []any {
	watcher := func(value any) string {
		outer, _ := value.(map[string]any)
		result, _ := outer["result"].(map[string]any)
		id, _ := result["watch_id"].(string)
		return id
	}
	return slices.SortedStableFunc(slices.Values(list), func(a, b any) int {
		return strings.Compare(watcher(a), watcher(b))
	})
}

// make makes changes past both gateways.
func (w *world) make(t *testing.T, changes ...change) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for _, change := range changes {
		if err := change.do(ctx, w.direct); err != nil {
			t.Fatal(err)
		}
	}
}

func put(key, value string) func(context.Context, *clientv3.Client) error {
	return func(ctx context.Context, client *clientv3.Client) error {
		_, err := client.Put(ctx, key, value)
		return wrap(err, "put "+key)
	}
}

func remove(key string) func(context.Context, *clientv3.Client) error {
	return func(ctx context.Context, client *clientv3.Client) error {
		_, err := client.Delete(ctx, key)
		return wrap(err, "delete "+key)
	}
}

// together puts several keys by one transaction.
func together(keys ...string) func(context.Context, *clientv3.Client) error {
	return func(ctx context.Context, client *clientv3.Client) error {
		operations := make([]clientv3.Op, len(keys))
		for i, key := range keys {
			operations[i] = clientv3.OpPut(key, "1")
		}
		_, err := client.Txn(ctx).Then(operations...).Commit()
		return wrap(err, "put together")
	}
}

// compact removes all history.
func compact(ctx context.Context, client *clientv3.Client) error {
	got, err := client.Get(ctx, "none")
	if err == nil {
		_, err = client.Compact(ctx, got.Header.Revision)
	}
	return wrap(err, "compact")
}

func wrap(err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// brokenWatches are streams with something in them that is no request. etcd's
// own gateway leaves those who send them waiting for ever, so nothing is asked
// of it.
var brokenWatches = []struct {
	name string
	body string
}{
	{"JSON that ends", `{`},
	{"no JSON", `nonsense`},
	{"an array", `[]`},
	{"bad base64", `{"create_request":{"key":"###"}}`},
	{"a wrong type", `{"create_request":7}`},
	{"two of a oneof", `{"create_request":{},"cancel_request":{}}`},
	{"after a good one", `{"create_request":{"key":"YQ=="}}` + "\n" + `{"create_request":{"key":"###"}}`},
	{"cut off after a good one", `{"create_request":{"key":"YQ=="}}{"create_req`},
}

func TestBrokenWatch(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		for _, broken := range brokenWatches {
			t.Run(broken.name, func(t *testing.T) {
				t.Parallel()
				// The end of the body is waited for: this would time out if
				// the stream were left open.
				got := w.ask(t, w.ours(), answer.Request{Path: "/v3/watch", Body: broken.body})
				if len(got.Body) == 0 {
					t.Fatalf("answered %d with nothing", got.Status)
				}
				last, _ := got.Body[len(got.Body)-1].(map[string]any)
				// 200 where a good request was answered before the bad one
				// was read.
				if got.Status != http.StatusBadRequest && got.Status != http.StatusOK {
					t.Errorf("status %d, want 400, or 200 after a good request", got.Status)
				}
				status, _ := last["error"].(map[string]any)
				if code := fmt.Sprint(status["code"]); code != "3" {
					t.Errorf("ends by %v, want an error of code 3", last)
				}
			})
		}
	})
}
