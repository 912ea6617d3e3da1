// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// TestSnapshot takes a snapshot of the database through both gateways: a
// stream of answers with as many bytes as a test should have. What etcd puts
// into a snapshot may change from one moment to the next, so that the two are
// held against the checksum that etcd sends along, and not against each other.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		const size = 1 << 20
		w.make(t, change{do: put("large", strings.Repeat("x", size))})
		request := answer.Request{Path: "/v3/maintenance/snapshot", Body: `{}`}
		want := w.ask(t, w.theirs(), request)
		got := w.ask(t, w.ours(), request)
		wantHead, gotHead := want, got
		wantHead.Body, gotHead.Body = nil, nil
		if diff := gocmp.Diff(wantHead, gotHead); diff != "" {
			t.Errorf("head differs (-etcd +dragoman):\n%s", diff)
		}
		for name, whole := range map[string]answer.Answer{"etcd": want, "dragoman": got} {
			snapshot := blob(t, whole)
			if len(snapshot) < size {
				t.Fatalf("%s: %d bytes, want more than %d", name, len(snapshot), size)
			}
			database, sum := snapshot[:len(snapshot)-sha256.Size], snapshot[len(snapshot)-sha256.Size:]
			if made := sha256.Sum256(database); !bytes.Equal(made[:], sum) {
				t.Errorf("%s: the checksum of %d bytes is not right", name, len(database))
			}
		}
	})
}

// blob joins the pieces of a snapshot.
func blob(t *testing.T, whole answer.Answer) []byte {
	t.Helper()
	var joined []byte
	for _, value := range whole.Body {
		outer, _ := value.(map[string]any)
		result, _ := outer["result"].(map[string]any)
		text, _ := result["blob"].(string)
		piece, err := base64.StdEncoding.DecodeString(text)
		if err != nil || result == nil {
			t.Fatalf("no piece of a snapshot: %v in %.200v", err, value)
		}
		joined = append(joined, piece...)
	}
	return joined
}

// TestObserve looks on at an election through both gateways.
func TestObserve(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		variables := scenario.Variables{}
		campaign := scenario.Step{Path: "/v3/election/campaign", Body: `{"name":"b64(king)","lease":"7587","value":"b64(one)"}`}
		proclaim := scenario.Step{Path: "/v3/election/proclaim", Body: `{"leader":{"name":"b64(king)","key":"${key}","rev":"${rev}","lease":"7587"},"value":"b64(two)"}`}
		w.mustAsk(t, variables, scenario.Step{Path: "/v3/lease/grant", Body: `{"TTL":"3600","ID":"7587"}`})
		elected := w.mustAsk(t, variables, campaign)
		for name, path := range map[string]string{"key": "leader.key", "rev": "leader.rev"} {
			variables[name] = scenario.Text(t, elected, path)
		}
		request := variables.Request(scenario.Step{Path: "/v3/election/observe", Body: `{"name":"b64(king)"}`})
		theirs, ours := w.open(t, w.theirs(), request), w.open(t, w.ours(), request)
		if diff := gocmp.Diff(theirs.Head, ours.Head); diff != "" {
			t.Errorf("head differs (-etcd +dragoman):\n%s", diff)
		}
		sameNext(t, theirs, ours, 1)
		w.mustAsk(t, variables, proclaim)
		sameNext(t, theirs, ours, 1)
	})
}

// mustAsk asks Dragoman what has to succeed.
func (w *world) mustAsk(t *testing.T, variables scenario.Variables, s scenario.Step) answer.Answer {
	t.Helper()
	got := w.ask(t, w.ours(), variables.Request(s))
	if got.Status != http.StatusOK {
		t.Fatalf("%s %s: %d %v", s.Path, s.Body, got.Status, got.Body)
	}
	return got
}

// TestRangeStream calls the one method of etcd's that has no HTTP rule.
func TestRangeStream(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		w.make(t, change{do: together("r/1", "r/2", "r/3")})
		got := w.mustAsk(t, scenario.Variables{}, scenario.Step{Path: "/etcdserverpb.KV/RangeStream", Body: `{"key":"b64(r/)","range_end":"b64(r0)"}`})
		var keys []string
		for _, value := range got.Body {
			outer, _ := value.(map[string]any)
			result, _ := outer["result"].(map[string]any)
			part, _ := result["range_response"].(map[string]any)
			kvs, _ := part["kvs"].([]any)
			for _, kv := range kvs {
				fields, _ := kv.(map[string]any)
				key, _ := fields["key"].(string)
				keys = append(keys, key)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		direct, err := w.direct.Get(ctx, "r/", clientv3.WithPrefix())
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, kv := range direct.Kvs {
			want = append(want, scenario.Base64(string(kv.Key)))
		}
		if diff := gocmp.Diff(want, keys); diff != "" {
			t.Errorf("keys differ (-direct +dragoman):\n%s", diff)
		}
	})
}
