// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/descriptorpb"
)

// A removal is the set of elements that are taken out of a file. Removing moves
// the elements behind, and with them the places that source locations name.
type removal struct {
	// gone holds the sorted indexes that go from each repeated field; the key
	// is the location of the field.
	gone map[string][]int32
}

func (r removal) of(field []int32) []int32 {
	return r.gone[locationKey(field)]
}

func locationKey(location []int32) string {
	var key []byte
	for _, n := range location {
		key = append(strconv.AppendInt(key, int64(n), 10), '.')
	}
	return string(key)
}

// remove takes elements out of the file. The file's elements must be indexed
// anew if they are to be used again.
func (f *file) remove(elements []element) {
	r := removal{gone: make(map[string][]int32)}
	for _, e := range elements {
		last := len(e.location) - 1
		key := locationKey(e.location[:last])
		r.gone[key] = append(r.gone[key], e.location[last])
	}
	for _, indexes := range r.gone {
		slices.Sort(indexes)
	}
	r.locations(f.proto.GetSourceCodeInfo())

	fd := f.proto
	for i, message := range fd.GetMessageType() {
		r.nestedExtensions(message, location(nil, fileMessageField, i))
	}
	for i, service := range fd.GetService() {
		at := location(nil, fileServiceField, i)
		service.Method = without(service.GetMethod(), r.of(append(at, serviceMethodField)))
	}
	fd.MessageType = without(fd.GetMessageType(), r.of([]int32{fileMessageField}))
	fd.EnumType = without(fd.GetEnumType(), r.of([]int32{fileEnumField}))
	fd.Service = without(fd.GetService(), r.of([]int32{fileServiceField}))
	fd.Extension = without(fd.GetExtension(), r.of([]int32{fileExtensionField}))
}

func (r removal) nestedExtensions(message *descriptorpb.DescriptorProto, at []int32) {
	message.Extension = without(message.GetExtension(), r.of(append(slices.Clone(at), messageExtensionField)))
	for i, nested := range message.GetNestedType() {
		r.nestedExtensions(nested, location(at, messageNestedField, i))
	}
}

// locations removes the source locations of what goes and moves the rest.
func (r removal) locations(info *descriptorpb.SourceCodeInfo) {
	if info == nil {
		return
	}
	info.Location = slices.DeleteFunc(info.GetLocation(), func(l *descriptorpb.SourceCodeInfo_Location) bool {
		return !r.move(l.GetPath())
	})
}

// move changes path to what it is after the removal. It reports false if what
// the path names goes.
func (r removal) move(path []int32) bool {
	// Places alternate between the number of a field and an index into it.
	original := slices.Clone(path)
	for i := 1; i < len(path); i += 2 {
		gone := r.of(original[:i])
		before, found := slices.BinarySearch(gone, original[i])
		if found {
			return false
		}
		path[i] -= int32(before)
	}
	return true
}

// without returns values less those at the sorted indexes gone.
func without[T any](values []T, gone []int32) []T {
	if len(gone) == 0 {
		return values
	}
	kept := make([]T, 0, len(values)-len(gone))
	for i, value := range values {
		if _, found := slices.BinarySearch(gone, int32(i)); !found {
			kept = append(kept, value)
		}
	}
	return kept
}
