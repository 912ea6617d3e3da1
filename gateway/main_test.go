// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/reflection"

	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/dragoman-gateway/dragoman/gateway"
	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// patience bounds every wait for something that should come at once or, for
// an upstream that comes back, within two seconds.
const patience = 20 * time.Second

// A testServer answers with as many bytes as it is asked for.
type testServer struct {
	testpb.UnimplementedTestServiceServer
}

func (testServer) EmptyCall(context.Context, *testpb.Empty) (*testpb.Empty, error) {
	return &testpb.Empty{}, nil
}

func (testServer) UnaryCall(_ context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	return &testpb.SimpleResponse{Payload: &testpb.Payload{Body: make([]byte, request.GetResponseSize())}}, nil
}

func (testServer) FullDuplexCall(stream testpb.TestService_FullDuplexCallServer) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, wanted := range request.GetResponseParameters() {
			err := stream.Send(&testpb.StreamingOutputCallResponse{
				Payload: &testpb.Payload{Body: make([]byte, wanted.GetSize())},
			})
			if err != nil {
				return err
			}
		}
	}
}

// serveTestService starts a server with reflection at address and returns where
// it listens and how to stop it.
func serveTestService(t *testing.T, address string) (listening string, stop func()) {
	t.Helper()
	return serveGRPC(t, address, func(server *grpc.Server) {
		testpb.RegisterTestServiceServer(server, testServer{})
	})
}

func serveGRPC(t *testing.T, address string, register func(*grpc.Server)) (listening string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	reflection.Register(server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	stop = func() {
		server.Stop()
		<-done
	}
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// configFor returns a configuration with one upstream, at target.
func configFor(target string) *configv1.Config {
	return &configv1.Config{
		Listen:    &configv1.Listen{Http: "127.0.0.1:0", Grpc: "127.0.0.1:0", Admin: "127.0.0.1:0"},
		Upstreams: []*configv1.Upstream{{Name: "test", Target: target}},
	}
}

// newGateway builds a gateway that the test closes.
func newGateway(t *testing.T, config *configv1.Config, options gateway.Options) *gateway.Gateway {
	t.Helper()
	if options.Logger == nil {
		options.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	made, err := gateway.New(t.Context(), config, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Close)
	return made
}

// post calls a method of the test service as plain JSON.
func post(t *testing.T, handler http.Handler, path, body string) (status int, answer string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

// eventually waits until check reports that all is well, and fails with what
// it last said if that takes too long.
func eventually(t *testing.T, check func() string) {
	t.Helper()
	start := time.Now()
	for {
		problem := check()
		if problem == "" {
			t.Logf("well after %v", time.Since(start).Round(time.Millisecond))
			return
		}
		if time.Since(start) > patience {
			t.Fatalf("after %v: %s", patience, problem)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// dial returns a client of the gRPC server at address.
func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// running is a gateway that listens.
type running struct {
	*gateway.Gateway
	addresses gateway.Addresses
	// stop tells it to stop and returns what Run returned.
	stop func() error
}

// run starts a gateway that the test stops at its end, if not before.
func run(t *testing.T, config *configv1.Config) running {
	t.Helper()
	made := newGateway(t, config, gateway.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ready := make(chan gateway.Addresses, 1)
	result := make(chan error, 1)
	go func() { result <- made.Run(ctx, func(addresses gateway.Addresses) { ready <- addresses }) }()
	stop := func() error {
		cancel()
		err := <-result
		result <- err
		return err
	}
	t.Cleanup(func() { _ = stop() })
	select {
	case addresses := <-ready:
		return running{Gateway: made, addresses: addresses, stop: stop}
	case err := <-result:
		t.Fatalf("Run: %v", err)
	case <-time.After(patience):
		t.Fatal("not ready")
	}
	return running{}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	var buffer bytes.Buffer
	_, _ = io.Copy(&buffer, response.Body)
	return response.StatusCode, buffer.String()
}
