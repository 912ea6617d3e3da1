// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"encoding/hex"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// The headers that tell of a book.
const (
	headerRevision   = "book-revision"
	headerUpdateTime = "book-update-time"
)

var _ catalogv1.CatalogServiceServer = (*catalogServer)(nil)

// A catalogServer answers the calls of CatalogService.
type catalogServer struct {
	catalogv1.UnimplementedCatalogServiceServer

	shop *Shop
}

// GetBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) GetBook(
	ctx context.Context, request *catalogv1.GetBookRequest,
) (*catalogv1.GetBookResponse, error) {
	if err := checkMask("read_mask", request.GetReadMask(), (*catalogv1.Book)(nil)); err != nil {
		return nil, err
	}
	book, err := c.shop.findBook(request)
	if err != nil {
		return nil, err
	}
	if err := sendBookHeader(ctx, book); err != nil {
		return nil, err
	}
	return &catalogv1.GetBookResponse{Book: pruned(book, request.GetReadMask())}, nil
}

// findBook returns the book that request asks for.
func (s *Shop) findBook(request *catalogv1.GetBookRequest) (*catalogv1.Book, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch by := request.GetBy().(type) {
	case *catalogv1.GetBookRequest_Name:
		return s.book(by.Name)
	case *catalogv1.GetBookRequest_Isbn:
		if book := s.bookByISBN(by.Isbn); book != nil {
			return book, nil
		}
		return nil, notFound(typeBook, by.Isbn)
	default:
		return nil, badField("by", "a name or an ISBN has to be given")
	}
}

// CheckBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) CheckBook(
	ctx context.Context, request *catalogv1.CheckBookRequest,
) (*catalogv1.CheckBookResponse, error) {
	c.shop.mu.RLock()
	book, err := c.shop.book(request.GetName())
	c.shop.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	if err := sendBookHeader(ctx, book); err != nil {
		return nil, err
	}
	return &catalogv1.CheckBookResponse{}, nil
}

// CreateBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) CreateBook(
	ctx context.Context, request *catalogv1.CreateBookRequest,
) (*catalogv1.CreateBookResponse, error) {
	book, err := c.shop.addBook(request.GetParent(), request.GetBookId(), request.GetBook())
	if err != nil {
		return nil, err
	}
	if err := sendBookHeader(ctx, book); err != nil {
		return nil, err
	}
	return &catalogv1.CreateBookResponse{Book: book}, nil
}

// UpdateBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) UpdateBook(
	ctx context.Context, request *catalogv1.UpdateBookRequest,
) (*catalogv1.UpdateBookResponse, error) {
	if err := checkMask("update_mask", request.GetUpdateMask(), (*catalogv1.Book)(nil)); err != nil {
		return nil, err
	}
	wanted := request.GetBook()
	book, err := c.shop.updateBook(wanted.GetName(), func(book *catalogv1.Book) error {
		if err := checkRevision(book, wanted.GetRevision()); err != nil {
			return err
		}
		name, rating, state, createTime := book.GetName(), book.GetRating(), book.GetState(), book.GetCreateTime()
		merge(book, wanted, request.GetUpdateMask())
		book.Name, book.Rating, book.State, book.CreateTime = name, rating, state, createTime
		return nil
	})
	if status.Code(err) == codes.NotFound && request.GetAllowMissing() {
		parent, id := splitBookName(wanted.GetName())
		book, err = c.shop.addBook(parent, id, wanted)
	}
	if err != nil {
		return nil, err
	}
	if err := sendBookHeader(ctx, book); err != nil {
		return nil, err
	}
	return &catalogv1.UpdateBookResponse{Book: book}, nil
}

// DeleteBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) DeleteBook(
	_ context.Context, request *catalogv1.DeleteBookRequest,
) (*emptypb.Empty, error) {
	if err := c.shop.removeBook(request.GetName(), request.GetForce()); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// ArchiveBook implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ArchiveBook(
	_ context.Context, request *catalogv1.ArchiveBookRequest,
) (*catalogv1.ArchiveBookResponse, error) {
	book, err := c.shop.updateBook(request.GetName(), func(book *catalogv1.Book) error {
		if book.GetState() == catalogv1.BookState_BOOK_STATE_ARCHIVED {
			return unmet("BOOK_ARCHIVED", book.GetName(), "the book is archived already")
		}
		book.State = catalogv1.BookState_BOOK_STATE_ARCHIVED
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &catalogv1.ArchiveBookResponse{Book: book}, nil
}

// sendBookHeader sends the headers that tell of book.
func sendBookHeader(ctx context.Context, book *catalogv1.Book) error {
	return grpc.SetHeader(ctx, metadata.Pairs(
		headerRevision, hex.EncodeToString(book.GetRevision()),
		headerUpdateTime, book.GetUpdateTime().AsTime().Format(time.RFC3339),
	))
}
