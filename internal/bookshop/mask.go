// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// checkMask reports the first path of mask that does not lead to a field of
// msg; field is where the mask stands in the request.
func checkMask(field string, mask *fieldmaskpb.FieldMask, msg proto.Message) error {
	if isWhole(mask) {
		return nil
	}
	for _, path := range mask.GetPaths() {
		if _, err := fieldmaskpb.New(msg, path); err != nil {
			return badField(field, "there is no field "+path)
		}
	}
	return nil
}

// isWhole reports whether mask stands for every field.
func isWhole(mask *fieldmaskpb.FieldMask) bool {
	return len(mask.GetPaths()) == 0 || slices.Contains(mask.GetPaths(), "*")
}

// pruned returns what mask, which was checked, leaves of msg. It shares what
// lies in msg, so neither may be changed afterwards.
func pruned[M proto.Message](msg M, mask *fieldmaskpb.FieldMask) M {
	if isWhole(mask) {
		return msg
	}
	result := msg.ProtoReflect().New()
	for _, path := range disjoint(mask) {
		copyField(result, msg.ProtoReflect(), path)
	}
	//nolint:forcetypeassert,errcheck // New returns the same type
	return result.Interface().(M)
}

// merge sets the fields of dst that mask, which was checked, names to what
// they are in src, and clears those that src does not have. Afterwards dst
// shares what lies in src.
func merge(dst, src proto.Message, mask *fieldmaskpb.FieldMask) {
	if isWhole(mask) {
		proto.Reset(dst)
		proto.Merge(dst, src)
		return
	}
	for _, path := range disjoint(mask) {
		copyField(dst.ProtoReflect(), src.ProtoReflect(), path)
	}
}

// disjoint returns the paths of mask of which none lies in another. Copying by
// such paths never writes into what an earlier path shared.
func disjoint(mask *fieldmaskpb.FieldMask) []string {
	paths := &fieldmaskpb.FieldMask{Paths: slices.Clone(mask.GetPaths())}
	paths.Normalize()
	return paths.GetPaths()
}

func copyField(dst, src protoreflect.Message, path string) {
	name, rest, nested := strings.Cut(path, ".")
	field := dst.Descriptor().Fields().ByName(protoreflect.Name(name))
	switch {
	case !src.Has(field) && (!nested || !dst.Has(field)):
		dst.Clear(field)
	case nested:
		copyField(dst.Mutable(field).Message(), src.Get(field).Message(), rest)
	default:
		dst.Set(field, src.Get(field))
	}
}
