// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/tls"
	"fmt"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/grpcproxy"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/rest"
	"github.com/dragoman-gateway/dragoman/translate"
)

// The functions here are the switches from the configuration to the options
// of each room, which knows nothing of the configuration. All of them take it
// with its defaults filled in.

func upstreamName(one *configv1.Upstream) string {
	if one.GetName() != "" {
		return one.GetName()
	}
	return one.GetTarget()
}

func upstreamOptions(one *configv1.Upstream, config *configv1.Config) upstream.Options {
	return upstream.Options{
		Target: one.GetTarget(),
		TLS: upstream.TLS{
			Enabled:    one.GetTls() != nil,
			CAFile:     one.GetTls().GetCaFile(),
			CertFile:   one.GetTls().GetCertFile(),
			KeyFile:    one.GetTls().GetKeyFile(),
			ServerName: one.GetTls().GetServerName(),
		},
		MaxRequestBytes:  int(config.GetLimits().GetRequestMessageBytes()),
		MaxResponseBytes: int(config.GetLimits().GetResponseMessageBytes()),
		ConnectTimeout:   config.GetTimeouts().GetConnect().AsDuration(),
	}
}

func restOptions(config *configv1.Config) rest.Options {
	from, json := config.GetRest(), config.GetRest().GetJson()
	options := rest.Options{
		Rules:           from.GetRules(),
		KeepAnnotations: from.GetKeepAnnotations(),
		Write: translate.WriteOptions{
			ProtoNames:  json.GetProtoNames(),
			EmitUnset:   !json.GetOmitUnset(),
			EnumNumbers: json.GetEnumNumbers(),
		},
		RefuseUnknownFields:    json.GetRefuseUnknownFields(),
		RefuseUnknownQuery:     from.GetRefuseUnknownQueryParameters(),
		AllowUnboundBody:       from.GetIgnoreUnboundBody(),
		MaxBodyBytes:           int(config.GetLimits().GetBodyBytes()),
		MaxDepth:               int(config.GetLimits().GetJsonDepth()),
		ForwardRequestHeaders:  from.GetForwardRequestHeaders(),
		ForwardResponseHeaders: from.GetForwardResponseHeaders(),
	}
	for _, method := range from.GetMethods() {
		options.PerMethod = append(options.PerMethod, rest.MethodOptions{
			Selector:            method.GetSelector(),
			RefuseUnknownFields: method.RefuseUnknownFields, //nolint:protogetter // nil means not set.
			RefuseUnknownQuery:  method.RefuseUnknownQueryParameters,
		})
	}
	return options
}

// grpcOptions returns the options of the native gRPC servers.
func grpcOptions(config *configv1.Config) (grpcproxy.Options, error) {
	certificate, err := serverTLS(config)
	if err != nil {
		return grpcproxy.Options{}, err
	}
	return grpcproxy.Options{
		MaxRequestBytes:   int(config.GetLimits().GetRequestMessageBytes()),
		MaxResponseBytes:  int(config.GetLimits().GetResponseMessageBytes()),
		ConcurrentStreams: config.GetLimits().GetConcurrentStreams(),
		HeaderBytes:       config.GetLimits().GetHeaderBytes(),
		IdleTimeout:       config.GetTimeouts().GetIdle().AsDuration(),
		TLS:               certificate,
	}, nil
}

// serverTLS returns what the listeners need to speak TLS, nil for clear text.
func serverTLS(config *configv1.Config) (*tls.Config, error) {
	from := config.GetListen().GetTls()
	if from == nil {
		return nil, nil //nolint:nilnil // no TLS is no error.
	}
	pair, err := tls.LoadX509KeyPair(from.GetCertFile(), from.GetKeyFile())
	if err != nil {
		return nil, fmt.Errorf("listen.tls: load certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
