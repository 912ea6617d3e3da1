// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package httprule reads the HTTP mapping of a method (google.api.HttpRule)
// and finds the mapping that a request belongs to.
//
// [Bindings] flattens a rule, [ParseTemplate] compiles one path template of
// the grammar in google/api/http.proto, and a [Router] is the tree of all
// templates of a generation. The package knows HTTP methods and paths only: it
// looks at no message descriptor, so whether a field path or a body names a
// field is for its user to check.
//
// # What a template matches
//
// A request path is split on "/" as it came, before anything is decoded. A
// literal is compared with the decoded segment. "*" takes one segment, which
// may be empty, as in grpc-gateway: "/v1/books/" is "/v1/books/{id}" with an
// empty id. It is not "/v1/books": a trailing slash counts. "**" takes all
// segments that are left, even none.
//
// A template with a verb matches a last segment that ends in ":" and the verb,
// with something before the colon. A colon that is percent-encoded in the
// request is not a separator. A template without a verb sees the colon as text.
//
// # What a variable captures
//
// A variable of one segment ("{id}", "{id=*}") captures the segment fully
// decoded. A variable of several ("{name=shelves/*}", "{name=**}") captures
// them joined by "/", decoded except for "%2F" and "%2f", which stay as they
// came because they are no separators. Decoded text need not be UTF-8.
//
// # Where this differs from grpc-gateway
//
// grpc-gateway tries its patterns in reverse order of registration; here the
// most specific template wins, whatever the order. The specification's decoding
// is used always, of literals too, where grpc-gateway by default decodes the
// whole path before it splits it. Refused here and accepted there are "**"
// anywhere but at the end, "*" within a literal (write "%2A"), an empty segment
// or verb, and one variable bound twice. Accepted here and refused there are
// additional bindings of additional bindings; the custom kind "*", a method
// name like any other there, stands for any method.
package httprule
