// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// errorDomain is the domain of every ErrorInfo of the shop.
const errorDomain = "bookshop.example.com"

// The types of resources in error details, as in the API's annotations.
const (
	typeAuthor   = errorDomain + "/Author"
	typeBook     = errorDomain + "/Book"
	typeCategory = errorDomain + "/Category"
	typeChat     = errorDomain + "/Chat"
	typeOrder    = errorDomain + "/Order"
	typeShelf    = errorDomain + "/Shelf"
)

func notFound(resourceType, name string) error {
	return withDetails(codes.NotFound, fmt.Sprintf("there is no %q", name), &errdetails.ResourceInfo{
		ResourceType: resourceType,
		ResourceName: name,
		Description:  "The resource does not exist.",
	})
}

func alreadyExists(resourceType, name string) error {
	return withDetails(codes.AlreadyExists, fmt.Sprintf("there is a %q already", name), &errdetails.ResourceInfo{
		ResourceType: resourceType,
		ResourceName: name,
		Description:  "The resource exists.",
	})
}

// badField says what is wrong with one field of a request.
func badField(field, description string) error {
	return withDetails(codes.InvalidArgument, field+": "+description, &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: field, Description: description}},
	})
}

// unmet says which state of the resource called name forbids what was asked.
func unmet(reason, name, description string) error {
	return withDetails(codes.FailedPrecondition, description,
		&errdetails.ErrorInfo{
			Reason:   reason,
			Domain:   errorDomain,
			Metadata: map[string]string{"resource": name},
		},
		&errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{{
				Type:        reason,
				Subject:     name,
				Description: description,
			}},
		})
}

// exhausted says that the shop keeps no more than limit of what.
func exhausted(what string, limit int64) error {
	description := fmt.Sprintf("no more than %d %s", limit, what)
	return withDetails(codes.ResourceExhausted, description, &errdetails.QuotaFailure{
		Violations: []*errdetails.QuotaFailure_Violation{{Subject: what, Description: description}},
	})
}

func withDetails(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	st := status.New(code, message)
	detailed, err := st.WithDetails(details...)
	if err != nil {
		// The code and the message are worth more than the details.
		return st.Err()
	}
	return detailed.Err()
}
