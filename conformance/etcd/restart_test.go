// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
)

var getA = answer.Request{Path: "/v3/kv/range", Body: `{"key":"YQ=="}`}

// away is how long etcd stays away: so long that the back-off of gRPC would
// have grown beyond what those who call again want to wait.
const away = 6 * time.Second

// TestRestart kills etcd behind the gateway and starts it again.
func TestRestart(t *testing.T) {
	t.Parallel()
	for _, deployment := range deployments {
		t.Run(deployment.name, func(t *testing.T) {
			t.Parallel()
			at := newAddresses(t)
			server := deployment.start(t, at)
			w := inFrontOf(t, at.client, deployment.schema(t)...)
			w.make(t, change{do: put("a", "1")})
			native := newClient(t, w.gateway.GRPC)
			watch := w.open(t, w.ours(), answer.Request{Path: "/v3/watch", Body: `{"create_request":{"key":"YQ=="}}`})
			if _, err := watch.Take(1); err != nil {
				t.Fatalf("watch: %v", err)
			}

			server.Kill()
			value, err := watch.Next()
			if err != nil {
				t.Errorf("an open watch ends by %v, want an error as its last value", err)
			}
			if last, _ := value.(map[string]any); last["error"] == nil {
				t.Errorf("an open watch ends by %v, want an error", value)
			}
			begin := time.Now()
			var slowest time.Duration
			w.eventually(t, "etcd was away for long enough", func() bool {
				slowest = max(slowest, w.unavailable(t))
				return time.Since(begin) > away
			})
			t.Logf("UNAVAILABLE after %v at most", slowest.Round(time.Millisecond))

			deployment.start(t, at)
			took := w.eventually(t, "a call succeeds again", func() bool {
				return w.ask(t, w.ours(), getA).Status == http.StatusOK
			})
			t.Logf("a call succeeds %v after etcd is back", took.Round(time.Millisecond))
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			got, err := native.Get(ctx, "a")
			if err != nil || got.Count != 1 {
				t.Errorf("gRPC: %v, %v; want one key", got, err)
			}
			w.stage().Same(t, "range", getA, http.StatusOK)
		})
	}
}

// TestLateStart starts the gateway before there is an etcd. Where the schema
// comes by reflection there is none then, and nothing can be told of it.
func TestLateStart(t *testing.T) {
	t.Parallel()
	for _, deployment := range deployments {
		t.Run(deployment.name, func(t *testing.T) {
			t.Parallel()
			at := newAddresses(t)
			w := &world{http: newHTTPClient(t), etcd: at.client}
			w.gateway = serve(t, at.client, deployment.schema(t)...)
			took := w.unavailable(t)
			t.Logf("UNAVAILABLE after %v", took.Round(time.Millisecond))
			if got := w.admin(t, "/healthz"); got != http.StatusOK {
				t.Errorf("/healthz answers %d, want 200", got)
			}

			deployment.start(t, at)
			took = w.eventually(t, "a call succeeds", func() bool {
				return w.ask(t, w.ours(), getA).Status == http.StatusOK
			})
			t.Logf("a call succeeds %v after etcd is there", took.Round(time.Millisecond))
			if got := w.admin(t, "/readyz"); got != http.StatusOK {
				t.Errorf("/readyz answers %d, want 200", got)
			}
			w.stage().Same(t, "range", getA, http.StatusOK)
		})
	}
}

// unavailable requires that a call is answered by UNAVAILABLE with a reason,
// and returns how long that took.
func (w *world) unavailable(t *testing.T) time.Duration {
	t.Helper()
	begin := time.Now()
	got := w.ask(t, w.ours(), getA)
	took := time.Since(begin)
	if len(got.Body) != 1 || got.Status != http.StatusServiceUnavailable {
		t.Fatalf("without etcd: %d %v, want 503", got.Status, got.Body)
	}
	fields, _ := got.Body[0].(map[string]any)
	if fields["code"] != json.Number("14") || got.Message() == "" {
		t.Errorf("without etcd: %v, want code 14 and a reason", fields)
	}
	return took
}

// admin returns the status that the admin port answers at path.
func (w *world) admin(t *testing.T, path string) int {
	t.Helper()
	return w.ask(t, "http://"+w.gateway.Admin, answer.Request{Method: http.MethodGet, Path: path}).Status
}
