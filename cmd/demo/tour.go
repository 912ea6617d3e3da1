// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"strings"
)

// addresses are where the parts of the demo are reached.
type addresses struct {
	bookshop, http, grpc, admin string
}

// tourText says what to try: behind each # a heading, and then one command.
const tourText = `
The bookshop is open.

  REST and everything else  http://HTTP
  native gRPC alone         GRPC
  health and readiness      http://ADMIN
  the bookshop itself       BOOKSHOP (gRPC, without the gateway)

# REST
curl http://HTTP/v1/shelves/science-fiction/books/the-time-machine

# REST, with a body
curl -H 'Content-Type: application/json' -d '{"customer": "ada@example.com", "lines": [{"book": "shelves/fiction/books/emma", "quantity": 1}], "ship_to": {"city": "London", "country": "GB"}, "payment": {"cash_on_delivery": true}}' http://HTTP/v1/orders

# REST, a stream from the server (without the limit it goes on for good)
curl -N 'http://HTTP/v1/stock:watch?limit=3'

# REST, what is not JSON
curl http://HTTP/v1/shelves/fiction/books/emma/cover

# plain JSON RPC, for a method without a path of its own
curl -H 'Content-Type: application/json' -d '{"liked": ["shelves/fiction/books/emma"]}' http://HTTP/bookshop.catalog.v1.CatalogService/RecommendBooks

# native gRPC, on the port of every protocol
.tmp/bin/grpcurl -plaintext -d '{"isbn": "9780000000569"}' HTTP bookshop.catalog.v1.CatalogService/GetBook

# native gRPC, a stream both ways, on the port for gRPC alone
.tmp/bin/grpcurl -plaintext -d '{"text": "Do you have Emma?"}' GRPC bookshop.support.v1.ChatService/Chat

# readiness
curl http://ADMIN/readyz

More of it is in docs/demo.md. Ctrl-C stops the bookshop and the gateway.
`

// tour says what to try at those addresses.
func (a addresses) tour() string {
	return strings.NewReplacer(
		"HTTP", a.http, "GRPC", a.grpc, "ADMIN", a.admin, "BOOKSHOP", a.bookshop,
	).Replace(tourText)
}

// reachable returns the address at which a client on this machine reaches what
// listens on address.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return address
}
