// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/translate"
)

// statusClientClosedRequest is what nginx answers a client that went away, and
// grpc-gateway a call that was cancelled.
const statusClientClosedRequest = 499

// httpStatus is the table from codes to HTTP that google/rpc/code.proto gives.
func httpStatus(code codes.Code) int {
	switch code {
	case codes.OK:
		return http.StatusOK
	case codes.Canceled:
		return statusClientClosedRequest
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return http.StatusBadRequest
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists, codes.Aborted:
		return http.StatusConflict
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unimplemented:
		return http.StatusNotImplemented
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.Unknown, codes.Internal, codes.DataLoss:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// A requestError is a request that this package refuses.
type requestError struct {
	code codes.Code
	// http is the HTTP status, or 0 for that of the code.
	http int
	// field names the field at fault, if it is known.
	field string
	err   error
}

// Error says what is wrong with the request.
func (e *requestError) Error() string {
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *requestError) Unwrap() error {
	return e.err
}

// GRPCStatus returns the status that the caller is told.
func (e *requestError) GRPCStatus() *status.Status {
	st := status.New(e.code, e.err.Error())
	if e.field == "" {
		return st
	}
	detailed, err := st.WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: e.field, Description: e.err.Error()}},
	})
	if err != nil {
		return st
	}
	return detailed
}

// badRequest is an INVALID_ARGUMENT at a field, or at none if field is "".
func badRequest(field, format string, args ...any) error {
	return &requestError{code: codes.InvalidArgument, field: field, err: fmt.Errorf(format, args...)}
}

// badParameter is an INVALID_ARGUMENT for a parameter of the path or the query.
func badParameter(where, parameter, field string, err error) error {
	if _, ok := errors.AsType[*translate.Error](err); ok {
		// It names the field itself.
		return badRequest(field, "%s: %w", where, err)
	}
	return badRequest(field, "%s parameter %q: %w", where, parameter, err)
}

// badBody is an INVALID_ARGUMENT for a body that does not translate.
func badBody(err error) error {
	refused := &requestError{code: codes.InvalidArgument, err: fmt.Errorf("body: %w", err)}
	if fieldErr, ok := errors.AsType[*translate.Error](err); ok {
		refused.field = fieldErr.Field()
	}
	return refused
}

// bodyTooLarge is what a body above the limit gets.
func bodyTooLarge(limit int) error {
	return &requestError{
		code: codes.ResourceExhausted,
		http: http.StatusRequestEntityTooLarge,
		err:  fmt.Errorf("body: a message is larger than the limit of %d bytes", limit),
	}
}

// unsupportedMedia is what a body gets whose type or encoding is not read.
func unsupportedMedia(format string, args ...any) error {
	return &requestError{
		code: codes.InvalidArgument,
		http: http.StatusUnsupportedMediaType,
		err:  fmt.Errorf(format, args...),
	}
}

// routingError is what a request without a route gets. Code and text are those
// of grpc-gateway.
func routingError(code codes.Code, httpStatus int) error {
	return &requestError{code: code, http: httpStatus, err: errors.New(http.StatusText(httpStatus))}
}

// answerOf returns the status that tells err, and the HTTP status it comes
// with.
func answerOf(err error) (*status.Status, int) {
	st := status.Convert(err)
	if refused, ok := errors.AsType[*requestError](err); ok && refused.http != 0 {
		return st, refused.http
	}
	return st, httpStatus(st.Code())
}
