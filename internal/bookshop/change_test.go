// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

func TestUpdateBook(t *testing.T) {
	t.Parallel()
	spine := uint32(9)
	for _, test := range []struct {
		name string
		mask []string
		book *catalogv1.Book
		// want changes the book from what it was to what it has to be.
		want func(book *catalogv1.Book)
	}{
		{
			name: "a field",
			mask: []string{"title"},
			book: &catalogv1.Book{Title: "New", PageCount: 1},
			want: func(book *catalogv1.Book) { book.Title = "New" },
		},
		{
			name: "a field of a field",
			mask: []string{"price.cents", "dimensions.width_mm"},
			book: &catalogv1.Book{Price: &typev1.Money{Cents: 5, CurrencyCode: "USD"}, Dimensions: &catalogv1.Book_Dimensions{WidthMm: 2}},
			want: func(book *catalogv1.Book) { book.Price.Cents = 5; book.Dimensions.WidthMm = 2 },
		},
		{
			name: "a field of a field that was not there",
			mask: []string{"dimensions.spine_mm", "publish_time.nanos"},
			book: &catalogv1.Book{Dimensions: &catalogv1.Book_Dimensions{SpineMm: &spine}},
			want: func(book *catalogv1.Book) { book.Dimensions.SpineMm = &spine },
		},
		{
			name: "cleared",
			mask: []string{"subtitle", "labels", "chapters", "dimensions.weight_kg", "blurb"},
			book: &catalogv1.Book{},
			want: func(book *catalogv1.Book) {
				book.Subtitle, book.Labels, book.Chapters, book.Blurb = nil, nil, nil, nil
				book.Dimensions.WeightKg = 0
			},
		},
		{
			name: "whole values",
			mask: []string{"attributes", "authors", "labels"},
			book: &catalogv1.Book{
				Attributes: &structpb.Struct{}, Authors: []string{"authors/jules-verne"}, Labels: map[string]string{"a": "b"},
			},
			want: func(book *catalogv1.Book) {
				book.Attributes, book.Authors, book.Labels = &structpb.Struct{}, []string{"authors/jules-verne"}, map[string]string{"a": "b"}
			},
		},
		{
			name: "output only",
			mask: []string{"rating", "state", "create_time", "name", "update_time"},
			book: &catalogv1.Book{Rating: wrapperspb.Double(1), State: catalogv1.BookState_BOOK_STATE_ARCHIVED, CreateTime: timestamppb.Now()},
			want: func(*catalogv1.Book) {},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			shop := open(t, bookshop.Options{})
			want := must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), byName(timeMachine))).GetBook()
			test.want(want)
			want.Revision, want.UpdateTime = []byte{0, 0, 0, 13}, timestamppb.New(today)
			test.book.Name = timeMachine
			updated := must[*catalogv1.UpdateBookResponse](t)(shop.catalog.UpdateBook(t.Context(),
				&catalogv1.UpdateBookRequest{Book: test.book, UpdateMask: mask(test.mask...)}))
			if d := diff(want, updated.GetBook()); d != "" {
				t.Errorf("answer (-want +got):\n%s", d)
			}
			kept := must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), byName(timeMachine)))
			if d := diff(want, kept.GetBook()); d != "" {
				t.Errorf("kept (-want +got):\n%s", d)
			}
		})
	}
}

func TestReplaceBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	for _, paths := range [][]string{nil, {"*"}} {
		old := must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), byName(timeMachine))).GetBook()
		updated := must[*catalogv1.UpdateBookResponse](t)(shop.catalog.UpdateBook(t.Context(), &catalogv1.UpdateBookRequest{
			Book: &catalogv1.Book{Name: timeMachine, Title: "Short"}, UpdateMask: mask(paths...),
		})).GetBook()
		want := &catalogv1.Book{
			Name: timeMachine, Title: "Short", Price: &typev1.Money{CurrencyCode: "EUR"},
			Rating: old.GetRating(), State: old.GetState(), CreateTime: old.GetCreateTime(),
			Revision: updated.GetRevision(), UpdateTime: timestamppb.New(today),
		}
		if d := diff(want, updated); d != "" {
			t.Errorf("mask %v (-want +got):\n%s", paths, d)
		}
	}
}

