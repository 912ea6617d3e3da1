// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection

import (
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/schema"
)

// FuzzCollection adds what a server may send as a file.
func FuzzCollection(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x0a\x07a.proto\x12\x01a\x1a\x07b.proto2\x03\x0a\x01S"))
	f.Add([]byte{0xff})
	f.Fuzz(func(t *testing.T, wire []byte) {
		const maxBytes = 1000
		c := newCollection(2, maxBytes)
		problem, err := c.add(wire)
		if err != nil {
			if len(wire) <= maxBytes {
				t.Fatalf("add: %v", err)
			}
			return
		}
		for {
			if _, ok := c.nextImport(); !ok {
				break
			}
		}
		if symbols := c.missingSymbols(); !slices.IsSorted(symbols) {
			t.Fatalf("symbols are not sorted: %q", symbols)
		}
		if problem == nil && len(c.set().GetFile()) != 1 {
			t.Fatal("the file is lost")
		}
		if _, err := schema.New(schema.Input{Origin: "fuzz", Files: c.set()}); err != nil {
			t.Logf("refused: %v", err)
		}
	})
}
