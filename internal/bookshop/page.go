// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"math"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	defaultPageSize = 20
	maxPageSize     = 100
)

// A listRequest asks for one page of a list.
type listRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// page returns the page of items that request asks for, and the token of the
// page after it, which is empty on the last page.
func page[T any](items []T, request listRequest) ([]T, string, error) {
	size := int(request.GetPageSize())
	switch {
	case size < 0:
		return nil, "", badField("page_size", "must not be negative")
	case size == 0:
		size = defaultPageSize
	case size > maxPageSize:
		size = maxPageSize
	}
	question, err := fingerprint(request)
	if err != nil {
		return nil, "", err
	}
	start := 0
	if token := request.GetPageToken(); token != "" {
		var ok bool
		if start, ok = parsePageToken(token, question); !ok {
			return nil, "", badField("page_token", "is not a token of this list")
		}
		start = min(start, len(items))
	}
	end := min(start+size, len(items))
	next := ""
	if end < len(items) {
		next = formatPageToken(end, question)
	}
	return items[start:end], next, nil
}

// formatPageToken returns the token for the page that starts at offset of the
// answer to question.
func formatPageToken(offset int, question uint64) string {
	token := binary.BigEndian.AppendUint64(nil, question)
	token = binary.AppendUvarint(token, uint64(offset))
	return base64.RawURLEncoding.EncodeToString(token)
}

// parsePageToken returns the offset in token if it is one that belongs to
// question.
func parsePageToken(token string, question uint64) (int, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < 8 || binary.BigEndian.Uint64(raw) != question {
		return 0, false
	}
	offset, n := binary.Uvarint(raw[8:])
	if n < 1 || n != len(raw)-8 || offset > math.MaxInt32 {
		return 0, false
	}
	return int(offset), true
}

// fingerprint returns a number that two requests have in common if they differ
// only in the page that they ask for.
func fingerprint(request listRequest) (uint64, error) {
	question := proto.Clone(request).ProtoReflect()
	for _, name := range []protoreflect.Name{"page_size", "page_token"} {
		if field := question.Descriptor().Fields().ByName(name); field != nil {
			question.Clear(field)
		}
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(question.Interface())
	if err != nil {
		return 0, badField("page_token", "the request can't be encoded")
	}
	hash := fnv.New64a()
	_, _ = hash.Write(encoded) // never fails, see [hash.Hash]
	return hash.Sum64(), nil
}
