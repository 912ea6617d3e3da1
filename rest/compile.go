// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/translate"
)

const (
	httpBodyName  = "google.api.HttpBody"
	fieldMaskName = "google.protobuf.FieldMask"
	valueName     = "google.protobuf.Value"
)

// A compiler turns the methods of a catalog into routes.
type compiler struct {
	options *Options
	router  *httprule.Router[*route]
	routes  []*route
	queries map[protoreflect.FullName]*queryIndex
	errs    []error
}

// add compiles every binding of a method. What is wrong with one does not hide
// what is wrong with the others.
func (c *compiler) add(method *rpc.Method, bindings []httprule.Binding) {
	for i := range bindings {
		binding := &bindings[i]
		r, err := c.compile(method, binding)
		if err == nil {
			err = c.register(r, binding.Template)
		}
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: %s %s: %w",
				describe(method), binding.Method, binding.Template, err))
		}
	}
}

// describe names a method and the file that declares it.
func describe(method *rpc.Method) string {
	return fmt.Sprintf("%s (%s)", method.Descriptor.FullName(), method.Descriptor.ParentFile().Path())
}

func (c *compiler) register(r *route, template *httprule.Template) error {
	err := c.router.Add(r.verb, template, r)
	if conflict, ok := errors.AsType[*httprule.ConflictError[*route]](err); ok {
		return fmt.Errorf("%s binds the same paths as %s", describe(conflict.Existing.method), conflict.ExistingTemplate)
	}
	if err != nil {
		return fmt.Errorf("add route: %w", err)
	}
	c.routes = append(c.routes, r)
	return nil
}

func (c *compiler) compile(method *rpc.Method, binding *httprule.Binding) (*route, error) {
	input := method.Descriptor.Input()
	strict := c.options.strictness(string(method.Descriptor.FullName()))
	r := &route{
		method:      method,
		verb:        binding.Method,
		pattern:     binding.Template.String(),
		read:        translate.ReadOptions{DiscardUnknown: !strict.unknownFields, MaxDepth: c.options.MaxDepth},
		refuseQuery: strict.unknownQuery,
	}
	var err error
	if r.input, err = c.options.Compiler.Compile(input); err != nil {
		return nil, fmt.Errorf("compile %s: %w", input.FullName(), err)
	}
	if err := c.compileBody(r, input, binding.Body); err != nil {
		return nil, fmt.Errorf("body %q: %w", binding.Body, err)
	}
	for _, variable := range binding.Template.Variables() {
		compiled, err := compileVariable(r, input, variable.FieldPath)
		if err != nil {
			return nil, fmt.Errorf("path variable %q: %w", variable.FieldPath, err)
		}
		r.variables = append(r.variables, compiled)
	}
	r.query = c.compileQuery(r, input)
	if err := c.compileReply(r, method.Descriptor.Output(), binding.ResponseBody); err != nil {
		return nil, fmt.Errorf("response_body %q: %w", binding.ResponseBody, err)
	}
	return r, nil
}

func (c *compiler) compileBody(r *route, input protoreflect.MessageDescriptor, body string) error {
	if body == "" && r.clientStream() {
		// There is nowhere else for the messages to come from.
		body = "*"
	}
	switch body {
	case "":
		return nil
	case "*":
		r.body = requestBody{kind: bodyMessage, raw: input.FullName() == httpBodyName}
		return nil
	}
	path, err := resolve(input, body)
	if err != nil {
		return err
	}
	md := singularMessage(path.last())
	r.body = requestBody{
		kind:        bodyField,
		path:        path,
		raw:         md != nil && md.FullName() == httpBodyName,
		refusesNull: md != nil && md.FullName() != valueName,
	}
	if r.body.field, err = r.input.Field(path.String()); err != nil {
		return fmt.Errorf("compile field: %w", err)
	}
	if r.verb != http.MethodPatch || md == nil || r.body.raw {
		return nil
	}
	return c.compileMask(r, input, md)
}

