// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// TLS says how an upstream is trusted. The files are read when the cluster is
// made, not again while it lives.
type TLS struct {
	// Enabled turns TLS on. Without it the upstream is called in clear text,
	// and the other fields must be empty.
	Enabled bool
	// CAFile is a PEM file with the authorities to trust; "" means those of
	// the system.
	CAFile string
	// CertFile and KeyFile are PEM files with the gateway's own certificate,
	// for mutual TLS. They go together.
	CertFile, KeyFile string
	// ServerName is the name that the upstream's certificate must carry; ""
	// means the host of the target.
	ServerName string
}

// credentials loads the files.
func (t TLS) credentials() (credentials.TransportCredentials, error) {
	if !t.Enabled {
		if t != (TLS{}) {
			return nil, errors.New("tls: settings given but not enabled")
		}
		return insecure.NewCredentials(), nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("tls: read certificate authorities: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls: read certificate authorities: no PEM certificate in %s", t.CAFile)
		}
	}
	if t.CertFile != "" || t.KeyFile != "" {
		certificate, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("tls: load client certificate %q with key %q: %w", t.CertFile, t.KeyFile, err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return credentials.NewTLS(config), nil
}
