// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dragoman-gateway/dragoman/conformance/internal/answer"
)

// A Difference is a request that Dragoman answers otherwise than the oracle,
// and means to.
type Difference struct {
	Name string
	// Why is the reason. It is for those who read the table.
	Why              string
	Request          answer.Request
	Oracle, Dragoman answer.Outcome
}

// Differs requires that both gateways answer as d says, and that this is a
// difference still.
func (g *Stage) Differs(tb testing.TB, d Difference) {
	tb.Helper()
	if diff := gocmp.Diff(d.Oracle, g.ask(tb, g.Theirs, d.Request).Outcome()); diff != "" {
		tb.Errorf("the oracle is not as the table says (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(d.Dragoman, g.ask(tb, g.Ours, d.Request).Outcome()); diff != "" {
		tb.Errorf("dragoman is not as the table says (-want +got):\n%s", diff)
	}
	if d.Oracle == d.Dragoman {
		tb.Error("this is no difference any more")
	}
}
