// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
)

const (
	// currency is the only one that the shop takes.
	currency = "EUR"
	// maxPriceCents and maxStock keep sums of money within 64 bits.
	maxPriceCents = 1_000_000_000
	maxStock      = 1_000_000
	// maxLabelBytes bounds a label, and with it how deep a subject goes.
	maxLabelBytes = 63
	isbnDigits    = 13
)

// book returns the book called name. The caller holds the lock.
func (s *Shop) book(name string) (*catalogv1.Book, error) {
	book, ok := s.books[name]
	if !ok {
		return nil, notFound(typeBook, name)
	}
	return book, nil
}

// bookByISBN returns the book of an ISBN, or nil. The caller holds the lock.
func (s *Shop) bookByISBN(isbn string) *catalogv1.Book {
	for _, book := range s.books {
		if isbn != "" && book.GetIsbn() == isbn {
			return book
		}
	}
	return nil
}

// addBook puts a copy of book on the shelf called parent, under id or, if that
// is empty, under one made from its title.
func (s *Shop) addBook(parent, id string, book *catalogv1.Book) (*catalogv1.Book, error) {
	if book == nil {
		return nil, badField("book", "has to be given")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.shelves[parent]; !ok {
		return nil, notFound(typeShelf, parent)
	}
	if id == "" {
		id = slug(book.GetTitle())
	}
	added := proto.CloneOf(book)
	added.Name = parent + "/books/" + id
	if err := s.checkBook(added); err != nil {
		return nil, err
	}
	if id != slug(id) || id == "" {
		return nil, badField("book_id", "must be of small letters, digits and single dashes")
	}
	if _, ok := s.books[added.GetName()]; ok {
		return nil, alreadyExists(typeBook, added.GetName())
	}
	if len(s.books) >= s.options.MaxBooks {
		return nil, exhausted("books", int64(s.options.MaxBooks))
	}
	added.State = catalogv1.BookState_BOOK_STATE_ACTIVE
	added.Rating = nil
	added.CreateTime = timestamppb.New(s.options.Now())
	s.storeBook(added, catalogv1.WatchStockResponse_CAUSE_COUNTED)
	return added, nil
}

// updateBook puts a changed copy of the book called name in its place, and
// returns it.
func (s *Shop) updateBook(name string, change func(*catalogv1.Book) error) (*catalogv1.Book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.book(name)
	if err != nil {
		return nil, err
	}
	updated := proto.CloneOf(old)
	if err := change(updated); err != nil {
		return nil, err
	}
	if err := s.checkBook(updated); err != nil {
		return nil, err
	}
	s.storeBook(updated, catalogv1.WatchStockResponse_CAUSE_COUNTED)
	return updated, nil
}

// moveStock changes the stock of the book called name by change. The caller
// holds the lock for writing, and knows that the stock allows it.
func (s *Shop) moveStock(name string, change int32, cause catalogv1.WatchStockResponse_Cause) {
	old, ok := s.books[name]
	if !ok {
		return // deleted since; its copies are gone with it
	}
	updated := proto.CloneOf(old)
	updated.Stock = min(updated.GetStock()+change, maxStock)
	s.storeBook(updated, cause)
}

// storeBook puts book in the place of the one of its name, if any, and tells
// the watchers if that changed the stock. The caller holds the lock for
// writing, and does not change book any more.
func (s *Shop) storeBook(book *catalogv1.Book, cause catalogv1.WatchStockResponse_Cause) {
	old, existed := s.books[book.GetName()]
	s.revision++
	book.Revision = binary.BigEndian.AppendUint32(nil, s.revision)
	book.UpdateTime = timestamppb.New(s.options.Now())
	s.books[book.GetName()] = book
	if change := book.GetStock() - old.GetStock(); change != 0 || !existed {
		s.stock.add(&catalogv1.WatchStockResponse{
			Name: book.GetName(), Stock: book.GetStock(), Change: change, Cause: cause,
		})
	}
}

// removeBook takes a book out of the catalogue.
func (s *Shop) removeBook(name string, force bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	book, err := s.book(name)
	if err != nil {
		return err
	}
	if book.GetStock() > 0 && !force {
		return unmet("BOOK_IN_STOCK", name, "there are copies left")
	}
	delete(s.books, name)
	delete(s.reviews, name)
	delete(s.covers, name)
	s.stock.add(&catalogv1.WatchStockResponse{
		Name: name, Change: -book.GetStock(), Cause: catalogv1.WatchStockResponse_CAUSE_REMOVED,
	})
	return nil
}

// checkBook reports what is wrong with book, and fills in what may be left
// out. The caller holds the lock.
func (s *Shop) checkBook(book *catalogv1.Book) error {
	if strings.TrimSpace(book.GetTitle()) == "" {
		return badField("book.title", "must not be empty")
	}
	if err := checkPrice(book); err != nil {
		return err
	}
	if book.GetStock() < 0 || book.GetStock() > maxStock {
		return badField("book.stock", fmt.Sprintf("must be from 0 to %d", maxStock))
	}
	for i, author := range book.GetAuthors() {
		if _, ok := s.authors[author]; !ok {
			return badField(fmt.Sprintf("book.authors[%d]", i), "there is no "+author)
		}
	}
	for key, value := range book.GetLabels() {
		if len(key) > maxLabelBytes || len(value) > maxLabelBytes {
			return badField("book.labels", fmt.Sprintf("a key or a value has more than %d bytes", maxLabelBytes))
		}
	}
	return s.checkISBN(book)
}

func checkPrice(book *catalogv1.Book) error {
	if book.GetPrice() == nil {
		book.Price = &typev1.Money{CurrencyCode: currency}
	}
	if book.GetPrice().GetCurrencyCode() != currency {
		return badField("book.price.currency_code", "must be "+currency)
	}
	if cents := book.GetPrice().GetCents(); cents < 0 || cents > maxPriceCents {
		return badField("book.price.cents", fmt.Sprintf("must be from 0 to %d", maxPriceCents))
	}
	return nil
}

func (s *Shop) checkISBN(book *catalogv1.Book) error {
	isbn := book.GetIsbn()
	if isbn == "" {
		return nil
	}
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	if len(isbn) != isbnDigits || strings.ContainsFunc(isbn, notDigit) {
		return badField("book.isbn", fmt.Sprintf("must be %d digits", isbnDigits))
	}
	if other := s.bookByISBN(isbn); other != nil && other.GetName() != book.GetName() {
		return alreadyExists(typeBook, other.GetName())
	}
	return nil
}

// checkRevision refuses a change of old that was made from another revision.
func checkRevision(old *catalogv1.Book, revision []byte) error {
	if len(revision) == 0 || slices.Equal(old.GetRevision(), revision) {
		return nil
	}
	return status.Errorf(codes.Aborted, "%s has changed: its revision is %x now", old.GetName(), old.GetRevision())
}

// slug returns title as the last part of a name: small letters and digits,
// with one dash in place of what is neither.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
