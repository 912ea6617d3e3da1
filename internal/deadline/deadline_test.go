// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package deadline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/internal/deadline"
	"github.com/dragoman-gateway/dragoman/internal/rpctest"
	"github.com/dragoman-gateway/dragoman/rpc"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	const none = time.Duration(0)
	for _, test := range []struct {
		name    string
		method  protoreflect.Name
		options deadline.Options
		asked   time.Duration
		want    time.Duration
	}{
		{"no bounds", "UnaryCall", deadline.Options{}, none, none},
		{"default", "UnaryCall", deadline.Options{Default: time.Hour}, none, time.Hour},
		{"the caller's wins over the default", "UnaryCall", deadline.Options{Default: time.Hour}, 2 * time.Hour, 2 * time.Hour},
		{"capped", "UnaryCall", deadline.Options{Default: time.Hour, Max: 2 * time.Hour}, 3 * time.Hour, 2 * time.Hour},
		{"below the cap", "UnaryCall", deadline.Options{Max: 3 * time.Hour}, 2 * time.Hour, 2 * time.Hour},
		{"the cap caps the default", "UnaryCall", deadline.Options{Default: 3 * time.Hour, Max: time.Hour}, none, time.Hour},
		{"a cap alone is the default", "UnaryCall", deadline.Options{Max: time.Hour}, none, time.Hour},
		{"server stream", "StreamingOutputCall", deadline.Options{Default: time.Hour, Max: time.Hour}, none, none},
		{"client stream", "StreamingInputCall", deadline.Options{Default: time.Hour, Max: time.Hour}, none, none},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.asked != none {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.asked)
				defer cancel()
			}
			got := none
			invoke := deadline.New(test.options)(func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
				if at, ok := ctx.Deadline(); ok {
					// Rounded, since some of the time has passed.
					got = time.Until(at).Round(time.Minute)
				}
				return &rpctest.Stream{}, nil
			})
			if _, err := invoke(ctx, rpctest.Call(test.method)); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("deadline in %v, want %v", got, test.want)
			}
		})
	}
}

func TestTimerEndsWithTheCall(t *testing.T) {
	t.Parallel()
	var inner context.Context
	invoke := deadline.New(deadline.Options{Default: time.Hour})(
		func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
			inner = ctx
			return &rpctest.Stream{}, nil
		})
	stream, err := invoke(t.Context(), rpctest.Call("UnaryCall"))
	if err != nil {
		t.Fatal(err)
	}
	if err := inner.Err(); err != nil {
		t.Fatalf("context ended before the call: %v", err)
	}
	_, _ = stream.Recv()
	if err := inner.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("context after the call = %v, want %v", err, context.Canceled)
	}
}

func TestTimerEndsWithoutAStream(t *testing.T) {
	t.Parallel()
	var inner context.Context
	want := errors.New("no")
	invoke := deadline.New(deadline.Options{Default: time.Hour})(
		func(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
			inner = ctx
			return nil, want
		})
	if _, err := invoke(t.Context(), rpctest.Call("UnaryCall")); !errors.Is(err, want) {
		t.Errorf("err = %v, want %v", err, want)
	}
	if inner.Err() == nil {
		t.Error("the context of a call that was not opened is still alive")
	}
}
