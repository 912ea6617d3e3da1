// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"math/bits"
	"slices"
)

// message takes the JSON form of a message and appends its fields.
func (r *reader) message(p *Program) *Error {
	if err := r.open(); err != nil {
		return err
	}
	var err *Error
	switch p.ready().form {
	case formObject:
		err = r.object(p, nil)
	case formAny:
		err = r.any()
	case formDuration:
		err = r.duration()
	case formEmpty:
		err = r.empty()
	case formFieldMask:
		err = r.fieldMask()
	case formListValue:
		err = r.listValue()
	case formStruct:
		err = r.structure()
	case formTimestamp:
		err = r.timestamp()
	case formValue:
		err = r.dynamic()
	case formWrapper:
		err = r.wrapper(p)
	}
	r.depth++
	return err
}

// A typeURL is the "@type" of the object that an Any is written as.
type typeURL struct{ met bool }

// object takes an object whose members are the fields of p. If url is given,
// "@type" is taken as well, once.
func (r *reader) object(p *Program, url *typeURL) *Error {
	if p.unsupported != "" {
		return r.fail(r.pos, p.unsupported)
	}
	base, extensions := len(r.seen), len(r.seenExtensions)
	for range p.words {
		r.seen = append(r.seen, 0)
	}
	// Deeper objects may move r.seen, but not this part of it.
	seen := r.seen[base:]

	hint := 0
	more, err := r.begin('{', '}', "an object")
	for more && err == nil {
		var f *field
		r.next()
		start := r.pos
		if f, err = r.fieldName(p, hint, url); err != nil {
			return err
		}
		if f != nil {
			if err = r.member(f, seen, extensions, start); err != nil {
				return err.within(f)
			}
			hint = f.index + 1
		}
		more, err = r.more('}')
	}
	if err == nil && p.required != nil && !r.partial {
		err = r.checkRequired(p, seen)
	}
	r.seen, r.seenExtensions = r.seen[:base], r.seenExtensions[:extensions]
	return err
}

// checkRequired requires that every required field was met.
func (r *reader) checkRequired(p *Program, seen []uint64) *Error {
	for i, required := range p.required {
		if missing := required &^ seen[i]; missing != 0 {
			f := &p.fields[i*64+bits.TrailingZeros64(missing)]
			return r.fail(r.pos, "the required field is not set").within(f)
		}
	}
	return nil
}

// fieldName takes a name and returns its field. It takes the whole member and
// returns nil if that is to be skipped. hint is the index of the field that
// most likely follows.
func (r *reader) fieldName(p *Program, hint int, url *typeURL) (*field, *Error) {
	if hint < len(p.fields) {
		f := &p.fields[hint]
		end := r.pos + len(f.key)
		if end <= len(r.in) && string(r.in[r.pos:end]) == f.key && (url == nil || f.name != typeName) {
			r.pos = end
			return f, nil
		}
	}
	start := r.pos
	name, err := r.memberName()
	if err != nil {
		return nil, err
	}
	if url != nil && string(name) == typeName {
		if url.met {
			return nil, r.fail(start, `expected one "@type", got another`)
		}
		url.met = true
		return nil, r.skip()
	}
	if i, ok := p.byName[string(name)]; ok {
		return &p.fields[i], nil
	}
	if isExtensionName(name) {
		f, cause := p.extensionByName(name[1 : len(name)-1])
		if cause != nil {
			return nil, r.fail(start, "cannot set the extension").quoting(name).causedBy(cause)
		}
		if f != nil {
			return f, nil
		}
	}
	if r.discardUnknown {
		return nil, r.skip()
	}
	return nil, r.fail(start, "unknown field").quoting(name)
}

// member takes the value of f, whose name starts at start. seen is the set of
// what was met in the object, extensions where those of the object start.
func (r *reader) member(f *field, seen []uint64, extensions, start int) *Error {
	if f.descriptor.IsExtension() {
		if !r.meetExtension(f, extensions) {
			return r.fail(start, "the field is set twice")
		}
	} else if !meet(seen, f.index) {
		return r.fail(start, "the field is set twice")
	}
	if r.next() == 'n' && !f.nullable && r.literal(null) {
		if f.required && !r.partial {
			return r.fail(r.pos, "the required field is not set")
		}
		return nil
	}
	switch f.shape {
	case shapeList:
		return r.list(f)
	case shapePacked:
		return r.packed(f)
	case shapeMap:
		return r.mapping(f)
	case shapeSingular:
	}
	if f.oneof >= 0 && !meet(seen, f.oneof) {
		return r.fail(start, "another field of the same oneof is set").quoting([]byte(f.descriptor.ContainingOneof().Name()))
	}
	before := len(r.out)
	err := r.value(f)
	if f.required && err == nil && len(r.out) == before && !r.partial {
		return r.fail(r.pos, "the required field is not set")
	}
	return err
}

// meet adds a bit to a set and reports whether it was not there.
func meet(seen []uint64, bit int) bool {
	word, mask := &seen[bit/64], uint64(1)<<(bit%64)
	met := *word&mask != 0
	*word |= mask
	return !met
}

// meetExtension is meet for an extension. The extensions of the object start
// at base.
func (r *reader) meetExtension(f *field, base int) bool {
	number := int32(f.descriptor.Number())
	if slices.Contains(r.seenExtensions[base:], number) {
		return false
	}
	r.seenExtensions = append(r.seenExtensions, number)
	return true
}

// list takes an array and appends an element of f for each value.
func (r *reader) list(f *field) *Error {
	more, err := r.begin('[', ']', "an array")
	for i := 0; more && err == nil; i++ {
		if err = r.value(f); err != nil {
			return err.atIndex(i)
		}
		more, err = r.more(']')
	}
	return err
}

// packed takes an array of numbers and appends them as one packed list.
func (r *reader) packed(f *field) *Error {
	before := len(r.out)
	r.out = append(r.out, f.packedTag...)
	mark := len(r.out)
	r.out = append(r.out, 0)
	more, err := r.begin('[', ']', "an array")
	for i := 0; more && err == nil; i++ {
		var n uint64
		var ok bool
		if n, ok, err = r.bits(f); err != nil {
			return err.atIndex(i)
		}
		if ok {
			r.out = appendBits(r.out, f.class, n)
		}
		more, err = r.more(']')
	}
	if err != nil {
		return err
	}
	if len(r.out) == mark+1 {
		r.out = r.out[:before]
		return nil
	}
	r.out = patchLength(r.out, mark)
	return nil
}
