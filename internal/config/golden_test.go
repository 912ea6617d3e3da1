// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

var update = flag.Bool("update", false, "write what is wrong with the cases, or what they mean, into them")

// divider separates a configuration from what is expected of it.
const divider = "\n----------------\n"

// environment is what the cases may refer to.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"TARGET":   "localhost:50051",
		"STREAMS":  "12",
		"YES":      "true",
		"EMPTY":    "",
		"NULL":     "null",
		"YAML":     "a: b # c\n- \"d\" 'e' {f} [g] *h &i !j",
		"DOLLAR":   "${TARGET} $$",
		"WORD":     "many",
		"BAD_UTF8": "\xff",
		"LEVEL":    "LEVEL_DEBUG",
		"TIME":     "90s",
	}[name]
	return value, ok
}

// TestCases parses every file in testdata/cases: a configuration, a line of
// dashes, and the errors, or the configuration as JSON if there are none.
func TestCases(t *testing.T) {
	t.Parallel()
	for name, input := range cases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()
			source, want, _ := strings.Cut(input, divider)
			parsed, err := config.Parse("config.yaml", []byte(source), config.Options{Env: environment})
			var got string
			if err != nil {
				got = err.Error() + "\n"
			} else {
				got = toJSON(t, parsed)
			}
			if *update {
				if err := os.WriteFile(name, []byte(source+divider+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}

// cases returns the content of every case by its file name.
func cases(t testing.TB) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "cases", "*.txt"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	found := make(map[string]string, len(names))
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = string(content)
	}
	return found
}

// toJSON returns the JSON of a configuration; protojson alone varies its
// spaces from build to build.
func toJSON(t testing.TB, parsed *configv1.Config) string {
	t.Helper()
	compact, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(parsed)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}
