// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package schema builds the catalog: the one linked, immutable set of Protobuf
// descriptors that a generation of the gateway serves.
//
// A [Source] delivers the descriptor set of one upstream, from a file, from
// .proto sources or by asking the server. [New] merges the sets of all sources,
// mends what real servers get wrong, and links the result.
//
// # Merging
//
// Copies of one file are one file if they declare the same. What is declared
// twice in different ways is an error that names both sides. Two kinds of files
// are exempt, for every server brings its own version of them:
//
//   - Files that the gateway itself has linked (see [Linked]) always win over
//     the copy of a source. Options such as google.api.http are therefore of
//     the generated types, and [google.golang.org/protobuf/proto.GetExtension]
//     finds them on the descriptors of a catalog.
//   - Of the other files in the same folders (google/type, for instance), the
//     first copy wins.
//
// What only a losing copy declares is kept if anything else refers to it.
//
// # Mending
//
// Servers reflect files whose imports they can't serve. An import that is
// missing is replaced by the file that declares what is needed of it, or
// dropped if nothing is. A declaration that refers to a symbol that nobody
// declares is left out, together with what refers to it, and the rest is
// served. Each repair is a line of [Catalog.Warnings].
package schema

import (
	"context"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// An Input is what one source delivered.
type Input struct {
	// Origin names the source in messages: a file name, or "reflection of
	// localhost:50051".
	Origin string
	// Files are the descriptors. [New] reads them and does not keep them. A nil
	// set is an empty one.
	Files *descriptorpb.FileDescriptorSet
	// Services are the full names of the services that the source has to offer,
	// if it knows: a server that reflects a file need not serve all services of
	// it. Nil stands for all services of the files.
	Services []protoreflect.FullName
	// Notes tell what the source could not deliver, one line each. They become
	// the first warnings of the catalog.
	Notes []string
}

// A Source delivers descriptors. Its methods may be called concurrently.
type Source interface {
	// String names the source in messages. It is the Origin of its input.
	String() string
	// Load delivers the descriptors as they are now. The set belongs to the
	// caller. It need not be complete: whether it links is for [New] to say.
	// The error names the source.
	Load(ctx context.Context) (*descriptorpb.FileDescriptorSet, error)
}

// An InputSource is a [Source] that knows more than descriptors: which services
// it has to offer, and what it could not deliver.
type InputSource interface {
	Source
	// LoadInput does what Load does.
	LoadInput(ctx context.Context) (Input, error)
}

// Load makes an [Input] of what source delivers. If source is an [InputSource],
// that is all that it knows.
func Load(ctx context.Context, source Source) (Input, error) {
	if source, ok := source.(InputSource); ok {
		return source.LoadInput(ctx)
	}
	set, err := source.Load(ctx)
	if err != nil {
		return Input{}, err
	}
	return Input{Origin: source.String(), Files: set}, nil
}
