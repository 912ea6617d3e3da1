// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/schema"
)

// A plan is one configuration made ready to build generations from: its
// upstreams are connected to, and the schemas that were loaded are kept while
// others are still waited for. It belongs to one goroutine at a time.
type plan struct {
	config    *configv1.Config
	upstreams []*server
	// problem is why the schemas do not make an API; nil if they do.
	problem error
}

// A server is one upstream of the configuration.
type server struct {
	name    string
	options upstream.Options
	cluster *upstream.Cluster
	// services are the ones it was said to serve; none means all.
	services []string
	origins  []*origin
}

// An origin is one schema source of one upstream, with what it last gave.
type origin struct {
	source schema.Source
	// live says that the source is a running server: it may not be there yet,
	// and it may change. Any other source that fails is a configuration error.
	live bool
	// interval is how often to ask a live source again, 0 for never.
	interval time.Duration

	input  schema.Input
	loaded time.Time
	err    error
}

// newPlan connects to the upstreams of config, which has its defaults. The
// plan holds references to pool until it is released.
func newPlan(config *configv1.Config, pool *upstream.Pool) (*plan, error) {
	made := &plan{config: config}
	var problems []error
	for _, one := range config.GetUpstreams() {
		server, err := newServer(one, config, pool)
		if err != nil {
			problems = append(problems, fmt.Errorf("upstream %s: %w", upstreamName(one), err))
			continue
		}
		made.upstreams = append(made.upstreams, server)
	}
	if err := errors.Join(problems...); err != nil {
		made.release()
		return nil, err
	}
	return made, nil
}

func newServer(one *configv1.Upstream, config *configv1.Config, pool *upstream.Pool) (*server, error) {
	made := &server{
		name:     upstreamName(one),
		options:  upstreamOptions(one, config),
		services: one.GetServices(),
	}
	var err error
	if made.cluster, err = pool.Acquire(made.name, made.options); err != nil {
		return nil, err
	}
	if made.origins, err = newOrigins(one, made.cluster); err != nil {
		made.cluster.Release()
		return nil, err
	}
	return made, nil
}

// release lets go of the upstreams.
func (p *plan) release() {
	for _, server := range p.upstreams {
		server.cluster.Release()
	}
}

// hold takes references to the clusters of the plan for a generation.
func (p *plan) hold(pool *upstream.Pool) ([]*upstream.Cluster, error) {
	held := make([]*upstream.Cluster, 0, len(p.upstreams))
	for _, server := range p.upstreams {
		cluster, err := pool.Acquire(server.name, server.options)
		if err != nil {
			for _, other := range held {
				other.Release()
			}
			return nil, fmt.Errorf("upstream %s: %w", server.name, err)
		}
		held = append(held, cluster)
	}
	return held, nil
}

// A selection says which sources are asked.
type selection int

const (
	allSources selection = iota
	// filesOnly leaves servers in peace.
	filesOnly
)

// load asks every source that is due and reports whether any gave something
// new. A live source that fails keeps what it gave before; if that is nothing,
// its error is part of pending.
func (p *plan) load(ctx context.Context, logger *slog.Logger, selected selection) (changed bool, err error) {
	var problems []error
	for _, server := range p.upstreams {
		for _, origin := range server.origins {
			if !origin.due() || origin.live && selected == filesOnly {
				continue
			}
			fresh, err := origin.load(ctx, logger)
			changed = changed || fresh
			if err != nil {
				problems = append(problems, err)
			}
		}
	}
	return changed, errors.Join(problems...)
}

// adopt takes over what the sources of before gave for equal sources of p that
// gave nothing, so that an upstream which is down at a reload keeps its methods.
func (p *plan) adopt(before *plan) {
	for _, server := range p.upstreams {
		for _, old := range before.upstreams {
			if server.name == old.name && server.options == old.options {
				server.adopt(old)
			}
		}
	}
}

func (s *server) adopt(before *server) {
	for _, origin := range s.origins {
		for _, old := range before.origins {
			if origin.live && origin.input.Files == nil && origin.source.String() == old.source.String() {
				origin.input, origin.loaded = old.input, old.loaded
			}
		}
	}
}

// inputs returns what the sources gave so far, nothing if that is no use.
func (p *plan) inputs() []schema.Input {
	if p.problem != nil {
		return nil
	}
	var inputs []schema.Input
	for _, server := range p.upstreams {
		for _, origin := range server.origins {
			if origin.input.Files != nil {
				inputs = append(inputs, origin.input)
			}
		}
	}
	return inputs
}

// pending says why a part of the API may be missing, nil if all is there.
func (p *plan) pending() error {
	problems := []error{p.problem}
	for _, server := range p.upstreams {
		for _, origin := range server.origins {
			switch {
			case origin.input.Files != nil:
			case origin.err != nil:
				problems = append(problems, fmt.Errorf("the schema of upstream %s is not known yet: %w", server.name, origin.err))
			default:
				problems = append(problems, fmt.Errorf("the schema of upstream %s was not asked for", server.name))
			}
		}
	}
	return errors.Join(problems...)
}

// serversOf returns the upstreams that serve service.
func (p *plan) serversOf(catalog *schema.Catalog, service protoreflect.FullName) []*server {
	var found []*server
	origins := catalog.Origins(service)
	for _, server := range p.upstreams {
		if len(server.services) > 0 && !slices.Contains(server.services, string(service)) {
			continue
		}
		if slices.ContainsFunc(server.origins, func(o *origin) bool { return slices.Contains(origins, o.input.Origin) }) {
			found = append(found, server)
		}
	}
	return found
}

// due reports whether the source is to be asked now.
func (o *origin) due() bool {
	if o.input.Files == nil || o.err != nil {
		return true
	}
	return o.interval > 0 && time.Since(o.loaded) >= o.interval
}
