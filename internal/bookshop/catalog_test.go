// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

func TestGetBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	spine := uint32(9)
	for _, test := range []struct {
		name    string
		request *catalogv1.GetBookRequest
		want    *catalogv1.Book
	}{
		{
			name:    "fields and parts of fields",
			request: &catalogv1.GetBookRequest{ReadMask: mask("title", "dimensions.spine_mm", "rating")},
			want: &catalogv1.Book{
				Title: "The Time Machine", Rating: wrapperspb.Double(3),
				Dimensions: &catalogv1.Book_Dimensions{SpineMm: &spine},
			},
		},
		{
			name:    "a field and a part of it",
			request: &catalogv1.GetBookRequest{ReadMask: mask("price.cents", "price")},
			want:    &catalogv1.Book{Price: &typev1.Money{CurrencyCode: "EUR", Cents: 699}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, by := range []*catalogv1.GetBookRequest{
				{By: &catalogv1.GetBookRequest_Name{Name: timeMachine}},
				{By: &catalogv1.GetBookRequest_Isbn{Isbn: "9780000000569"}},
			} {
				by.ReadMask = test.request.GetReadMask()
				got := must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), by))
				if d := diff(test.want, got.GetBook()); d != "" {
					t.Errorf("%v (-want +got):\n%s", by, d)
				}
			}
		})
	}
	t.Run("everything", func(t *testing.T) {
		t.Parallel()
		var header metadata.MD
		got := must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), byName(timeMachine), grpc.Header(&header)))
		if n := populated(got.GetBook()); n != 22 {
			t.Errorf("%d fields of the book are set, want all 22", n)
		}
		if d := diff([]string{"00000008"}, header["book-revision"]); d != "" {
			t.Errorf("book-revision: %s", d)
		}
		if d := diff([]string{"2026-01-05T09:00:00Z"}, header["book-update-time"]); d != "" {
			t.Errorf("book-update-time: %s", d)
		}
	})
	t.Run("errors", func(t *testing.T) {
		t.Parallel()
		_, err := shop.catalog.GetBook(t.Context(), byName(nowhere))
		wantDetails(t, err, codes.NotFound, &errdetails.ResourceInfo{
			ResourceType: "bookshop.example.com/Book", ResourceName: nowhere, Description: "The resource does not exist.",
		})
		_, err = shop.catalog.GetBook(t.Context(), &catalogv1.GetBookRequest{By: &catalogv1.GetBookRequest_Isbn{}})
		wantCode(t, err, codes.NotFound)
		_, err = shop.catalog.GetBook(t.Context(), &catalogv1.GetBookRequest{})
		wantField(t, err, "by")
		request := byName(emma)
		request.ReadMask = mask("title", "titel")
		_, err = shop.catalog.GetBook(t.Context(), request)
		wantField(t, err, "read_mask")
	})
}

func TestCheckBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	var header metadata.MD
	must[*catalogv1.CheckBookResponse](t)(
		shop.catalog.CheckBook(t.Context(), &catalogv1.CheckBookRequest{Name: emma}, grpc.Header(&header)))
	if d := diff([]string{"00000003"}, header["book-revision"]); d != "" {
		t.Errorf("book-revision: %s", d)
	}
	_, err := shop.catalog.CheckBook(t.Context(), &catalogv1.CheckBookRequest{Name: nowhere})
	wantCode(t, err, codes.NotFound)
}

