// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"context"
	"fmt"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A Cluster is one upstream: a named gRPC server, or a set of equal ones
// behind one target. It is made by [Pool.Acquire] and is safe for concurrent
// use until the reference is released.
type Cluster struct {
	key  key
	pool *Pool
	conn *grpc.ClientConn
	// raw are the options of a call whose messages are bytes.
	raw []grpc.CallOption

	// references is guarded by pool.mu.
	references int

	// lastError is why the last call found no connection. It is nil while
	// there is one.
	lastError atomic.Pointer[string]

	stopWatch context.CancelFunc
	watchDone chan struct{}
}

var (
	_ grpc.ClientConnInterface = (*Cluster)(nil)
	_ rpc.Invoker              = (*Cluster)(nil).Open
)

// newCluster starts to connect; it does not wait.
func newCluster(pool *Pool, id key) (*Cluster, error) {
	if err := id.options.check(); err != nil {
		return nil, err
	}
	creds, err := id.options.TLS.credentials()
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(clientTarget(id.options.Target), append(dialOptions(id.options, creds), pool.dial...)...)
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", id.options.Target, err)
	}
	// The watch is bound to the cluster, not to whoever acquired it first.
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // ends with close
	cluster := &Cluster{
		key:        id,
		pool:       pool,
		conn:       conn,
		raw:        []grpc.CallOption{grpc.ForceCodecV2(codec{})},
		references: 1,
		stopWatch:  cancel,
		watchDone:  make(chan struct{}),
	}
	go cluster.watch(ctx)
	return cluster, nil
}

// Name returns the name that the cluster was acquired by.
func (c *Cluster) Name() string { return c.key.name }

// State returns the state of the connection at this moment.
func (c *Cluster) State() connectivity.State { return c.conn.GetState() }

// Release gives back one reference. The last one closes the connection, so
// the calls that were opened by this reference must have ended.
func (c *Cluster) Release() { c.pool.release(c) }

// close ends the connection and the watch.
func (c *Cluster) close() error {
	c.stopWatch()
	err := c.conn.Close()
	<-c.watchDone
	if err != nil {
		return fmt.Errorf("close upstream %q: %w", c.key.name, err)
	}
	return nil
}

// Open is an [rpc.Invoker]: it opens the stream that carries call. It sends
// the call's metadata as it is and passes on the deadline of ctx. If there is
// no connection, it waits for one as long as the options allow and then
// returns UNAVAILABLE, with what stood in the way.
func (c *Cluster) Open(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
	descriptor := call.Method.Descriptor
	s := &stream{desc: grpc.StreamDesc{
		ClientStreams: descriptor.IsStreamingClient(),
		ServerStreams: descriptor.IsStreamingServer(),
	}}
	var err error
	s.client, err = c.NewStream(metadata.NewOutgoingContext(ctx, call.Metadata), &s.desc, call.Method.Path, c.raw...)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// NewStream implements [grpc.ClientConnInterface], for generated stubs and
// handlers; messages go through gRPC's own codec unless an option says
// otherwise.
func (c *Cluster) NewStream(
	ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	if err := c.awaitConnection(ctx); err != nil {
		return nil, err
	}
	client, err := c.conn.NewStream(ctx, desc, method, options...)
	if err != nil {
		return nil, c.openError(err)
	}
	return client, nil
}

// Invoke implements [grpc.ClientConnInterface].
func (c *Cluster) Invoke(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
	// Not the connection's own Invoke: an error to connect could not be told
	// from an answer of the upstream there.
	client, err := c.NewStream(ctx, &grpc.StreamDesc{}, method, options...)
	if err != nil {
		return err
	}
	if err := client.SendMsg(request); err != nil {
		return err
	}
	return client.RecvMsg(reply)
}
