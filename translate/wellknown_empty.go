// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

// empty takes an object without members.
func (r *reader) empty() *Error {
	more, err := r.begin('{', '}', "an object")
	for more && err == nil {
		r.next()
		start := r.pos
		var name []byte
		if name, err = r.memberName(); err != nil {
			return err
		}
		if !r.discardUnknown {
			return r.fail(start, "unknown field").quoting(name)
		}
		if err = r.skip(); err != nil {
			return err
		}
		more, err = r.more('}')
	}
	return err
}
