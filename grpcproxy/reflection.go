// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/dragoman-gateway/dragoman/schema"
)

// newReflection returns servers, for both versions of the protocol, that tell
// of the services of catalog and of the gateway's own.
func newReflection(catalog *schema.Catalog) (
	reflectionv1.ServerReflectionServer, reflectionv1alpha.ServerReflectionServer,
) {
	options := reflection.ServerOptions{
		Services:           serviceNames(catalog),
		DescriptorResolver: descriptors{catalog.Files()},
		ExtensionResolver:  newExtensions(catalog),
	}
	return reflection.NewServerV1(options), reflection.NewServer(options)
}

// services are the names that reflection lists.
type services map[string]grpc.ServiceInfo

var _ reflection.ServiceInfoProvider = services(nil)

// GetServiceInfo implements [reflection.ServiceInfoProvider].
func (s services) GetServiceInfo() map[string]grpc.ServiceInfo { return s }

func serviceNames(catalog *schema.Catalog) services {
	names := services{
		healthpb.Health_ServiceDesc.ServiceName:                    {},
		reflectionv1.ServerReflection_ServiceDesc.ServiceName:      {},
		reflectionv1alpha.ServerReflection_ServiceDesc.ServiceName: {},
	}
	for _, service := range catalog.Services() {
		names[string(service.FullName())] = grpc.ServiceInfo{}
	}
	return names
}

// descriptors are those of the catalog and, where it has none, of the
// services that the gateway answers itself.
type descriptors struct {
	catalog *protoregistry.Files
}

var _ protodesc.Resolver = descriptors{}

// FindFileByPath implements [protodesc.Resolver].
func (d descriptors) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	file, err := d.catalog.FindFileByPath(path)
	if err == nil {
		return file, nil
	}
	for _, own := range ownFiles() {
		if own.Path() == path {
			return own, nil
		}
	}
	return nil, err
}

// FindDescriptorByName implements [protodesc.Resolver].
func (d descriptors) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	descriptor, err := d.catalog.FindDescriptorByName(name)
	if err == nil {
		return descriptor, nil
	}
	for _, own := range ownFiles() {
		if own.Package() != name.Parent() && own.Package() != name.Parent().Parent() {
			continue
		}
		if descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(name); err == nil {
			return descriptor, nil
		}
	}
	return nil, err
}

// ownFiles are the files of the services that the gateway answers itself.
func ownFiles() [3]protoreflect.FileDescriptor {
	return [3]protoreflect.FileDescriptor{
		healthpb.File_grpc_health_v1_health_proto,
		reflectionv1.File_grpc_reflection_v1_reflection_proto,
		reflectionv1alpha.File_grpc_reflection_v1alpha_reflection_proto,
	}
}

// extensions adds to the types of a catalog what only reflection asks for: all
// extensions of one message.
type extensions struct {
	*dynamicpb.Types

	byMessage map[protoreflect.FullName][]protoreflect.ExtensionType
}

var _ reflection.ExtensionResolver = extensions{}

func newExtensions(catalog *schema.Catalog) extensions {
	e := extensions{Types: catalog.Types(), byMessage: make(map[protoreflect.FullName][]protoreflect.ExtensionType)}
	catalog.Files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		e.add(file)
		return true
	})
	return e
}

// add enters the extensions that are declared in scope or in its messages.
func (e extensions) add(scope interface {
	Extensions() protoreflect.ExtensionDescriptors
	Messages() protoreflect.MessageDescriptors
},
) {
	declared := scope.Extensions()
	for i := range declared.Len() {
		extension := dynamicpb.NewExtensionType(declared.Get(i))
		message := declared.Get(i).ContainingMessage().FullName()
		e.byMessage[message] = append(e.byMessage[message], extension)
	}
	messages := scope.Messages()
	for i := range messages.Len() {
		e.add(messages.Get(i))
	}
}

// RangeExtensionsByMessage implements [reflection.ExtensionResolver].
func (e extensions) RangeExtensionsByMessage(
	message protoreflect.FullName, yield func(protoreflect.ExtensionType) bool,
) {
	for _, extension := range e.byMessage[message] {
		if !yield(extension) {
			return
		}
	}
}