func TestListBooks(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	must[*catalogv1.ArchiveBookResponse](t)(
		shop.catalog.ArchiveBook(t.Context(), &catalogv1.ArchiveBookRequest{Name: "shelves/history/books/decline-and-fall"}))
	const alice = "shelves/children/books/alice-in-wonderland"
	const worlds = "shelves/science-fiction/books/war-of-the-worlds"
	const leagues = "shelves/science-fiction/books/twenty-thousand-leagues"
	fiction := catalogv1.Genre_GENRE_FICTION
	for _, test := range []struct {
		name    string
		request *catalogv1.ListBooksRequest
		want    []string
	}{
		{"shelf", &catalogv1.ListBooksRequest{Parent: "shelves/fiction"}, []string{emma, pride}},
		{"any shelf", &catalogv1.ListBooksRequest{Parent: "shelves/-", Authors: []string{"authors/jane-austen"}}, []string{emma, pride}},
		{"genres", &catalogv1.ListBooksRequest{Genres: []catalogv1.Genre{fiction, catalogv1.Genre_GENRE_CHILDREN}}, []string{alice, lookingGlass, emma, pride}},
		{"authors", &catalogv1.ListBooksRequest{Authors: []string{"authors/h-g-wells", "authors/jules-verne"}}, []string{timeMachine, leagues, worlds}},
		{"published", &catalogv1.ListBooksRequest{PublishedAfter: date(1865, time.November, 26), PublishedBefore: date(1871, time.December, 27)}, []string{alice, leagues}},
		{"rating", &catalogv1.ListBooksRequest{MinRating: wrapperspb.Double(3.5)}, []string{frankenstein}},
		{"price", &catalogv1.ListBooksRequest{MaxPrice: &typev1.Money{CurrencyCode: "EUR", Cents: 799}}, []string{timeMachine, worlds}},
		{"price in another currency", &catalogv1.ListBooksRequest{MaxPrice: &typev1.Money{CurrencyCode: "GBP", Cents: 799}}, nil},
		{"out of stock", &catalogv1.ListBooksRequest{InStock: new(false)}, []string{lookingGlass}},
		{"in stock", &catalogv1.ListBooksRequest{InStock: new(true), Parent: "shelves/children"}, []string{alice}},
		{"labels", &catalogv1.ListBooksRequest{Labels: map[string]string{"language": "fr", "subject": "fiction/science/sea"}}, []string{leagues}},
		{"archived left out", &catalogv1.ListBooksRequest{Authors: []string{"authors/edward-gibbon"}}, nil},
		{"archived", &catalogv1.ListBooksRequest{Authors: []string{"authors/edward-gibbon"}, ShowArchived: true}, []string{"shelves/history/books/decline-and-fall"}},
		{"by title", &catalogv1.ListBooksRequest{Parent: "shelves/science-fiction", OrderBy: catalogv1.BookOrder_BOOK_ORDER_TITLE}, []string{frankenstein, timeMachine, worlds, leagues}},
		{"by price", &catalogv1.ListBooksRequest{Parent: "shelves/science-fiction", OrderBy: catalogv1.BookOrder_BOOK_ORDER_PRICE}, []string{timeMachine, worlds, frankenstein, leagues}},
		{"by time", &catalogv1.ListBooksRequest{Parent: "shelves/fiction", OrderBy: catalogv1.BookOrder_BOOK_ORDER_PUBLISH_TIME}, []string{pride, emma}},
		{"unknown order", &catalogv1.ListBooksRequest{Parent: "shelves/fiction", OrderBy: 99}, []string{emma, pride}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.request.ReadMask = mask("name")
			got := must[*catalogv1.ListBooksResponse](t)(shop.catalog.ListBooks(t.Context(), test.request))
			want := &catalogv1.ListBooksResponse{TotalSize: int64(len(test.want))}
			for _, name := range test.want {
				want.Books = append(want.Books, &catalogv1.Book{Name: name})
			}
			if d := diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	t.Run("errors", func(t *testing.T) {
		t.Parallel()
		_, err := shop.catalog.ListBooks(t.Context(), &catalogv1.ListBooksRequest{Parent: "shelves/poetry"})
		wantCode(t, err, codes.NotFound)
		_, err = shop.catalog.ListBooks(t.Context(), &catalogv1.ListBooksRequest{PageSize: -1})
		wantField(t, err, "page_size")
		_, err = shop.catalog.ListBooks(t.Context(), &catalogv1.ListBooksRequest{PageToken: "!"})
		wantField(t, err, "page_token")
		_, err = shop.catalog.ListBooks(t.Context(), &catalogv1.ListBooksRequest{ReadMask: mask("nothing")})
		wantField(t, err, "read_mask")
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	var names []string
	var sizes []int
	request := &catalogv1.ListBooksRequest{PageSize: 5}
	for {
		page := must[*catalogv1.ListBooksResponse](t)(shop.catalog.ListBooks(t.Context(), request))
		for _, book := range page.GetBooks() {
			names = append(names, book.GetName())
		}
		sizes = append(sizes, len(page.GetBooks()))
		if page.GetTotalSize() != 12 {
			t.Errorf("total_size is %d, want 12", page.GetTotalSize())
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
		other := &catalogv1.ListBooksRequest{PageToken: request.GetPageToken(), Parent: "shelves/fiction"}
		_, err := shop.catalog.ListBooks(t.Context(), other)
		wantField(t, err, "page_token")
	}
	if d := diff([]int{5, 5, 2}, sizes); d != "" {
		t.Errorf("pages (-want +got):\n%s", d)
	}
	for i := range names[1:] {
		if names[i] >= names[i+1] {
			t.Errorf("%s comes before %s", names[i], names[i+1])
		}
	}
}

func TestPageSizes(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	for i := range 101 {
		author := &catalogv1.Author{DisplayName: fmt.Sprintf("Author %d", i)}
		must[*catalogv1.Author](t)(shop.catalog.CreateAuthor(t.Context(), &catalogv1.CreateAuthorRequest{Author: author}))
	}
	for _, test := range []struct {
		name       string
		size, want int
	}{
		{"not given", 0, 20},
		{"most", 100, 100},
		{"more than most", 101, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			page := must[*catalogv1.ListAuthorsResponse](t)(
				shop.catalog.ListAuthors(t.Context(), &catalogv1.ListAuthorsRequest{PageSize: int32(test.size)}))
			if got := len(page.GetAuthors()); got != test.want {
				t.Errorf("got %d authors, want %d", got, test.want)
			}
		})
	}
}

func TestCreateBook(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxBooks: 13})
	var header metadata.MD
	created := must[*catalogv1.CreateBookResponse](t)(shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
		Parent: "shelves/fiction",
		Book: &catalogv1.Book{
			Name: "ignored", Title: "Mansfield Park!", Stock: 2, Rating: wrapperspb.Double(5),
			State: catalogv1.BookState_BOOK_STATE_ARCHIVED,
		},
	}, grpc.Header(&header)))
	want := &catalogv1.Book{
		Name: "shelves/fiction/books/mansfield-park", Title: "Mansfield Park!", Stock: 2,
		Price: &typev1.Money{CurrencyCode: "EUR"}, State: catalogv1.BookState_BOOK_STATE_ACTIVE,
		Revision: []byte{0, 0, 0, 13}, CreateTime: timestamppb.New(today), UpdateTime: timestamppb.New(today),
	}
	if d := diff(want, created.GetBook()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := diff([]string{"0000000d"}, header["book-revision"]); d != "" {
		t.Errorf("book-revision: %s", d)
	}
	_, err := shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
		Parent: "shelves/fiction", Book: &catalogv1.Book{Title: "One too many"},
	})
	wantCode(t, err, codes.ResourceExhausted)
}

