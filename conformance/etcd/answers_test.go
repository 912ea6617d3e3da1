// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// TestAnswers plays every scenario in front of every deployment.
func TestAnswers(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world) {
		t.Helper()
		// One after the other: a revision counts what all of them change.
		// Those of auth are last, since they need everybody to have a name.
		stage := w.stage()
		for _, group := range [][]scenario.Scenario{keys, transactions, leases, maintenance, coordination, auth} {
			for _, one := range group {
				t.Run(one.Name, func(t *testing.T) { stage.Play(t, one) })
			}
		}
	})
}
