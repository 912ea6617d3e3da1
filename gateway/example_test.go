// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	"github.com/dragoman-gateway/dragoman/gateway"
	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
	"github.com/dragoman-gateway/dragoman/rpc"
)

// startBookshop starts the upstream of the examples.
func startBookshop() (address string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	bookshop.New(bookshop.Options{}).Register(server)
	reflection.Register(server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	return listener.Addr().String(), func() {
		server.Stop()
		<-done
	}
}

// fetch prints what a server answers.
func fetch(url string) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(response.StatusCode, strings.TrimSpace(string(body)))
}

// A program mounts the gateway in an HTTP server of its own.
func Example() {
	upstream, stop := startBookshop()
	defer stop()

	gw, err := gateway.New(context.Background(), &configv1.Config{
		Upstreams: []*configv1.Upstream{{Target: upstream}},
	}, gateway.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gw.Close()
	mux := http.NewServeMux()
	mux.Handle("/v1/", gw)
	mux.HandleFunc("/about", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "a shop") })
	server := httptest.NewServer(mux)
	defer server.Close()

	fetch(server.URL + "/about")
	fetch(server.URL + "/v1/genres/GENRE_HISTORY:count")
	// Output:
	// 200 a shop
	// 200 {"titles":"2","copies":"5","titlesByDecade":{"1770":"1"}}
}

// An interceptor of the program's own stands in the chain of every call, on
// every protocol.
func ExampleOptions_interceptors() {
	upstream, stop := startBookshop()
	defer stop()

	readOnly := func(next rpc.Invoker) rpc.Invoker {
		return func(ctx context.Context, call *rpc.Call) (rpc.Stream, error) {
			if strings.HasPrefix(string(call.Method.Descriptor.Name()), "Delete") {
				return nil, status.Error(codes.PermissionDenied, "the shop is read-only")
			}
			return next(ctx, call)
		}
	}
	gw, err := gateway.New(context.Background(), &configv1.Config{
		Upstreams: []*configv1.Upstream{{Target: upstream}},
	}, gateway.Options{Logger: slog.New(slog.DiscardHandler), Interceptors: []rpc.Interceptor{readOnly}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gw.Close()

	recorder := httptest.NewRecorder()
	gw.ServeHTTP(recorder, httptest.NewRequest(http.MethodDelete, "/v1/shelves/fiction/books/any", nil))
	_, _ = recorder.Body.WriteTo(os.Stdout)
	// Output:
	// {"code":7,"message":"the shop is read-only","details":[]}
}

// Generated stubs, and handlers that protoc-gen-grpc-gateway generated, work
// over the gateway's connections.
func ExampleGateway_Conn() {
	upstream, stop := startBookshop()
	defer stop()

	ctx := context.Background()
	gw, err := gateway.New(ctx, &configv1.Config{
		Upstreams: []*configv1.Upstream{{Target: upstream}},
	}, gateway.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gw.Close()

	client := catalogv1.NewCatalogServiceClient(gw.Conn())
	count, err := client.CountBooks(ctx, &catalogv1.CountBooksRequest{Genre: catalogv1.Genre_GENRE_HISTORY})
	fmt.Println(count.GetTitles(), err)

	mux := runtime.NewServeMux()
	if err := catalogv1.RegisterCatalogServiceHandlerClient(ctx, mux, client); err != nil {
		fmt.Println(err)
		return
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/v1/genres/GENRE_HISTORY:count", nil))
	fmt.Println(recorder.Code)
	// Output:
	// 2 <nil>
	// 200
}
