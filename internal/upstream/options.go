// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// The defaults of [Options].
const (
	DefaultMaxRequestBytes  = 4 << 20
	DefaultMaxResponseBytes = 64 << 20
	DefaultConnectTimeout   = 800 * time.Millisecond
)

// Options say how an upstream is reached. They are comparable: two clusters
// with the same name and equal Options are one. Only Target is required.
type Options struct {
	// Target is any gRPC target, such as "localhost:50051",
	// "dns:///api.internal:443" or "unix:///run/api.sock".
	//
	// A plain "host:port" is looked up anew for each attempt to connect, so
	// that a name which appears late is found as fast as a server which does.
	Target string
	// TLS says how the upstream is trusted.
	TLS TLS
	// MaxRequestBytes bounds one message to the upstream; 0 means
	// [DefaultMaxRequestBytes].
	MaxRequestBytes int
	// MaxResponseBytes bounds one message from the upstream; 0 means
	// [DefaultMaxResponseBytes].
	MaxResponseBytes int
	// ConnectTimeout bounds how long a call waits for a connection; 0 means
	// [DefaultConnectTimeout].
	ConnectTimeout time.Duration
}

// check reports everything that is wrong with o by itself. The files are
// looked at when they are loaded.
func (o Options) check() error {
	var errs []error
	if o.Target == "" {
		errs = append(errs, errors.New("target is missing"))
	}
	for _, bound := range []struct {
		name  string
		value int64
	}{
		{"MaxRequestBytes", int64(o.MaxRequestBytes)},
		{"MaxResponseBytes", int64(o.MaxResponseBytes)},
		{"ConnectTimeout", int64(o.ConnectTimeout)},
	} {
		if bound.value < 0 {
			errs = append(errs, fmt.Errorf("%s is negative", bound.name))
		}
	}
	return errors.Join(errs...)
}

// maxRequestBytes returns MaxRequestBytes or its default.
func (o Options) maxRequestBytes() int {
	return cmp.Or(o.MaxRequestBytes, DefaultMaxRequestBytes)
}

// maxResponseBytes returns MaxResponseBytes or its default.
func (o Options) maxResponseBytes() int {
	return cmp.Or(o.MaxResponseBytes, DefaultMaxResponseBytes)
}

// connectTimeout returns ConnectTimeout or its default.
func (o Options) connectTimeout() time.Duration {
	return cmp.Or(o.ConnectTimeout, DefaultConnectTimeout)
}
