// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// yearsPerDecade is what its name says.
const yearsPerDecade = 10

// ListShelves implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ListShelves(
	context.Context, *catalogv1.ListShelvesRequest,
) (*catalogv1.ListShelvesResponse, error) {
	c.shop.mu.RLock()
	defer c.shop.mu.RUnlock()
	counts := make(map[string]int32)
	for name := range c.shop.books {
		shelf, _ := splitBookName(name)
		counts[shelf]++
	}
	response := &catalogv1.ListShelvesResponse{}
	for _, name := range sortedKeys(c.shop.shelves) {
		response.Shelves = append(response.Shelves, &catalogv1.Shelf{
			Name: name, Title: c.shop.shelves[name].GetTitle(), BookCount: counts[name],
		})
	}
	return response, nil
}

// ListBooks implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ListBooks(
	_ context.Context, request *catalogv1.ListBooksRequest,
) (*catalogv1.ListBooksResponse, error) {
	if err := checkMask("read_mask", request.GetReadMask(), (*catalogv1.Book)(nil)); err != nil {
		return nil, err
	}
	if err := c.shop.checkShelf(request.GetParent()); err != nil {
		return nil, err
	}
	books := c.shop.selectBooks(func(book *catalogv1.Book) bool { return listed(book, request) })
	slices.SortStableFunc(books, bookOrder(request.GetOrderBy()))
	total := int64(len(books))
	books, next, err := page(books, request)
	if err != nil {
		return nil, err
	}
	for i, book := range books {
		books[i] = pruned(book, request.GetReadMask())
	}
	return &catalogv1.ListBooksResponse{Books: books, NextPageToken: next, TotalSize: total}, nil
}

// checkShelf reports a shelf that does not exist; all shelves, which have no
// name and which a wildcard stands for, do.
func (s *Shop) checkShelf(name string) error {
	if name == "" || name == "shelves/-" {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, ok := s.shelves[name]; !ok {
		return notFound(typeShelf, name)
	}
	return nil
}

// selectBooks returns the books that match, by name.
func (s *Shop) selectBooks(match func(*catalogv1.Book) bool) []*catalogv1.Book {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var books []*catalogv1.Book
	for _, name := range sortedKeys(s.books) {
		if match(s.books[name]) {
			books = append(books, s.books[name])
		}
	}
	return books
}

// listed reports whether book meets all conditions of request.
func listed(book *catalogv1.Book, request *catalogv1.ListBooksRequest) bool {
	shelf, _ := splitBookName(book.GetName())
	if parent := request.GetParent(); parent != "" && parent != "shelves/-" && parent != shelf {
		return false
	}
	if book.GetState() == catalogv1.BookState_BOOK_STATE_ARCHIVED && !request.GetShowArchived() {
		return false
	}
	if genres := request.GetGenres(); len(genres) > 0 && !slices.Contains(genres, book.GetGenre()) {
		return false
	}
	if authors := request.GetAuthors(); len(authors) > 0 && !intersect(authors, book.GetAuthors()) {
		return false
	}
	if least := request.GetMinRating(); least != nil && book.GetRating().GetValue() < least.GetValue() {
		return false
	}
	if most := request.GetMaxPrice(); most != nil &&
		(most.GetCurrencyCode() != book.GetPrice().GetCurrencyCode() || book.GetPrice().GetCents() > most.GetCents()) {
		return false
	}
	if request.InStock != nil && request.GetInStock() != (book.GetStock() > 0) {
		return false
	}
	for key, value := range request.GetLabels() {
		if label, ok := book.GetLabels()[key]; !ok || label != value {
			return false
		}
	}
	return publishedWithin(book, request.GetPublishedAfter(), request.GetPublishedBefore())
}

// publishedWithin reports whether book was published at from or later, and
// before to; each may be nil.
func publishedWithin(book *catalogv1.Book, from, to *timestamppb.Timestamp) bool {
	published := book.GetPublishTime()
	if published == nil {
		return from == nil && to == nil
	}
	return (from == nil || !published.AsTime().Before(from.AsTime())) &&
		(to == nil || published.AsTime().Before(to.AsTime()))
}

// bookOrder returns the comparison for order. Books that compare equal stay in
// the order of their names.
func bookOrder(order catalogv1.BookOrder) func(a, b *catalogv1.Book) int {
	switch order {
	case catalogv1.BookOrder_BOOK_ORDER_TITLE:
		return func(a, b *catalogv1.Book) int { return cmp.Compare(a.GetTitle(), b.GetTitle()) }
	case catalogv1.BookOrder_BOOK_ORDER_PRICE:
		return func(a, b *catalogv1.Book) int { return cmp.Compare(a.GetPrice().GetCents(), b.GetPrice().GetCents()) }
	case catalogv1.BookOrder_BOOK_ORDER_PUBLISH_TIME:
		return func(a, b *catalogv1.Book) int {
			return a.GetPublishTime().AsTime().Compare(b.GetPublishTime().AsTime())
		}
	case catalogv1.BookOrder_BOOK_ORDER_UNSPECIFIED:
	}
	return func(a, b *catalogv1.Book) int { return cmp.Compare(a.GetName(), b.GetName()) }
}

// ListReleases implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ListReleases(
	_ context.Context, request *catalogv1.ListReleasesRequest,
) (*catalogv1.ListReleasesResponse, error) {
	if err := checkMask("read_mask", request.GetReadMask(), (*catalogv1.Book)(nil)); err != nil {
		return nil, err
	}
	if err := request.GetSince().CheckValid(); err != nil {
		return nil, badField("since", "must be a point in time")
	}
	books := c.shop.selectBooks(func(book *catalogv1.Book) bool {
		return publishedWithin(book, request.GetSince(), nil)
	})
	slices.SortStableFunc(books, func(a, b *catalogv1.Book) int {
		return b.GetPublishTime().AsTime().Compare(a.GetPublishTime().AsTime())
	})
	for i, book := range books {
		books[i] = pruned(book, request.GetReadMask())
	}
	return &catalogv1.ListReleasesResponse{Books: books}, nil
}

// BatchGetBooks implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) BatchGetBooks(
	_ context.Context, request *catalogv1.BatchGetBooksRequest,
) (*catalogv1.BatchGetBooksResponse, error) {
	c.shop.mu.RLock()
	defer c.shop.mu.RUnlock()
	response := &catalogv1.BatchGetBooksResponse{}
	for _, name := range request.GetNames() {
		book, err := c.shop.book(name)
		if err != nil {
			return nil, err
		}
		response.Books = append(response.Books, book)
	}
	return response, nil
}

// CountBooks implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) CountBooks(
	_ context.Context, request *catalogv1.CountBooksRequest,
) (*catalogv1.CountBooksResponse, error) {
	books := c.shop.selectBooks(func(book *catalogv1.Book) bool {
		genre := request.GetGenre()
		return genre == catalogv1.Genre_GENRE_UNSPECIFIED || genre == book.GetGenre()
	})
	response := &catalogv1.CountBooksResponse{TitlesByDecade: make(map[int32]int64)}
	for _, book := range books {
		response.Titles++
		response.Copies += uint64(book.GetStock())
		if published := book.GetPublishTime(); published != nil {
			year := published.AsTime().Year()
			response.TitlesByDecade[int32(year-year%yearsPerDecade)]++
		}
	}
	return response, nil
}

func intersect(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// splitBookName returns the shelf of the book called name, and the last part
// of the name.
func splitBookName(name string) (shelf, id string) {
	shelf, id, _ = strings.Cut(name, "/books/")
	return shelf, id
}
