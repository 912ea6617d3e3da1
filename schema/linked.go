// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// Linked for their descriptors and for the extension types that options
	// are parsed with. What the catalog's readers ask for by generated type
	// must be here, or it would be an unknown field on the descriptors.
	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/api/visibility"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/status"
	_ "google.golang.org/protobuf/types/known/anypb"
	_ "google.golang.org/protobuf/types/known/apipb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/emptypb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/sourcecontextpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
	_ "google.golang.org/protobuf/types/known/typepb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"
)

// Linked returns the file of this path that the gateway itself has linked, or
// nil. A source's copy of such a file is not used, and a source need not
// deliver it. Only files of the folders that every API shares are eligible:
// google/protobuf, google/api, google/rpc, google/type, google/longrunning,
// buf/validate, and gRPC's own health, reflection and channelz.
func Linked(path string) protoreflect.FileDescriptor {
	if !inSharedFolder(path) {
		return nil
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil || !importsOnlyShared(file) {
		return nil
	}
	return file
}

// importsOnlyShared reports whether all that file imports is as widely shared
// as itself. Were it not, taking the linked file would pull in files that a
// source may rightly define otherwise.
func importsOnlyShared(file protoreflect.FileDescriptor) bool {
	imports := file.Imports()
	for i := range imports.Len() {
		imported := imports.Get(i)
		if imported.IsPlaceholder() || !inSharedFolder(imported.Path()) || !importsOnlyShared(imported) {
			return false
		}
	}
	return true
}

// linkedSymbol returns the path of the linked file that declares name.
func linkedSymbol(name protoreflect.FullName) (string, bool) {
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return "", false
	}
	path := descriptor.ParentFile().Path()
	return path, Linked(path) != nil
}

// alwaysPresent lists the linked files that are part of every catalog, sorted
// by path. An Any, or the details of a status, may hold messages of the google
// packages although no method mentions them; the services of the grpc packages
// are those of the gateway, which its own reflection describes.
func alwaysPresent() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	for _, pkg := range [...]protoreflect.FullName{
		"google.protobuf", "google.rpc", "grpc.health.v1", "grpc.reflection.v1", "grpc.reflection.v1alpha",
	} {
		protoregistry.GlobalFiles.RangeFilesByPackage(pkg, func(file protoreflect.FileDescriptor) bool {
			files = append(files, file)
			return true
		})
	}
	// Linked takes the registry's lock, which the loop above holds.
	files = slices.DeleteFunc(files, func(file protoreflect.FileDescriptor) bool {
		return Linked(file.Path()) == nil
	})
	slices.SortFunc(files, func(a, b protoreflect.FileDescriptor) int {
		return strings.Compare(a.Path(), b.Path())
	})
	return files
}

// sharedFolders are those whose files every server has its own version of.
func sharedFolders() [9]string {
	return [...]string{
		"buf/validate/",
		"google/api/",
		"google/longrunning/",
		"google/protobuf/",
		"google/rpc/",
		"google/type/",
		"grpc/channelz/",
		"grpc/health/",
		"grpc/reflection/",
	}
}

func inSharedFolder(path string) bool {
	for _, folder := range sharedFolders() {
		if strings.HasPrefix(path, folder) {
			return true
		}
	}
	return false
}

// isShared also knows a shared file by its package, since servers serve such
// files under other paths: "grpc_health_v1/health.proto",
// "third_party/googleapis/google/api/http.proto".
func isShared(path, pkg string) bool {
	return inSharedFolder(path) || inSharedFolder(strings.ReplaceAll(pkg, ".", "/")+"/")
}

// IsInfrastructure reports whether service is about a server rather than part of
// its API: grpc.reflection.*, grpc.health.v1.Health and
// grpc.channelz.v1.Channelz.
func IsInfrastructure(service protoreflect.FullName) bool {
	return strings.HasPrefix(string(service), "grpc.reflection.") ||
		service == "grpc.health.v1.Health" ||
		service == "grpc.channelz.v1.Channelz"
}
