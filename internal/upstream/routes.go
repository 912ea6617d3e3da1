// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"context"
	"maps"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// Routes say which cluster serves which service. They are immutable and hold
// no reference to a cluster: whoever acquired it keeps it for as long as the
// Routes are used.
//
// As a [grpc.ClientConnInterface], Routes carry generated stubs and generated
// handlers; such calls go straight to the upstream, past every interceptor.
type Routes struct {
	clusters map[protoreflect.FullName]*Cluster
}

var (
	_ grpc.ClientConnInterface = (*Routes)(nil)
	_ rpc.Invoker              = (*Routes)(nil).Open
)

// NewRoutes returns the Routes that clusters, by full name of service, say.
func NewRoutes(clusters map[protoreflect.FullName]*Cluster) *Routes {
	return &Routes{clusters: maps.Clone(clusters)}
}

// Open is an [rpc.Invoker] that goes to the cluster of the method's service.
// See [Cluster.Open].
func (r *Routes) Open(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
	cluster, err := r.cluster(call.Method.Descriptor.Parent().FullName())
	if err != nil {
		return nil, err
	}
	return cluster.Open(ctx, call)
}

// Invoke implements [grpc.ClientConnInterface].
func (r *Routes) Invoke(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
	cluster, err := r.cluster(serviceOf(method))
	if err != nil {
		return err
	}
	return cluster.Invoke(ctx, method, request, reply, options...)
}

// NewStream implements [grpc.ClientConnInterface].
func (r *Routes) NewStream(
	ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	cluster, err := r.cluster(serviceOf(method))
	if err != nil {
		return nil, err
	}
	return cluster.NewStream(ctx, desc, method, options...)
}

func (r *Routes) cluster(service protoreflect.FullName) (*Cluster, error) {
	cluster, ok := r.clusters[service]
	if !ok {
		return nil, status.Errorf(codes.Unimplemented, "no upstream serves %q", service)
	}
	return cluster, nil
}

// serviceOf returns the service in "/package.Service/Method".
func serviceOf(path string) protoreflect.FullName {
	service, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return protoreflect.FullName(service)
}
