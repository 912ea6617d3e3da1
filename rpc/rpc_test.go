// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rpc_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-gateway/dragoman/internal/rpctest"
	"github.com/dragoman-gateway/dragoman/rpc"
)

func TestChainOrder(t *testing.T) {
	t.Parallel()
	var seen []string
	note := func(name string) rpc.Interceptor {
		return func(next rpc.Invoker) rpc.Invoker {
			return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
				seen = append(seen, name)
				return next(ctx, call)
			}
		}
	}
	invoke := rpc.Chain(note("first"), note("second"))(rpctest.Invoker(&rpctest.Stream{}))
	if _, err := invoke(t.Context(), rpctest.Call("UnaryCall")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"first", "second"}, seen); diff != "" {
		t.Errorf("order mismatch (-want +got):\n%s", diff)
	}
}

func TestNewMethodPath(t *testing.T) {
	t.Parallel()
	if got, want := rpctest.Call("UnaryCall").Method.Path, "/grpc.testing.TestService/UnaryCall"; got != want {
		t.Errorf("Path = %q, want %q", got, want)
	}
}
