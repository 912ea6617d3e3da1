// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule_test

import (
	"cmp"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	gocmp "github.com/google/go-cmp/cmp"
)

// A reference matches one template by the letter of the specification. It
// shares nothing with the package but the shortest form of a template, in
// which braces, colons and stars can only mean one thing.
type reference struct {
	bound

	verb      string
	segments  []string // "*", "**" or an escaped literal
	variables [][2]int // ranges of segments
}

func newReference(route bound) reference {
	r := reference{bound: route}
	text := route.template
	if i := strings.LastIndexAny(text, "/}:"); text[i] == ':' {
		text, r.verb = text[:i], decode(text[i+1:])
	}
	for piece := range strings.SplitSeq(text[1:], "/") {
		if strings.HasPrefix(piece, "{") {
			r.variables = append(r.variables, [2]int{len(r.segments)})
			_, after, ok := strings.Cut(piece, "=")
			if !ok {
				after = "*}"
			}
			piece = after
		}
		piece, ends := strings.CutSuffix(piece, "}")
		r.segments = append(r.segments, piece)
		if ends {
			r.variables[len(r.variables)-1][1] = len(r.segments)
		}
	}
	return r
}

// match returns what the variables capture in path.
func (r reference) match(method, path string) ([]string, bool) {
	if _, err := url.PathUnescape(path); err != nil || !strings.HasPrefix(path, "/") || r.method != method && r.method != "*" {
		return nil, false
	}
	path, ok := r.cutVerb(path)
	if !ok {
		return nil, false
	}
	segments := strings.Split(path[1:], "/")
	taken := make([]string, len(r.segments))
	for i, want := range r.segments {
		switch {
		case want == "**":
			taken[i] = strings.Join(segments[i:], "/")
			segments = segments[:i]
		case i >= len(segments) || want != "*" && decode(want) != decode(segments[i]):
			return nil, false
		default:
			taken[i] = segments[i]
		}
	}
	if len(segments) > len(r.segments) {
		return nil, false
	}
	var captures []string
	for _, v := range r.variables {
		if v[1]-v[0] == 1 && r.segments[v[0]] != "**" {
			captures = append(captures, decode(taken[v[0]]))
			continue
		}
		joined := strings.Join(taken[v[0]:v[1]], "/")
		joined = strings.ReplaceAll(strings.ReplaceAll(joined, "%2F", "%252F"), "%2f", "%252f")
		captures = append(captures, decode(joined))
	}
	return captures, true
}

// cutVerb removes the template's verb from the end of path.
func (r reference) cutVerb(path string) (string, bool) {
	if r.verb == "" {
		return path, true
	}
	last := strings.LastIndexByte(path, '/') + 1
	for i := last + 1; i < len(path); i++ {
		if path[i] == ':' && decode(path[i+1:]) == r.verb {
			return path[:i], true
		}
	}
	return "", false
}

// compare returns whether a or b is to be preferred for a path that both match.
func compare(a, b reference) int {
	return cmp.Or(
		-cmp.Compare(len(a.verb), len(b.verb)),
		slices.CompareFunc(a.segments, b.segments, func(x, y string) int {
			return cmp.Compare(rank(x), rank(y))
		}),
		-cmp.Compare(a.method, b.method), // "*" sorts before any letter
	)
}

func rank(segment string) int {
	if segment == "*" || segment == "**" {
		return len(segment)
	}
	return 0
}

func decode(text string) string {
	decoded, err := url.PathUnescape(text)
	if err != nil {
		panic(err)
	}
	return decoded
}

