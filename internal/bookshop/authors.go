// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// author returns the author called name. The caller holds the lock.
func (s *Shop) author(name string) (*catalogv1.Author, error) {
	author, ok := s.authors[name]
	if !ok {
		return nil, notFound(typeAuthor, name)
	}
	return author, nil
}

// GetAuthor implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) GetAuthor(
	_ context.Context, request *catalogv1.GetAuthorRequest,
) (*catalogv1.Author, error) {
	c.shop.mu.RLock()
	defer c.shop.mu.RUnlock()
	return c.shop.author(request.GetName())
}

// ListAuthors implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) ListAuthors(
	_ context.Context, request *catalogv1.ListAuthorsRequest,
) (*catalogv1.ListAuthorsResponse, error) {
	c.shop.mu.RLock()
	defer c.shop.mu.RUnlock()
	names, next, err := page(sortedKeys(c.shop.authors), request)
	if err != nil {
		return nil, err
	}
	response := &catalogv1.ListAuthorsResponse{NextPageToken: next}
	for _, name := range names {
		response.Authors = append(response.Authors, c.shop.authors[name])
	}
	return response, nil
}

// BatchGetAuthors implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) BatchGetAuthors(
	_ context.Context, request *catalogv1.BatchGetAuthorsRequest,
) (*catalogv1.BatchGetAuthorsResponse, error) {
	c.shop.mu.RLock()
	defer c.shop.mu.RUnlock()
	response := &catalogv1.BatchGetAuthorsResponse{}
	for _, name := range request.GetNames() {
		author, err := c.shop.author(name)
		if err != nil {
			return nil, err
		}
		response.Authors = append(response.Authors, author)
	}
	return response, nil
}

// CreateAuthor implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) CreateAuthor(
	_ context.Context, request *catalogv1.CreateAuthorRequest,
) (*catalogv1.Author, error) {
	if request.GetAuthor() == nil {
		return nil, badField("author", "has to be given")
	}
	author := proto.CloneOf(request.GetAuthor())
	if author.GetDisplayName() == "" {
		return nil, badField("author.display_name", "must not be empty")
	}
	if author.GetName() == "" {
		author.Name = "authors/" + slug(author.GetDisplayName())
	}
	id, ok := strings.CutPrefix(author.GetName(), "authors/")
	if !ok || id == "" || id != slug(id) {
		return nil, badField("author.name", "must be authors/ and then small letters, digits and single dashes")
	}
	c.shop.mu.Lock()
	defer c.shop.mu.Unlock()
	if _, ok := c.shop.authors[author.GetName()]; ok {
		return nil, alreadyExists(typeAuthor, author.GetName())
	}
	// Nobody knows more authors than books.
	if len(c.shop.authors) >= c.shop.options.MaxBooks {
		return nil, exhausted("authors", int64(c.shop.options.MaxBooks))
	}
	c.shop.authors[author.GetName()] = author
	return author, nil
}
