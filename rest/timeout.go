// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"math"
	"strconv"
	"time"
)

// parseTimeout reads a Grpc-Timeout header: a number and a unit, as in the
// "Timeout" of gRPC over HTTP/2. A time too long to count is the longest one.
func parseTimeout(header string) (time.Duration, error) {
	if len(header) < 2 {
		return 0, badTimeout(header)
	}
	unit := timeoutUnit(header[len(header)-1])
	n, err := strconv.ParseUint(header[:len(header)-1], 10, 64)
	if err != nil || unit == 0 {
		return 0, badTimeout(header)
	}
	if n > uint64(math.MaxInt64/unit) {
		return math.MaxInt64, nil
	}
	return time.Duration(n) * unit, nil
}

func badTimeout(header string) error {
	return badRequest("", "invalid grpc-timeout: %s", header)
}

func timeoutUnit(unit byte) time.Duration {
	switch unit {
	case 'H':
		return time.Hour
	case 'M':
		return time.Minute
	case 'S':
		return time.Second
	case 'm':
		return time.Millisecond
	case 'u':
		return time.Microsecond
	case 'n':
		return time.Nanosecond
	}
	return 0
}
