// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A writer reads the wire form of one message and writes it to out as JSON.
// The parts that grow are stacks, as in a reader.
type writer struct {
	out      []byte
	compiler *Compiler
	options  WriteOptions
	// partial lets required fields be absent, as inside an Any.
	partial bool
	// depth is how many more levels may be opened, limit how many there were.
	depth, limit int

	// occurrences are the fields of each open message, entries those of each
	// open map.
	occurrences []occurrence
	entries     []entry
	// merged has the messages that were split over several places.
	merged []byte
	// mergeLimit is how large merged may become.
	mergeLimit int
	// digits has the text of a map key.
	digits [20]byte
}

// writer returns a writer that appends to dst.
func (c *Compiler) writer(dst []byte, o WriteOptions) *writer {
	w := c.writers.Get().(*writer) //nolint:errcheck,forcetypeassert // The pool holds nothing else.
	w.out = dst
	w.compiler = c
	w.options = o
	w.partial = false
	w.limit = maxDepth(o.MaxDepth)
	w.depth = w.limit
	w.occurrences, w.entries, w.merged = w.occurrences[:0], w.entries[:0], w.merged[:0]
	return w
}

// freeWriter gives w back once its output has been taken.
func (c *Compiler) freeWriter(w *writer) {
	w.out = nil
	if cap(w.occurrences)+cap(w.entries)+cap(w.merged) <= maxKept {
		clear(w.entries[:cap(w.entries)])
		c.writers.Put(w)
	}
}

// open takes one level of depth.
func (w *writer) open() *Error {
	if w.depth <= 0 {
		return wireError(fmt.Sprintf("nested deeper than the limit of %d", w.limit))
	}
	w.depth--
	return nil
}

// Messages inside a message that are split over several places are copied
// together, and that at each depth. No writer makes much of that, so it may
// take so many times the message, or a little if the message is small.
const (
	maxMergedTimes  = 4
	maxMergedAtOnce = 1 << 20
)

// begin makes w ready for the message b. It refuses messages larger than
// Protobuf allows: positions are kept in 32 bits.
func (w *writer) begin(b []byte) *Error {
	if len(b) > math.MaxInt32 {
		return wireError("the message is larger than 2 GiB")
	}
	w.mergeLimit = max(maxMergedTimes*len(b), maxMergedAtOnce)
	return nil
}

// message appends the JSON form of the message b.
func (w *writer) message(p *Program, b []byte) *Error {
	if err := w.open(); err != nil {
		return err
	}
	var err *Error
	switch p.ready().form {
	case formObject, formEmpty:
		w.out = append(w.out, '{')
		err = w.members(p, b)
		w.out = append(w.out, '}')
	case formAny:
		err = w.any(b)
	case formDuration:
		err = w.duration(b)
	case formFieldMask:
		err = w.fieldMask(b)
	case formListValue, formStruct:
		err = w.container(p, b)
	case formTimestamp:
		err = w.timestamp(b)
	case formValue:
		err = w.dynamic(p, b)
	case formWrapper:
		err = w.wrapper(p, b)
	}
	w.depth++
	return err
}

// members appends the members of an object, which are the fields of b.
func (w *writer) members(p *Program, b []byte) *Error {
	base, end, err := w.index(p, b)
	if err != nil {
		return err
	}
	merged := len(w.merged)
	required := 0
	next := 0 // the first field that has not been dealt with
	for i := base; i < end; {
		index := int(w.occurrences[i].index)
		j := i + 1
		for j < end && int(w.occurrences[j].index) == index {
			j++
		}
		w.unset(p, next, min(index, len(p.fields)))
		next = index + 1
		f := p.at(index)
		if f.required {
			required++
		}
		if err := w.member(f, b, i, j); err != nil {
			return err.within(f)
		}
		w.merged = w.merged[:merged]
		i = j
	}
	w.unset(p, next, len(p.fields))
	if required < p.requiredCount && !w.partial {
		return w.missing(p, base, end)
	}
	w.occurrences = w.occurrences[:base]
	return nil
}

// unset appends the fields from index i to j, which are not set.
func (w *writer) unset(p *Program, i, j int) {
	if !w.options.EmitUnset {
		return
	}
	for ; i < j; i++ {
		f := &p.fields[i]
		if f.unset == "" {
			continue
		}
		w.name(f)
		if w.options.EnumNumbers {
			w.out = append(w.out, f.unsetNumber...)
		} else {
			w.out = append(w.out, f.unset...)
		}
	}
}

// missing returns the error for the first required field that has no
// occurrence.
func (w *writer) missing(p *Program, base, end int) *Error {
	for i := range p.fields {
		f := &p.fields[i]
		for base < end && int(w.occurrences[base].index) < i {
			base++
		}
		if f.required && (base == end || int(w.occurrences[base].index) != i) {
			return wireError("the required field is not set").within(f)
		}
	}
	return wireError("a required field is not set")
}

// name appends the name of a member, with what stands before and after it.
func (w *writer) name(f *field) {
	w.comma('{')
	if w.options.ProtoNames {
		w.out = append(w.out, f.protoKey...)
	} else {
		w.out = append(w.out, f.key...)
	}
}

// comma appends a comma unless the bracket was only just opened.
func (w *writer) comma(opening byte) {
	if w.out[len(w.out)-1] != opening {
		w.out = append(w.out, ',')
	}
}

// member appends the field f, whose occurrences are i to j.
func (w *writer) member(f *field, b []byte, i, j int) *Error {
	if f.shape != shapeSingular {
		if !w.options.EmitUnset && w.empty(i, j) {
			return nil
		}
		w.name(f)
		return w.repeated(f, b, i, j)
	}
	payload, err := w.single(f, b, i, j)
	if err != nil {
		return err
	}
	if f.implicit && !w.options.EmitUnset && isZero(f, payload) {
		return nil
	}
	w.name(f)
	return w.value(f, payload)
}

// empty reports whether the occurrences i to j of a repeated field hold no
// element.
func (w *writer) empty(i, j int) bool {
	for _, o := range w.occurrences[i:j] {
		if !o.packed || o.start < o.end {
			return false
		}
	}
	return true
}

// repeated appends the value of a list or map with the occurrences i to j.
func (w *writer) repeated(f *field, b []byte, i, j int) *Error {
	if f.shape == shapeMap {
		return w.mapping(f, b, i, j)
	}
	w.out = append(w.out, '[')
	count := 0
	for ; i < j; i++ {
		o := w.occurrences[i]
		payload := o.payload(b)
		if !o.packed {
			w.comma('[')
			if err := w.value(f, payload); err != nil {
				return err.atIndex(count)
			}
			count++
			continue
		}
		for len(payload) > 0 {
			n := elementSize(f.class, payload)
			if n < 0 {
				return wireError(malformed).atIndex(count)
			}
			w.comma('[')
			w.scalar(f, bitsOf(f, payload[:n]))
			payload = payload[n:]
			count++
		}
	}
	w.out = append(w.out, ']')
	return nil
}

// fits reports whether a value of f may have this wire type, and whether it is
// a packed list then. What does not fit is an unknown field.
func (f *field) fits(typ protowire.Type) (fits, packed bool) {
	if typ == f.wireType {
		return true, false
	}
	packed = f.packable && typ == protowire.BytesType
	return packed, packed
}
