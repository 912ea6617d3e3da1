// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	grpcreflection "google.golang.org/grpc/reflection"
	"google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/dragoman-gateway/dragoman/schema/internal/schematest"
	"github.com/dragoman-gateway/dragoman/schema/reflection"
)

// TestLoadOfRealServer asks servers of grpc-go. They do not serve all services
// of the files that they reflect.
func TestLoadOfRealServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		reflect func(*grpc.Server)
	}{
		{name: "both versions", reflect: func(s *grpc.Server) { grpcreflection.Register(s) }},
		{name: "v1", reflect: func(s *grpc.Server) { grpcreflection.RegisterV1(s) }},
		{name: "v1alpha", reflect: func(s *grpc.Server) {
			grpc_reflection_v1alpha.RegisterServerReflectionServer(s,
				grpcreflection.NewServer(grpcreflection.ServerOptions{Services: s}))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn := serve(t, func(s *grpc.Server) {
				testpb.RegisterTestServiceServer(s, testpb.UnimplementedTestServiceServer{})
				testpb.RegisterReconnectServiceServer(s, testpb.UnimplementedReconnectServiceServer{})
				healthpb.RegisterHealthServer(s, health.NewServer())
				test.reflect(s)
			})
			catalog := catalogOf(t, reflection.New(conn.Target(), conn, nil))
			want := []string{"grpc.testing.ReconnectService", "grpc.testing.TestService"}
			if diff := cmp.Diff(want, serviceNames(catalog)); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			if warnings := catalog.Warnings(); len(warnings) != 0 {
				t.Errorf("warnings: %q", warnings)
			}
			origins := catalog.Origins("grpc.testing.TestService")
			if diff := cmp.Diff([]string{"reflection of " + conn.Target()}, origins); diff != "" {
				t.Errorf("origins (-want +got):\n%s", diff)
			}
		})
	}
}

// api is a set of three files, of which one is missing from no server.
func api(tb testing.TB) []*descriptorpb.FileDescriptorProto {
	tb.Helper()
	set := schematest.Compile(tb, schematest.Sources{
		"api/types.proto": `syntax = "proto3"; package types; import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp t = 1; }`,
		"api/a.proto":     `syntax = "proto3"; package a; import "api/types.proto"; service S { rpc G(types.M) returns (types.M); } service T { rpc G(types.M) returns (types.M); }`,
		"api/b.proto":     `syntax = "proto3"; package b; import "api/types.proto"; service S { rpc G(types.M) returns (types.M); }`,
	})
	return set.GetFile()
}

