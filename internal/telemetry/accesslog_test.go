// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dragoman-gateway/dragoman/internal/rpctest"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// lines is a writer that hands on each line of a log.
type lines chan map[string]any

func (l lines) Write(line []byte) (int, error) {
	var entry map[string]any
	if err := json.Unmarshal(line, &entry); err != nil {
		return 0, err
	}
	delete(entry, "time")
	delete(entry, "duration")
	l <- entry
	return len(line), nil
}

// answers returns a Recv that gives the given number of messages and then err.
func answers(count int, err error) func() (mem.BufferSlice, error) {
	return func() (mem.BufferSlice, error) {
		if count == 0 {
			return nil, err
		}
		count--
		return rpctest.Payload("x"), nil
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		method protoreflect.Name
		recv   func() (mem.BufferSlice, error)
		want   map[string]any
	}{
		{"unary", "UnaryCall", answers(1, io.EOF), map[string]any{
			"level": "INFO", "code": "OK", "messages_out": 1.0,
		}},
		{"stream", "StreamingOutputCall", answers(3, io.EOF), map[string]any{
			"level": "INFO", "code": "OK", "messages_out": 3.0,
		}},
		{"the caller's fault", "UnaryCall", answers(0, status.Error(codes.NotFound, "gone")), map[string]any{
			"level": "INFO", "code": "NotFound", "messages_out": 0.0, "error": "gone",
		}},
		{"the upstream's fault", "StreamingOutputCall", answers(1, status.Error(codes.Unavailable, "down")), map[string]any{
			"level": "WARN", "code": "Unavailable", "messages_out": 1.0, "error": "down",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			log := make(lines, 2)
			invoke := telemetry.AccessLog(slog.New(slog.NewJSONHandler(log, nil)))(
				rpctest.Invoker(&rpctest.Stream{RecvFunc: test.recv}))
			stream, err := invoke(t.Context(), rpctest.Call(test.method))
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.Send(rpctest.Payload("x")); err != nil {
				t.Fatal(err)
			}
			for err == nil && len(log) == 0 {
				_, err = stream.Recv()
			}
			want := map[string]any{
				"msg": "call", "protocol": "grpc", "messages_in": 1.0,
				"method": "/grpc.testing.TestService/" + string(test.method), "peer": "192.0.2.1:50000",
			}
			maps.Copy(want, test.want)
			if diff := cmp.Diff(want, <-log); diff != "" {
				t.Errorf("line mismatch (-want +got):\n%s", diff)
			}
			if len(log) != 0 {
				t.Errorf("a second line: %v", <-log)
			}
		})
	}
}

func TestAccessLogOfACallThatWasNotOpened(t *testing.T) {
	t.Parallel()
	log := make(lines, 1)
	invoke := telemetry.AccessLog(slog.New(slog.NewJSONHandler(log, nil)))(
		func(context.Context, *rpc.Call) (rpc.Stream, error) {
			return nil, status.Error(codes.PermissionDenied, "no")
		})
	if _, err := invoke(t.Context(), rpctest.Call("UnaryCall")); status.Code(err) != codes.PermissionDenied {
		t.Fatalf("err = %v", err)
	}
	if got := (<-log)["code"]; got != "PermissionDenied" {
		t.Errorf("code = %v", got)
	}
}

func TestAccessLogOfARefusedMessage(t *testing.T) {
	t.Parallel()
	log := make(lines, 1)
	refused := status.Error(codes.InvalidArgument, "no")
	invoke := telemetry.AccessLog(slog.New(slog.NewJSONHandler(log, nil)))(rpctest.Invoker(&rpctest.Stream{
		SendFunc: func(mem.BufferSlice) error { return refused },
	}))
	stream, err := invoke(t.Context(), rpctest.Call("UnaryCall"))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(rpctest.Payload("x")); !errors.Is(err, refused) {
		t.Fatalf("Send = %v", err)
	}
	if got := (<-log)["code"]; got != "InvalidArgument" {
		t.Errorf("code = %v", got)
	}
}

func TestAccessLogOfACallerWhoGoesAway(t *testing.T) {
	t.Parallel()
	log := make(lines, 1)
	ctx, cancel := context.WithCancel(t.Context())
	invoke := telemetry.AccessLog(slog.New(slog.NewJSONHandler(log, nil)))(rpctest.Invoker(&rpctest.Stream{}))
	if _, err := invoke(ctx, rpctest.Call("FullDuplexCall")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if got := (<-log)["code"]; got != "Canceled" {
		t.Errorf("code = %v", got)
	}
}

func TestAccessLogBelowItsLevelCostsNoLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})
	invoke := telemetry.AccessLog(slog.New(handler))(rpctest.Invoker(&rpctest.Stream{}))
	stream, err := invoke(t.Context(), rpctest.Call("UnaryCall"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stream.Recv()
	if log.Len() != 0 {
		t.Errorf("log = %q, want none", log.String())
	}
}
