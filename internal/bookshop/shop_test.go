// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	mediav1 "github.com/dragoman-gateway/dragoman/gen/bookshop/media/v1"
	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
	supportv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/support/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

// Books of the shop as it is at first.
const (
	emma         = "shelves/fiction/books/emma"
	pride        = "shelves/fiction/books/pride-and-prejudice"
	lookingGlass = "shelves/children/books/through-the-looking-glass" // out of stock
	frankenstein = "shelves/science-fiction/books/frankenstein"
	timeMachine  = "shelves/science-fiction/books/the-time-machine"
	nowhere      = "shelves/fiction/books/nowhere"
)

// today is what the clock of a shop under test says.
var today = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

// clients call a shop.
type clients struct {
	catalog catalogv1.CatalogServiceClient
	orders  ordersv1.OrderServiceClient
	covers  mediav1.CoverServiceClient
	chats   supportv1.ChatServiceClient
}

// open serves a new shop until the test ends.
func open(t *testing.T, options bookshop.Options) clients {
	t.Helper()
	if options.Now == nil {
		options.Now = func() time.Time { return today }
	}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	bookshop.New(options).Register(server)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(listener); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	conn, err := grpc.NewClient("passthrough:bookshop",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return listener.DialContext(ctx)
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		server.Stop()
		serving.Wait()
	})
	return clients{
		catalog: catalogv1.NewCatalogServiceClient(conn),
		orders:  ordersv1.NewOrderServiceClient(conn),
		covers:  mediav1.NewCoverServiceClient(conn),
		chats:   supportv1.NewChatServiceClient(conn),
	}
}

// must returns a function that returns the answer of a call that has to
// succeed.
func must[M any](t *testing.T) func(answer M, err error) M {
	t.Helper()
	return func(answer M, err error) M {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// wantCode checks the code of err.
func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

// wantDetails checks the code and the details of err.
func wantDetails(t *testing.T, err error, code codes.Code, want ...proto.Message) {
	t.Helper()
	wantCode(t, err, code)
	var got []proto.Message
	for _, detail := range status.Convert(err).Details() {
		if message, ok := detail.(proto.Message); ok {
			got = append(got, message)
		}
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("details of %v (-want +got):\n%s", err, diff)
	}
}

// wantField checks that err is about one field of a request.
func wantField(t *testing.T, err error, field string) {
	t.Helper()
	wantCode(t, err, codes.InvalidArgument)
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok && bad.GetFieldViolations()[0].GetField() == field {
			return
		}
	}
	t.Errorf("%v does not name the field %s", err, field)
}

func diff(want, got any) string {
	return cmp.Diff(want, got, protocmp.Transform())
}

func date(year int, month time.Month, day int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func byName(name string) *catalogv1.GetBookRequest {
	return &catalogv1.GetBookRequest{By: &catalogv1.GetBookRequest_Name{Name: name}}
}
