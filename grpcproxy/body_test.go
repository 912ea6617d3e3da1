// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package grpcproxy_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/grpcproxy"
)

// framed returns a message of gRPC's wire format.
func framed(length int) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(length)), make([]byte, length)...)
}

func TestBodyIsPaced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		wire []byte
		// want is how many reads of one byte end before a message waits.
		want int
	}{
		{"one message", framed(3), 8},
		{"an empty message", framed(0), 5},
		{"two messages", append(framed(3), framed(7)...), 8},
		{"a message of the limit", framed(10), 15},
		{"a message over the limit", framed(11), 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := grpcproxy.NewBody(io.NopCloser(iotest.OneByteReader(bytes.NewReader(test.wire))), 10)
			got := 0
			for body.Waiting() == 0 {
				if _, err := body.Read(make([]byte, 16)); err != nil {
					t.Fatal(err)
				}
				got++
			}
			if got != test.want {
				t.Errorf("a message waits after %d bytes, want %d", got, test.want)
			}
			read := make(chan error)
			go func() {
				_, err := body.Read(make([]byte, 16))
				read <- err
			}()
			body.Used()
			if err := <-read; err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("Read = %v", err)
			}
		})
	}
}

func TestBodyCloseEndsARead(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	body := grpcproxy.NewBody(reader, 10)
	go func() { _, _ = writer.Write(framed(0)) }()
	if n, err := body.Read(make([]byte, 16)); n != 5 || err != nil {
		t.Fatalf("Read = %d, %v", n, err)
	}
	read := make(chan error)
	go func() {
		_, err := body.Read(make([]byte, 16))
		read <- err
	}()
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-read; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Read = %v, want what the body says after Close", err)
	}
}

// FuzzBody checks that what waits does not depend on how the bytes are cut,
// and that no message is ever held back for another to be taken.
func FuzzBody(f *testing.F) {
	f.Add(append(framed(3), framed(0)...), uint8(1))
	f.Add(framed(300), uint8(7))
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 1}, uint8(2))
	f.Fuzz(func(t *testing.T, wire []byte, cut uint8) {
		const limit = 200
		want := 0
		for rest := wire; len(rest) >= 5; {
			length := int(binary.BigEndian.Uint32(rest[1:]))
			if length > limit {
				want++ // gRPC refuses it: nothing after it counts
				break
			}
			if len(rest)-5 < length {
				break
			}
			want++
			rest = rest[5+length:]
		}
		body := grpcproxy.NewBody(io.NopCloser(bytes.NewReader(wire)), limit)
		taken := 0
		buf := make([]byte, int(cut)+1)
		for {
			for body.Waiting() > 0 && taken < want {
				body.Used()
				taken++
			}
			if taken == want && body.Waiting() > 0 {
				return // only after a message over the limit
			}
			if _, err := body.Read(buf); err != nil {
				break
			}
		}
		if taken != want {
			t.Errorf("%d messages were let through, want %d", taken, want)
		}
	})
}