func TestCreateBookRefused(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	money := func(currency string, cents int64) *typev1.Money {
		return &typev1.Money{CurrencyCode: currency, Cents: cents}
	}
	label := func(n int) map[string]string { return map[string]string{"a": fmt.Sprintf("%0*d", n, 0)} }
	for _, test := range []struct {
		name  string
		id    string
		book  *catalogv1.Book
		field string // "" for a book that is taken
	}{
		{"no book", "", nil, "book"},
		{"no title", "a", &catalogv1.Book{Title: " "}, "book.title"},
		{"no letter in the title", "", &catalogv1.Book{Title: "戦争"}, "book_id"},
		{"bad id", "Emma", &catalogv1.Book{Title: "A"}, "book_id"},
		{"unknown author", "", &catalogv1.Book{Title: "A", Authors: []string{"authors/jane-austen", "authors/x"}}, "book.authors[1]"},
		{"currency", "", &catalogv1.Book{Title: "A", Price: money("USD", 1)}, "book.price.currency_code"},
		{"price below", "", &catalogv1.Book{Title: "A", Price: money("EUR", -1)}, "book.price.cents"},
		{"least price", "", &catalogv1.Book{Title: "least price", Price: money("EUR", 0)}, ""},
		{"most price", "", &catalogv1.Book{Title: "most price", Price: money("EUR", 1_000_000_000)}, ""},
		{"price above", "", &catalogv1.Book{Title: "A", Price: money("EUR", 1_000_000_001)}, "book.price.cents"},
		{"stock below", "", &catalogv1.Book{Title: "A", Stock: -1}, "book.stock"},
		{"most stock", "", &catalogv1.Book{Title: "most stock", Stock: 1_000_000}, ""},
		{"stock above", "", &catalogv1.Book{Title: "A", Stock: 1_000_001}, "book.stock"},
		{"longest label", "", &catalogv1.Book{Title: "longest label", Labels: label(63)}, ""},
		{"label too long", "", &catalogv1.Book{Title: "A", Labels: label(64)}, "book.labels"},
		{"short ISBN", "", &catalogv1.Book{Title: "A", Isbn: "978000000056"}, "book.isbn"},
		{"letter in the ISBN", "", &catalogv1.Book{Title: "A", Isbn: "97800000x0560"}, "book.isbn"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
				Parent: "shelves/fiction", BookId: test.id, Book: test.book,
			})
			if test.field == "" {
				wantCode(t, err, codes.OK)
				return
			}
			wantField(t, err, test.field)
		})
	}
	t.Run("no such shelf", func(t *testing.T) {
		t.Parallel()
		_, err := shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
			Parent: "shelves/poetry", Book: &catalogv1.Book{Title: "A"},
		})
		wantCode(t, err, codes.NotFound)
	})
	exists := &errdetails.ResourceInfo{
		ResourceType: "bookshop.example.com/Book", ResourceName: emma, Description: "The resource exists.",
	}
	t.Run("name taken", func(t *testing.T) {
		t.Parallel()
		_, err := shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
			Parent: "shelves/fiction", Book: &catalogv1.Book{Title: "Emma"},
		})
		wantDetails(t, err, codes.AlreadyExists, exists)
	})
	t.Run("ISBN taken", func(t *testing.T) {
		t.Parallel()
		_, err := shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
			Parent: "shelves/fiction", Book: &catalogv1.Book{Title: "Emma 2", Isbn: "9780000000217"},
		})
		wantDetails(t, err, codes.AlreadyExists, exists)
	})
}

func mask(paths ...string) *fieldmaskpb.FieldMask {
	return &fieldmaskpb.FieldMask{Paths: paths}
}

// populated counts the fields of message that are set.
func populated(message proto.Message) int {
	n := 0
	message.ProtoReflect().Range(func(protoreflect.FieldDescriptor, protoreflect.Value) bool { n++; return true })
	return n
}
