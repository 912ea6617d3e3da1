// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/dragoman-gateway/dragoman/conformance/internal/process"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
)

// stage returns where scenarios are played: etcd's own gateway is the oracle.
func (w *world) stage() *scenario.Stage {
	return &scenario.Stage{
		Client: w.http, Theirs: w.theirs(), Ours: w.ours(),
		Begin: w.begin, Relative: relative, Tidy: sortMembers,
	}
}

// begin removes every key and every lease. A play then knows as base the
// revision that it begins with, and as peer the URL of a member that is not
// there, another for each play: etcd makes the ID of a member from its URL and
// the time in seconds, and never takes one back that it has removed.
func (w *world) begin(tb testing.TB) scenario.Variables {
	tb.Helper()
	w.empty(tb)
	return scenario.Variables{
		"base": strconv.FormatInt(w.revision(tb), 10),
		"peer": "http://" + process.FreeAddress(tb),
	}
}

// revisions are the fields whose value is a revision of the store.
var revisions = map[string]bool{
	"revision": true, "create_revision": true, "mod_revision": true,
	"compact_revision": true, "hash_revision": true, "rev": true,
}

// relative counts revisions from the one that the play began with.
func relative(variables scenario.Variables, field, text string) string {
	revision, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !revisions[field] {
		return text
	}
	return "${base+" + strconv.FormatInt(revision-variables.Number("base"), 10) + "}"
}

// sortMembers sorts members by their first URL. etcd sorts them by their IDs,
// which it draws.
func sortMembers(field string, list []any) {
	if field != "members" {
		return
	}
	url := func(member any) string {
		fields, _ := member.(map[string]any)
		urls, _ := fields["peerURLs"].([]any)
		if len(urls) == 0 {
			return ""
		}
		text, _ := urls[0].(string)
		return text
	}
	slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(url(a), url(b)) })
}

// revision returns the present revision of the store.
func (w *world) revision(tb testing.TB) int64 {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	defer cancel()
	got, err := w.direct.Get(ctx, "none")
	if err != nil {
		tb.Fatalf("ask for the revision: %v", err)
	}
	return got.Header.Revision
}

// empty removes every key and every lease.
func (w *world) empty(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	defer cancel()
	if _, err := w.direct.Delete(ctx, "\x00", clientv3.WithFromKey()); err != nil {
		tb.Fatalf("remove all keys: %v", err)
	}
	leases, err := w.direct.Leases(ctx)
	if err != nil {
		tb.Fatalf("list leases: %v", err)
	}
	for _, lease := range leases.Leases {
		if _, err := w.direct.Revoke(ctx, lease.ID); err != nil {
			tb.Fatalf("revoke lease %d: %v", lease.ID, err)
		}
	}
}
