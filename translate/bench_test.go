// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"

	"github.com/dragoman-gateway/dragoman/translate"
)

// smallJSON is a message of five scalars.
const smallJSON = `{"name":"a name of some length","count":12345,"active":true,"ratio":0.125,"id":"1234567890123456789"}`

// largeJSON is a list of 200 messages.
func largeJSON() string {
	return `{"items":[` + strings.TrimSuffix(strings.Repeat(mediumJSON+",", 200), ",") + `],"nextPageToken":"x"}`
}

// bookJSON is a message of a type that there is generated code for.
const bookJSON = `{"name":"shelves/fiction/books/rose","title":"The Name of the Rose","subtitle":"A novel","authors":["authors/eco","authors/weaver"],"isbn":"9780151446476","publishTime":"1983-06-09T00:00:00Z",` +
	`"pageCount":502,"stock":12,"labels":{"binding":"hardcover","condition":"good","language":"en"},"chapters":[{"title":"First Day","page":19,"chapters":[{"title":"Prime","page":21},{"title":"Terce","page":29}]},{"title":"Second Day","page":101}],` +
	`"blurb":"A Franciscan friar looks into a death at an abbey.","barcode":"9780151446476","revision":"3q2+7w==","createTime":"2024-03-17T09:26:53.589Z"}`

// A rival turns JSON into wire or wire into JSON.
type rival struct {
	name string
	run  func() error
}

func race(b *testing.B, size int, rivals []rival) {
	b.Helper()
	for _, r := range rivals {
		b.Run(r.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := r.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// trees are the rivals that build a message.
func trees(name string, message func() proto.Message, src, wire []byte) (read, write rival) {
	var buf []byte
	read = rival{name, func() error {
		m := message()
		if err := protojson.Unmarshal(src, m); err != nil {
			return err
		}
		var err error
		buf, err = proto.MarshalOptions{}.MarshalAppend(buf[:0], m)
		return err
	}}
	write = rival{name, func() error {
		m := message()
		if err := proto.Unmarshal(wire, m); err != nil {
			return err
		}
		var err error
		buf, err = protojson.MarshalOptions{}.MarshalAppend(buf[:0], m)
		return err
	}}
	return read, write
}

func BenchmarkTranslate(b *testing.B) {
	s := testSchema(b)
	for _, row := range []struct {
		name, json string
		md         protoreflect.MessageDescriptor
		generated  func() proto.Message
	}{
		{"small", smallJSON, s.message(b, "v3.Small"), nil},
		{"medium", mediumJSON, s.message(b, "v3.Item"), nil},
		{"large", largeJSON(), s.message(b, "v3.Page"), nil},
		{"book", bookJSON, new(catalogv1.Book).ProtoReflect().Descriptor(), func() proto.Message { return new(catalogv1.Book) }},
		{"chapter", `{"title":"First Day","page":19}`, new(catalogv1.Chapter).ProtoReflect().Descriptor(), func() proto.Message { return new(catalogv1.Chapter) }},
	} {
		program, err := s.compiler.Compile(row.md)
		if err != nil {
			b.Fatal(err)
		}
		src := []byte(row.json)
		wire, err := program.AppendWire(nil, src, translate.ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 0, 2*len(src))
		read := []rival{{"program", func() error {
			_, err := program.AppendWire(buf, src, translate.ReadOptions{})
			return err
		}}}
		write := []rival{{"program", func() error {
			_, err := program.AppendJSON(buf, wire, translate.WriteOptions{})
			return err
		}}}
		if row.generated != nil {
			r, w := trees("generated", row.generated, src, wire)
			read, write = append(read, r), append(write, w)
		}
		r, w := trees("dynamicpb", func() proto.Message { return dynamicpb.NewMessage(row.md) }, src, wire)
		read, write = append(read, r), append(write, w)
		b.Run(row.name+"/AppendWire", func(b *testing.B) { race(b, len(src), read) })
		b.Run(row.name+"/AppendJSON", func(b *testing.B) { race(b, len(src), write) })
	}
}
