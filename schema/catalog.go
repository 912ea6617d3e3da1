// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// A Catalog is one linked set of descriptors. It is immutable and safe for
// concurrent use; that includes what its methods return, which callers must
// not change.
type Catalog struct {
	files    *protoregistry.Files
	types    *dynamicpb.Types
	services []protoreflect.ServiceDescriptor
	origins  map[protoreflect.FullName][]string
	warnings []string
}

// New merges inputs, mends them and links the result, as the package comment
// tells. The same inputs in the same order have the same result, down to the
// text of warnings. Inputs are not changed and not kept.
//
// Without inputs the catalog has no services. With inputs it is an error that
// none of them has a service that can be served, or that they contradict each
// other; contradictions are all reported, joined with [errors.Join].
func New(inputs ...Input) (*Catalog, error) {
	w := &warnings{}
	for _, input := range inputs {
		for _, note := range input.Notes {
			w.add("%s: %s", input.Origin, note)
		}
	}
	merged := newMerger(w)
	if err := merged.merge(inputs); err != nil {
		return nil, err
	}
	symbols, files, err := declare(merged.files, merged.spares, w)
	if err != nil {
		return nil, err
	}
	files = mend(files, symbols, w)
	sorted, cycles := order(files)
	linker, err := link(sorted, cycles, sortedKeys(merged.linked), symbols, w)
	if err != nil {
		return nil, err
	}
	c := &Catalog{
		files:    linker.linked,
		types:    dynamicpb.NewTypes(linker.linked),
		origins:  merged.services,
		warnings: w.lines,
	}
	c.services = c.apiServices()
	if len(inputs) > 0 && len(c.services) == 0 {
		return nil, noServices(inputs, w.lines)
	}
	return c, nil
}

// noServices tells what is missing and what to do.
func noServices(inputs []Input, warnings []string) error {
	origins := make([]string, len(inputs))
	for i, input := range inputs {
		origins[i] = input.Origin
	}
	if len(warnings) == 0 {
		return fmt.Errorf("%s: there is no service in it", strings.Join(origins, ", "))
	}
	lines := make([]error, 0, len(warnings)+1)
	lines = append(lines, fmt.Errorf("%s: there is no service in it that can be served; "+
		"give what is missing as a further schema, a descriptor set with all imports or .proto files",
		strings.Join(origins, ", ")))
	for _, line := range warnings {
		lines = append(lines, errors.New(line))
	}
	return errors.Join(lines...)
}

// apiServices returns the services that the inputs offer and that were linked,
// less those that are about the server itself, sorted by name.
func (c *Catalog) apiServices() []protoreflect.ServiceDescriptor {
	var services []protoreflect.ServiceDescriptor
	for name := range c.origins {
		descriptor, err := c.files.FindDescriptorByName(name)
		if err != nil || IsInfrastructure(name) {
			continue
		}
		if service, ok := descriptor.(protoreflect.ServiceDescriptor); ok {
			services = append(services, service)
		}
	}
	slices.SortFunc(services, func(a, b protoreflect.ServiceDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return services
}

// Files returns the registry of all descriptors. It is complete: what a file
// imports is in it.
func (c *Catalog) Files() *protoregistry.Files {
	return c.files
}

// Types returns dynamic types for all messages, enums and extensions of the
// catalog, to resolve the contents of Any and extensions.
func (c *Catalog) Types() *dynamicpb.Types {
	return c.types
}

// Services returns the services of the API that the inputs offer, sorted by full
// name. Those for which [IsInfrastructure] holds are left out.
func (c *Catalog) Services() []protoreflect.ServiceDescriptor {
	return slices.Clone(c.services)
}

// Origins returns the origins of the inputs that brought the service, in the
// order of the inputs.
func (c *Catalog) Origins(service protoreflect.FullName) []string {
	return slices.Clone(c.origins[service])
}

// Warnings tells what was mended and what was left out, one line each.
func (c *Catalog) Warnings() []string {
	return slices.Clone(c.warnings)
}
