// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dragoman-gateway/dragoman/translate"
)

func TestDepthLimit(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	tree := func(n int) string { return strings.Repeat(`{"left":`, n-1) + `{}` + strings.Repeat(`}`, n-1) }
	list := func(n int) string { return strings.Repeat(`[`, n) + strings.Repeat(`]`, n) }
	skipped := func(n int) string { return `{"x":` + list(n-1) + `}` }
	objects := func(n int) string { return `{"x":` + strings.Repeat(`{"a":`, n-2) + `{}` + strings.Repeat(`}`, n-1) }
	group := func(n int) string {
		return strings.Repeat(`{"delimited":`, n-1) + `{}` + strings.Repeat(`}`, n-1)
	}
	anys := func(n int) string { // each level is an Any and the message inside
		return strings.Repeat(`{"@type":"test.v3.WellKnown","any":`, n/2) + `{}` + strings.Repeat(`}`, n/2)
	}
	for _, row := range []struct {
		name, message string
		json          func(n int) string
		step          int
	}{
		{"messages", "v3.Tree", tree, 1},
		{"groups", "v2023.Features", group, 1},
		{"values", "google.protobuf.Value", list, 1},
		{"skipped arrays", "v3.Tree", skipped, 1},
		{"skipped objects", "v3.Tree", objects, 1},
		{"any", "google.protobuf.Any", anys, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := s.program(t, row.message)
			for _, limit := range []int{0, 10} {
				most := limit
				if limit == 0 {
					most = translate.DefaultMaxDepth
				}
				if row.step == 2 {
					most-- // an odd number of levels: the innermost Any is empty
				}
				o := translate.ReadOptions{DiscardUnknown: true, MaxDepth: limit}
				wire, err := p.AppendWire(nil, []byte(row.json(most)), o)
				if err != nil {
					t.Errorf("limit %d: %d levels: %v", limit, most, err)
				}
				_, err = p.AppendWire(nil, []byte(row.json(most+row.step)), o)
				if err == nil || !strings.Contains(err.Error(), "nested deeper than the limit of 10") {
					t.Errorf("limit %d: %d levels: %v, want an error that names the limit", limit, most+row.step, err)
				}
				if _, err := p.AppendJSON(nil, wire, translate.WriteOptions{MaxDepth: limit}); err != nil {
					t.Errorf("limit %d: write %d levels: %v", limit, most, err)
				}
				deeper, err := p.AppendWire(nil, []byte(row.json(most+row.step)), translate.ReadOptions{DiscardUnknown: true, MaxDepth: 1000})
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(row.name, "skipped") {
					continue // It is not on the wire.
				}
				_, err = p.AppendJSON(nil, deeper, translate.WriteOptions{MaxDepth: limit})
				if err == nil || !strings.Contains(err.Error(), "nested deeper than the limit of 10") {
					t.Errorf("limit %d: write %d levels: %v, want an error that names the limit", limit, most+row.step, err)
				}
			}
		})
	}
}

func TestUnknownGroupDepth(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	p := s.program(t, "v3.Tree")
	groups := func(n int) []byte {
		b := slices.Repeat(protowire.AppendTag(nil, 99, protowire.StartGroupType), n)
		return append(b, slices.Repeat(protowire.AppendTag(nil, 99, protowire.EndGroupType), n)...)
	}
	if _, err := p.AppendJSON(nil, groups(translate.DefaultMaxDepth-1), translate.WriteOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := p.AppendJSON(nil, groups(translate.DefaultMaxDepth), translate.WriteOptions{}); err == nil {
		t.Error("unknown groups may be nested without limit")
	}
}

// TestMergeLimit nests a message in one that is split in two, again and again:
// each time, nearly all of it must be copied.
func TestMergeLimit(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	split := func(levels int) []byte {
		wire := protowire.AppendString(protowire.AppendTag(nil, 9, protowire.BytesType), strings.Repeat("x", 1<<20))
		for range levels {
			outer := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), []byte{0x20, 0x01})
			wire = protowire.AppendBytes(protowire.AppendTag(outer, 2, protowire.BytesType), wire)
		}
		return wire
	}
	p := s.program(t, "v3.Tree")
	if _, err := p.AppendJSON(nil, split(4), translate.WriteOptions{}); err != nil {
		t.Error(err)
	}
	_, err := p.AppendJSON(nil, split(5), translate.WriteOptions{})
	if err == nil || !strings.Contains(err.Error(), "too much of the message is split") {
		t.Errorf("AppendJSON = %v, want an error about the split", err)
	}
}

// allocations of one call, after enough calls to fill the pools.
func allocations(t *testing.T, call func()) float64 {
	t.Helper()
	call()
	// The race detector makes pools forget at random. The least is what counts.
	least := testing.AllocsPerRun(10, call)
	for range 20 {
		least = min(least, testing.AllocsPerRun(10, call))
	}
	return least
}

func TestAllocations(t *testing.T) { //nolint:paralleltest // It counts allocations of the whole process.
	if raceEnabled {
		t.Log("the race detector makes pools forget, so there is nothing to count")
		return
	}
	s := testSchema(t)
	for _, row := range []struct{ name, message, json string }{
		{"small", "v3.Small", smallJSON},
		{"medium", "v3.Item", mediumJSON},
		{"large", "v3.Page", largeJSON()},
		{"dynamic", "google.protobuf.Struct", `{"a":[1,"x",null,true,{"b":{}}],"c":"d"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := s.program(t, row.message)
			wire, err := p.AppendWire(nil, []byte(row.json), translate.ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			src := []byte(row.json)
			buf := make([]byte, 0, 2*len(src)+100)
			if n := allocations(t, func() { _, _ = p.AppendWire(buf, src, translate.ReadOptions{}) }); n != 0 {
				t.Errorf("AppendWire: %v allocations, want 0", n)
			}
			if n := allocations(t, func() { _, _ = p.AppendJSON(buf, wire, translate.WriteOptions{}) }); n != 0 {
				t.Errorf("AppendJSON: %v allocations, want 0", n)
			}
		})
	}
	f := field(t, s, "v3.Tree", "left.right.name")
	buf := make([]byte, 0, 100)
	if n := allocations(t, func() { _, _ = f.AppendText(buf, "some text") }); n != 0 {
		t.Errorf("AppendText: %v allocations, want 0", n)
	}
}

// TestConcurrentUse compiles and runs the same programs from many goroutines,
// for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := testSchema(t)
	compiler := translate.NewCompiler(s.types)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, g := range corpus() {
				p, err := compiler.Compile(s.message(t, g.message))
				if err != nil {
					t.Error(err)
					return
				}
				for _, src := range g.json[:min(10, len(g.json))] {
					wire, err := p.AppendWire(nil, []byte(src), translate.ReadOptions{})
					if err == nil {
						_, _ = p.AppendJSON(nil, wire, translate.WriteOptions{})
					}
				}
			}
			p, _ := compiler.Compile(s.message(t, "v2.Extendable"))
			_, _ = p.AppendWire(nil, []byte(`{"[test.v2.number]":5,"[test.v2.texts]":["a"],"[test.v2.packed]":[1]}`), translate.ReadOptions{})
		})
	}
	group.Wait()
}
