// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/dragoman-gateway/dragoman/internal/config"
)

// FuzzParse requires that Parse comes to an end with a configuration that is
// valid by itself, or with errors that are each one line and have a place that
// is in the file.
func FuzzParse(f *testing.F) {
	for _, input := range cases(f) {
		source, _, _ := strings.Cut(input, divider)
		f.Add([]byte(source), "localhost:50051")
	}
	place := regexp.MustCompile(`^fuzz\.yaml:([0-9]+):([0-9]+): .`)
	f.Fuzz(func(t *testing.T, source []byte, value string) {
		parsed, err := config.Parse("fuzz.yaml", source, config.Options{
			Env: func(name string) (string, bool) { return value, name != "NONE" },
		})
		if err == nil {
			if err := config.Validate(parsed); err != nil {
				t.Errorf("Parse gave a configuration that is not valid: %v", err)
			}
			if _, err := proto.Marshal(parsed); err != nil {
				t.Errorf("Parse gave a configuration that cannot be encoded: %v", err)
			}
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			match := place.FindStringSubmatch(line)
			if match == nil {
				t.Fatalf("no place in %q", line)
			}
			number, _ := strconv.Atoi(match[1])
			column, _ := strconv.Atoi(match[2])
			if number < 1 || column < 1 || number > len(source)+1 || column > len(source)+1 {
				t.Errorf("%d:%d is not in the file: %q", number, column, line)
			}
		}
	})
}

// FuzzExpandedValue requires that a variable is one value, whatever it holds:
// it gets into the field as it is, and into no other.
func FuzzExpandedValue(f *testing.F) {
	for _, seed := range []string{"", "a", "null", "~", "a: b", "\nname: b", "# c", "\"", "'", "${NONE}", "$$", "*a", "&a", "!!int 1", "}", "- a", "\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		source := "upstreams:\n  - name: ${VALUE}\n    target: 'a'\n  - {target: \"b\", name: \"${VALUE}c\"}\n"
		parsed, err := config.Parse("fuzz.yaml", []byte(source), config.Options{
			Env: func(string) (string, bool) { return value, true },
		})
		if !utf8.ValidString(value) {
			if err == nil {
				t.Errorf("value %q was accepted, which no string can hold", value)
			}
			return
		}
		if err != nil {
			t.Fatalf("value %q: %v", value, err)
		}
		first, second := parsed.GetUpstreams()[0], parsed.GetUpstreams()[1]
		if first.GetName() != value || first.GetTarget() != "a" || second.GetName() != value+"c" || second.GetTarget() != "b" {
			t.Errorf("value %q became %v", value, parsed)
		}
	})
}
