// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/schema"
	"github.com/dragoman-gateway/dragoman/schema/fileset"
	"github.com/dragoman-gateway/dragoman/schema/protosource"
	"github.com/dragoman-gateway/dragoman/schema/reflection"
)

const (
	// firstRetry and lastRetry bound the pause before a source that failed is
	// asked again. An upstream that comes back is served within two seconds.
	firstRetry = 250 * time.Millisecond
	lastRetry  = time.Second
	// loadTimeout bounds one look at all sources, lest a server that never
	// answers holds up the others for good.
	loadTimeout = 10 * time.Second
)

// newOrigins makes the schema sources of one upstream. conn reaches it.
func newOrigins(one *configv1.Upstream, conn grpc.ClientConnInterface) ([]*origin, error) {
	schemas := one.GetSchema()
	if len(schemas) == 0 {
		schemas = []*configv1.Schema{{Source: &configv1.Schema_Reflection{}}}
	}
	origins := make([]*origin, 0, len(schemas))
	for _, schema := range schemas {
		made, err := newOrigin(one, schema, conn)
		if err != nil {
			return nil, err
		}
		// Two upstreams can have one file.
		made.input.Origin = fmt.Sprintf("%s (upstream %s)", made.source, upstreamName(one))
		origins = append(origins, made)
	}
	return origins, nil
}

func newOrigin(one *configv1.Upstream, schema *configv1.Schema, conn grpc.ClientConnInterface) (*origin, error) {
	switch from := schema.GetSource().(type) {
	case *configv1.Schema_DescriptorSet:
		return &origin{source: fileset.New(from.DescriptorSet)}, nil
	case *configv1.Schema_Proto:
		return &origin{source: protosource.New(from.Proto)}, nil
	case *configv1.Schema_Reflection:
		md := make(metadata.MD)
		for _, header := range from.Reflection.GetMetadata() {
			value, err := config.ReadSecret(header.GetValue())
			if err != nil {
				return nil, fmt.Errorf("reflection metadata %s: %w", header.GetName(), err)
			}
			md.Append(header.GetName(), value)
		}
		return &origin{
			source:   reflection.New(one.GetTarget(), conn, md),
			live:     true,
			interval: from.Reflection.GetInterval().AsDuration(),
		}, nil
	default:
		return nil, fmt.Errorf("unknown kind of schema source %T", from)
	}
}

// load asks the source. It reports whether that brought anything new. It
// fails only where waiting cannot help.
func (o *origin) load(ctx context.Context, logger *slog.Logger) (changed bool, err error) {
	input, err := schema.Load(ctx, o.source)
	if err != nil && !o.live {
		return false, err
	}
	if err != nil {
		if o.err == nil || o.err.Error() != err.Error() {
			logger.Warn("schema is not available, will ask again", "source", o.source.String(), "error", err)
			changed = o.input.Files == nil
		}
		o.err = err
		return changed, nil
	}
	input.Origin = o.input.Origin
	changed = o.input.Files == nil || !proto.Equal(o.input.Files, input.Files) ||
		!slices.Equal(o.input.Services, input.Services)
	o.input, o.loaded, o.err = input, time.Now(), nil
	return changed, nil
}

// follow keeps the generation true to the live sources of plan until ctx is
// done.
func (g *Gateway) follow(ctx context.Context, plan *plan) {
	pause := firstRetry
	timer := time.NewTimer(plan.nextLook(pause))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if g.look(ctx, plan) {
			pause = firstRetry
		} else {
			pause = min(pause*2, lastRetry)
		}
		timer.Reset(plan.nextLook(pause))
	}
}

// look loads what is due and makes it current. It reports whether something
// had changed.
func (g *Gateway) look(ctx context.Context, plan *plan) bool {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	changed, err := plan.load(ctx, g.logger, allSources)
	if err != nil {
		g.logger.Error("schema, the one before stays", "error", err)
	}
	if !changed || ctx.Err() != nil {
		return false
	}
	plan.problem = nil
	next, err := g.build(plan)
	if err != nil {
		g.logger.Error("schema, the one before stays", "error", err)
		if len(g.current.Load().catalog.Services()) > 0 {
			return true
		}
		// There is none before: callers are told why.
		plan.problem = err
		if next, err = g.build(plan); err != nil {
			return true
		}
	}
	g.swap(next)
	return true
}

// nextLook returns how long no source is due, or retry if one has failed.
func (p *plan) nextLook(retry time.Duration) time.Duration {
	next := time.Duration(1<<63 - 1)
	for _, server := range p.upstreams {
		for _, origin := range server.origins {
			switch {
			case origin.err != nil:
				next = min(next, retry)
			case origin.interval > 0:
				next = min(next, max(time.Until(origin.loaded.Add(origin.interval)), firstRetry))
			}
		}
	}
	return next
}
