// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The fields of a map entry.
const (
	entryKey   = 1
	entryValue = 2
)

// An entry is one entry of a map.
type entry struct {
	// key is that of a map with string keys. Of other keys, number has the
	// value, so that unsigned comparison gives their order.
	key    []byte
	number uint64
	value  []byte
	// place is that of the entry on the wire: of two entries with the same
	// key, the later one counts.
	place  int
	valued bool
}

func compareEntries(a, b entry) int {
	if c := compareKeys(a, b); c != 0 {
		return c
	}
	return cmp.Compare(a.place, b.place)
}

func compareKeys(a, b entry) int {
	if a.number != b.number {
		return cmp.Compare(a.number, b.number)
	}
	return bytes.Compare(a.key, b.key)
}

// mapping appends the map f, whose entries are the occurrences i to j, in the
// order of its keys.
func (w *writer) mapping(f *field, b []byte, i, j int) *Error {
	base := len(w.entries)
	for place := i; place < j; place++ {
		e, err := w.readEntry(f, w.occurrences[place].payload(b))
		if err != nil {
			return err
		}
		e.place = place
		w.entries = append(w.entries, e)
	}
	end := len(w.entries)
	slices.SortFunc(w.entries[base:end], compareEntries)
	w.out = append(w.out, '{')
	for k := base; k < end; k++ {
		e := w.entries[k]
		replaced := k+1 < end && compareKeys(e, w.entries[k+1]) == 0
		if err := w.entry(f, e, replaced); err != nil {
			return err.atKey(w.keyText(f.mapKey, e))
		}
	}
	w.out = append(w.out, '}')
	w.entries = w.entries[:base]
	return nil
}

// entry appends one entry of a map, unless it is replaced.
func (w *writer) entry(f *field, e entry, replaced bool) *Error {
	value := f.mapValue
	if replaced {
		return w.validate(value, e.value, false)
	}
	w.comma('{')
	if f.mapKey.class == classString {
		var ok bool
		if w.out, ok = appendJSONString(w.out, e.key); !ok {
			return wireError(invalidText)
		}
	} else {
		w.out = append(w.out, '"')
		w.out = append(w.out, w.keyText(f.mapKey, e)...)
		w.out = append(w.out, '"')
	}
	w.out = append(w.out, ':')
	if !e.valued && value.message == nil {
		w.zero(value)
		return nil
	}
	return w.value(value, e.value)
}

// readEntry reads an entry, of which either part may be missing, and either
// part may be there several times.
func (w *writer) readEntry(f *field, b []byte) (entry, *Error) {
	e := entry{number: flip(f.mapKey.kind)}
	keyed := false
	for pos := 0; pos < len(b); {
		wf, err := w.wireField(b, pos)
		if err != nil {
			return e, err
		}
		payload := b[wf.start:wf.end]
		switch {
		case wf.number == entryKey && wf.typ == f.mapKey.wireType:
			if f.mapKey.class == classString {
				if keyed && f.mapKey.checkUTF8 && !utf8.Valid(e.key) {
					return e, wireError(invalidText)
				}
				e.key = payload
			} else {
				e.number = keyNumber(f.mapKey, payload)
			}
			keyed = true
		case wf.number == entryValue && wf.typ == f.mapValue.wireType:
			if err := w.readEntryValue(f.mapValue, &e, payload); err != nil {
				return e, err
			}
		}
		pos = wf.next
	}
	return e, nil
}

// readEntryValue adds to e a value, which replaces the one before, or merges
// with it.
func (w *writer) readEntryValue(f *field, e *entry, payload []byte) *Error {
	if !e.valued {
		e.value, e.valued = payload, true
		return nil
	}
	if f.message == nil {
		err := w.validate(f, e.value, false)
		e.value = payload
		return err
	}
	from := len(w.merged)
	if err := w.merge(e.value); err != nil {
		return err
	}
	if err := w.merge(payload); err != nil {
		return err
	}
	e.value = w.merged[from:len(w.merged):len(w.merged)]
	return nil
}

// flip returns what turns signed numbers into unsigned ones of the same order.
func flip(kind protoreflect.Kind) uint64 {
	switch kind { //nolint:exhaustive // The others are not signed.
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return 1 << 63
	}
	return 0
}

// keyNumber returns the number that stands for a key in an entry.
func keyNumber(f *field, payload []byte) uint64 {
	bits := bitsOf(f, payload)
	switch f.kind { //nolint:exhaustive // The others are as they should be.
	case protoreflect.BoolKind:
		bits = min(bits, 1)
	case protoreflect.Int32Kind, protoreflect.Sfixed32Kind:
		bits = uint64(int64(int32(bits)))
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		bits = uint64(protowire.DecodeZigZag(bits))
	}
	return bits ^ flip(f.kind)
}

// keyText returns the text of a key, valid until the next call.
func (w *writer) keyText(f *field, e entry) []byte {
	if f.class == classString {
		return e.key
	}
	dst := w.digits[:0]
	number := e.number ^ flip(f.kind)
	switch {
	case f.kind == protoreflect.BoolKind:
		return strconv.AppendBool(dst, number != 0)
	case flip(f.kind) != 0:
		return strconv.AppendInt(dst, int64(number), 10)
	}
	return strconv.AppendUint(dst, number, 10)
}
