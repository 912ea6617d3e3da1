// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package reflection

import "google.golang.org/grpc/status"

// A callError is an error of the server, and what was asked of it. It reads
// better than a status error that is wrapped: operators need the message, and
// the code only where they branch on it.
type callError struct {
	doing string
	err   error
}

func wrap(err error, doing string) error {
	return &callError{doing: doing, err: err}
}

// Error leaves the code out.
func (e *callError) Error() string {
	return e.doing + ": " + status.Convert(e.err).Message()
}

// Unwrap returns the error with its status.
func (e *callError) Unwrap() error {
	return e.err
}
