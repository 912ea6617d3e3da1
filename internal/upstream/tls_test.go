// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package upstream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// certificate writes a self-signed certificate for name, which is its own
// authority, and returns the paths of it and of its key.
func certificate(t *testing.T, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der},
		keyFile:  {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile := certificate(t, "upstream.test")
	clientCert, clientKey := certificate(t, "gateway.test")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	clientPEM, err := os.ReadFile(clientCert)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(clientPEM)
	address, _ := serve(t, "127.0.0.1:0", &service{}, grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.VerifyClientCertIfGiven,
		ClientCAs:    clients,
		MinVersion:   tls.VersionTLS12,
	})))
	for _, test := range []struct {
		name string
		tls  upstream.TLS
		want string // in the error, "" for none
	}{
		{"trusted", upstream.TLS{Enabled: true, CAFile: certFile, ServerName: "upstream.test"}, ""},
		{"mutual", upstream.TLS{
			Enabled: true, CAFile: certFile, ServerName: "upstream.test", CertFile: clientCert, KeyFile: clientKey,
		}, ""},
		{"unknown authority", upstream.TLS{Enabled: true, ServerName: "upstream.test"}, "certificate"},
		{"other name", upstream.TLS{Enabled: true, CAFile: certFile, ServerName: "other.test"}, "other.test"},
		{"clear text", upstream.TLS{}, "not connected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cluster, _ := acquire(t, upstream.Options{Target: address, TLS: test.tls, ConnectTimeout: 10 * time.Second})
			err := call(testContext(t), cluster)
			if test.want != "" {
				wantUnavailable(t, err, test.want)
			} else if err != nil {
				t.Errorf("call = %v", err)
			}
		})
	}
}

func TestTLSFiles(t *testing.T) {
	t.Parallel()
	certFile, keyFile := certificate(t, "upstream.test")
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for _, test := range []struct {
		name string
		tls  upstream.TLS
		want string
	}{
		{"not enabled", upstream.TLS{CAFile: certFile}, "not enabled"},
		{"no authorities", upstream.TLS{Enabled: true, CAFile: missing}, missing},
		{"authorities of another kind", upstream.TLS{Enabled: true, CAFile: keyFile}, "no PEM certificate in " + keyFile},
		{"no certificate", upstream.TLS{Enabled: true, CertFile: missing, KeyFile: keyFile}, missing},
		{"no key", upstream.TLS{Enabled: true, CertFile: certFile}, certFile},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pool := upstream.NewPool(nil)
			defer closePool(t, pool)
			_, err := pool.Acquire("main", upstream.Options{Target: "localhost:1", TLS: test.tls})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), `upstream "main"`) {
				t.Errorf("Acquire = %v, want an error that names the upstream and says %q", err, test.want)
			}
		})
	}
}
