// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy

import (
	"maps"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// ofOneHop reports whether name says something of one connection or of how
// one connection encodes its messages, and so must not pass. Everything else
// does, including the names that begin with "grpc-" but belong to the caller
// and the callee, such as grpc-trace-bin and grpc-retry-pushback-ms.
func ofOneHop(name string) bool {
	switch name {
	// RFC 9110, section 7.6.1, and what HTTP/2 forbids (RFC 9113, section
	// 8.2.2).
	case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
		"http2-settings", "proxy-authenticate", "proxy-authorization", "expect", "host":
		return true
	// The body that leaves is framed and compressed anew.
	case "accept-encoding", "content-encoding", "content-length", "content-type":
		return true
	// Both sides of a gRPC connection say these for themselves.
	case "grpc-accept-encoding", "grpc-encoding", "grpc-message", "grpc-message-type", "grpc-status",
		"grpc-status-details-bin", "grpc-timeout", "user-agent":
		return true
	default:
		return strings.HasPrefix(name, ":")
	}
}

// requestMetadata removes from md, which the caller owns, what must not pass.
func requestMetadata(md metadata.MD) metadata.MD {
	maps.DeleteFunc(md, func(name string, _ []string) bool { return ofOneHop(name) })
	return md
}

// responseMetadata returns md, which is shared, without what must not pass.
// The content type stays in: every response has one, a copy would be needed
// each time, and gRPC writes its own over it.
func responseMetadata(md metadata.MD) metadata.MD {
	for name := range md {
		if ofOneHop(name) && name != "content-type" {
			return requestMetadata(maps.Clone(md))
		}
	}
	return md
}

// checkContentType refuses messages that are not Protobuf. gRPC itself would
// take them: it leaves the content type to the codec.
func checkContentType(md metadata.MD) error {
	for _, contentType := range md["content-type"] {
		subtype, ok := strings.CutPrefix(strings.ToLower(contentType), "application/grpc+")
		subtype, _, _ = strings.Cut(subtype, ";")
		if ok && subtype != "proto" && subtype != "" {
			return status.Errorf(codes.Unimplemented,
				"content type %q: only application/grpc and application/grpc+proto are understood", contentType)
		}
	}
	return nil
}
