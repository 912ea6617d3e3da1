// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// maxDenseGap limits the table of small field numbers to what pays.
const maxDenseGap = 64

// ready returns p after making sure that it is compiled.
func (p *Program) ready() *Program {
	if !p.compiled.Load() {
		p.compile()
	}
	return p
}

// compile fills p in. Programs of other types are only referred to, so a type
// may contain itself.
func (p *Program) compile() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.compiled.Load() {
		return
	}
	md := p.descriptor
	switch {
	case md.IsPlaceholder():
		p.unsupported = "the message type is not defined"
	case isMessageSet(md):
		p.unsupported = "the message_set_wire_format has no JSON form"
	default:
		p.compileFields(md.Fields())
		p.form = formOf(md)
		p.oneofs = md.Oneofs().Len()
		p.words = (len(p.fields) + p.oneofs + 63) / 64
		p.extendable = md.ExtensionRanges().Len() > 0
	}
	p.compiled.Store(true)
}

func (p *Program) compileFields(fields protoreflect.FieldDescriptors) {
	n := fields.Len()
	p.fields = make([]field, n)
	p.byName = make(map[string]int32, 2*n)
	p.dense = make([]int32, min(highest(fields)+1, 2*n+maxDenseGap))
	for i := range n {
		fd := fields.Get(i)
		f := &p.fields[i]
		p.compiler.compileField(f, fd)
		f.index = i
		if oneof := fd.ContainingOneof(); oneof != nil {
			f.oneof = n + oneof.Index()
		}
		if f.required {
			p.require(i, n)
		}
		if number := int(fd.Number()); number < len(p.dense) {
			p.dense[number] = int32(i) + 1
			continue
		}
		if p.sparse == nil {
			p.sparse = make(map[protowire.Number]int32)
		}
		p.sparse[fd.Number()] = int32(i)
	}
	p.compileNames()
}

// compileNames fills byName. A JSON name takes precedence over a proto name
// that another field has, and an earlier field over a later one. Names in
// brackets are those of extensions.
func (p *Program) compileNames() {
	add := func(name string, index int) {
		if _, taken := p.byName[name]; !taken && !isExtensionName([]byte(name)) {
			p.byName[name] = int32(index)
		}
	}
	for i := range p.fields {
		add(p.fields[i].name, i)
	}
	for i := range p.fields {
		add(p.fields[i].protoName, i)
	}
}

// require records that the field with this index, one of n, is required.
func (p *Program) require(index, n int) {
	if p.required == nil {
		p.required = make([]uint64, (n+63)/64)
	}
	p.required[index/64] |= 1 << (index % 64)
	p.requiredCount++
}

// compileField fills f in, but for what depends on the message around it.
func (c *Compiler) compileField(f *field, fd protoreflect.FieldDescriptor) {
	f.descriptor = fd
	f.kind = fd.Kind()
	f.class, f.wireType = layout(f.kind)
	f.narrow = isNarrow(f.kind)
	f.oneof = -1
	f.name, f.protoName = fd.JSONName(), fd.TextName()
	f.key = string(append(appendQuoted(nil, f.name), ':'))
	f.protoKey = string(append(appendQuoted(nil, f.protoName), ':'))
	f.required = fd.Cardinality() == protoreflect.Required
	f.checkUTF8 = f.kind == protoreflect.StringKind && enforcesUTF8(fd)
	f.redact = isRedacted(fd)

	f.tag = tag(fd.Number(), f.wireType)
	if f.class == classGroup {
		f.endTag = tag(fd.Number(), protowire.EndGroupType)
	}
	if md := fd.Message(); md != nil {
		f.message = c.program(md)
		f.nullable = md.FullName() == "google.protobuf.Value"
	}
	if ed := fd.Enum(); ed != nil {
		f.enum = c.enumOf(ed)
		f.nullable = f.enum.null
	}
	switch {
	case fd.IsMap():
		f.shape = shapeMap
		f.mapKey, f.mapValue = new(field), new(field)
		c.compileField(f.mapKey, fd.MapKey())
		c.compileField(f.mapValue, fd.MapValue())
		f.mapKey.implicit, f.mapValue.implicit = false, false
	case fd.IsList():
		f.shape = shapeList
		f.packable = f.class <= classFixed64
		if f.packable {
			f.packedTag = tag(fd.Number(), protowire.BytesType)
		}
		if fd.IsPacked() {
			f.shape = shapePacked
		}
	default:
		f.implicit = !fd.HasPresence() && !fd.IsExtension()
	}
	f.unset, f.unsetNumber = unsetJSON(f, fd)
}

