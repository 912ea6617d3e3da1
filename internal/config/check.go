// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// check returns everything that is wrong with a configuration.
func check(config *configv1.Config) []finding {
	c := new(checker)
	c.rules(config)
	c.listen(config.GetListen())
	c.upstreams(config.GetUpstreams())
	c.rest(config.GetRest())
	c.timeouts(config.GetTimeouts())
	return c.findings
}

// A checker collects findings.
type checker struct {
	findings []finding
}

func (c *checker) add(field, format string, args ...any) {
	c.findings = append(c.findings, finding{field: field, text: fmt.Sprintf(format, args...)})
}

// rules checks what the .proto file says of single messages.
func (c *checker) rules(config *configv1.Config) {
	err := protovalidate.Validate(config)
	violations, ok := errors.AsType[*protovalidate.ValidationError](err)
	switch {
	case err == nil:
	case !ok:
		c.add("", "%v", err)
	default:
		for _, violation := range violations.Violations {
			c.findings = append(c.findings, fromViolation(violation.Proto))
		}
	}
}

// fromViolation words a violation. Those that mean nothing but "is missing"
// are said so.
func fromViolation(violation *validate.Violation) finding {
	path := protovalidate.FieldPathString(violation.GetField())
	switch violation.GetRuleId() {
	case "required", "string.min_len", "repeated.min_items":
	default:
		return finding{field: path, text: violation.GetMessage()}
	}
	field, oneof := describePath(path)
	switch {
	case oneof != nil:
		return finding{
			field: strings.TrimSuffix(strings.TrimSuffix(path, string(oneof.Name())), "."),
			text:  "none is set, expected one of " + list(oneof.Fields(), fieldName),
		}
	case field != nil && field.IsList():
		return finding{field: path, text: "it is missing or empty, expected at least one item"}
	case field != nil:
		return finding{field: path, text: "it is missing, expected " + expectation(field)}
	default:
		return finding{field: path, text: "it is missing, expected a value"}
	}
}

func (c *checker) listen(listen *configv1.Listen) {
	taken := make(map[string]string)
	for _, one := range []struct{ field, address, fallback string }{
		{"listen.http", listen.GetHttp(), DefaultHTTPAddress},
		{"listen.grpc", listen.GetGrpc(), ""},
		{"listen.admin", listen.GetAdmin(), DefaultAdminAddress},
	} {
		if one.address == "" {
			one.address = one.fallback
		}
		if one.address == "" {
			continue
		}
		_, port, err := net.SplitHostPort(one.address)
		if err != nil {
			c.add(one.field, "%q, expected host:port such as :8080 or 127.0.0.1:8080", one.address)
			continue
		}
		if number, err := strconv.ParseUint(port, 10, 16); err != nil {
			c.add(one.field, "port %q, expected a number from 0 to 65535", port)
		} else if number == 0 {
			continue // Every listener gets a free one of its own.
		}
		if other := taken[one.address]; other != "" {
			c.add(one.field, "%q is the address of %s already, expected another", one.address, other)
		}
		taken[one.address] = one.field
	}
	if tls := listen.GetTls(); tls != nil {
		c.file("listen.tls.cert_file", tls.GetCertFile())
		c.file("listen.tls.key_file", tls.GetKeyFile())
	}
}

func (c *checker) timeouts(timeouts *configv1.Timeouts) {
	call, longest := timeouts.GetCall(), timeouts.GetMaxCall()
	// Zero is no bound, and the default of a call gives way to the bound.
	if call.AsDuration() > 0 && longest.AsDuration() > 0 && longest.AsDuration() < call.AsDuration() {
		c.add("timeouts.max_call", "%v, expected at least the %v of timeouts.call", longest.AsDuration(), call.AsDuration())
	}
}
