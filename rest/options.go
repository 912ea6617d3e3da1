// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"

	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/translate"
)

const (
	// DefaultMaxBodyBytes is how large a request message may be if the options
	// do not say.
	DefaultMaxBodyBytes = 4 << 20
	// DefaultMaxDepth is how deep JSON may be nested if the options do not say.
	DefaultMaxDepth = 100
	// DefaultHeadersAfter is how long the headers of a stream wait if the
	// options do not say.
	DefaultHeadersAfter = 250 * time.Millisecond
)

// Options say what a [Handler] serves and how. Only Catalog and Invoke have to
// be set.
type Options struct {
	// Catalog holds the services. Every method of them gets a route.
	Catalog *schema.Catalog
	// Compiler makes the translation programs. If nil, New makes one that
	// resolves the types of the catalog.
	Compiler *translate.Compiler
	// Invoke carries the calls.
	Invoke rpc.Invoker

	// Rules bind methods to HTTP, each by its selector, the full name of a
	// method. They take the place of the method's annotation. Of several rules
	// with one selector the last one counts.
	Rules []*annotations.HttpRule
	// KeepAnnotations makes Rules add to the annotations instead.
	KeepAnnotations bool

	// Write says how JSON is written. grpc-gateway's default is EmitUnset.
	Write translate.WriteOptions
	// RefuseUnknownFields refuses a body with a field that the message does
	// not have. grpc-gateway's default is to ignore it.
	RefuseUnknownFields bool
	// RefuseUnknownQuery refuses a query parameter that names no field, or a
	// field that path or body bind. grpc-gateway's default is to ignore it.
	RefuseUnknownQuery bool
	// AllowUnboundBody ignores a body sent to a method that binds none, as
	// grpc-gateway does, instead of refusing it.
	AllowUnboundBody bool
	// PerMethod overrides strictness for single methods. Of several entries
	// that select a method, each later one overrides the earlier.
	PerMethod []MethodOptions

	// MaxBodyBytes limits the body of a request, after decompression, or one
	// message of a streamed body. 0 means DefaultMaxBodyBytes.
	MaxBodyBytes int
	// MaxDepth limits how deep JSON may be nested in a body. 0 means
	// DefaultMaxDepth.
	MaxDepth int

	// ForwardRequestHeaders names request headers that are sent to the
	// upstream as metadata of the same name: "x-request-id", or "x-*" for all
	// that begin so. Those of the form "grpc-metadata-*" lose that prefix.
	ForwardRequestHeaders []string
	// ForwardResponseHeaders names upstream metadata that becomes a response
	// header of the same name, without the prefix "Grpc-Metadata-".
	ForwardResponseHeaders []string

	// Missing says that the catalog lacks a part, and is what a request without
	// a route then gets instead of 404: a status error. Rules and options for
	// unknown methods are skipped, since they may be for that part.
	Missing error

	// HeadersAfter is how long the HTTP headers of a stream wait for its first
	// message once the upstream has sent its own. An upstream that sends
	// headers and then refuses the call, as one whose interceptors set some
	// does, does both at once, and its error should still decide the HTTP
	// status; but a stream that is quiet should be seen to have begun. 0 means
	// DefaultHeadersAfter. If negative, they wait for as long as it takes, as
	// in grpc-gateway.
	HeadersAfter time.Duration

	// Logger is told what cannot be told to the caller. If nil, nobody is.
	Logger *slog.Logger
}

// MethodOptions override the strictness of the methods that Selector names.
type MethodOptions struct {
	// Selector is the full name of a method, "package.*" or
	// "package.Service.*" for all below that name, or "*".
	Selector string
	// RefuseUnknownFields overrides the option of that name, unless nil.
	RefuseUnknownFields *bool
	// RefuseUnknownQuery overrides the option of that name, unless nil.
	RefuseUnknownQuery *bool
}

func (o *MethodOptions) selects(method string) bool {
	prefix, wild := strings.CutSuffix(o.Selector, "*")
	if !wild {
		return method == o.Selector
	}
	return strings.HasPrefix(method, prefix)
}

func (o *MethodOptions) check() error {
	prefix, wild := strings.CutSuffix(o.Selector, "*")
	if strings.Contains(prefix, "*") || wild && prefix != "" && !strings.HasSuffix(prefix, ".") {
		return fmt.Errorf("selector %q: want a method's full name, or %q after a name and a dot", o.Selector, "*")
	}
	return nil
}

// strictness is what a method refuses.
type strictness struct {
	unknownFields, unknownQuery bool
}

func (o *Options) strictness(method string) strictness {
	s := strictness{unknownFields: o.RefuseUnknownFields, unknownQuery: o.RefuseUnknownQuery}
	for i := range o.PerMethod {
		override := &o.PerMethod[i]
		if !override.selects(method) {
			continue
		}
		if override.RefuseUnknownFields != nil {
			s.unknownFields = *override.RefuseUnknownFields
		}
		if override.RefuseUnknownQuery != nil {
			s.unknownQuery = *override.RefuseUnknownQuery
		}
	}
	return s
}

// complete fills in defaults and reports everything that is wrong.
func (o *Options) complete() error {
	var errs []error
	if o.Catalog == nil {
		errs = append(errs, errors.New("option Catalog is not set"))
	}
	if o.Invoke == nil {
		errs = append(errs, errors.New("option Invoke is not set"))
	}
	if o.MaxBodyBytes < 0 || o.MaxDepth < 0 {
		errs = append(errs, errors.New("a limit is negative"))
	}
	for i := range o.PerMethod {
		errs = append(errs, o.PerMethod[i].check())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if o.Compiler == nil {
		o.Compiler = translate.NewCompiler(o.Catalog.Types())
	}
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	if o.HeadersAfter == 0 {
		o.HeadersAfter = DefaultHeadersAfter
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}
