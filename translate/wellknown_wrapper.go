// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

// wrapper takes the value that a wrapper type holds.
func (r *reader) wrapper(p *Program) *Error {
	return r.value(p.wrapped())
}

// wrapper appends the value that a wrapper type holds.
func (w *writer) wrapper(p *Program, b []byte) *Error {
	f := p.wrapped()
	base := len(w.occurrences)
	i, j, err := w.find(p, f, b)
	if err != nil {
		return err
	}
	if i == j {
		w.zero(f)
	} else {
		payload, err := w.single(f, b, i, j)
		if err != nil {
			return err
		}
		if err := w.value(f, payload); err != nil {
			return err
		}
	}
	w.occurrences = w.occurrences[:base]
	return nil
}

// wrapped returns the field of a wrapper type.
func (p *Program) wrapped() *field {
	return &p.fields[p.dense[1]-1]
}
