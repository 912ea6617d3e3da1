// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package openfga_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dragoman-gateway/dragoman/conformance/internal/stock"
)

// TestNativeClient calls OpenFGA by gRPC through both ports of the gateway.
func TestNativeClient(t *testing.T) {
	t.Parallel()
	address := start(t)
	gateway := stock.Serve(t, dragoman, nil, "--upstream", address)
	for _, port := range []struct{ name, address string }{{"http", gateway.HTTP}, {"grpc", gateway.GRPC}} {
		t.Run(port.name, func(t *testing.T) {
			t.Parallel()
			const within = 30 * time.Second
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			direct := openfgav1.NewOpenFGAServiceClient(dial(t, address))
			client := openfgav1.NewOpenFGAServiceClient(dial(t, port.address))

			store := newStore(ctx, t, client)
			list := &openfgav1.StreamedListObjectsRequest{StoreId: store, Type: "document", Relation: "viewer", User: "user:anne"}
			want := objects(ctx, t, direct, list)
			if diff := cmp.Diff(want, objects(ctx, t, client, list), cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
				t.Errorf("objects differ (-direct +dragoman):\n%s", diff)
			}
			if len(want) != 2 {
				t.Errorf("objects %q, want two", want)
			}

			// A code that gRPC does not know, and OpenFGA answers with.
			unknown := &openfgav1.GetStoreRequest{StoreId: "01ARZ3NDEKTSV4RRFFQ69G5FAV"}
			_, wantErr := direct.GetStore(ctx, unknown)
			_, gotErr := client.GetStore(ctx, unknown)
			if diff := cmp.Diff(status.Convert(wantErr).String(), status.Convert(gotErr).String()); wantErr == nil || diff != "" {
				t.Errorf("a store that is not there: (-direct +dragoman):\n%s", diff)
			}
		})
	}
}

// newStore makes a store in which anne may view two documents.
func newStore(ctx context.Context, t *testing.T, client openfgav1.OpenFGAServiceClient) string {
	t.Helper()
	store, err := client.CreateStore(ctx, &openfgav1.CreateStoreRequest{Name: "native"})
	if err != nil {
		t.Fatalf("create a store: %v", err)
	}
	write := &openfgav1.WriteAuthorizationModelRequest{}
	if err := protojson.Unmarshal([]byte(model), write); err != nil {
		t.Fatal(err)
	}
	write.StoreId = store.GetId()
	if _, err := client.WriteAuthorizationModel(ctx, write); err != nil {
		t.Fatalf("write a model: %v", err)
	}
	if _, err := client.Write(ctx, &openfgav1.WriteRequest{StoreId: store.GetId(), Writes: &openfgav1.WriteRequestWrites{
		TupleKeys: []*openfgav1.TupleKey{
			{User: "user:anne", Relation: "owner", Object: "document:plan"},
			{User: "user:*", Relation: "viewer", Object: "document:news"},
		},
	}}); err != nil {
		t.Fatalf("write: %v", err)
	}
	return store.GetId()
}

// objects reads a stream of objects to its end.
func objects(ctx context.Context, t *testing.T, client openfgav1.OpenFGAServiceClient, list *openfgav1.StreamedListObjectsRequest) []string {
	t.Helper()
	stream, err := client.StreamedListObjects(ctx, list)
	if err != nil {
		t.Fatalf("list objects: %v", err)
	}
	var read []string
	for {
		one, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return read
		}
		if err != nil {
			t.Fatalf("list objects: %v after %q", err, read)
		}
		read = append(read, one.GetObject())
	}
}