// unsetJSON returns what EmitUnset writes for the field.
func unsetJSON(f *field, fd protoreflect.FieldDescriptor) (text, number string) {
	switch {
	case fd.ContainingOneof() != nil, fd.IsExtension():
		return "", ""
	case f.shape == shapeMap:
		return "{}", "{}"
	case f.shape != shapeSingular:
		return "[]", "[]"
	case fd.HasPresence():
		return null, null
	case f.kind == protoreflect.EnumKind:
		first := fd.Default().Enum()
		return string(f.enum.appendName(nil, first)), string(f.enum.appendNumber(nil, first))
	default:
		zero := zeroJSON(f.kind)
		return zero, zero
	}
}

// zeroJSON returns the zero value of a scalar as JSON.
func zeroJSON(kind protoreflect.Kind) string {
	switch kind {
	case protoreflect.BoolKind:
		return "false"
	case protoreflect.StringKind, protoreflect.BytesKind:
		return `""`
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Uint64Kind,
		protoreflect.Sfixed64Kind, protoreflect.Fixed64Kind:
		return `"0"`
	default:
		return "0"
	}
}

// layout returns how values of a kind are written on the wire.
func layout(kind protoreflect.Kind) (class, protowire.Type) {
	switch kind {
	case protoreflect.BoolKind, protoreflect.EnumKind,
		protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Uint32Kind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Uint64Kind:
		return classVarint, protowire.VarintType
	case protoreflect.Sfixed32Kind, protoreflect.Fixed32Kind, protoreflect.FloatKind:
		return classFixed32, protowire.Fixed32Type
	case protoreflect.Sfixed64Kind, protoreflect.Fixed64Kind, protoreflect.DoubleKind:
		return classFixed64, protowire.Fixed64Type
	case protoreflect.StringKind:
		return classString, protowire.BytesType
	case protoreflect.BytesKind:
		return classBytes, protowire.BytesType
	case protoreflect.GroupKind:
		return classGroup, protowire.StartGroupType
	case protoreflect.MessageKind:
	}
	return classMessage, protowire.BytesType
}

// isNarrow reports whether a varint of this kind is read as 32 bits.
func isNarrow(kind protoreflect.Kind) bool {
	switch kind { //nolint:exhaustive // The others are not.
	case protoreflect.EnumKind, protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Uint32Kind:
		return true
	}
	return false
}

func tag(number protowire.Number, typ protowire.Type) string {
	return string(protowire.AppendTag(nil, number, typ))
}

func highest(fields protoreflect.FieldDescriptors) int {
	most := 0
	for i := range fields.Len() {
		most = max(most, int(fields.Get(i).Number()))
	}
	return most
}

// byNumber returns the field with this number, or nil.
func (p *Program) byNumber(number protowire.Number) *field {
	if int(number) < len(p.dense) {
		if i := p.dense[number]; i > 0 {
			return &p.fields[i-1]
		}
	} else if i, ok := p.sparse[number]; ok {
		return &p.fields[i]
	}
	if p.extendable {
		return p.extensionByNumber(number)
	}
	return nil
}

// enforcesUTF8 reports whether the strings of a field must be valid UTF-8 on
// the wire. Descriptors tell it for editions only.
func enforcesUTF8(fd protoreflect.FieldDescriptor) bool {
	if fd.Syntax() == protoreflect.Editions {
		if fd, ok := fd.(interface{ EnforceUTF8() bool }); ok {
			return fd.EnforceUTF8()
		}
	}
	return fd.Syntax() == protoreflect.Proto3
}

func isRedacted(fd protoreflect.FieldDescriptor) bool {
	options, ok := fd.Options().(*descriptorpb.FieldOptions)
	return ok && options.GetDebugRedact()
}

func isMessageSet(md protoreflect.MessageDescriptor) bool {
	options, ok := md.Options().(*descriptorpb.MessageOptions)
	return ok && options.GetMessageSetWireFormat()
}

// appendQuoted appends a name as a JSON string.
func appendQuoted(dst []byte, name string) []byte {
	if out, ok := appendJSONString(dst, []byte(name)); ok {
		return out
	}
	// Not UTF-8, which the linker forbids. Keep the output JSON all the same.
	return strconv.AppendQuoteToASCII(dst, name)
}
