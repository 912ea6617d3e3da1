// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

// collect receives until the stream ends.
func collect[M any](t *testing.T, stream grpc.ServerStreamingClient[M]) []*M {
	t.Helper()
	var all []*M
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, message)
	}
}

func TestListReviews(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	for _, test := range []struct {
		name     string
		minStars uint32
		readers  []string
		count    string
	}{
		{"all", 0, []string{"Filby", "Weena", "A Morlock"}, "3"},
		{"some", 3, []string{"Filby", "Weena"}, "2"},
		{"none", 6, nil, "0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stream, err := shop.catalog.ListReviews(t.Context(),
				&catalogv1.ListReviewsRequest{Book: timeMachine, MinStars: test.minStars})
			if err != nil {
				t.Fatal(err)
			}
			var readers []string
			for _, response := range collect(t, stream) {
				readers = append(readers, response.GetReview().GetReader())
			}
			if d := diff(test.readers, readers); d != "" {
				t.Errorf("readers (-want +got):\n%s", d)
			}
			if d := diff([]string{test.count}, stream.Trailer()["review-count"]); d != "" {
				t.Errorf("review-count (-want +got):\n%s", d)
			}
		})
	}
	stream, err := shop.catalog.ListReviews(t.Context(), &catalogv1.ListReviewsRequest{Book: nowhere})
	if err == nil {
		_, err = stream.Recv()
	}
	wantCode(t, err, codes.NotFound)
}

func TestImportBooks(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxBooks: 14})
	stream, err := shop.catalog.ImportBooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range []*catalogv1.ImportBooksRequest{
		{Parent: "shelves/fiction", Book: &catalogv1.Book{Title: "Persuasion"}},
		{Parent: "shelves/poetry", Book: &catalogv1.Book{Title: "The Raven"}},
		{Parent: "shelves/fiction", BookId: "second", Book: &catalogv1.Book{Title: "Persuasion"}},
		{Parent: "shelves/fiction", Book: &catalogv1.Book{Title: "One too many"}},
		{Parent: "shelves/fiction"},
	} {
		if err := stream.Send(request); err != nil {
			t.Fatal(err)
		}
	}
	got := must[*catalogv1.ImportBooksResponse](t)(stream.CloseAndRecv())
	if d := diff([]string{"shelves/fiction/books/persuasion", "shelves/fiction/books/second"}, got.GetNames()); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
	failed := make(map[int32]codes.Code)
	for _, failure := range got.GetFailures() {
		failed[failure.GetIndex()] = codes.Code(failure.GetStatus().GetCode())
		if len(failure.GetStatus().GetDetails()) != 1 {
			t.Errorf("failure %d has %d details, want 1", failure.GetIndex(), len(failure.GetStatus().GetDetails()))
		}
	}
	want := map[int32]codes.Code{1: codes.NotFound, 3: codes.ResourceExhausted, 4: codes.InvalidArgument}
	if d := diff(want, failed); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
}

// TestImportFailures checks how many books may fail: as many as a shop has.
func TestImportFailures(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxBooks: 12})
	for _, test := range []struct {
		name  string
		count int
		want  codes.Code
	}{
		{"as many", 12, codes.OK},
		{"one more", 13, codes.ResourceExhausted},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stream, err := shop.catalog.ImportBooks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range test.count {
				// A stream that was ended says so to CloseAndRecv.
				_ = stream.Send(&catalogv1.ImportBooksRequest{})
			}
			_, err = stream.CloseAndRecv()
			wantCode(t, err, test.want)
		})
	}
}

