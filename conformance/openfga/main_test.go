// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package openfga_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dragoman-gateway/dragoman/conformance/internal/process"
	"github.com/dragoman-gateway/dragoman/conformance/internal/scenario"
	"github.com/dragoman-gateway/dragoman/conformance/internal/stock"
)

// What the tests run as processes of their own.
var (
	dragoman = stock.New()
	released = &process.Program{Package: "github.com/openfga/openfga/cmd/openfga"}
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		if err := errors.Join(dragoman.Remove(), released.Remove()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
		os.Exit(status)
	}))
}

// start runs OpenFGA as it is released, with its data in memory, and returns
// the address of its gRPC port.
func start(tb testing.TB) string {
	tb.Helper()
	address := process.FreeAddress(tb)
	process.Start(tb, process.Command{
		Path: released.Path(tb),
		Args: []string{
			"run", "--datastore-engine=memory", "--grpc-addr=" + address, "--http-enabled=false",
			"--playground-enabled=false", "--metrics-enabled=false",
		},
		Ready:     regexp.MustCompile(`starting gRPC server.*\n`),
		AnyStatus: true,
	})
	return address
}

// newStage starts an OpenFGA with both gateways in front of it.
func newStage(t *testing.T) *scenario.Stage {
	t.Helper()
	address := start(t)
	gateway := stock.Serve(t, dragoman, nil, "--upstream", address)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &scenario.Stage{
		Client: &http.Client{Transport: transport},
		Theirs: oracle(t, address),
		Ours:   "http://" + gateway.HTTP,
	}
}

// oracle serves grpc-gateway in front of the server at address and returns its
// base URL.
func oracle(t *testing.T, address string) string {
	t.Helper()
	mux := runtime.NewServeMux()
	if err := openfgav1.RegisterOpenFGAServiceHandler(t.Context(), mux, dial(t, address)); err != nil {
		t.Fatalf("register OpenFGA's handlers: %v", err)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// dial returns a connection that ends with t.
func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}