func TestUpdateBookRefused(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	update := func(request *catalogv1.UpdateBookRequest) error {
		_, err := shop.catalog.UpdateBook(t.Context(), request)
		return err
	}
	wantCode(t, update(&catalogv1.UpdateBookRequest{Book: &catalogv1.Book{Name: nowhere}}), codes.NotFound)
	wantCode(t, update(&catalogv1.UpdateBookRequest{}), codes.NotFound)
	wantField(t, update(&catalogv1.UpdateBookRequest{AllowMissing: true}), "book")
	wantField(t, update(&catalogv1.UpdateBookRequest{Book: &catalogv1.Book{Name: emma}, UpdateMask: mask("nothing")}), "update_mask")
	wantField(t, update(&catalogv1.UpdateBookRequest{Book: &catalogv1.Book{Name: emma}, UpdateMask: mask("title")}), "book.title")
	stale := &catalogv1.Book{Name: emma, Title: "Emma", Revision: []byte{0, 0, 0, 2}}
	wantCode(t, update(&catalogv1.UpdateBookRequest{Book: stale}), codes.Aborted)
	stale.Revision = []byte{0, 0, 0, 3}
	wantCode(t, update(&catalogv1.UpdateBookRequest{Book: stale}), codes.OK)

	missing := &catalogv1.UpdateBookRequest{Book: &catalogv1.Book{Name: nowhere, Title: "Erewhon"}, AllowMissing: true}
	wantCode(t, update(missing), codes.OK)
	added := must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), byName(nowhere)))
	if got := added.GetBook().GetTitle(); got != "Erewhon" {
		t.Errorf("got %q, want Erewhon", got)
	}
}

func TestDeleteBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	_, err := shop.catalog.DeleteBook(t.Context(), &catalogv1.DeleteBookRequest{Name: emma})
	wantUnmet(t, err, "BOOK_IN_STOCK", emma, "there are copies left")
	for _, request := range []*catalogv1.DeleteBookRequest{{Name: lookingGlass}, {Name: emma, Force: true}} {
		_, err = shop.catalog.DeleteBook(t.Context(), request)
		wantCode(t, err, codes.OK)
		_, err = shop.catalog.DeleteBook(t.Context(), request)
		wantCode(t, err, codes.NotFound)
	}
}

func TestArchiveBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	archive := &catalogv1.ArchiveBookRequest{Name: emma}
	archived := must[*catalogv1.ArchiveBookResponse](t)(shop.catalog.ArchiveBook(t.Context(), archive))
	if got := archived.GetBook().GetState(); got != catalogv1.BookState_BOOK_STATE_ARCHIVED {
		t.Errorf("got %v, want archived", got)
	}
	_, err := shop.catalog.ArchiveBook(t.Context(), archive)
	wantUnmet(t, err, "BOOK_ARCHIVED", emma, "the book is archived already")
	_, err = shop.catalog.ReserveBook(t.Context(), &catalogv1.ReserveBookRequest{Name: emma, Copies: 1})
	wantUnmet(t, err, "BOOK_ARCHIVED", emma, "the book is no longer sold")
	_, err = shop.catalog.ArchiveBook(t.Context(), &catalogv1.ArchiveBookRequest{Name: nowhere})
	wantCode(t, err, codes.NotFound)
}

func TestReserveBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	for number := range uint64(2) {
		got := must[*catalogv1.ReserveBookResponse](t)(shop.catalog.ReserveBook(t.Context(),
			&catalogv1.ReserveBookRequest{Name: emma, Copies: 3, Hold: durationpb.New(time.Hour)}))
		want := &catalogv1.ReserveBookResponse{
			ReservationId: 1<<53 + 1 + number,
			Stock:         8 - 3*int32(number+1),
			ExpireTime:    timestamppb.New(today.Add(time.Hour)),
		}
		if d := diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	for _, test := range []struct {
		name    string
		request *catalogv1.ReserveBookRequest
		field   string
	}{
		{"no copies", &catalogv1.ReserveBookRequest{Name: pride}, "copies"},
		{"a day without saying", &catalogv1.ReserveBookRequest{Name: pride, Copies: 10}, ""},
		{"too many copies", &catalogv1.ReserveBookRequest{Name: pride, Copies: 11}, "copies"},
		{"no time", &catalogv1.ReserveBookRequest{Name: pride, Copies: 1, Hold: durationpb.New(0)}, "hold"},
		{"a week", &catalogv1.ReserveBookRequest{Name: pride, Copies: 1, Hold: durationpb.New(7 * 24 * time.Hour)}, ""},
		{"more than a week", &catalogv1.ReserveBookRequest{Name: pride, Copies: 1, Hold: durationpb.New(7*24*time.Hour + 1)}, "hold"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := shop.catalog.ReserveBook(t.Context(), test.request)
			if test.field != "" {
				wantField(t, err, test.field)
				return
			}
			wantCode(t, err, codes.OK)
		})
	}
	_, err := shop.catalog.ReserveBook(t.Context(), &catalogv1.ReserveBookRequest{Name: emma, Copies: 3})
	wantUnmet(t, err, "OUT_OF_STOCK", emma, "3 copies are wanted and 2 are in stock")
	_, err = shop.catalog.ReserveBook(t.Context(), &catalogv1.ReserveBookRequest{Name: nowhere, Copies: 3})
	wantCode(t, err, codes.NotFound)
}

// wantUnmet checks that err says which state of a resource forbids a call.
func wantUnmet(t *testing.T, err error, reason, resource, description string) {
	t.Helper()
	want := []proto.Message{
		&errdetails.ErrorInfo{
			Reason: reason, Domain: "bookshop.example.com", Metadata: map[string]string{"resource": resource},
		},
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: reason, Subject: resource, Description: description},
		}},
	}
	wantDetails(t, err, codes.FailedPrecondition, want...)
}
