// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"regexp"
	"testing"

	"github.com/dragoman-gateway/dragoman/conformance/internal/process"
)

// etcd registers no reflection by itself, in no version from 3.6 to 3.8. So
// there are two ways to put a gateway in front of it, and both are compared.
var deployments = []struct {
	name string
	// start starts an etcd.
	start func(tb testing.TB, at addresses) *process.Process
	// schema returns what dragoman has to be told about the schema.
	schema func(tb testing.TB) []string
}{
	{
		// Reflection as a program that embeds etcd adds it. What it serves
		// does not link.
		name: "reflection", start: startReflecting,
		schema: func(testing.TB) []string { return nil },
	},
	{
		// etcd as it is released, and the schema from its own .proto files.
		name: "proto files", start: startReleased,
		schema: protoFiles,
	},
}

// everywhere runs test once for each deployment, in a world of its own.
func everywhere(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, deployment := range deployments {
		t.Run(deployment.name, func(t *testing.T) {
			t.Parallel()
			at := newAddresses(t)
			deployment.start(t, at)
			test(t, inFrontOf(t, at.client, deployment.schema(t)...))
		})
	}
}

// addresses are where an etcd listens, and where it keeps its data: what has
// to stay when it is started again.
type addresses struct {
	client, peer, dir string
}

func newAddresses(tb testing.TB) addresses {
	tb.Helper()
	return addresses{process.FreeAddress(tb), process.FreeAddress(tb), tb.TempDir()}
}

// startReflecting runs an etcd that serves reflection.
func startReflecting(tb testing.TB, at addresses) *process.Process {
	tb.Helper()
	return process.Start(tb, process.Command{
		Path:  reflecting.Path(tb),
		Args:  []string{"-dir", at.dir, "-client", at.client, "-peer", at.peer},
		Ready: regexp.MustCompile(`(?m)^ready\n`),
	})
}

// startReleased runs an etcd as it is released.
func startReleased(tb testing.TB, at addresses) *process.Process {
	tb.Helper()
	return process.Start(tb, process.Command{
		Path: released.Path(tb),
		Args: []string{
			"--data-dir=" + at.dir,
			"--listen-client-urls=http://" + at.client, "--advertise-client-urls=http://" + at.client,
			"--listen-peer-urls=http://" + at.peer, "--initial-advertise-peer-urls=http://" + at.peer,
			"--initial-cluster=default=http://" + at.peer,
			"--heartbeat-interval=10", "--election-timeout=100",
			"--unsafe-no-fsync", "--strict-reconfig-check=false", "--bcrypt-cost=4",
		},
		Ready: regexp.MustCompile(`serving client traffic insecurely.*\n`),
		// It ends itself by the signal that told it to stop.
		AnyStatus: true,
	})
}
