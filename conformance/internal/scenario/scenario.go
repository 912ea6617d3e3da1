// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package scenario has the same conversation with two gateways in front of
// one server, and requires the same answers: of the oracle, which is generated
// grpc-gateway, and of Dragoman.
//
// A scenario is played twice, once through each gateway, from the same
// beginning.
//
//   - A step that changes nothing is asked of both gateways at once, in both
//     plays, and the answers must be equal to the last digit.
//   - The answers to the steps that change something are compared play with
//     play. The server counts on from one play to the next and draws numbers;
//     in these, and only these, what it drew goes by its name (see
//     [Step.Capture]), and what it counted is counted anew ([Stage.Relative]).
package scenario

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
)

// within bounds how long one answer may take.
const within = 30 * time.Second

// A Scenario is a conversation that begins with an empty server.
type Scenario struct {
	Name  string
	Steps []Step
}

// A Step is one request. Path, body and header are filled in by
// [Variables.Fill].
type Step struct {
	Name   string
	Method string // POST if empty
	Path   string
	Body   string
	Header map[string]string
	// Reads says that the step changes nothing.
	Reads bool
	// Capture names values of the answer, such as an ID that the server drew:
	// from the name to the path of fields, as in "member.ID".
	Capture map[string]string
	// Want is the status that both must answer, so that a step which fails
	// where it was not meant to compares nothing unseen. 0 means 200.
	Want int
	// Refused is set where a gateway itself refuses the request, and is what
	// Dragoman's message must have in it; see [Stage.Refused].
	Refused string
}

// A Stage is where scenarios are played: two gateways in front of one server.
type Stage struct {
	Client *http.Client
	// Theirs is the base URL of the oracle, Ours that of Dragoman.
	Theirs, Ours string
	// Begin makes the server empty and returns the variables that a play
	// begins with.
	Begin func(tb testing.TB) Variables
	// Relative returns a text of an answer, which the named field had, as it
	// is compared between plays; what was captured has its name already. Nil
	// changes nothing.
	Relative func(variables Variables, field, text string) string
	// Tidy puts into order what the server gives in no order. Nil changes
	// nothing.
	Tidy func(field string, list []any)
	// Drawn are the response headers whose value is another each time. They
	// must be there alike.
	Drawn []string
}

// Play plays s through both gateways and compares.
func (g *Stage) Play(tb testing.TB, s Scenario) {
	tb.Helper()
	want := g.play(tb, s, g.Theirs)
	got := g.play(tb, s, g.Ours)
	for i, step := range s.Steps {
		if diff := gocmp.Diff(want[i], got[i]); diff != "" {
			tb.Errorf("%s: %s %s differs (-oracle +dragoman):\n%s", step.Name, step.Path, step.Body, diff)
		}
	}
}

// play plays s through the gateway at base and returns the answer to each
// step that changes something, ready to be compared.
func (g *Stage) play(tb testing.TB, s Scenario, base string) []answer.Answer {
	tb.Helper()
	variables := maps.Clone(g.Begin(tb))
	told := make([]answer.Answer, len(s.Steps))
	for i, step := range s.Steps {
		request := variables.Request(step)
		status := cmp.Or(step.Want, http.StatusOK)
		if step.Refused != "" {
			g.Refused(tb, step.Name, request, status, step.Refused)
			continue
		}
		if step.Reads {
			g.Same(tb, step.Name, request, status)
			continue
		}
		got := g.ask(tb, base, request)
		if got.Status != status {
			tb.Errorf("%s: %s answers %d %v, want %d", step.Name, base, got.Status, got.Body, status)
		}
		for name, path := range step.Capture {
			variables[name] = Text(tb, got, path)
		}
		for j, value := range got.Body {
			got.Body[j] = g.relative(variables, "", value)
		}
		for _, values := range got.Header {
			for j, value := range values {
				values[j] = variables.unfill(value)
			}
		}
		told[i] = got
	}
	return told
}

// Same asks both gateways and requires the same answer, with the given status.
// The oracle is asked before and after: only where it agrees with itself,
// nothing having changed meanwhile, can anyone be held against it.
func (g *Stage) Same(tb testing.TB, name string, request answer.Request, status int) {
	tb.Helper()
	const attempts = 10
	for range attempts {
		before := g.ask(tb, g.Theirs, request)
		got := g.ask(tb, g.Ours, request)
		after := g.ask(tb, g.Theirs, request)
		if gocmp.Diff(before, after) != "" {
			continue
		}
		if before.Status != status {
			tb.Errorf("%s: the oracle answers %d %v, want %d", name, before.Status, before.Body, status)
		}
		if diff := gocmp.Diff(before, got); diff != "" {
			tb.Errorf("%s: %s %.1000s differs (-oracle +dragoman):\n%s", name, request.Path, request.Body, diff)
		}
		return
	}
	tb.Errorf("%s: the oracle gave different answers %d times", name, attempts)
}

// Refused asks both gateways for something that they refuse before the server
// hears of it, and requires the same status and code. The text is the own of
// each, and Dragoman adds details; its message must have says in it.
func (g *Stage) Refused(tb testing.TB, name string, request answer.Request, status int, says string) {
	tb.Helper()
	want, got := g.ask(tb, g.Theirs, request), g.ask(tb, g.Ours, request)
	if want.Status != status {
		tb.Errorf("%s: the oracle answers %d %v, want %d", name, want.Status, want.Body, status)
	}
	if message := got.Message(); !strings.Contains(message, says) {
		tb.Errorf("%s: message %q, want %q in it", name, message, says)
	}
	own := cmpopts.IgnoreMapEntries(func(field string, _ any) bool { return field == "message" || field == "details" })
	if diff := gocmp.Diff(want, got, own); diff != "" {
		tb.Errorf("%s: %s %s differs (-oracle +dragoman):\n%s", name, request.Path, request.Body, diff)
	}
}

// ask asks the gateway at base.
func (g *Stage) ask(tb testing.TB, base string, request answer.Request) answer.Answer {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	defer cancel()
	got, err := answer.Ask(ctx, g.Client, base, request)
	if err != nil {
		tb.Fatal(err)
	}
	g.tidy("", got.Body)
	for _, header := range g.Drawn {
		if got.Header.Get(header) != "" {
			got.Header.Set(header, "drawn")
		}
	}
	return got
}

// tidy calls Tidy for every list in value, from the inside out.
func (g *Stage) tidy(field string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, element := range value {
			g.tidy(name, element)
		}
	case []any:
		for _, element := range value {
			g.tidy(field, element)
		}
		if g.Tidy != nil {
			g.Tidy(field, value)
		}
	}
}

// relative returns value, which field had, as it is compared between plays.
func (g *Stage) relative(variables Variables, field string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, element := range value {
			value[name] = g.relative(variables, name, element)
		}
	case []any:
		for i, element := range value {
			value[i] = g.relative(variables, field, element)
		}
		if g.Tidy != nil {
			// What was drawn has a name now, and may sort otherwise.
			g.Tidy(field, value)
		}
	case string:
		value = variables.unfill(value)
		if g.Relative != nil {
			value = g.Relative(variables, field, value)
		}
		return value
	}
	return value
}

// Text returns the text or number at path, as in "member.ID", in the first
// value of an answer.
func Text(tb testing.TB, from answer.Answer, path string) string {
	tb.Helper()
	if len(from.Body) == 0 {
		tb.Fatalf("no answer to take %s from", path)
	}
	value := from.Body[0]
	for name := range strings.SplitSeq(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	default:
		tb.Fatalf("%s is %v, want a text, in %v", path, value, from.Body)
		return ""
	}
}
