// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"encoding/base64"
	"testing"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// TestStockLogBound checks from where on in the log a watcher is too slow.
func TestStockLogBound(t *testing.T) {
	t.Parallel()
	log := newStockLog()
	for range maxStockEvents {
		log.add(&catalogv1.WatchStockResponse{})
	}
	if events, _, ok := log.since(0); !ok || len(events) != maxStockEvents {
		t.Errorf("got %d events, %v; want all %d", len(events), ok, maxStockEvents)
	}
	log.add(&catalogv1.WatchStockResponse{})
	const dropped = maxStockEvents / 2
	if events, _, ok := log.since(dropped); !ok || events[0].GetSequence() != dropped+1 {
		t.Errorf("got %d events, %v; want those after %d", len(events), ok, dropped)
	}
	if _, _, ok := log.since(dropped - 1); ok {
		t.Errorf("nothing is missed after %d, but %d is gone", dropped-1, dropped)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, title, want string }{
		{"words", "The Time Machine", "the-time-machine"},
		{"punctuation", "  H. G. Wells, 1895!", "h-g-wells-1895"},
		{"other letters", "Émile & 戦争", "mile"},
		{"nothing", "…", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := slug(test.title); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// FuzzPageToken checks that a token is taken only if it is one that was given
// out for the same question.
func FuzzPageToken(f *testing.F) {
	f.Add(formatPageToken(20, 1), uint64(1))
	f.Add(formatPageToken(0, 1<<63), uint64(1<<63))
	f.Add("AAAAAAAAAAH_____Dw", uint64(1))
	f.Add("AAAAAAAAAAE", uint64(1))
	f.Add("!", uint64(0))
	f.Fuzz(func(t *testing.T, token string, question uint64) {
		offset, ok := parsePageToken(token, question)
		if !ok {
			return
		}
		if offset < 0 {
			t.Fatalf("parsePageToken(%q) = %d", token, offset)
		}
		// A number can be written longer than need be, but means the same.
		again, ok := parsePageToken(formatPageToken(offset, question), question)
		if !ok || again != offset {
			t.Errorf("%q is %d, which comes back as %d, %v", token, offset, again, ok)
		}
		if _, ok := parsePageToken(token, question+1); ok {
			t.Errorf("%q is taken for another question", token)
		}
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) <= 8 {
			t.Errorf("%q is taken", token)
		}
	})
}
