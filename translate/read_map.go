// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"hash/maphash"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// fewKeys is how many keys are compared one by one.
const fewKeys = 12

// mapping takes an object and appends an entry of f for each member.
func (r *reader) mapping(f *field) *Error {
	keys := keySet{base: len(r.keys), slots: len(r.slots)}
	more, err := r.begin('{', '}', "an object")
	for more && err == nil {
		if err = r.entry(f, &keys); err != nil {
			return err
		}
		more, err = r.more('}')
	}
	r.keys, r.slots = r.keys[:keys.base], r.slots[:keys.slots]
	return err
}

// entry takes one member of a map.
func (r *reader) entry(f *field, keys *keySet) *Error {
	r.next()
	start := r.pos
	before := len(r.out)
	r.out = append(r.out, f.tag...)
	mark := len(r.out)
	r.out = append(r.out, 0)
	r.out = append(r.out, f.mapKey.tag...)
	keyStart := len(r.out)
	if err := r.mapKey(f.mapKey); err != nil {
		return err
	}
	keyEnd := len(r.out)
	if err := r.colon(); err != nil {
		return err
	}
	if err := r.value(f.mapValue); err != nil {
		return err.atKey(r.nameAt(start))
	}
	if len(r.out) == keyEnd {
		// The value is an unknown enum name: leave the entry out.
		r.out = r.out[:before]
		return nil
	}
	if !r.addKey(keys, r.closeEntry(mark, span{keyStart, keyEnd})) {
		return r.fail(start, "the key is set twice").atKey(r.nameAt(start))
	}
	return nil
}

// closeEntry writes the length of the entry that began at mark, and returns
// where that leaves its key.
func (r *reader) closeEntry(mark int, key span) span {
	shift := protowire.SizeVarint(uint64(len(r.out)-mark-1)) - 1
	r.out = patchLength(r.out, mark)
	return span{key.start + shift, key.end + shift}
}

// nameAt reads again the name that starts at pos, for an error.
func (r *reader) nameAt(pos int) []byte {
	again := reader{in: r.in, pos: pos}
	name, err := again.memberName()
	if err != nil {
		return nil
	}
	return name
}

// mapKey takes the name of a member and appends it as the key that it stands
// for.
func (r *reader) mapKey(f *field) *Error {
	if r.next() != '"' {
		return r.expected("a name in double quotes")
	}
	if f.class == classString {
		return r.appendString()
	}
	start := r.pos
	name, err := r.text()
	if err != nil {
		return err
	}
	bits, ok := parseMapKey(f.kind, name)
	if !ok {
		return r.fail(start, "expected a key of type "+f.kind.String()).got(name)
	}
	r.out = appendBits(r.out, f.class, bits)
	return nil
}

// parseMapKey returns the wire form of a key that is no string.
func parseMapKey(kind protoreflect.Kind, name []byte) (uint64, bool) {
	switch kind { //nolint:exhaustive // No other kind can be a key.
	case protoreflect.BoolKind:
		switch string(name) {
		case "true":
			return 1, true
		case "false":
			return 0, true
		}
		return 0, false
	case protoreflect.Int32Kind:
		n, err := strconv.ParseInt(string(name), 10, 32)
		return uint64(n), err == nil
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		n, err := strconv.ParseInt(string(name), 10, 64)
		return uint64(n), err == nil
	case protoreflect.Sint32Kind:
		n, err := strconv.ParseInt(string(name), 10, 32)
		return protowire.EncodeZigZag(n), err == nil
	case protoreflect.Sint64Kind:
		n, err := strconv.ParseInt(string(name), 10, 64)
		return protowire.EncodeZigZag(n), err == nil
	case protoreflect.Sfixed32Kind:
		n, err := strconv.ParseInt(string(name), 10, 32)
		return uint64(uint32(n)), err == nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		n, err := strconv.ParseUint(string(name), 10, 32)
		return n, err == nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		n, err := strconv.ParseUint(string(name), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// A keySet is the set of keys that were met in one open map: a part of
// reader.keys, and once there are more than a few, a hash table in
// reader.slots, each slot of which is 0 or one more than a place in that part.
type keySet struct {
	base, slots int
}

// addKey adds a key, a span of out, and reports whether it was not there.
func (r *reader) addKey(set *keySet, key span) bool {
	keys := r.keys[set.base:]
	if len(keys) < fewKeys {
		for _, other := range keys {
			if bytes.Equal(r.out[other.start:other.end], r.out[key.start:key.end]) {
				return false
			}
		}
		r.keys = append(r.keys, key)
		return true
	}
	if size := len(r.slots) - set.slots; size < 2*len(keys)+2 {
		r.growSlots(set, max(4*fewKeys, 2*size))
	}
	if !r.placeKey(set, key, uint32(len(keys)+1)) {
		return false
	}
	r.keys = append(r.keys, key)
	return true
}

// growSlots makes the hash table so big and places the keys anew.
func (r *reader) growSlots(set *keySet, size int) {
	r.slots = r.slots[:set.slots]
	for range size {
		r.slots = append(r.slots, 0)
	}
	for i, key := range r.keys[set.base:] {
		r.placeKey(set, key, uint32(i+1))
	}
}

// placeKey puts a key into the hash table and reports whether it was not
// there. The hash is seeded, so that no peer can choose keys that collide.
func (r *reader) placeKey(set *keySet, key span, place uint32) bool {
	slots, keys := r.slots[set.slots:], r.keys[set.base:]
	text := r.out[key.start:key.end]
	for i := maphash.Bytes(r.seed, text) % uint64(len(slots)); ; i = (i + 1) % uint64(len(slots)) {
		if slots[i] == 0 {
			slots[i] = place
			return true
		}
		other := keys[slots[i]-1]
		if bytes.Equal(r.out[other.start:other.end], text) {
			return false
		}
	}
}
