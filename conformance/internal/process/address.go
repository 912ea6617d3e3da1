// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Ports from here on are not among those that systems give to outgoing
// connections: between the moment when an address is found free and the one
// when somebody listens on it, no connection can take it. Least of all one
// that was meant for whoever will listen there.
const (
	firstPort = 10_000
	lastPort  = 32_000
)

// FreeAddress returns an address of the loopback interface that nobody
// listened on a moment ago, for programs that cannot choose one themselves.
func FreeAddress(tb testing.TB) string {
	tb.Helper()
	const attempts = 100
	for range attempts {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.N(lastPort-firstPort)) //nolint:gosec // Nothing secret.
		listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", address)
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			tb.Fatalf("give back a free port: %v", err)
		}
		return address
	}
	tb.Fatal("no free port found")
	return ""
}
