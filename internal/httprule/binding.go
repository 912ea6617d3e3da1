// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package httprule

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
)

// ErrNoPattern is the cause of the error for a rule, or an additional binding
// of it, that has neither a method nor a path.
var ErrNoPattern = errors.New("no pattern is set")

// A Binding is one way to call a method over HTTP.
type Binding struct {
	// Method is the HTTP method as the rule gives it, or [AnyMethod].
	Method string
	// Template is never nil.
	Template *Template
	// Body is the field that the request body carries, "*" for the whole
	// request message, or "" for none.
	Body string
	// ResponseBody is the field that the response body carries, or "" for the
	// whole response message.
	ResponseBody string
}

// Bindings returns the binding of rule, followed by its additional bindings
// and, after each, by those that it has itself. If any of them is not valid,
// Bindings returns no binding and all that is wrong, joined.
//
// As in grpc-gateway, a GET has no body, and a response body of "*" is that of
// the whole message. A DELETE may have a body, which grpc-gateway's generator
// has an option for.
func Bindings(rule *annotations.HttpRule) ([]Binding, error) {
	var f flattener
	f.add(rule, "")
	if len(f.errs) > 0 {
		return nil, errors.Join(f.errs...)
	}
	return f.bindings, nil
}

// A flattener gathers the bindings of a rule and what is wrong with them.
type flattener struct {
	bindings []Binding
	errs     []error
}

// add adds rule and what is below it. The prefix of its errors is where it is.
func (f *flattener) add(rule *annotations.HttpRule, prefix string) {
	if binding, err := newBinding(rule); err != nil {
		f.errs = append(f.errs, fmt.Errorf("%s%w", prefix, err))
	} else {
		f.bindings = append(f.bindings, binding)
	}
	for i, additional := range rule.GetAdditionalBindings() {
		f.add(additional, fmt.Sprintf("%sadditional_bindings[%d]: ", prefix, i))
	}
}

func newBinding(rule *annotations.HttpRule) (Binding, error) {
	method, path := pattern(rule)
	if method == "" && path == "" {
		return Binding{}, ErrNoPattern
	}
	if !isToken(method) {
		return Binding{}, fmt.Errorf("custom %q %q: the kind is not the name of an HTTP method", method, path)
	}
	template, err := ParseTemplate(path)
	if err != nil {
		return Binding{}, fmt.Errorf("%s %q: %w", method, path, err)
	}
	binding := Binding{
		Method:       method,
		Template:     template,
		Body:         rule.GetBody(),
		ResponseBody: rule.GetResponseBody(),
	}
	if rule.GetGet() != "" && binding.Body != "" {
		return Binding{}, fmt.Errorf("%s %q: body %q: a GET has no body", method, path, binding.Body)
	}
	if binding.ResponseBody == "*" {
		binding.ResponseBody = ""
	}
	return binding, nil
}

// pattern returns the method and the path of a rule. Both are empty if it has
// no pattern, or an empty one, which grpc-gateway takes for none.
func pattern(rule *annotations.HttpRule) (method, path string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		method, path = http.MethodGet, p.Get
	case *annotations.HttpRule_Put:
		method, path = http.MethodPut, p.Put
	case *annotations.HttpRule_Post:
		method, path = http.MethodPost, p.Post
	case *annotations.HttpRule_Delete:
		method, path = http.MethodDelete, p.Delete
	case *annotations.HttpRule_Patch:
		method, path = http.MethodPatch, p.Patch
	case *annotations.HttpRule_Custom:
		return p.Custom.GetKind(), p.Custom.GetPath()
	}
	if path == "" {
		return "", ""
	}
	return method, path
}

// isToken reports whether method is a token in the sense of RFC 9110, section
// 5.6.2, as every method is. "*" is one as well.
func isToken(method string) bool {
	for i := range len(method) {
		if c := method[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return method != ""
}
