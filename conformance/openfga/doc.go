// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package openfga holds a stock dragoman against a second real server, so that
// nothing can have been fitted to the first: OpenFGA, whose reflection links
// as it is served. Dragoman has no configuration but the address.
//
// The oracle is grpc-gateway with a default mux in front of the same server,
// made of the handlers that OpenFGA generates. OpenFGA's own HTTP port is
// built on the same handlers, but writes errors in a form of its own.
package openfga