func TestLoad(t *testing.T) {
	t.Parallel()
	allServices := []string{"b.S", "a.S", "a.T", "a.S", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"}
	allFiles := []string{"api/a.proto", "api/b.proto", "api/types.proto", "google/protobuf/timestamp.proto"}
	tests := []struct {
		name   string
		change func(*fakeServer)
		// What is wanted.
		files    []string
		services []string
		notes    []string
		requests int32
	}{
		{
			name:     "one file for each request",
			change:   func(*fakeServer) {},
			files:    allFiles,
			services: []string{"a.S", "a.T", "b.S"},
			// The list, two services, and two imports: the file of a.S has a.T.
			requests: 5,
		},
		{
			name:     "all files for each request",
			change:   func(s *fakeServer) { s.transitive = true },
			files:    allFiles,
			services: []string{"a.S", "a.T", "b.S"},
			requests: 2,
		},
		{
			name:     "a linked file is not served",
			change:   func(s *fakeServer) { s.files = without(s.files, "google/protobuf/timestamp.proto") },
			files:    []string{"api/a.proto", "api/b.proto", "api/types.proto"},
			services: []string{"a.S", "a.T", "b.S"},
			requests: 5,
		},
		{
			name:     "a service's file is not served",
			change:   func(s *fakeServer) { s.files = without(s.files, "api/b.proto") },
			files:    []string{"api/a.proto", "api/types.proto", "google/protobuf/timestamp.proto"},
			services: []string{"a.S", "a.T"},
			notes:    []string{"service b.S is listed but left out: rpc error: code = NotFound desc = not there"},
			requests: 5,
		},
		{
			name: "another file is served for a service",
			change: func(s *fakeServer) {
				s.files = without(s.files, "api/b.proto")
				s.raw = marshal(t, &descriptorpb.FileDescriptorProto{Name: new("other.proto")})
			},
			files:    []string{"api/a.proto", "api/types.proto", "google/protobuf/timestamp.proto", "other.proto"},
			services: []string{"a.S", "a.T"},
			notes:    []string{"service b.S is listed but left out: the files that the server sent do not declare it"},
			requests: 5,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := &fakeServer{services: allServices, files: api(t)}
			test.change(server)
			conn := serve(t, server.register)
			source := reflection.New("target", conn, nil)
			input, err := source.LoadInput(testContext(t))
			if err != nil {
				t.Fatal(err)
			}
			var files []string
			for _, file := range input.Files.GetFile() {
				files = append(files, file.GetName())
			}
			if diff := cmp.Diff(test.files, files); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, input.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if streams := server.streams.Load(); streams != 1 {
				t.Errorf("got %d streams, want 1", streams)
			}
			if requests := server.requests.Load(); requests != test.requests {
				t.Errorf("got %d requests, want %d", requests, test.requests)
			}
			if diff := cmp.Diff(test.services, serviceNames(catalogOf(t, source))); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLoadOfEtcd asks a server whose files import each other by other paths than
// they are served by, and import one that is not served at all. The file of
// mvccpb is to be had by what it declares only.
func TestLoadOfEtcd(t *testing.T) {
	t.Parallel()
	set := schematest.Compile(t, schematest.Sources{
		"etcd/api/versionpb/version.proto": `syntax = "proto3"; package versionpb; import "google/protobuf/descriptor.proto"; extend google.protobuf.MessageOptions { optional string msg = 50001; }`,
		"etcd/api/mvccpb/base.proto":       `syntax = "proto3"; package mvccpb; message Base { bytes key = 1; enum Kind { PUT = 0; } }`,
		"etcd/api/mvccpb/kv.proto":         `syntax = "proto3"; package mvccpb; import "etcd/api/mvccpb/base.proto"; message KeyValue { message Deep { Base b = 1; Base.Kind k = 2; } Deep d = 1; }`,
		"rpc.proto":                        `syntax = "proto3"; package etcdserverpb; import "etcd/api/versionpb/version.proto"; import "etcd/api/mvccpb/kv.proto"; service KV { rpc Range(Request) returns (mvccpb.KeyValue.Deep); } message Request { option (versionpb.msg) = "3.0"; map<string, mvccpb.KeyValue> kvs = 1; }`,
	})
	for _, name := range []string{"kv.proto", "base.proto"} {
		schematest.File(t, set, "etcd/api/mvccpb/"+name).Name = new(name)
	}
	server := &fakeServer{
		services: []string{"etcdserverpb.KV"},
		files:    without(set.GetFile(), "etcd/api/versionpb/version.proto"),
	}
	conn := serve(t, server.register)

	catalog := catalogOf(t, reflection.New("etcd", conn, nil))
	if diff := cmp.Diff([]string{"etcdserverpb.KV"}, serviceNames(catalog)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	want := []string{
		`"kv.proto" (reflection of etcd) imports "etcd/api/mvccpb/base.proto", which is missing: "base.proto" takes its place`,
		`"rpc.proto" (reflection of etcd) imports "etcd/api/versionpb/version.proto", which is missing: ` +
			`dropped, for the types that the file uses are there without it`,
		`"rpc.proto" (reflection of etcd) imports "etcd/api/mvccpb/kv.proto", which is missing: "kv.proto" takes its place`,
	}
	if diff := cmp.Diff(want, catalog.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// TestLoadNothing asks a server that has no services but those about itself.
func TestLoadNothing(t *testing.T) {
	t.Parallel()
	server := &fakeServer{services: []string{"grpc.reflection.v1.ServerReflection"}}
	set, err := reflection.New("target", serve(t, server.register), nil).Load(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.GetFile()) != 0 {
		t.Errorf("got %v, want nothing", set)
	}
}

func without(files []*descriptorpb.FileDescriptorProto, path string) []*descriptorpb.FileDescriptorProto {
	return schematest.Without(&descriptorpb.FileDescriptorSet{File: files}, path).GetFile()
}

func marshal(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	wire, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return wire
}
