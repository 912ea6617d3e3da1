// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTour runs every command that the documentation has for the demo, in the
// order of each page, and compares what it answers with the block below it.
func TestTour(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		page string
		// commands is how many there are at least.
		commands int
		// complete says that the page has an answer for each.
		complete bool
	}{
		{page: "demo.md", commands: 12, complete: true},
		{page: "rest.md", commands: 6},
		{page: "validation.md", commands: 1, complete: true},
	} {
		t.Run(test.page, func(t *testing.T) {
			t.Parallel()
			blocks := blocksOf(t, test.page)
			at := start(t).addresses(t)
			ports := strings.NewReplacer("127.0.0.1:8080", at.http, "127.0.0.1:9090", at.grpc, "127.0.0.1:9901", at.admin)
			commands := 0
			for i, block := range blocks {
				if block.kind != "sh" {
					continue
				}
				commands++
				got := paste(t, ports.Replace(block.text))
				switch {
				case i+1 < len(blocks) && blocks[i+1].kind != "sh" && (test.complete || blocks[i+1].follows):
					if err := blocks[i+1].compare(got); err != nil {
						t.Errorf("%sanswers %s\n%v", block.text, got, err)
					}
				case test.complete:
					t.Errorf("no answer follows %s", block.text)
				case got == "" || strings.Contains(got, `{"code":`):
					t.Errorf("%sanswers %s", block.text, got)
				}
			}
			if commands < test.commands {
				t.Errorf("only %d commands were found", commands)
			}
		})
	}
}

// A block is one fenced block of a page.
type block struct {
	kind, text string
	// follows says that nothing stands between it and the block before.
	follows bool
}

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	end := -1
	for _, at := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatchIndex(string(text), -1) {
		blocks = append(blocks, block{
			kind:    string(text[at[2]:at[3]]),
			text:    string(text[at[4]:at[5]]),
			follows: end >= 0 && strings.TrimSpace(string(text[end:at[0]])) == "",
		})
		end = at[1]
	}
	return blocks
}

// compare compares what a command answered with what the block says.
func (b block) compare(got string) error {
	if b.kind == "json" {
		return compareJSON(b.text, got)
	}
	return compareText(b.text, got)
}

// compareText compares line by line. An ellipsis stands for any text.
func compareText(want, got string) error {
	wantLines, gotLines := lines(want), lines(got)
	if len(wantLines) != len(gotLines) {
		return fmt.Errorf("got %d lines, want %d", len(gotLines), len(wantLines))
	}
	for i := range wantLines {
		if !matches(wantLines[i], gotLines[i]) {
			return fmt.Errorf("line %d: got %q, want %q", i+1, gotLines[i], wantLines[i])
		}
	}
	return nil
}

func lines(text string) []string {
	return strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
}

func matches(want, got string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString(got)
}

// compareJSON compares a sequence of values. What an object of want leaves out
// is left out of the comparison as well.
func compareJSON(want, got string) error {
	wantValues, err := values(want)
	if err != nil {
		return fmt.Errorf("the answer in the document: %w", err)
	}
	gotValues, err := values(got)
	if err != nil {
		return fmt.Errorf("the answer: %w", err)
	}
	return compareValues("answer", wantValues, gotValues)
}

func values(text string) ([]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	var all []any
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
}

func compareValues(path string, want, got any) error {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || len(want) == 0 && len(object) > 0 {
			return fmt.Errorf("%s: got %v, want %v", path, got, want)
		}
		for key, value := range want {
			member, ok := object[key]
			if !ok {
				return fmt.Errorf("%s has no %s", path, key)
			}
			if err := compareValues(path+"."+key, value, member); err != nil {
				return err
			}
		}
	case []any:
		array, ok := got.([]any)
		if !ok || len(array) != len(want) {
			return fmt.Errorf("%s: got %v, want %v", path, got, want)
		}
		for i, value := range want {
			if err := compareValues(fmt.Sprintf("%s[%d]", path, i), value, array[i]); err != nil {
				return err
			}
		}
	case string:
		text, ok := got.(string)
		if !ok || !matches(want, text) {
			return fmt.Errorf("%s: got %v, want %v", path, got, want)
		}
	default:
		if want != got {
			return fmt.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	return nil
}

// TestCompare checks the checkers.
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		compare   func(want, got string) error
		want, got string
		equal     bool
	}{
		{"text", compareText, "a\nb\n", "a\r\nb\r\n", true},
		{"text, ellipsis", compareText, "a…d\n", "abcd\n", true},
		{"text, other", compareText, "a\n", "ab\n", false},
		{"text, line more", compareText, "a\n", "a\nb\n", false},
		{"json, member left out", compareJSON, `{"a": 1}`, `{"a":1,"b":2}`, true},
		{"json, member missing", compareJSON, `{"a": 1}`, `{"b":2}`, false},
		{"json, empty object", compareJSON, `{}`, `{"b":2}`, false},
		{"json, other number", compareJSON, `{"a": [1]}`, `{"a":[2]}`, false},
		{"json, element more", compareJSON, `[1]`, `[1,2]`, false},
		{"json, value more", compareJSON, `1`, `1 2`, false},
		{"json, ellipsis", compareJSON, `"a…"`, `"abc"`, true},
		{"json, other text", compareJSON, `"ab"`, `"abc"`, false},
		{"json, null", compareJSON, `null`, `{}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := test.compare(test.want, test.got); (err == nil) != test.equal {
				t.Errorf("compare = %v, want equal: %v", err, test.equal)
			}
		})
	}
}

func TestReadyWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, line, http string
		ready            bool
	}{
		{"ready", "time=1 level=INFO msg=ready http=127.0.0.1:1 grpc=127.0.0.1:2", "127.0.0.1:1", true},
		{"other message", "time=1 level=INFO msg=stopping http=127.0.0.1:1", "", false},
		{"longer message", `time=1 level=INFO msg="ready soon"`, "", false},
		{"no words", "panic: oh", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			words := readyWords(test.line)
			if (words != nil) != test.ready || words["http"] != test.http {
				t.Errorf("readyWords = %v", words)
			}
		})
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, address, want string }{
		{"loopback", "127.0.0.1:80", "127.0.0.1:80"},
		{"every address", "0.0.0.0:80", "localhost:80"},
		{"every address, IPv6", "[::]:80", "localhost:80"},
		{"IPv6", "[::1]:80", "[::1]:80"},
		{"not an address", "unix", "unix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := reachable(test.address); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
