// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

func (c *checker) rest(rest *configv1.Rest) {
	selectors := make(map[string]string)
	for i, rule := range rest.GetRules() {
		field := fmt.Sprintf("rest.rules[%d]", i)
		c.selector(rule.GetSelector(), field, selectors)
		c.patterns(rule, field)
	}
	for i, method := range rest.GetMethods() {
		c.methods(method.GetSelector(), fmt.Sprintf("rest.methods[%d].selector", i))
	}
	for i, header := range rest.GetForwardRequestHeaders() {
		c.header(header, fmt.Sprintf("rest.forward_request_headers[%d]", i))
	}
	for i, header := range rest.GetForwardResponseHeaders() {
		c.header(header, fmt.Sprintf("rest.forward_response_headers[%d]", i))
	}
}

// selector checks which method a rule is for. taken holds the rule of every
// selector so far.
func (c *checker) selector(selector, rule string, taken map[string]string) {
	field := rule + ".selector"
	switch first := taken[selector]; {
	case selector == "":
		c.add(field, "it is missing, expected the full name of a method")
	case !isMethod(selector):
		c.add(field, "%q, expected the full name of a method, package.Service.Method", selector)
	case first != "":
		c.add(field, "%s has a rule in %s already, expected one rule for a method; further bindings go into its additional_bindings",
			selector, first)
	default:
		taken[selector] = rule
	}
}

// patterns checks that a rule and those within it say which requests they are
// for. Templates are parsed where the routes are made.
func (c *checker) patterns(rule *annotations.HttpRule, field string) {
	var path, name string
	switch pattern := rule.GetPattern().(type) {
	case nil:
		c.add(field, "there is no pattern, expected one of get, put, post, delete, patch, custom")
	case *annotations.HttpRule_Get:
		path, name = pattern.Get, "get"
	case *annotations.HttpRule_Put:
		path, name = pattern.Put, "put"
	case *annotations.HttpRule_Post:
		path, name = pattern.Post, "post"
	case *annotations.HttpRule_Delete:
		path, name = pattern.Delete, "delete"
	case *annotations.HttpRule_Patch:
		path, name = pattern.Patch, "patch"
	case *annotations.HttpRule_Custom:
		path, name = pattern.Custom.GetPath(), "custom.path"
		if pattern.Custom.GetKind() == "" {
			c.add(field+".custom.kind", "it is missing, expected an HTTP method, or * for all")
		}
	}
	if name != "" && !strings.HasPrefix(path, "/") {
		c.add(field+"."+name, "%q, expected a path that begins with /", path)
	}
	for i, additional := range rule.GetAdditionalBindings() {
		inner := fmt.Sprintf("%s.additional_bindings[%d]", field, i)
		if additional.GetSelector() != "" {
			c.add(inner+".selector", "a selector within a rule, expected it at the rule only")
		}
		c.patterns(additional, inner)
	}
}

// methods checks a selector that may stand for several methods. That it is not
// empty is a rule of the .proto file.
func (c *checker) methods(selector, field string) {
	prefix, wild := strings.CutSuffix(selector, ".*")
	switch {
	case selector == "" || wild && protoreflect.FullName(prefix).IsValid() || !wild && isMethod(selector):
	default:
		c.add(field, "%q, expected package.Service.Method, or a service or package followed by .*", selector)
	}
}

// isMethod reports whether name can be the full name of a method: one that is
// within a service.
func isMethod(name string) bool {
	full := protoreflect.FullName(name)
	return full.IsValid() && full.Parent() != ""
}

func (c *checker) header(header, field string) {
	name := strings.TrimSuffix(header, "*")
	if name == "" || strings.ContainsFunc(name, notInHeaders) {
		c.add(field, "%q, expected the name of a header in lower case, or its beginning followed by *", header)
	}
}

// notInHeaders reports whether gRPC forbids char in the name of metadata.
func notInHeaders(char rune) bool {
	return !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyz_.-", char)
}
