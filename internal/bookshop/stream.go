// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"errors"
	"io"
	"strconv"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
)

// ListReviews implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ListReviews(
	request *catalogv1.ListReviewsRequest, stream catalogv1.CatalogService_ListReviewsServer,
) error {
	c.shop.mu.RLock()
	book, err := c.shop.book(request.GetBook())
	reviews := c.shop.reviews[request.GetBook()]
	c.shop.mu.RUnlock()
	if err != nil {
		return err
	}
	if err := sendBookHeader(stream.Context(), book); err != nil {
		return err
	}
	sent := 0
	for _, review := range reviews {
		if review.GetStars() < request.GetMinStars() {
			continue
		}
		if err := stream.Send(&catalogv1.ListReviewsResponse{Review: review}); err != nil {
			return err
		}
		sent++
	}
	stream.SetTrailer(metadata.Pairs("review-count", strconv.Itoa(sent)))
	return nil
}

// ImportBooks implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ImportBooks(stream catalogv1.CatalogService_ImportBooksServer) error {
	response := &catalogv1.ImportBooksResponse{}
	for index := int32(0); ; index++ {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(response)
		}
		if err != nil {
			return err
		}
		if len(response.GetFailures()) >= c.shop.options.MaxBooks {
			return exhausted("books that can't be added", int64(c.shop.options.MaxBooks))
		}
		book, err := c.shop.addBook(request.GetParent(), request.GetBookId(), request.GetBook())
		if err != nil {
			response.Failures = append(response.Failures, &catalogv1.ImportBooksResponse_Failure{
				Index: index, Status: status.Convert(err).Proto(),
			})
			continue
		}
		response.Names = append(response.Names, book.GetName())
	}
}

const (
	discountFrom    = 10 // copies
	discountPercent = 5
)

// QuotePrices implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) QuotePrices(stream catalogv1.CatalogService_QuotePricesServer) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		response, err := c.shop.quote(request)
		if err != nil {
			return err
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

// quote answers one question about a price.
func (s *Shop) quote(request *catalogv1.QuotePricesRequest) (*catalogv1.QuotePricesResponse, error) {
	quantity := request.GetQuantity()
	if quantity == 0 {
		return nil, badField("quantity", "must be at least 1")
	}
	s.mu.RLock()
	book, err := s.book(request.GetName())
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	// A price is small enough for the product with any quantity to fit.
	total := book.GetPrice().GetCents() * int64(quantity)
	response := &catalogv1.QuotePricesResponse{Name: request.GetName(), Quantity: quantity}
	if quantity >= discountFrom {
		response.DiscountPercent = discountPercent
		total -= total / (100 / discountPercent)
	}
	response.Total = &typev1.Money{CurrencyCode: currency, Cents: total}
	return response, nil
}
