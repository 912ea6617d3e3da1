// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// TestWire is about requests that no gRPC client sends.
func TestWire(t *testing.T) {
	t.Parallel()
	huge := binary.BigEndian.AppendUint32([]byte{0}, 0xffffffff)
	for _, test := range []struct {
		name   string
		method string
		data   []byte
		want   codes.Code
	}{
		{"a whole message", "UnaryCall", framed(3), codes.OK},
		{"a cut prefix", "UnaryCall", framed(3)[:4], codes.Internal},
		{"no message after the prefix", "UnaryCall", framed(3)[:5], codes.Internal},
		{"a cut message", "UnaryCall", framed(300)[:200], codes.Internal},
		{"a cut message of a stream", "FullDuplexCall", append(framed(0), framed(300)[:200]...), codes.Internal},
		{"a huge declared length", "UnaryCall", append(huge, 1, 2, 3), codes.ResourceExhausted},
		{"a huge declared length in a stream", "FullDuplexCall", append(huge, 1, 2, 3), codes.ResourceExhausted},
		{"a declared length of the limit", "UnaryCall", binary.BigEndian.AppendUint32([]byte{0}, 4<<20), codes.Internal},
		{"a declared length over the limit", "UnaryCall", binary.BigEndian.AppendUint32([]byte{0}, 4<<20+1), codes.ResourceExhausted},
		{"an unknown flag", "UnaryCall", append([]byte{7}, framed(3)[1:]...), codes.Internal},
		{"compressed, but how is not said", "UnaryCall", append([]byte{1}, framed(3)[1:]...), codes.Internal},
	} {
		for _, front := range fronts() {
			t.Run(test.name+"/"+front.name, func(t *testing.T) {
				t.Parallel()
				server := grpcproxy.NewServer(always(t, func(context.Context, *rpc.Call) (rpc.Stream, error) {
					if test.want != codes.OK && test.method == "UnaryCall" {
						t.Error("the upstream was called")
					}
					return &fake{recv: once(nil)}, nil
				}))
				if test.method == "FullDuplexCall" {
					server = grpcproxy.NewServer(always(t, untilCancelled))
				}
				if got, err := request(t, front.serve(t, server), test.method, test.data); err != nil || got != test.want {
					t.Errorf("got %v, %v, want %v", got, err, test.want)
				}
			})
		}
	}
}

// TestDeclaredLengthIsNotAllocated sends many messages of which only the
// length comes, as large as may be.
func TestDeclaredLengthIsNotAllocated(t *testing.T) {
	for _, front := range fronts() {
		t.Run(front.name, func(t *testing.T) {
			address := front.serve(t, grpcproxy.NewServer(always(t, untilCancelled)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 64 {
				if _, err := request(t, address, "UnaryCall", binary.BigEndian.AppendUint32([]byte{0}, 4<<20)); err != nil {
					t.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
				t.Errorf("64 messages that declared 4 MiB each and had none took %d bytes", got)
			}
		})
	}
}

// untilCancelled opens a stream that takes everything and ends with its
// context.
func untilCancelled(ctx context.Context, _ *rpc.Call) (rpc.Stream, error) {
	return &fake{recv: waitFor(ctx)}, nil
}

// headers are those of a request, with one more of this size.
func headers(method string, size int) []hpack.HeaderField {
	fields := []hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":authority", Value: "test"},
		{Name: ":path", Value: "/" + testService + "/" + method},
		{Name: "content-type", Value: "application/grpc"},
		{Name: "te", Value: "trailers"},
	}
	if size > 0 {
		filler := hpack.HeaderField{Name: "x"}
		filler.Value = strings.Repeat("y", size-int(filler.Size()))
		fields = append(fields, filler)
	}
	return fields
}

// request sends data as the whole request and returns the status it gets.
func request(t *testing.T, address, method string, data []byte) (codes.Code, error) {
	t.Helper()
	return requestWith(t, address, headers(method, 0), data)
}

// maxFrame is the largest frame that a server takes by default.
const maxFrame = 16 << 10

// requestWith returns an error if the stream was reset.
func requestWith(t *testing.T, address string, fields []hpack.HeaderField, data []byte) (codes.Code, error) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range fields {
		if err := encoder.WriteField(field); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	err = errors.Join(framer.WriteSettings(), framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: block.Next(maxFrame), EndHeaders: block.Len() == 0,
	}))
	for block.Len() > 0 {
		fragment := block.Next(maxFrame)
		err = errors.Join(err, framer.WriteContinuation(1, block.Len() == 0, fragment))
	}
	if err := errors.Join(err, framer.WriteData(1, true, data)); err != nil {
		t.Fatal(err)
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatalf("before there was a status: %v", err)
		}
		if reset, ok := frame.(*http2.RSTStreamFrame); ok {
			return 0, fmt.Errorf("stream reset: %v", reset.ErrCode)
		}
		answer, ok := frame.(*http2.MetaHeadersFrame)
		if !ok {
			continue
		}
		for _, field := range answer.Fields {
			if field.Name == "grpc-status" {
				code, err := strconv.ParseUint(field.Value, 10, 32)
				if err != nil {
					t.Fatal(err)
				}
				return codes.Code(code), nil
			}
		}
	}
}
