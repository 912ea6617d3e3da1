// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"math"
	"strconv"
)

// maxDuration is the range of google.protobuf.Duration in seconds: 10,000
// years, either way.
const maxDuration = 315576000000

// duration takes a string such as "1.5s".
func (r *reader) duration() *Error {
	if r.next() != '"' {
		return r.expected(`a duration such as "1.5s"`)
	}
	start := r.pos
	s, err := r.text()
	if err != nil {
		return err
	}
	seconds, nanos, ok := parseDuration(s)
	if !ok {
		return r.fail(start, `expected a duration such as "1.5s", of at most 10000 years, got another string`)
	}
	r.out = appendSeconds(r.out, seconds, nanos)
	return nil
}

// parseDuration reads an optional sign, digits, an optional fraction of at
// most nine digits, and the letter s. Digits may be missing before or after
// the point.
func parseDuration(s []byte) (seconds int64, nanos int32, ok bool) {
	if len(s) < 2 || s[len(s)-1] != 's' {
		return 0, 0, false
	}
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	s = s[:len(s)-1]
	n := scanDigits(s, 0)
	whole, fraction := s[:n], s[n:]
	if len(s) == 0 || len(whole) > 1 && whole[0] == '0' {
		return 0, 0, false
	}
	for _, digit := range whole {
		if seconds > math.MaxInt64/100 {
			return 0, 0, false
		}
		seconds = seconds*10 + int64(digit-'0')
	}
	// The digits after the point may be missing, also those before it are.
	if len(fraction) > 1 {
		if nanos, ok = parseFraction(fraction); !ok {
			return 0, 0, false
		}
	} else if len(fraction) == 1 && fraction[0] != '.' {
		return 0, 0, false
	}
	if negative {
		seconds, nanos = -seconds, -nanos
	}
	return seconds, nanos, -maxDuration <= seconds && seconds <= maxDuration
}

// duration appends a Duration.
func (w *writer) duration(b []byte) *Error {
	seconds, nanos, err := w.seconds(b)
	switch {
	case err != nil:
		return err
	case seconds < -maxDuration || seconds > maxDuration:
		return wireError("a duration is longer than 10000 years")
	case nanos <= -nanosPerSecond || nanos >= nanosPerSecond:
		return wireError("the nanoseconds of a duration are out of range")
	case seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0:
		return wireError("the seconds and the nanoseconds of a duration differ in sign")
	}
	w.out = append(w.out, '"')
	if seconds < 0 || nanos < 0 {
		w.out = append(w.out, '-')
		seconds, nanos = -seconds, -nanos
	}
	w.out = strconv.AppendInt(w.out, seconds, 10)
	w.out = append(appendFraction(w.out, nanos), 's', '"')
	return nil
}
