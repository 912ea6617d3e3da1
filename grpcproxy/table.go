// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package grpcproxy is the frontend for native gRPC. It passes messages of all
// four kinds of methods through as the bytes they came in, in both directions
// at the same time, with metadata, trailers, deadlines, cancellation and
// status details intact.
//
// A [Server] lives as long as the process and speaks gRPC on its own listener
// or as the handler of an HTTP server. What it serves is a [Table], which
// belongs to one generation: each call takes the current one when it begins
// and keeps it until it ends.
//
// The server answers two services itself, whatever the upstreams say to them:
// grpc.reflection, with the schema of the Table, and grpc.health.v1.
package grpcproxy

import (
	"google.golang.org/grpc"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
)

// A Table is what a server serves for one generation: the methods of a
// catalog, where they go, and the catalog itself by reflection. It is
// immutable and safe for concurrent use.
type Table struct {
	methods map[string]*rpc.Method
	// services has the full name of each service, to tell an unknown method
	// from an unknown service.
	services map[string]bool
	// reflection has the handler of each reflection method.
	reflection map[string]func(grpc.ServerStream) error
	invoke     rpc.Invoker
	// missing is what calls of unknown services get, nil for the default.
	missing error
}

// NewTable returns the table that opens the methods of catalog with invoke.
func NewTable(catalog *schema.Catalog, invoke rpc.Invoker) *Table {
	services := catalog.Services()
	t := &Table{
		methods:  make(map[string]*rpc.Method),
		services: make(map[string]bool, len(services)),
		invoke:   invoke,
	}
	for _, service := range services {
		t.services[string(service.FullName())] = true
		methods := service.Methods()
		for i := range methods.Len() {
			method := rpc.NewMethod(methods.Get(i))
			t.methods[method.Path] = method
		}
	}
	v1, v1alpha := newReflection(catalog)
	t.reflection = map[string]func(grpc.ServerStream) error{
		reflectionv1.ServerReflection_ServerReflectionInfo_FullMethodName: func(stream grpc.ServerStream) error {
			return reflectionv1.ServerReflection_ServiceDesc.Streams[0].Handler(v1, stream)
		},
		reflectionv1alpha.ServerReflection_ServerReflectionInfo_FullMethodName: func(stream grpc.ServerStream) error {
			return reflectionv1alpha.ServerReflection_ServiceDesc.Streams[0].Handler(v1alpha, stream)
		},
	}
	return t
}

// NewPartialTable is [NewTable] for a catalog that lacks a part. Calls of
// unknown services may belong to that part and get missing, which is a status
// error; nil means that nothing is missing.
func NewPartialTable(catalog *schema.Catalog, invoke rpc.Invoker, missing error) *Table {
	t := NewTable(catalog, invoke)
	t.missing = missing
	return t
}
