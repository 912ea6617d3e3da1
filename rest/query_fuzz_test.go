// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-gateway/dragoman/rest"
	"github.com/dragoman-gateway/dragoman/schema"

	catalogpb "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	orderspb "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
)

// FuzzQuery binds queries as grpc-gateway binds them.
func FuzzQuery(f *testing.F) {
	for _, test := range oracleRequests {
		if target, err := url.ParseRequestURI(test.path); err == nil && target.RawQuery != "" {
			f.Add(target.RawQuery)
		}
	}
	f.Add("page_size=1&labels[x]=2&ship_to.street=3&shipTo.street=4&max_price.units=&min_rating=1e400")

	catalog, err := schema.New(schema.Input{Origin: "demo", Files: oracleFiles()})
	if err != nil {
		f.Fatal(err)
	}
	upstream := &fakeUpstream{handle: func(c *serverCall) error { return c.send(nil) }}
	handler, err := rest.New(rest.Options{Catalog: catalog, Invoke: upstream.invoke})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		checkQuery(t, handler, upstream, "/v1/books", query, new(catalogpb.ListBooksRequest), new(catalogpb.ListBooksRequest))
		checkQuery(t, handler, upstream, "/v1/orders", query, new(orderspb.ListOrdersRequest), new(orderspb.ListOrdersRequest))
	})
}

func checkQuery(t *testing.T, handler http.Handler, upstream *fakeUpstream, path, query string, want, got proto.Message) {
	t.Helper()
	values, wantErr := url.ParseQuery(query)
	if wantErr == nil {
		wantErr = runtime.PopulateQueryParameters(want, values, utilities.NewDoubleArray(nil))
	}
	if wantErr == nil {
		// What cannot be encoded would be refused later.
		_, wantErr = proto.Marshal(want)
	}
	upstream.mu.Lock()
	upstream.messages = nil
	upstream.mu.Unlock()

	response := httptest.NewRecorder()
	handler.ServeHTTP(response, &http.Request{
		Method: http.MethodGet, Body: http.NoBody, Header: http.Header{},
		URL: &url.URL{Path: path, RawQuery: query},
	})
	if (response.Code == http.StatusBadRequest) != (wantErr != nil) {
		t.Fatalf("%s?%s: answer = %d %s, grpc-gateway has %v", path, query, response.Code, response.Body, wantErr)
	}
	if wantErr != nil {
		return
	}
	if err := proto.Unmarshal(upstream.seen()[0], got); err != nil {
		t.Fatalf("%s?%s: request: %v", path, query, err)
	}
	// In grpc-gateway an unknown parameter may leave an empty message behind.
	dropEmpty(want)
	dropEmpty(got)
	if diff := cmp.Diff(prototext.Format(want), prototext.Format(got)); diff != "" {
		t.Errorf("%s?%s: request mismatch (-grpc-gateway +got):\n%s", path, query, diff)
	}
}

func dropEmpty(message proto.Message) {
	switch request := message.(type) {
	case *catalogpb.ListBooksRequest:
		if proto.Size(request.GetMaxPrice()) == 0 {
			request.MaxPrice = nil
		}
		// Of a wrapper the field inside can be named, too.
		if proto.Size(request.GetMinRating()) == 0 {
			request.MinRating = nil
		}
		if proto.Size(request.GetReadMask()) == 0 {
			request.ReadMask = nil
		}
		if proto.Size(request.GetPublishedAfter()) == 0 {
			request.PublishedAfter = nil
		}
		if proto.Size(request.GetPublishedBefore()) == 0 {
			request.PublishedBefore = nil
		}
	case *orderspb.ListOrdersRequest:
		if proto.Size(request.GetShipTo()) == 0 {
			request.ShipTo = nil
		}
		if proto.Size(request.GetCreatedAfter()) == 0 {
			request.CreatedAfter = nil
		}
	}
}
