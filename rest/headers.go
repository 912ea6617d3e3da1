// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"strings"

	"google.golang.org/grpc/metadata"
)

const (
	metadataPrefix  = "Grpc-Metadata-" // of headers that carry metadata
	trailerPrefix   = "Grpc-Trailer-"  // of trailers that do
	permanentPrefix = "grpcgateway-"   // of metadata that carries a standard header
	binarySuffix    = "-bin"

	forwardedFor  = "X-Forwarded-For"
	forwardedHost = "X-Forwarded-Host"
)

// isPermanent reports whether a header is one of those that grpc-gateway hands
// on with a prefix: the permanent request headers of IANA's registry.
func isPermanent(name string) bool {
	switch name {
	case "Accept", "Accept-Charset", "Accept-Language", "Accept-Ranges", "Authorization",
		"Cache-Control", "Content-Type", "Cookie", "Date", "Expect", "From", "Host",
		"If-Match", "If-Modified-Since", "If-None-Match", "If-Schedule-Tag-Match",
		"If-Unmodified-Since", "Max-Forwards", "Origin", "Pragma", "Referer",
		"User-Agent", "Via", "Warning":
		return true
	}
	return false
}

// isReserved reports whether a key, in lower case, means something to gRPC, to
// HTTP or to this package, so that no header may set it.
func isReserved(key string) bool {
	switch key {
	case "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
		"te", "trailer", "transfer-encoding", "upgrade",
		"host", "content-length", "content-type", "content-encoding", "user-agent",
		"authorization", "x-forwarded-for", "x-forwarded-host":
		return true
	}
	return strings.HasPrefix(key, "grpc-") || strings.HasPrefix(key, permanentPrefix) || strings.HasPrefix(key, ":")
}

// A nameSet is a set of header names in lower case.
type nameSet struct {
	exact    map[string]struct{}
	prefixes []string
}

// newNameSet reads names such as "x-request-id" and "x-*".
func newNameSet(names []string) (nameSet, error) {
	set := nameSet{exact: make(map[string]struct{}, len(names))}
	for _, name := range names {
		lower := strings.ToLower(name)
		prefix, wild := strings.CutSuffix(lower, "*")
		if !isToken(prefix) && (prefix != "" || !wild) {
			return nameSet{}, fmt.Errorf("header %q: want a name, or the beginning of names and %q", name, "*")
		}
		if wild {
			set.prefixes = append(set.prefixes, prefix)
		} else {
			set.exact[lower] = struct{}{}
		}
	}
	return set, nil
}

// isToken reports whether s can be a metadata key.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return s != ""
}

func (s *nameSet) empty() bool {
	return len(s.exact) == 0 && len(s.prefixes) == 0
}

// has reports whether the set holds name, which is in lower case.
func (s *nameSet) has(name string) bool {
	if _, ok := s.exact[name]; ok {
		return true
	}
	for _, prefix := range s.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// requestMetadata returns what the upstream is told of the request's headers.
func (h *Handler) requestMetadata(r *http.Request) (metadata.MD, error) {
	md := make(metadata.MD, len(r.Header)+2)
	for name, values := range r.Header {
		var err error
		switch {
		case name == forwardedFor || name == forwardedHost:
		case name == "Authorization":
			err = addMetadata(md, "authorization", name, values)
			if err == nil {
				err = addMetadata(md, "grpcgateway-authorization", name, values)
			}
		case isPermanent(name):
			err = addMetadata(md, permanentPrefix+strings.ToLower(name), name, values)
		}
		if err == nil && !h.forwardRequest.empty() {
			err = h.forward(md, name, values)
		}
		if err != nil {
			return nil, err
		}
	}
	addForwarded(md, r)
	return md, nil
}

// forward adds a header that the options ask for.
func (h *Handler) forward(md metadata.MD, name string, values []string) error {
	key := strings.ToLower(name)
	if !h.forwardRequest.has(key) {
		return nil
	}
	if inner, ok := strings.CutPrefix(key, "grpc-metadata-"); ok {
		key = inner
	}
	if isReserved(key) || !isToken(key) {
		return nil
	}
	return addMetadata(md, key, name, values)
}

// addMetadata adds the values of a header. A value that gRPC cannot carry is
// left out, as grpc-gateway does.
func addMetadata(md metadata.MD, key, header string, values []string) error {
	for _, value := range values {
		if strings.HasSuffix(key, binarySuffix) {
			decoded, err := decodeBinary(value)
			if err != nil {
				return badRequest("", "header %s: %w", header, err)
			}
			value = decoded
		} else if !isPrintable(value) {
			continue
		}
		md[key] = append(md[key], value)
	}
	return nil
}

// decodeBinary decodes base64 with or without padding.
func decodeBinary(value string) (string, error) {
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
	if err != nil {
		return "", fmt.Errorf("decode base64: %w", err)
	}
	return string(decoded), nil
}

// isPrintable reports whether value can be the text of metadata.
func isPrintable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return false
		}
	}
	return true
}

// addForwarded adds which host the caller asked for, and from which address.
func addForwarded(md metadata.MD, r *http.Request) {
	host := r.Header.Get(forwardedHost)
	if host == "" || !isPrintable(host) {
		host = r.Host
	}
	if host != "" && isPrintable(host) {
		md["x-forwarded-host"] = []string{host}
	}
	var addresses []string
	for _, address := range r.Header.Values(forwardedFor) {
		if isPrintable(address) {
			addresses = append(addresses, address)
		}
	}
	if address, _, err := net.SplitHostPort(r.RemoteAddr); err == nil && isPrintable(address) {
		addresses = append(addresses, address)
	}
	if len(addresses) > 0 {
		md["x-forwarded-for"] = []string{strings.Join(addresses, ", ")}
	}
}

// setResponseHeaders writes the header metadata of a call.
func (h *Handler) setResponseHeaders(header http.Header, md metadata.MD) {
	for key, values := range md {
		name := metadataPrefix + key
		if !h.forwardResponse.empty() && h.forwardResponse.has(key) && !isReserved(key) {
			name = key
		}
		addHeader(header, name, key, values)
	}
}

// addHeader adds metadata under a header name. Binary values are in base64,
// since a header cannot carry them.
func addHeader(header http.Header, name, key string, values []string) {
	for _, value := range values {
		if strings.HasSuffix(key, binarySuffix) {
			value = base64.StdEncoding.EncodeToString([]byte(value))
		}
		header.Add(name, value)
	}
}

// acceptsTrailers reports whether the caller reads trailers: RFC 9110, section
// 10.1.4.
func acceptsTrailers(r *http.Request) bool {
	te := r.Header.Get("Te")
	return te != "" && strings.Contains(strings.ToLower(te), "trailers")
}

// announceTrailers says before the body which trailers come after it.
func announceTrailers(header http.Header, md metadata.MD) {
	for key := range md {
		header.Add("Trailer", textproto.CanonicalMIMEHeaderKey(trailerPrefix+key))
	}
}

// setTrailers sets announced trailers, after the body.
func setTrailers(header http.Header, md metadata.MD) {
	for key, values := range md {
		addHeader(header, trailerPrefix+key, key, values)
	}
}

// setLateTrailers sets trailers that could not be announced.
func setLateTrailers(header http.Header, md metadata.MD) {
	for key, values := range md {
		addHeader(header, http.TrailerPrefix+textproto.CanonicalMIMEHeaderKey(trailerPrefix+key), key, values)
	}
}
