// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// An enum has the names of an enum type, ready to be looked up and written.
type enum struct {
	numbers map[string]int32
	// names are quoted.
	names map[protoreflect.EnumNumber]string
	// dense holds the names of 0, 1, 2, … as far as there are any.
	dense []string
	// null says that this is google.protobuf.NullValue, which JSON writes as
	// null.
	null bool
}

func newEnum(ed protoreflect.EnumDescriptor) *enum {
	values := ed.Values()
	e := &enum{
		numbers: make(map[string]int32, values.Len()),
		names:   make(map[protoreflect.EnumNumber]string, values.Len()),
		null:    ed.FullName() == "google.protobuf.NullValue",
	}
	for i := range values.Len() {
		value := values.Get(i)
		name := string(value.Name())
		if _, taken := e.numbers[name]; !taken {
			e.numbers[name] = int32(value.Number())
		}
		// Of several names for one number, the first is written.
		if _, taken := e.names[value.Number()]; !taken {
			e.names[value.Number()] = string(appendQuoted(nil, name))
		}
	}
	for number := protoreflect.EnumNumber(0); e.names[number] != ""; number++ {
		e.dense = append(e.dense, e.names[number])
	}
	return e
}

// name returns the quoted name of a number, or "".
func (e *enum) name(number protoreflect.EnumNumber) string {
	if number >= 0 && int(number) < len(e.dense) {
		return e.dense[number]
	}
	return e.names[number]
}

// appendName appends the JSON form of a value, by name if it has one.
func (e *enum) appendName(dst []byte, number protoreflect.EnumNumber) []byte {
	if name := e.name(number); name != "" && !e.null {
		return append(dst, name...)
	}
	return e.appendNumber(dst, number)
}

// appendNumber appends the JSON form of a value by number.
func (e *enum) appendNumber(dst []byte, number protoreflect.EnumNumber) []byte {
	if e.null {
		return append(dst, null...)
	}
	return strconv.AppendInt(dst, int64(number), 10)
}
