// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/internal/httprule"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// addAll adds the routes of every method: those that its rules declare first,
// since they win over the route that every method has.
func (c *compiler) addAll() {
	methods := c.methods()
	rules := make(map[string]*annotations.HttpRule, len(c.options.Rules))
	for _, rule := range c.options.Rules {
		rules[rule.GetSelector()] = rule
	}
	for _, method := range methods {
		name := string(method.Descriptor.FullName())
		c.addDeclared(method, rules[name])
		delete(rules, name)
	}
	for _, method := range methods {
		c.addCanonical(method)
	}
	if c.options.Missing != nil {
		return
	}
	for _, selector := range slices.Sorted(maps.Keys(rules)) {
		c.errs = append(c.errs, fmt.Errorf("rule for %q: there is no such method", selector))
	}
	c.checkSelectors(methods)
}

func (c *compiler) methods() []*rpc.Method {
	var methods []*rpc.Method
	for _, service := range c.options.Catalog.Services() {
		for i := range service.Methods().Len() {
			methods = append(methods, rpc.NewMethod(service.Methods().Get(i)))
		}
	}
	return methods
}

// addDeclared adds the routes that rule and annotation declare.
func (c *compiler) addDeclared(method *rpc.Method, rule *annotations.HttpRule) {
	var declared []*annotations.HttpRule
	if rule != nil {
		declared = append(declared, rule)
	}
	if rule == nil || c.options.KeepAnnotations {
		annotation, err := annotationOf(method)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: read google.api.http: %w", describe(method), err))
		}
		// An annotation without a pattern binds nothing, as in grpc-gateway.
		if annotation.GetPattern() != nil || len(annotation.GetAdditionalBindings()) > 0 {
			declared = append(declared, annotation)
		}
	}
	for _, rule := range declared {
		bindings, err := httprule.Bindings(rule)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: %w", describe(method), err))
		}
		c.add(method, bindings)
	}
}

// annotationOf returns the google.api.http option of a method, or nil.
func annotationOf(method *rpc.Method) (*annotations.HttpRule, error) {
	// The option may be held as unknown bytes or as a dynamic message,
	// depending on where the descriptor came from. Its encoding is the same.
	encoded, err := proto.Marshal(method.Descriptor.Options())
	if err != nil {
		return nil, fmt.Errorf("encode options: %w", err)
	}
	options := new(descriptorpb.MethodOptions)
	if err := proto.Unmarshal(encoded, options); err != nil {
		return nil, fmt.Errorf("decode options: %w", err)
	}
	rule, _ := proto.GetExtension(options, annotations.E_Http).(*annotations.HttpRule)
	return rule, nil
}

// addCanonical adds the route that every method has, unless a declared route
// takes its path.
func (c *compiler) addCanonical(method *rpc.Method) {
	if _, _, taken := c.router.Match(http.MethodPost, method.Path, nil); taken {
		return
	}
	template, err := httprule.ParseTemplate(method.Path)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", describe(method), err))
		return
	}
	c.add(method, []httprule.Binding{{Method: http.MethodPost, Template: template, Body: "*"}})
}

func (c *compiler) checkSelectors(methods []*rpc.Method) {
	for i := range c.options.PerMethod {
		override := &c.options.PerMethod[i]
		if !slices.ContainsFunc(methods, func(m *rpc.Method) bool {
			return override.selects(string(m.Descriptor.FullName()))
		}) {
			c.errs = append(c.errs, fmt.Errorf("options for %q: there is no such method", override.Selector))
		}
	}
}
