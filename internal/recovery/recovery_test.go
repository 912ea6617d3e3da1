// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package recovery_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/internal/recovery"
	"github.com/dragoman-gateway/dragoman/internal/rpctest"
	"github.com/dragoman-gateway/dragoman/rpc"
)

func TestPanicBecomesInternal(t *testing.T) {
	t.Parallel()
	bad := &rpctest.Stream{
		SendFunc:      func(mem.BufferSlice) error { panic("secret") },
		CloseSendFunc: func() error { panic("secret") },
		RecvFunc:      func() (mem.BufferSlice, error) { panic("secret") },
		HeaderFunc:    func() (metadata.MD, error) { panic("secret") },
		TrailerFunc:   func() metadata.MD { panic("secret") },
	}
	for _, test := range []struct {
		name string
		use  func(rpc.Stream) error
	}{
		{"Send", func(s rpc.Stream) error { return s.Send(rpctest.Payload("x")) }},
		{"CloseSend", func(s rpc.Stream) error { return s.CloseSend() }},
		{"Recv", func(s rpc.Stream) error { _, err := s.Recv(); return err }},
		{"Header", func(s rpc.Stream) error { _, err := s.Header(); return err }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			invoke := recovery.New(slog.New(slog.NewTextHandler(&log, nil)))(rpctest.Invoker(bad))
			stream, err := invoke(t.Context(), rpctest.Call("UnaryCall"))
			if err != nil {
				t.Fatal(err)
			}
			checkPanic(t, test.use(stream), log.String())
			_ = stream.Trailer() // Must not panic either.
		})
	}
}

func TestPanicWhileOpening(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	invoke := recovery.New(slog.New(slog.NewTextHandler(&log, nil)))(
		func(context.Context, *rpc.Call) (rpc.Stream, error) { panic("secret") })
	stream, err := invoke(t.Context(), rpctest.Call("UnaryCall"))
	if stream != nil {
		t.Errorf("stream = %v, want nil", stream)
	}
	checkPanic(t, err, log.String())
}

func checkPanic(t *testing.T, err error, log string) {
	t.Helper()
	if got := status.Code(err); got != codes.Internal {
		t.Errorf("code = %v, want %v", got, codes.Internal)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the caller is told %q", err)
	}
	for _, want := range []string{"secret", "/grpc.testing.TestService/UnaryCall", "recovery_test.go"} {
		if !strings.Contains(log, want) {
			t.Errorf("log = %q, want %q in it", log, want)
		}
	}
}
