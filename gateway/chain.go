// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/deadline"
	"github.com/dragoman-gateway/dragoman/internal/recovery"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
	"github.com/dragoman-gateway/dragoman/internal/validate"
	"github.com/dragoman-gateway/dragoman/rpc"
	"github.com/dragoman-gateway/dragoman/schema"
)

// chain returns the interceptors that every call passes, in the one order
// that holds for all protocols: what protects the process comes first, then
// what tells of the call, then what may refuse it, then what costs work.
//
// The errors name methods whose validation rules do not compile; their calls
// are refused.
func (g *Gateway) chain(config *configv1.Config, catalog *schema.Catalog) (rpc.Interceptor, []error) {
	interceptors := []rpc.Interceptor{recovery.New(g.logger)}
	if !config.GetLog().GetNoAccessLog() {
		interceptors = append(interceptors, telemetry.AccessLog(g.logger))
	}
	interceptors = append(interceptors, g.options.Interceptors...)
	validation, problems := validate.New(methods(catalog), catalog.Types())
	interceptors = append(interceptors, validation, deadline.New(deadline.Options{
		Default: config.GetTimeouts().GetCall().AsDuration(),
		Max:     config.GetTimeouts().GetMaxCall().AsDuration(),
	}))
	return rpc.Chain(interceptors...), problems
}

// methods returns all methods of the API.
func methods(catalog *schema.Catalog) []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	for _, service := range catalog.Services() {
		for i := range service.Methods().Len() {
			all = append(all, service.Methods().Get(i))
		}
	}
	return all
}
