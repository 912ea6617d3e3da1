// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"cmp"
	"slices"
	"strings"
)

// An occurrence is one place on the wire where a field of the message has a
// value. It is small, since a message has as many as it has values.
type occurrence struct {
	index      int32 // of the field
	packed     bool
	start, end uint32
}

func (o occurrence) payload(b []byte) []byte { return b[o.start:o.end] }

// index finds the fields of the message b and leaves them on the stack
// w.occurrences, from base to end, in the order in which they are written and,
// for one field, in that of the wire. Fields come in any order on the wire and
// may be split over several places; with most writers they do neither, and
// nothing needs to be moved.
func (w *writer) index(p *Program, b []byte) (base, end int, err *Error) {
	if p.unsupported != "" {
		return 0, 0, wireError(p.unsupported)
	}
	base = len(w.occurrences)
	last, sorted := int32(-1), true
	var oneofs uint64
	conflict := false
	for pos := 0; pos < len(b); {
		wf, err := w.wireField(b, pos)
		if err != nil {
			return 0, 0, err
		}
		pos = wf.next
		f := p.byNumber(wf.number)
		if f == nil {
			continue
		}
		fits, packed := f.fits(wf.typ)
		if !fits {
			continue
		}
		index := int32(f.index)
		sorted = sorted && index >= last
		last = index
		if f.oneof >= 0 {
			bit := uint64(1) << ((f.oneof - len(p.fields)) % 64)
			conflict = conflict || oneofs&bit != 0
			oneofs |= bit
		}
		w.occurrences = append(w.occurrences, occurrence{index, packed, uint32(wf.start), uint32(wf.end)})
	}
	if conflict {
		if err := w.resolveOneofs(p, b, base); err != nil {
			return 0, 0, err
		}
	}
	if !sorted {
		slices.SortFunc(w.occurrences[base:], compareOccurrences)
	}
	if int(last) >= len(p.fields) || !sorted {
		w.sortExtensions(p, base)
	}
	return base, len(w.occurrences), nil
}

func compareOccurrences(a, b occurrence) int {
	if a.index != b.index {
		return cmp.Compare(a.index, b.index)
	}
	return cmp.Compare(a.start, b.start)
}

// sortExtensions puts extensions, which come after all fields, in the order of
// their names.
func (w *writer) sortExtensions(p *Program, base int) {
	from := len(w.occurrences)
	for from > base && int(w.occurrences[from-1].index) >= len(p.fields) {
		from--
	}
	if len(w.occurrences)-from < 2 {
		return
	}
	slices.SortStableFunc(w.occurrences[from:], func(a, b occurrence) int {
		return strings.Compare(p.at(int(a.index)).name, p.at(int(b.index)).name)
	})
}

// resolveOneofs removes the occurrences of oneof members that a later member
// of the same oneof replaces. It expects the order of the wire.
func (w *writer) resolveOneofs(p *Program, b []byte, base int) *Error {
	// For each oneof, the index of its last member plus one; negative once a
	// different member was met before that.
	holders := make([]int32, p.oneofs)
	for i := len(w.occurrences) - 1; i >= base; i-- {
		o := &w.occurrences[i]
		f := p.at(int(o.index))
		if f.oneof < 0 {
			continue
		}
		holder := &holders[f.oneof-len(p.fields)]
		switch {
		case *holder == 0:
			*holder = o.index + 1
		case *holder != o.index+1:
			*holder = -max(*holder, -*holder)
			if err := w.validate(f, o.payload(b), o.packed); err != nil {
				return err.within(f)
			}
			o.index = -1
		}
	}
	w.occurrences = append(w.occurrences[:base], slices.DeleteFunc(w.occurrences[base:], func(o occurrence) bool {
		return o.index < 0
	})...)
	return nil
}

// groupStart returns where the last group of occurrences of one field begins.
func (w *writer) groupStart(base, end int) int {
	i := end
	for i > base && w.occurrences[i-1].index == w.occurrences[end-1].index {
		i--
	}
	return i
}

// single returns the value of a singular field that has the occurrences i to
// j: the last scalar, or all of a message.
func (w *writer) single(f *field, b []byte, i, j int) ([]byte, *Error) {
	last := w.occurrences[j-1].payload(b)
	if i+1 == j {
		return last, nil
	}
	if f.message == nil {
		for _, o := range w.occurrences[i : j-1] {
			if err := w.validate(f, o.payload(b), o.packed); err != nil {
				return nil, err
			}
		}
		return last, nil
	}
	from := len(w.merged)
	for _, o := range w.occurrences[i:j] {
		if err := w.merge(o.payload(b)); err != nil {
			return nil, err
		}
	}
	return w.merged[from:len(w.merged):len(w.merged)], nil
}

// merge appends a part of a message to w.merged. Parts of a message, one
// after another, are the whole of it, as long as each ends where a field does.
func (w *writer) merge(part []byte) *Error {
	for pos := 0; pos < len(part); {
		f, err := w.wireField(part, pos)
		if err != nil {
			return err
		}
		pos = f.next
	}
	if len(w.merged)+len(part) > w.mergeLimit {
		return wireError("too much of the message is split over several places")
	}
	w.merged = append(w.merged, part...)
	return nil
}
