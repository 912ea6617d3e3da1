// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// requestPayload builds the request message of a call that takes one.
func (x *exchange) requestPayload(ctx context.Context) (mem.BufferSlice, error) {
	body := x.h.buffers.get()
	if err := x.readBody(ctx, body); err != nil {
		x.h.buffers.Put(body)
		return nil, err
	}
	if x.matched.body.raw {
		return x.rawPayload(body)
	}
	defer x.h.buffers.Put(body)
	wire := x.h.buffers.get()
	if err := x.appendRequest(wire, *body); err != nil {
		x.h.buffers.Put(wire)
		return nil, err
	}
	return mem.BufferSlice{x.h.buffers.payload(wire)}, nil
}

// appendRequest appends the request message: what the body says, then what path
// and query say.
func (x *exchange) appendRequest(wire *[]byte, body []byte) error {
	var err error
	if *wire, err = x.matched.appendBody(*wire, body); err != nil {
		return err
	}
	return x.appendURL(wire)
}

// rawPayload makes the body, which it takes, the data of a google.api.HttpBody.
func (x *exchange) rawPayload(body *[]byte) (mem.BufferSlice, error) {
	head := x.h.buffers.get()
	*head = appendHTTPBody(*head, x.matched.body.path, x.r.Header.Get("Content-Type"), len(*body))
	tail := x.h.buffers.get()
	if err := x.appendURL(tail); err != nil {
		x.h.buffers.Put(head)
		x.h.buffers.Put(body)
		x.h.buffers.Put(tail)
		return nil, err
	}
	payload := mem.BufferSlice{x.h.buffers.payload(head), x.h.buffers.payload(body)}
	if len(*tail) == 0 {
		x.h.buffers.Put(tail)
		return payload, nil
	}
	return append(payload, x.h.buffers.payload(tail)), nil
}

// readBody appends the body that the binding takes to dst.
func (x *exchange) readBody(ctx context.Context, dst *[]byte) error {
	if x.formRead || !hasBody(x.r) {
		return nil
	}
	if x.matched.body.kind == bodyNone {
		return x.readUnbound(ctx, dst)
	}
	if err := x.matched.body.checkMedia(x.r.Header.Get("Content-Type")); err != nil {
		return err
	}
	return x.readAll(ctx, dst)
}

// readUnbound reads the body of a request that binds none: a form is taken for
// parameters, and what would be lost is refused.
func (x *exchange) readUnbound(ctx context.Context, dst *[]byte) error {
	if formHasBody(x.r.Method) && mediaType(x.r.Header.Get("Content-Type")) == formType {
		return x.readForm()
	}
	if x.h.allowUnboundBody {
		// Only once the body is read does net/http notice that a caller is
		// gone.
		if _, err := io.Copy(io.Discard, x.r.Body); err != nil {
			return readError(ctx, err, x.h.maxBody)
		}
		return nil
	}
	if err := x.readAll(ctx, dst); err != nil {
		return err
	}
	if !isBlank(*dst) {
		return badRequest("", "body: this method takes none")
	}
	return nil
}

func (x *exchange) readAll(ctx context.Context, dst *[]byte) error {
	if x.r.ContentLength > int64(x.h.maxBody) {
		return bodyTooLarge(x.h.maxBody)
	}
	reader, err := x.h.gzip.decode(x.r)
	if err != nil {
		return x.refuseEncoding(err)
	}
	defer reader.Close() //nolint:errcheck // it only gives memory back
	if *dst, err = readAll(*dst, reader, x.h.maxBody); err != nil {
		return readError(ctx, err, x.h.maxBody)
	}
	return nil
}

// refuseEncoding tells the caller which encoding there is: RFC 7694, section 3.
func (x *exchange) refuseEncoding(err error) error {
	x.w.Header().Set("Accept-Encoding", "gzip")
	return err
}

