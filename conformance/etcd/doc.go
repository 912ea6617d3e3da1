// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package etcd holds a stock dragoman against a real etcd: every answer of
// etcd's REST API is asked of both, Dragoman and the gateway that etcd
// carries, which grpc-gateway generated.
//
// All of it is tests. The configuration that they run is etcd.yaml, the same
// that docs/etcd.md explains.
package etcd
