// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package upstream is the far side of the gateway: the one shared pool of
// gRPC connections through which every call goes, whichever frontend it came
// in by.
//
// A [Pool] lives as long as the process. The clusters in it are counted by
// reference, so that a connection outlives the generation which first asked
// for it and is closed when the last generation that uses it is gone. A
// [Routes] belongs to one generation and says which cluster serves which
// service.
//
// Messages pass through as the bytes they arrived in; nothing here decodes
// or copies one.
package upstream

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"google.golang.org/grpc"
)

// A Pool holds the clusters that are in use. It is safe for concurrent use.
type Pool struct {
	logger *slog.Logger
	// dial is added to the options of every connection.
	dial []grpc.DialOption

	mu       sync.Mutex
	clusters map[key]*Cluster
	closed   bool
}

// key is what makes two clusters the same.
type key struct {
	name    string
	options Options
}

// NewPool returns an empty pool, which logs when an upstream is reached and
// when it is lost. A nil logger logs nothing.
func NewPool(logger *slog.Logger) *Pool {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Pool{logger: logger, clusters: make(map[key]*Cluster)}
}

// Acquire returns the cluster with this name and these options, and makes it
// if it is not there. It starts to connect and does not wait: an upstream
// that is down is no error here. Each call must be matched by exactly one
// [Cluster.Release].
func (p *Pool) Acquire(name string, options Options) (*Cluster, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fmt.Errorf("upstream %q: the pool is closed", name)
	}
	id := key{name, options}
	if cluster, ok := p.clusters[id]; ok {
		cluster.references++
		return cluster, nil
	}
	cluster, err := newCluster(p, id)
	if err != nil {
		return nil, fmt.Errorf("upstream %q: %w", name, err)
	}
	p.clusters[id] = cluster
	return cluster, nil
}

// release gives back one reference and closes the cluster with the last one.
func (p *Pool) release(cluster *Cluster) {
	p.mu.Lock()
	cluster.references--
	last := cluster.references == 0 && !p.closed
	if last {
		delete(p.clusters, cluster.key)
	}
	p.mu.Unlock()
	if last {
		if err := cluster.close(); err != nil {
			p.logger.Warn("close upstream", "upstream", cluster.key.name, "error", err)
		}
	}
}

// Close closes every cluster, whoever still holds a reference: calls in
// progress end. Release stays allowed afterwards and Acquire is refused.
func (p *Pool) Close() error {
	p.mu.Lock()
	clusters := p.clusters
	p.clusters, p.closed = nil, true
	p.mu.Unlock()
	var errs []error
	for _, cluster := range clusters {
		errs = append(errs, cluster.close())
	}
	return errors.Join(errs...)
}
