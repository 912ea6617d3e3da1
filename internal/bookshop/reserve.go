// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

const (
	// firstReservation is the least number that a double can't hold: a caller
	// who reads 64-bit numbers as doubles finds out here.
	firstReservation = 1<<53 + 1

	defaultHold     = 24 * time.Hour
	maxHold         = 7 * 24 * time.Hour
	maxReservedOnce = 10
)

// ReserveBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ReserveBook(
	_ context.Context, request *catalogv1.ReserveBookRequest,
) (*catalogv1.ReserveBookResponse, error) {
	hold := defaultHold
	if request.GetHold() != nil {
		hold = request.GetHold().AsDuration()
	}
	if hold <= 0 || hold > maxHold {
		return nil, badField("hold", fmt.Sprintf("must be more than 0s and at most %s", maxHold))
	}
	copies := request.GetCopies()
	if copies < 1 || copies > maxReservedOnce {
		return nil, badField("copies", fmt.Sprintf("must be from 1 to %d", maxReservedOnce))
	}
	s := c.shop
	s.mu.Lock()
	defer s.mu.Unlock()
	book, err := s.book(request.GetName())
	if err != nil {
		return nil, err
	}
	if err := checkSale(book, copies); err != nil {
		return nil, err
	}
	s.moveStock(book.GetName(), -copies, catalogv1.WatchStockResponse_CAUSE_RESERVED)
	s.reservations++
	time.AfterFunc(hold, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.moveStock(book.GetName(), copies, catalogv1.WatchStockResponse_CAUSE_RESTOCKED)
	})
	return &catalogv1.ReserveBookResponse{
		ReservationId: s.reservations,
		Stock:         book.GetStock() - copies,
		ExpireTime:    timestamppb.New(s.options.Now().Add(hold)),
	}, nil
}

// checkSale reports why so many copies of book can't be sold.
func checkSale(book *catalogv1.Book, copies int32) error {
	if book.GetState() == catalogv1.BookState_BOOK_STATE_ARCHIVED {
		return unmet("BOOK_ARCHIVED", book.GetName(), "the book is no longer sold")
	}
	if book.GetStock() < copies {
		return unmet("OUT_OF_STOCK", book.GetName(),
			fmt.Sprintf("%d copies are wanted and %d are in stock", copies, book.GetStock()))
	}
	return nil
}
