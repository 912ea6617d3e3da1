// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"unicode/utf8"
)

// validate checks a value of f that is not written because a later one
// replaces it. A message with a part that no parser would take is refused as a
// whole.
func (w *writer) validate(f *field, payload []byte, packed bool) *Error {
	switch {
	case f.class == classString:
		if f.checkUTF8 && !utf8.Valid(payload) {
			return wireError(invalidText)
		}
	case f.message != nil:
		return w.validateMessage(f.message, payload)
	case packed:
		for len(payload) > 0 {
			n := elementSize(f.class, payload)
			if n < 0 {
				return wireError(malformed)
			}
			payload = payload[n:]
		}
	}
	return nil
}

// validateMessage checks a message, or an entry of a map.
func (w *writer) validateMessage(p *Program, b []byte) *Error {
	if err := w.open(); err != nil {
		return err
	}
	if p.ready().unsupported != "" {
		return wireError(p.unsupported)
	}
	for pos := 0; pos < len(b); {
		wf, err := w.wireField(b, pos)
		if err != nil {
			return err
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
		if err := w.validate(f, b[wf.start:wf.end], packed); err != nil {
			return err.within(f)
		}
	}
	w.depth++
	return nil
}
