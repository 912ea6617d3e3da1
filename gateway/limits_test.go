// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/dragoman-gateway/dragoman/gateway"
	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// net/http adds to the bound on the header of an HTTP/1.1 request: a buffer
// and, if they come in one piece with the rest, the bytes by which it tells
// HTTP/2 with prior knowledge and the last line feed, which it can do without.
const (
	netHTTPBuffer  = 4096
	netHTTPPreface = 24 + 1
)

func TestHeaderLimit(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	const limit = 8192
	config := configFor(address)
	config.Limits = &configv1.Limits{HeaderBytes: limit}
	g := run(t, config)
	for _, test := range []struct {
		name   string
		bytes  int
		status int
	}{
		{"at the limit", limit + netHTTPBuffer, http.StatusNotFound},
		{"beyond", limit + netHTTPBuffer + netHTTPPreface + 1, http.StatusRequestHeaderFieldsTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			head := "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nPadding: "
			padding := strings.Repeat("p", test.bytes-len(head)-len("\r\n\r\n"))
			response := exchange(t, g.addresses.HTTP, head+padding+"\r\n\r\n")
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
		})
	}
}

// exchange sends raw bytes and reads the answer.
func exchange(t *testing.T, address net.Addr, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

func TestReadHeaderTimeout(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	config.Timeouts = &configv1.Timeouts{ReadHeader: durationpb.New(50 * time.Millisecond)}
	g := run(t, config)
	conn, err := net.Dial("tcp", g.addresses.HTTP.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHo"); err != nil {
		t.Fatal(err)
	}
	// net/http may say why before it hangs up.
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection was not closed: %v", err)
	}
}

func TestRequestLimits(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	config.Limits = &configv1.Limits{BodyBytes: 1000, RequestMessageBytes: 1000, ResponseMessageBytes: 2000, JsonDepth: 3}
	g := run(t, config)

	body := func(size int) string {
		const around = `{"fillUsername":true}`
		return around[:len(around)-1] + strings.Repeat(" ", size-len(around)) + "}"
	}
	for _, test := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"body at the limit", body(1000), http.StatusOK, ""},
		{"body beyond", body(1001), http.StatusRequestEntityTooLarge, `"code":8`},
		{"depth at the limit", `{"x":{"x":{}}}`, http.StatusOK, ""},
		{"depth beyond", `{"x":{"x":{"x":{}}}}`, http.StatusBadRequest, `"code":3`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if code, answer := post(t, g, unaryPath, test.body); code != test.status || !strings.Contains(answer, test.want) {
				t.Errorf("%d %s, want %d with %s", code, answer, test.status, test.want)
			}
		})
	}

	for _, port := range []net.Addr{g.addresses.HTTP, g.addresses.GRPC} {
		client := testpb.NewTestServiceClient(dial(t, port.String()))
		for _, test := range []struct {
			name              string
			request, response int
			code              codes.Code
		}{
			// A payload of n bytes is a message of n+6: two tags and lengths.
			{"request at the limit", 1000 - 6, 0, codes.OK},
			{"request beyond", 1001 - 6, 0, codes.ResourceExhausted},
			{"response at the limit", 0, 2000 - 6, codes.OK},
			{"response beyond", 0, 2001 - 6, codes.ResourceExhausted},
		} {
			t.Run(test.name+" on "+port.String(), func(t *testing.T) {
				t.Parallel()
				request := &testpb.SimpleRequest{ResponseSize: int32(test.response)}
				if test.request > 0 {
					request.Payload = &testpb.Payload{Body: make([]byte, test.request)}
				}
				if _, err := client.UnaryCall(t.Context(), request); status.Code(err) != test.code {
					t.Errorf("UnaryCall = %v, want %v", err, test.code)
				}
			})
		}
	}
}

// The limit is what the gateway tells HTTP/2 clients, who then wait: of n+1
// streams the last is not begun before another has ended.
func TestConcurrentStreams(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	config := configFor(address)
	const limit = 3
	config.Limits = &configv1.Limits{ConcurrentStreams: limit}
	g := run(t, config)
	for _, port := range []net.Addr{g.addresses.HTTP, g.addresses.GRPC} {
		t.Run(port.String(), func(t *testing.T) {
			t.Parallel()
			client := testpb.NewTestServiceClient(dial(t, port.String()))
			var streams []testpb.TestService_FullDuplexCallClient
			for range limit {
				stream, err := client.FullDuplexCall(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				pingPong(t, stream)
				streams = append(streams, stream)
			}
			opened := make(chan testpb.TestService_FullDuplexCallClient, 1)
			go func() {
				stream, _ := client.FullDuplexCall(t.Context())
				opened <- stream
			}()
			select {
			case <-opened:
				t.Errorf("stream %d was opened beside the others", limit+1)
			case <-time.After(100 * time.Millisecond):
			}
			if err := streams[0].CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := streams[0].Recv(); err == nil {
				t.Fatal("the first stream goes on")
			}
			pingPong(t, <-opened)
		})
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	cert, key, roots := certificate(t)
	config := configFor(address)
	config.Listen.Tls = &configv1.ServerTls{CertFile: cert, KeyFile: key}
	g := run(t, config)

	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		transport := &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2: protocol == "HTTP/2.0",
		}
		client := &http.Client{Transport: transport, Timeout: patience}
		response, err := client.Post("https://"+g.addresses.HTTP.String()+unaryPath, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		transport.CloseIdleConnections()
		if response.StatusCode != http.StatusOK || response.Proto != protocol {
			t.Errorf("%s %s, want %s 200", response.Proto, response.Status, protocol)
		}
	}
	for _, port := range []net.Addr{g.addresses.HTTP, g.addresses.GRPC} {
		conn, err := grpc.NewClient(port.String(), grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "")))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := testpb.NewTestServiceClient(conn).UnaryCall(t.Context(), &testpb.SimpleRequest{}); err != nil {
			t.Errorf("gRPC on %s: %v", port, err)
		}
	}
}

// certificate makes one for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	encodedKey, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	save := func(name, kind string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certFile, keyFile = save("cert.pem", "CERTIFICATE", encoded), save("key.pem", "EC PRIVATE KEY", encodedKey)
	parsed, err := x509.ParseCertificate(encoded)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return certFile, keyFile, roots
}

func TestListenErrors(t *testing.T) {
	t.Parallel()
	address, _ := serveTestService(t, "127.0.0.1:0")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config := configFor(address)
	config.Listen.Grpc = taken.Addr().String()
	g := newGateway(t, config, gateway.Options{})
	err = g.Run(t.Context(), func(gateway.Addresses) { t.Error("ready") })
	if err == nil || !strings.Contains(err.Error(), "listen.grpc") || !strings.Contains(err.Error(), fmt.Sprint(taken.Addr())) {
		t.Errorf("Run = %v, want an error that names the listener and its address", err)
	}
}
