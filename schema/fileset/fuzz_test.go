// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package fileset_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/fileset"
)

// FuzzLoad reads files of any content. What Load accepts, New must take or
// refuse without a panic.
func FuzzLoad(f *testing.F) {
	f.Add(marshal(f, shopSet(f)))
	f.Add([]byte(shopProto))
	f.Add([]byte("{}"))
	f.Add([]byte("file {"))
	f.Add([]byte{0x1f, 0x8b})
	path := filepath.Join(f.TempDir(), "fuzz.binpb")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		input, err := schema.Load(t.Context(), fileset.New(path))
		if err != nil {
			return
		}
		if _, err := schema.New(input); err != nil {
			t.Logf("refused: %v", err)
		}
	})
}