// compileMask finds the one field mask of a PATCH request, if there is exactly
// one and it is not in the body.
func (c *compiler) compileMask(r *route, input, body protoreflect.MessageDescriptor) error {
	var mask protoreflect.FieldDescriptor
	for i := range input.Fields().Len() {
		fd := input.Fields().Get(i)
		if fd.Message() == nil || fd.Message().FullName() != fieldMaskName {
			continue
		}
		if mask != nil || fd.Cardinality() == protoreflect.Repeated {
			return nil
		}
		mask = fd
	}
	if mask == nil || mask.Number() == r.body.path[0].Number() {
		return nil
	}
	program, err := c.options.Compiler.Compile(body)
	if err != nil {
		return fmt.Errorf("compile %s: %w", body.FullName(), err)
	}
	r.body.mask = &updateMask{field: mask, program: program}
	return nil
}

func compileVariable(r *route, input protoreflect.MessageDescriptor, name string) (pathVariable, error) {
	path, err := resolve(input, name)
	if err != nil {
		return pathVariable{}, err
	}
	fd := path.last()
	repeated := fd.Cardinality() == protoreflect.Repeated
	switch {
	case fd.IsMap():
		return pathVariable{}, errors.New("a map cannot be in a path")
	case fd.Message() != nil && (repeated || !hasText(fd.Message())):
		return pathVariable{}, fmt.Errorf("a field of type %s cannot be in a path", fd.Message().FullName())
	}
	v := pathVariable{name: name, split: repeated}
	if v.field, err = r.input.Field(path.String()); err != nil {
		return pathVariable{}, fmt.Errorf("compile field: %w", err)
	}
	// Only a body of "*" can have set the same field.
	if r.body.kind == bodyMessage && !r.body.raw {
		if len(path) == 1 && (repeated || fd.Message() != nil) {
			v.replaces = fd.Number()
		}
		if path.inOneof() {
			v.oneof = path
		}
	}
	return v, nil
}

// hasText reports whether a message of that type can be written as the text of
// one parameter.
func hasText(md protoreflect.MessageDescriptor) bool {
	switch md.FullName() {
	case "google.protobuf.Timestamp", "google.protobuf.Duration", fieldMaskName,
		"google.protobuf.DoubleValue", "google.protobuf.FloatValue",
		"google.protobuf.Int64Value", "google.protobuf.UInt64Value",
		"google.protobuf.Int32Value", "google.protobuf.UInt32Value",
		"google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
		return true
	}
	return false
}

func (c *compiler) compileReply(r *route, output protoreflect.MessageDescriptor, field string) error {
	var err error
	if r.reply.program, err = c.options.Compiler.Compile(output); err != nil {
		return fmt.Errorf("compile %s: %w", output.FullName(), err)
	}
	if field == "" || field == "*" {
		r.reply.raw = output.FullName() == httpBodyName
		return nil
	}
	path, err := resolve(output, field)
	if err != nil {
		return err
	}
	if md := singularMessage(path.last()); md != nil && md.FullName() == httpBodyName {
		r.reply.raw = true
		r.reply.rawPath = make([]protowire.Number, len(path))
		for i, fd := range path {
			r.reply.rawPath[i] = fd.Number()
		}
	}
	if r.reply.field, err = r.reply.program.Field(path.String()); err != nil {
		return fmt.Errorf("compile field: %w", err)
	}
	return nil
}

// compileQuery returns nil if path and body leave no field to the query.
func (c *compiler) compileQuery(r *route, input protoreflect.MessageDescriptor) *queryBinding {
	if r.body.kind == bodyMessage {
		return nil
	}
	binding := &queryBinding{index: c.queryIndex(r.input, input)}
	if r.body.mask != nil {
		binding.mask = r.body.mask.field.Number()
	}
	left := input.Fields().Len()
	bind := func(path []string) {
		binding.bound = append(binding.bound, path)
		if len(path) == 1 {
			left--
		}
	}
	if r.body.kind == bodyField {
		bind(r.body.path.names())
	}
	for i := range r.variables {
		path, err := resolve(input, r.variables[i].name)
		if err == nil {
			bind(path.names())
		}
	}
	if left <= 0 {
		return nil
	}
	return binding
}

func (c *compiler) queryIndex(program *translate.Program, md protoreflect.MessageDescriptor) *queryIndex {
	index := c.queries[md.FullName()]
	if index == nil {
		index = newQueryIndex(program, md, c.options.MaxDepth)
		c.queries[md.FullName()] = index
	}
	return index
}
