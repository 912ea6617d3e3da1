// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rest"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/translate"
)

// A generation is everything that one configuration and one set of schemas
// compile to. It is immutable. Whoever uses it holds a reference until the
// request or stream ends, so that a reload cuts nothing.
type generation struct {
	number  uint64
	catalog *schema.Catalog
	rest    *rest.Handler
	grpc    *grpcproxy.Table
	routes  *upstream.Routes
	// pending says which schemas are not known yet; nil if all are.
	pending error
	// warnings is what is served otherwise than the schemas say.
	warnings []string

	// clusters are the connections that the generation holds.
	clusters []*upstream.Cluster
	// references counts the users, and one for being the current generation.
	references atomic.Int64
	// unref is release as a value, made once.
	unref func()
}

// build compiles plan. The generation comes with one reference, the caller's.
func (g *Gateway) build(plan *plan) (*generation, error) {
	catalog, err := schema.New(plan.inputs()...)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	clusters, err := plan.serviceClusters(catalog)
	if err != nil {
		return nil, err
	}
	built := &generation{
		catalog:  catalog,
		routes:   upstream.NewRoutes(clusters),
		pending:  plan.pending(),
		warnings: catalog.Warnings(),
	}
	chain, problems := g.chain(plan.config, catalog)
	for _, problem := range problems {
		built.warnings = append(built.warnings, problem.Error())
	}
	if err := built.addFrontends(plan, chain(built.routes.Open), g.logger); err != nil {
		return nil, err
	}
	if built.clusters, err = plan.hold(g.pool); err != nil {
		return nil, err
	}
	built.number = g.built.Add(1)
	built.unref = built.release
	built.references.Store(1)
	return built, nil
}

func (b *generation) addFrontends(plan *plan, invoke rpc.Invoker, logger *slog.Logger) error {
	var missing error
	if b.pending != nil {
		missing = status.Error(codes.Unavailable, b.pending.Error())
	}
	options := restOptions(plan.config)
	options.Catalog = b.catalog
	options.Compiler = translate.NewCompiler(b.catalog.Types())
	options.Invoke = invoke
	options.Missing = missing
	options.Logger = logger
	var err error
	if b.rest, err = rest.New(options); err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	b.grpc = grpcproxy.NewPartialTable(b.catalog, invoke, missing)
	return nil
}

// acquire takes a reference. It reports false if the generation was let go of
// in the meantime.
func (b *generation) acquire() bool {
	for {
		count := b.references.Load()
		if count == 0 {
			return false
		}
		if b.references.CompareAndSwap(count, count+1) {
			return true
		}
	}
}

// release gives a reference back; the last one lets go of the connections.
func (b *generation) release() {
	if b.references.Add(-1) == 0 {
		for _, cluster := range b.clusters {
			cluster.Release()
		}
	}
}

// acquire returns the current generation with a reference to it, nil after
// Close.
func (g *Gateway) acquire() *generation {
	for {
		current := g.current.Load()
		if current == nil || current.acquire() {
			return current
		}
	}
}

// swap makes next current and takes the caller's reference to it.
func (g *Gateway) swap(next *generation) {
	old := g.current.Swap(next)
	names := make([]string, 0, len(next.catalog.Services()))
	for _, service := range next.catalog.Services() {
		names = append(names, string(service.FullName()))
	}
	g.grpc.SetServing(names...)
	for _, warning := range next.warnings {
		g.logger.Warn("schema", "warning", warning)
	}
	if old != nil {
		old.release()
	}
}

// serviceClusters says which cluster serves which service of catalog.
func (p *plan) serviceClusters(catalog *schema.Catalog) (map[protoreflect.FullName]*upstream.Cluster, error) {
	clusters := make(map[protoreflect.FullName]*upstream.Cluster)
	known := make(map[string]bool)
	var problems []error
	for _, service := range catalog.Services() {
		known[string(service.FullName())] = true
		servers := p.serversOf(catalog, service.FullName())
		switch len(servers) {
		case 0:
		case 1:
			clusters[service.FullName()] = servers[0].cluster
		default:
			names := make([]string, len(servers))
			for i, server := range servers {
				names[i] = server.name
			}
			problems = append(problems, fmt.Errorf(
				"service %s has several upstreams, %s: list it under the `services` of one of them",
				service.FullName(), strings.Join(names, " and ")))
		}
	}
	if p.pending() == nil {
		problems = append(problems, p.checkServices(known)...)
	}
	return clusters, errors.Join(problems...)
}

// checkServices finds services that an upstream is said to serve and that no
// schema has.
func (p *plan) checkServices(known map[string]bool) []error {
	var problems []error
	for _, server := range p.upstreams {
		for _, service := range server.services {
			if !known[service] {
				problems = append(problems, fmt.Errorf("upstream %s: service %s is not in the schema", server.name, service))
			}
		}
	}
	return problems
}
