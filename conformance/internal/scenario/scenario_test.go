// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// A recorder is a test that may fail without anybody minding.
type recorder struct {
	testing.TB

	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, arguments ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, arguments...))
}

// answers answers every request alike.
func answers(status int, header map[string]string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // The client sees what is missing.
	}
}

// newStage returns a stage with two servers of its own.
func newStage(t *testing.T, theirs, ours http.Handler) *scenario.Stage {
	t.Helper()
	one, two := httptest.NewServer(theirs), httptest.NewServer(ours)
	t.Cleanup(one.Close)
	t.Cleanup(two.Close)
	return &scenario.Stage{
		Client: one.Client(), Theirs: one.URL, Ours: two.URL,
		Begin: func(testing.TB) scenario.Variables { return scenario.Variables{} },
	}
}

// TestSeesEveryDifference is there because a comparison that compares nothing
// passes.
func TestSeesEveryDifference(t *testing.T) {
	t.Parallel()
	oracle := answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[1,2]}`)
	for _, test := range []struct {
		name string
		ours http.Handler
		same bool
	}{
		{"nothing", oracle, true},
		{"white space and order of fields", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, "{ \"list\":[1,2],\n\"n\":\"1\"}\n"), true},
		{"a header that is nobody's", answers(200, map[string]string{"Grpc-Metadata-A": "1", "Server": "x"}, `{"n":"1","list":[1,2]}`), true},
		{"status", answers(201, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[1,2]}`), false},
		{"content type", answers(200, map[string]string{"Grpc-Metadata-A": "1", "Content-Type": "text/json"}, `{"n":"1","list":[1,2]}`), false},
		{"value of a header", answers(200, map[string]string{"Grpc-Metadata-A": "2"}, `{"n":"1","list":[1,2]}`), false},
		{"no header", answers(200, nil, `{"n":"1","list":[1,2]}`), false},
		{"another header", answers(200, map[string]string{"Grpc-Metadata-A": "1", "Grpc-Metadata-B": "1"}, `{"n":"1","list":[1,2]}`), false},
		{"value", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"2","list":[1,2]}`), false},
		{"number for a text", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":1,"list":[1,2]}`), false},
		{"form of a number", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[1.0,2]}`), false},
		{"no field", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"list":[1,2]}`), false},
		{"another field", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[1,2],"m":null}`), false},
		{"order of a list", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[2,1]}`), false},
		{"another value after the first", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[1,2]}{}`), false},
		{"no JSON", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, `{"n":"1","list":[1,2]`), false},
		{"no body", answers(200, map[string]string{"Grpc-Metadata-A": "1"}, ``), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t, oracle, test.ours)
			for _, reads := range []bool{true, false} {
				seen := &recorder{TB: t}
				stage.Play(seen, scenario.Scenario{Steps: []scenario.Step{{Path: "/", Reads: reads}}})
				if same := len(seen.errors) == 0; same != test.same {
					t.Errorf("reads %v: same is %v, want %v: %q", reads, same, test.same, seen.errors)
				}
			}
		})
	}
}

// TestCounts plays with a server that counts and draws, as servers do: neither
// may be taken for a difference, nor hide one.
func TestCounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// skips is how much the server skips behind the second gateway.
		skips int64
		same  bool
	}{
		{"alike", 0, true},
		{"one more", 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var count atomic.Int64
			count.Store(100)
			server := func(step int64) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					n := count.Add(step)
					answers(200, nil, fmt.Sprintf(`{"revision":"%d","id":"drawn-by-chance-%d","path":%q}`, n, n, r.URL.Path))(w, r)
				}
			}
			stage := newStage(t, server(1), server(1+test.skips))
			stage.Begin = func(testing.TB) scenario.Variables {
				return scenario.Variables{"base": fmt.Sprint(count.Load())}
			}
			stage.Relative = func(variables scenario.Variables, field, text string) string {
				if field != "revision" {
					return text
				}
				var n int64
				if _, err := fmt.Sscan(text, &n); err != nil {
					return text
				}
				return fmt.Sprint(n - variables.Number("base"))
			}
			seen := &recorder{TB: t}
			stage.Play(seen, scenario.Scenario{Steps: []scenario.Step{
				{Path: "/", Capture: map[string]string{"id": "id"}},
				{Path: "/${id}", Capture: map[string]string{"other": "id"}},
			}})
			if same := len(seen.errors) == 0; same != test.same {
				t.Errorf("same is %v, want %v: %q", same, test.same, seen.errors)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	oracle := answers(400, nil, `{"code":3,"message":"in other words"}`)
	for _, test := range []struct {
		name string
		ours http.Handler
		same bool
	}{
		{"words and details", answers(400, nil, `{"code":3,"message":"body: limit: no","details":[{}]}`), true},
		{"not the words that are wanted", answers(400, nil, `{"code":3,"message":"body: no"}`), false},
		{"code", answers(400, nil, `{"code":4,"message":"body: limit: no"}`), false},
		{"status", answers(404, nil, `{"code":3,"message":"body: limit: no"}`), false},
		{"not refused", answers(200, nil, `{}`), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			seen := &recorder{TB: t}
			newStage(t, oracle, test.ours).Refused(seen, "", answer.Request{Path: "/"}, 400, "limit")
			if same := len(seen.errors) == 0; same != test.same {
				t.Errorf("same is %v, want %v: %q", same, test.same, seen.errors)
			}
		})
	}
}

func TestDiffers(t *testing.T) {
	t.Parallel()
	oracle := answers(501, nil, `{"code":12}`)
	want := scenario.Difference{
		Request:  answer.Request{Path: "/"},
		Oracle:   answer.Outcome{Status: 501, ContentType: "application/json", Code: "12"},
		Dragoman: answer.Outcome{Status: 405, ContentType: "application/json", Code: "12", Allow: "POST"},
	}
	for _, test := range []struct {
		name string
		ours http.Handler
		ok   bool
	}{
		{"as said", answers(405, map[string]string{"Allow": "POST"}, `{"error":{"code":12}}`), true},
		{"no difference", oracle, false},
		{"no Allow", answers(405, nil, `{"code":12}`), false},
		{"another code", answers(405, map[string]string{"Allow": "POST"}, `{"code":13}`), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			seen := &recorder{TB: t}
			newStage(t, oracle, test.ours).Differs(seen, want)
			if ok := len(seen.errors) == 0; ok != test.ok {
				t.Errorf("ok is %v, want %v: %q", ok, test.ok, seen.errors)
			}
		})
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	variables := scenario.Variables{"base": "40", "id": "x"}
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{`{"key":"b64(a)"}`, `{"key":"YQ=="}`},
		{"b64()", ""},
		{"/${id}/${id}", "/x/x"},
		{"${base} ${base+2}", "40 42"},
		{"${none}", ""},
	} {
		if got := variables.Fill(test.text); got != test.want {
			t.Errorf("Fill(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
