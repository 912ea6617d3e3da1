// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// What a configuration that does not say otherwise means. The comments of the
// .proto file name the same values.
const (
	DefaultHTTPAddress  = ":8080"
	DefaultAdminAddress = "127.0.0.1:9901"

	DefaultHeaderBytes          = 64 << 10
	DefaultBodyBytes            = 4 << 20
	DefaultRequestMessageBytes  = 4 << 20
	DefaultResponseMessageBytes = 64 << 20
	DefaultConcurrentStreams    = 250
	DefaultJSONDepth            = 100

	DefaultReadHeaderTimeout = 10 * time.Second
	DefaultIdleTimeout       = 2 * time.Minute
	DefaultCallTimeout       = 30 * time.Second
	DefaultShutdownTimeout   = 15 * time.Second
	DefaultConnectTimeout    = 800 * time.Millisecond

	DefaultLogLevel  = configv1.Log_LEVEL_INFO
	DefaultLogFormat = configv1.Log_FORMAT_TEXT
)

// WithDefaults returns a copy of config in which every field that has a
// default has a value. A further gRPC listener and a longest deadline have
// none, so they stay unset. config is not changed.
func WithDefaults(config *configv1.Config) *configv1.Config {
	complete := proto.CloneOf(config)
	if complete == nil {
		complete = new(configv1.Config)
	}
	completeListen(message(&complete.Listen))
	for _, upstream := range complete.GetUpstreams() {
		completeUpstream(upstream)
	}
	message(&complete.Rest)
	message(&complete.Rest.Json)
	completeLimits(message(&complete.Limits))
	completeTimeouts(message(&complete.Timeouts))
	completeLog(message(&complete.Log))
	return complete
}

func completeListen(listen *configv1.Listen) {
	fill(&listen.Http, DefaultHTTPAddress)
	fill(&listen.Admin, DefaultAdminAddress)
}

func completeUpstream(upstream *configv1.Upstream) {
	fill(&upstream.Name, upstream.GetTarget())
	if len(upstream.GetSchema()) == 0 {
		upstream.Schema = []*configv1.Schema{{Source: &configv1.Schema_Reflection{Reflection: new(configv1.Reflection)}}}
	}
}

func completeLimits(limits *configv1.Limits) {
	fill(&limits.HeaderBytes, DefaultHeaderBytes)
	fill(&limits.BodyBytes, DefaultBodyBytes)
	fill(&limits.RequestMessageBytes, DefaultRequestMessageBytes)
	fill(&limits.ResponseMessageBytes, DefaultResponseMessageBytes)
	fill(&limits.ConcurrentStreams, DefaultConcurrentStreams)
	fill(&limits.JsonDepth, DefaultJSONDepth)
}

func completeTimeouts(timeouts *configv1.Timeouts) {
	fillDuration(&timeouts.ReadHeader, DefaultReadHeaderTimeout)
	fillDuration(&timeouts.Idle, DefaultIdleTimeout)
	call := DefaultCallTimeout
	if longest := timeouts.GetMaxCall().AsDuration(); longest > 0 {
		// Who asks for nothing gets no more than who asks for the most.
		call = min(call, longest)
	}
	fillDuration(&timeouts.Call, call)
	fillDuration(&timeouts.Shutdown, DefaultShutdownTimeout)
	fillDuration(&timeouts.Connect, DefaultConnectTimeout)
}

func completeLog(logging *configv1.Log) {
	fill(&logging.Level, DefaultLogLevel)
	fill(&logging.Format, DefaultLogFormat)
}

// message returns the message that field points at, which it makes if there is
// none.
func message[M any](field **M) *M {
	if *field == nil {
		*field = new(M)
	}
	return *field
}

func fill[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

func fillDuration(field **durationpb.Duration, value time.Duration) {
	if (*field).AsDuration() == 0 {
		*field = durationpb.New(value)
	}
}
