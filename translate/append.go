// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

func appendVarint(dst []byte, n uint64) []byte {
	if n < 0x80 {
		return append(dst, byte(n))
	}
	return protowire.AppendVarint(dst, n)
}

func appendFixed64(dst []byte, n uint64) []byte {
	return binary.LittleEndian.AppendUint64(dst, n)
}

// appendBits appends a value that is no string and no message.
func appendBits(dst []byte, c class, bits uint64) []byte {
	switch c {
	case classVarint:
		return appendVarint(dst, bits)
	case classFixed32:
		return binary.LittleEndian.AppendUint32(dst, uint32(bits))
	default:
		return appendFixed64(dst, bits)
	}
}

// patchLength writes the length of what follows mark, where one byte was left
// for it, and moves what follows if the length takes more. Most messages are
// short, and moving is far faster than reading JSON, so this costs less than
// knowing the length beforehand.
func patchLength(dst []byte, mark int) []byte {
	n := len(dst) - mark - 1
	if n < 0x80 {
		dst[mark] = byte(n)
		return dst
	}
	size := protowire.SizeVarint(uint64(n))
	var room [binary.MaxVarintLen64]byte
	dst = append(dst, room[:size-1]...)
	copy(dst[mark+size:], dst[mark+1:mark+1+n])
	binary.PutUvarint(dst[mark:], uint64(n))
	return dst
}
