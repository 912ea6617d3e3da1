// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// A Program is built from its source when a test first needs it, and once.
// Its zero value is not usable: Package has to be set. It may be used
// concurrently.
type Program struct {
	// Dir is where the go command runs; it decides on the module. Empty means
	// the folder of the test.
	Dir string
	// Package is the main package to build.
	Package string

	once sync.Once
	dir  string
	path string
	err  error
}

// Path builds the program, if that has not been done, and returns the file.
func (p *Program) Path(tb testing.TB) string {
	tb.Helper()
	p.once.Do(func() { p.path, p.err = p.build() })
	if p.err != nil {
		tb.Fatal(p.err)
	}
	return p.path
}

// Remove removes what was built. It is for the end of a TestMain.
func (p *Program) Remove() error {
	return os.RemoveAll(p.dir)
}

func (p *Program) build() (string, error) {
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return "", fmt.Errorf("folder for %s: %w", p.Package, err)
	}
	p.dir = dir
	path := filepath.Join(dir, "program")
	// No context: a build that is broken off by the end of one test would be
	// missing in all that come after it.
	command := exec.Command("go", "build", "-o", path, p.Package) //nolint:gosec,noctx // The test chooses what to build.
	command.Dir = p.Dir
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", p.Package, err, out)
	}
	return path, nil
}
