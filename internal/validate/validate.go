// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package validate refuses requests that break the buf.validate rules of
// their messages, on every protocol alike.
package validate

import (
	"context"
	"errors"
	"fmt"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/dragoman-gateway/dragoman/rpc"
)

// A Resolver finds the extensions that a request may hold, and the custom
// rules of the schema.
type Resolver interface {
	protoregistry.MessageTypeResolver
	protoregistry.ExtensionTypeResolver
}

// New returns an interceptor that checks every request message of methods
// whose input type has rules, itself or in a message below it. A message that
// breaks them ends the call with INVALID_ARGUMENT and a
// [errdetails.BadRequest] with all violations, and is not sent; where the
// request is not a stream, nothing at all reaches the upstream. Calls of
// other methods pass untouched.
//
// The second result has one error for each method whose rules do not compile.
// Calls of those are refused, so that no rule is skipped silently.
func New(methods []protoreflect.MethodDescriptor, resolver Resolver) (rpc.Interceptor, []error) {
	checks := make(map[string]*check)
	inputs := make(map[protoreflect.FullName]*check)
	var problems []error
	for _, method := range methods {
		input := method.Input()
		built, ok := inputs[input.FullName()]
		if !ok {
			built = newCheck(input, resolver)
			inputs[input.FullName()] = built
		}
		if built == nil {
			continue
		}
		if built.err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", method.FullName(), built.err))
		}
		checks[rpc.NewMethod(method).Path] = built
	}
	return interceptor(checks), problems
}

func interceptor(checks map[string]*check) rpc.Interceptor {
	return func(next rpc.Invoker) rpc.Invoker {
		return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
			check := checks[call.Method.Path]
			switch {
			case check == nil:
				return next(ctx, call)
			case check.err != nil:
				return nil, status.Errorf(codes.Internal,
					"the validation rules of %s do not compile", check.input.FullName())
			case call.Method.Descriptor.IsStreamingClient():
				return openStream(ctx, call, next, check)
			default:
				return newUnary(ctx, call, next, check), nil
			}
		}
	}
}

// A check is the compiled rules of one message type. It is immutable.
type check struct {
	input     protoreflect.MessageDescriptor
	validator protovalidate.Validator
	unmarshal proto.UnmarshalOptions
	// err says why the rules do not compile.
	err error
}

// newCheck returns nil if input has no rules.
func newCheck(input protoreflect.MessageDescriptor, resolver Resolver) *check {
	if !hasRules(input, make(map[protoreflect.FullName]bool)) {
		return nil
	}
	built := &check{input: input, unmarshal: proto.UnmarshalOptions{Resolver: resolver}}
	built.validator, built.err = protovalidate.New(
		protovalidate.WithMessageDescriptors(input),
		protovalidate.WithDisableLazy(),
		protovalidate.WithExtensionTypeResolver(resolver),
	)
	if built.err == nil {
		// Rules that do not compile are reported when they are used.
		err := built.validator.Validate(dynamicpb.NewMessage(input))
		if _, ok := errors.AsType[*protovalidate.CompilationError](err); ok {
			built.err = err
		}
	}
	return built
}

// message returns the status error that refuses payload, or nil. It does not
// take payload's reference.
func (c *check) message(payload mem.BufferSlice) error {
	buffer := payload.MaterializeToBuffer(mem.DefaultBufferPool())
	defer buffer.Free()
	message, err := c.decode(buffer.ReadOnlyData())
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "the request is not a %s: %v", c.input.FullName(), err)
	}
	err = c.validator.Validate(message)
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok {
		return status.Errorf(codes.Internal, "validate %s: %v", c.input.FullName(), err)
	}
	return refusal(invalid)
}

// decode decodes bytes of a caller. Package proto panics on a map entry whose
// key comes a second time with another wire type, if the message is dynamic.
func (c *check) decode(wire []byte) (message *dynamicpb.Message, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a map entry is malformed")
		}
	}()
	message = dynamicpb.NewMessage(c.input)
	return message, c.unmarshal.Unmarshal(wire, message)
}

// refusal turns violations into the error that callers of Google's APIs know:
// google/rpc/error_details.proto, BadRequest.
func refusal(invalid *protovalidate.ValidationError) error {
	details := &errdetails.BadRequest{}
	for _, violation := range invalid.Violations {
		details.FieldViolations = append(details.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field:       protovalidate.FieldPathString(violation.Proto.GetField()),
			Description: violation.Proto.GetMessage(),
			Reason:      violation.Proto.GetRuleId(),
		})
	}
	first := details.GetFieldViolations()[0]
	message := first.GetDescription()
	if first.GetField() != "" {
		message = first.GetField() + ": " + message
	}
	if more := len(details.GetFieldViolations()) - 1; more > 0 {
		message = fmt.Sprintf("%s (and %d more)", message, more)
	}
	refused, err := status.New(codes.InvalidArgument, message).WithDetails(details)
	if err != nil {
		return status.Error(codes.InvalidArgument, message)
	}
	return refused.Err()
}