func TestQuotePrices(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := shop.catalog.QuotePrices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		quantity uint32
		cents    int64
		discount float32
	}{
		{1, 699, 0},
		{9, 6291, 0},
		{10, 6641, 5}, // 6990 less 349.5, of which the customer pays the half cent
		{math.MaxUint32, 699*math.MaxUint32 - 699*math.MaxUint32/20, 5},
	} {
		if err := stream.Send(&catalogv1.QuotePricesRequest{Name: timeMachine, Quantity: test.quantity}); err != nil {
			t.Fatal(err)
		}
		want := &catalogv1.QuotePricesResponse{
			Name: timeMachine, Quantity: test.quantity, DiscountPercent: test.discount,
			Total: &typev1.Money{CurrencyCode: "EUR", Cents: test.cents},
		}
		// Before the next question is asked.
		if d := diff(want, must[*catalogv1.QuotePricesResponse](t)(stream.Recv())); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	if err := stream.Send(&catalogv1.QuotePricesRequest{Name: timeMachine}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantField(t, err, "quantity")
}

// watch watches the stock of books, and returns a function that waits for the
// next event.
func watch(t *testing.T, shop clients, request *catalogv1.WatchStockRequest) func() *catalogv1.WatchStockResponse {
	t.Helper()
	stream, err := shop.catalog.WatchStock(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return func() *catalogv1.WatchStockResponse {
		t.Helper()
		return must[*catalogv1.WatchStockResponse](t)(stream.Recv())
	}
}

func TestWatchStock(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	next := watch(t, shop, &catalogv1.WatchStockRequest{Names: []string{emma}})
	want := func(event *catalogv1.WatchStockResponse) {
		t.Helper()
		event.Name = emma
		if d := diff(event, next()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	want(&catalogv1.WatchStockResponse{Stock: 8, Cause: catalogv1.WatchStockResponse_CAUSE_INITIAL, Sequence: 12})

	must[*catalogv1.ReserveBookResponse](t)(shop.catalog.ReserveBook(t.Context(),
		&catalogv1.ReserveBookRequest{Name: emma, Copies: 2, Hold: durationpb.New(time.Millisecond)}))
	want(&catalogv1.WatchStockResponse{Stock: 6, Change: -2, Cause: catalogv1.WatchStockResponse_CAUSE_RESERVED, Sequence: 13})
	want(&catalogv1.WatchStockResponse{Stock: 8, Change: 2, Cause: catalogv1.WatchStockResponse_CAUSE_RESTOCKED, Sequence: 14})

	// Neither another book nor another field is an event.
	for _, change := range []*catalogv1.UpdateBookRequest{
		{Book: &catalogv1.Book{Name: pride, Stock: 1}, UpdateMask: mask("stock")},
		{Book: &catalogv1.Book{Name: emma, PageCount: 1}, UpdateMask: mask("page_count")},
		{Book: &catalogv1.Book{Name: emma, Stock: 9}, UpdateMask: mask("stock")},
	} {
		must[*catalogv1.UpdateBookResponse](t)(shop.catalog.UpdateBook(t.Context(), change))
	}
	want(&catalogv1.WatchStockResponse{Stock: 9, Change: 1, Cause: catalogv1.WatchStockResponse_CAUSE_COUNTED, Sequence: 16})

	if _, err := shop.catalog.DeleteBook(t.Context(), &catalogv1.DeleteBookRequest{Name: emma, Force: true}); err != nil {
		t.Fatal(err)
	}
	want(&catalogv1.WatchStockResponse{Change: -9, Cause: catalogv1.WatchStockResponse_CAUSE_REMOVED, Sequence: 17})
}

func TestWatchStockLimit(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	stream, err := shop.catalog.WatchStock(t.Context(), &catalogv1.WatchStockRequest{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(collect(t, stream)); n != 5 {
		t.Errorf("got %d events, want 5", n)
	}
}

func TestWatchStockEnds(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	stream, err := shop.catalog.WatchStock(t.Context(), &catalogv1.WatchStockRequest{Names: []string{nowhere}})
	if err == nil {
		_, err = stream.Recv()
	}
	wantCode(t, err, codes.NotFound)

	ctx, cancel := context.WithCancel(t.Context())
	stream, err = shop.catalog.WatchStock(ctx, &catalogv1.WatchStockRequest{Names: []string{emma}})
	if err != nil {
		t.Fatal(err)
	}
	must[*catalogv1.WatchStockResponse](t)(stream.Recv())
	cancel()
	_, err = stream.Recv()
	wantCode(t, err, codes.Canceled)
}