// FuzzMatch requires that a router finds what the best of the references
// finds. The templates are lines; every third is bound to POST, and every
// third to any method.
func FuzzMatch(f *testing.F) {
	f.Add("/\n/v1/*\n/v1/{a=**}", "/v1/a/b")
	f.Add("/v1/a/x\n/v1/{b}/y\n/{c=**}:go\n/{d}/a:x:go", "/v1/a/y:x:go")
	f.Add("/v1/{a=x/*/y/**}\n/v1/x\n/v1/x/{b}", "/v1/x/%2F%20/y")
	f.Add("/{a}/%61\n/{b=**}\n/*/{c=a/*}", "/%c3%a9/a/%2f")
	f.Add("/v1/{a=x/**}\n/v1/{b=**}:go\n/v1/**:go:on", "/v1:go:on")
	f.Add("/{a}:b%3Ac\n/{a}:c\n/{a}:%63", "/x:b:c")
	f.Fuzz(func(t *testing.T, text, path string) {
		router := httprule.NewRouter[string]()
		var references []reference
		for line := range strings.Lines(text) {
			template, err := httprule.ParseTemplate(strings.TrimSuffix(line, "\n"))
			if err != nil {
				continue
			}
			route := bound{[]string{"GET", "POST", "*"}[len(references)%3], template.String()}
			if router.Add(route.method, template, route.String()) == nil {
				references = append(references, newReference(route))
			}
		}
		for _, method := range []string{"GET", "POST", "BREW"} {
			checkMatch(t, router, references, method, path)
		}
	})
}

func checkMatch(t *testing.T, router *httprule.Router[string], references []reference, method, path string) {
	t.Helper()
	var (
		best        *reference
		want, allow []string
		wantValue   string
	)
	for _, r := range references {
		if _, ok := r.match(r.method, path); ok {
			allow = append(allow, r.method)
		}
		if captures, ok := r.match(method, path); ok && (best == nil || compare(r, *best) < 0) {
			best, want, wantValue = &r, captures, r.String()
		}
	}
	value, captures, ok := router.Match(method, path, nil)
	if ok != (best != nil) || value != wantValue {
		t.Fatalf("Match(%s, %q) = %q, %t, want %q", method, path, value, ok, wantValue)
	}
	if diff := gocmp.Diff(want, captures); diff != "" {
		t.Errorf("Match(%s, %q) captures mismatch for %s (-want +got):\n%s", method, path, value, diff)
	}
	slices.Sort(allow)
	if diff := gocmp.Diff(slices.Compact(allow), router.Allow(path)); diff != "" {
		t.Errorf("Allow(%q) mismatch (-want +got):\n%s", path, diff)
	}
}

// TestMatchGenerated is FuzzMatch with routes and paths that are made to meet:
// few words, many ways to combine them.
func TestMatchGenerated(t *testing.T) {
	t.Parallel()
	const rounds, routes, paths = 300, 30, 60
	random := rand.New(rand.NewPCG(1, 2)) // The same routes in every run.
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	repeat := func(limit int, words ...string) string {
		var b strings.Builder
		for range random.IntN(limit) {
			b.WriteString(pick(words...))
		}
		return b.String()
	}
	matches := 0
	for range rounds {
		router := httprule.NewRouter[string]()
		var references []reference
		for range routes {
			text := pick("/*", "/a", "/{v}", "/{v=a/*}") +
				repeat(3, "/a", "/b", "/%61", "/*", "/a:b", "/%2F") +
				pick("", "", "/{w=b/*}", "/{w}", "/{w=**}", "/{w=a/**}", "/{w=*/**}", "/**") +
				pick("", "", "", ":b", ":c", ":b%3Ac")
			template, err := httprule.ParseTemplate(text)
			if err != nil {
				t.Fatalf("ParseTemplate(%q): %v", text, err)
			}
			route := bound{pick("GET", "POST", "*"), template.String()}
			if router.Add(route.method, template, route.String()) == nil {
				references = append(references, newReference(route))
			}
		}
		for range paths {
			path := "/" + repeat(8, "a", "b", "%61", "%2f", "%20", ":", ":b", ":c", "%3A", "/", "/", "/a", "/b", "/a")
			checkMatch(t, router, references, "GET", path)
			if _, _, ok := router.Match("GET", path, nil); ok {
				matches++
			}
		}
	}
	if matches < rounds*paths/2 {
		t.Errorf("%d of %d paths match, want more than half: the test tests too little", matches, rounds*paths)
	}
}
