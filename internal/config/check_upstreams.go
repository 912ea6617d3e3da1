// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

func (c *checker) upstreams(upstreams []*configv1.Upstream) {
	names := make(map[string]string)
	services := make(map[string]string)
	for i, upstream := range upstreams {
		field := fmt.Sprintf("upstreams[%d]", i)
		c.upstreamName(upstream, field, names)
		for j, service := range upstream.GetServices() {
			c.service(service, fmt.Sprintf("%s.services[%d]", field, j), field, services)
		}
		if tls := upstream.GetTls(); tls != nil {
			c.file(field+".tls.ca_file", tls.GetCaFile())
			c.file(field+".tls.cert_file", tls.GetCertFile())
			c.file(field+".tls.key_file", tls.GetKeyFile())
		}
		for j, schema := range upstream.GetSchema() {
			c.schema(schema, fmt.Sprintf("%s.schema[%d]", field, j))
		}
	}
}

// upstreamName checks that the name is not among names, which holds the field
// of every name so far.
func (c *checker) upstreamName(upstream *configv1.Upstream, field string, names map[string]string) {
	name, from := upstream.GetName(), field+".name"
	if name == "" {
		name, from = upstream.GetTarget(), field+".target"
	}
	if name == "" {
		return
	}
	if first := names[name]; first != "" {
		c.add(from, "the name %q is that of %s already, expected another", name, first)
		return
	}
	names[name] = field
}

// service checks one of the services of an upstream. taken holds the upstream
// of every service so far.
func (c *checker) service(name, field, upstream string, taken map[string]string) {
	if !protoreflect.FullName(name).IsValid() {
		c.add(field, "%q, expected the full name of a service such as bookshop.catalog.v1.Catalog", name)
		return
	}
	// That the names of one upstream differ is a rule of the .proto file.
	if first := taken[name]; first != "" && first != upstream {
		c.add(field, "%s is a service of %s already, expected it under one upstream", name, first)
		return
	}
	taken[name] = upstream
}

func (c *checker) schema(schema *configv1.Schema, field string) {
	switch from := schema.GetSource().(type) {
	case *configv1.Schema_DescriptorSet:
		c.file(field+".descriptor_set", from.DescriptorSet)
	case *configv1.Schema_Proto:
		c.fileOrFolder(field+".proto", from.Proto)
	case *configv1.Schema_Reflection:
		for i, header := range from.Reflection.GetMetadata() {
			c.file(fmt.Sprintf("%s.reflection.metadata[%d].value.file", field, i), header.GetValue().GetFile())
		}
	}
}