// formHasBody reports whether a form of that method is in its body.
func formHasBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// readForm takes the body as a form. Its parameters come before those of the
// query, as in [http.Request.ParseForm].
func (x *exchange) readForm() error {
	x.formRead = true
	if !hasBody(x.r) {
		return nil
	}
	body := x.h.buffers.get()
	defer x.h.buffers.Put(body)
	if err := x.readAll(x.r.Context(), body); err != nil {
		return err
	}
	var err error
	if x.form, err = parseQuery(nil, string(*body)); err != nil {
		return badRequest("", "body: %w", err)
	}
	return nil
}

// appendURL appends what path and query say.
func (x *exchange) appendURL(wire *[]byte) error {
	for i := range x.matched.variables {
		var err error
		if *wire, err = x.matched.variables[i].appendWire(*wire, x.captures[i]); err != nil {
			return err
		}
	}
	return x.appendQuery(wire)
}

func (x *exchange) appendQuery(wire *[]byte) error {
	binding, strict := x.matched.query, x.matched.refuseQuery
	if binding == nil && !strict || x.r.URL.RawQuery == "" && len(x.form) == 0 {
		return nil
	}
	parameters, err := parseQuery(slices.Clone(x.form), x.r.URL.RawQuery)
	if err != nil {
		return badRequest("", "%w", err)
	}
	if binding == nil {
		if len(parameters) > 0 {
			return unknownParameter(parameters[0].key)
		}
		return nil
	}
	*wire, err = binding.appendWire(*wire, parameters, strict)
	return err
}

// appendBody appends what a body that is not raw says.
func (r *route) appendBody(wire, body []byte) ([]byte, error) {
	if r.body.kind == bodyNone {
		return wire, nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		// As in grpc-gateway, no body is an empty message.
		if r.body.kind == bodyField && singularMessage(r.body.path.last()) != nil {
			wire = r.body.path.appendPrefix(wire, 0)
		}
		return r.appendMask(wire, []byte("{}"))
	}
	if r.body.refusesNull && string(bytes.TrimSpace(body)) == "null" {
		return wire, badRequest(r.body.path.String(), "body: null is not a message")
	}
	var err error
	if r.body.kind == bodyMessage {
		wire, err = r.input.AppendWire(wire, body, r.read)
	} else {
		wire, err = r.body.field.AppendWire(wire, body, r.read)
	}
	if err != nil {
		return wire, badBody(err)
	}
	return r.appendMask(wire, body)
}

// appendMask appends the field mask of a PATCH request, if it has one.
func (r *route) appendMask(wire, body []byte) ([]byte, error) {
	if r.body.mask == nil {
		return wire, nil
	}
	// As in grpc-gateway, a field that the mask cannot name is refused even
	// where unknown fields are not.
	read := r.read
	read.DiscardUnknown = false
	paths, err := r.body.mask.program.UpdateMask(nil, body, read)
	if err != nil {
		return wire, badBody(err)
	}
	size := 0
	for _, path := range paths {
		size += protowire.SizeTag(1) + protowire.SizeBytes(len(path))
	}
	wire = fieldPath{r.body.mask.field}.appendPrefix(wire, size)
	for _, path := range paths {
		wire = protowire.AppendTag(wire, 1, protowire.BytesType)
		wire = protowire.AppendString(wire, path)
	}
	return wire, nil
}

// appendWire appends the encoding of the variable, whose text is value.
func (v *pathVariable) appendWire(wire []byte, value string) ([]byte, error) {
	if v.replaces != 0 {
		wire = removeField(wire, 0, v.replaces)
	}
	if v.oneof != nil {
		if err := v.oneof.checkOneofs(wire); err != nil {
			return wire, badParameter("path", v.name, v.name, err)
		}
	}
	for more := true; more; {
		text := value
		if v.split {
			text, value, more = strings.Cut(value, ",")
		} else {
			more = false
		}
		var err error
		if wire, err = v.field.AppendText(wire, text); err != nil {
			return wire, badParameter("path", v.name, v.name, err)
		}
	}
	return wire, nil
}

func isEOF(err error) bool {
	return errors.Is(err, io.EOF)
}
