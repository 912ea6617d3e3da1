// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// labelSubject is the label that holds a book's place in the subject tree.
const labelSubject = "subject"

// GetCategory implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) GetCategory(
	_ context.Context, request *catalogv1.GetCategoryRequest,
) (*catalogv1.GetCategoryResponse, error) {
	path := request.GetPath()
	category := &catalogv1.Category{Path: path, Title: categoryTitle(path)}
	for _, book := range c.shop.selectBooks(func(book *catalogv1.Book) bool {
		subject, ok := book.GetLabels()[labelSubject]
		return ok && (path == "" || subject == path || strings.HasPrefix(subject, path+"/"))
	}) {
		below := strings.Trim(strings.TrimPrefix(book.GetLabels()[labelSubject], path), "/")
		place := descend(category, below)
		place.Books = append(place.Books, book.GetName())
	}
	if len(category.GetBooks()) == 0 && len(category.GetChildren()) == 0 {
		return nil, notFound(typeCategory, path)
	}
	return &catalogv1.GetCategoryResponse{Category: category}, nil
}

// descend returns the category at path below category, and makes it if there
// is none. Children are ordered by path.
func descend(category *catalogv1.Category, path string) *catalogv1.Category {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, "/")
		childPath := strings.TrimPrefix(category.GetPath()+"/"+name, "/")
		i, ok := slices.BinarySearchFunc(category.GetChildren(), childPath,
			func(child *catalogv1.Category, path string) int { return cmp.Compare(child.GetPath(), path) })
		if !ok {
			child := &catalogv1.Category{Path: childPath, Title: categoryTitle(childPath)}
			category.Children = slices.Insert(category.GetChildren(), i, child)
		}
		category = category.GetChildren()[i]
	}
	return category
}

// categoryTitle returns the last part of path with a capital letter.
func categoryTitle(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if name == "" {
		return "Everything"
	}
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(name[size:], "-", " ")
}

// What a book has in common with one that was liked, and what that is worth.
const (
	scoreAuthor = 0.5
	scoreGenre  = 0.3
	scoreLabel  = 0.2

	defaultRecommendations = 3
)

// RecommendBooks implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) RecommendBooks(
	_ context.Context, request *catalogv1.RecommendBooksRequest,
) (*catalogv1.RecommendBooksResponse, error) {
	liked, err := c.shop.booksNamed(request.GetLiked())
	if err != nil {
		return nil, err
	}
	response := &catalogv1.RecommendBooksResponse{}
	for _, book := range c.shop.selectBooks(func(book *catalogv1.Book) bool {
		return book.GetState() == catalogv1.BookState_BOOK_STATE_ACTIVE && !slices.Contains(request.GetLiked(), book.GetName())
	}) {
		if best := bestMatch(book, liked); best.GetScore() > 0 {
			response.Recommendations = append(response.Recommendations, best)
		}
	}
	slices.SortStableFunc(response.GetRecommendations(),
		func(a, b *catalogv1.RecommendBooksResponse_Recommendation) int {
			return cmp.Compare(b.GetScore(), a.GetScore())
		})
	limit := cmp.Or(int(request.GetLimit()), defaultRecommendations)
	response.Recommendations = response.GetRecommendations()[:min(limit, len(response.GetRecommendations()))]
	return response, nil
}

// booksNamed returns the books of those names.
func (s *Shop) booksNamed(names []string) ([]*catalogv1.Book, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	books := make([]*catalogv1.Book, 0, len(names))
	for _, name := range names {
		book, err := s.book(name)
		if err != nil {
			return nil, err
		}
		books = append(books, book)
	}
	return books, nil
}

// bestMatch says how well book fits the one of liked that it fits best.
func bestMatch(book *catalogv1.Book, liked []*catalogv1.Book) *catalogv1.RecommendBooksResponse_Recommendation {
	best := &catalogv1.RecommendBooksResponse_Recommendation{Book: book}
	for _, other := range liked {
		var score float64
		var reasons []string
		if intersect(book.GetAuthors(), other.GetAuthors()) {
			score += scoreAuthor
			reasons = append(reasons, "by an author of "+other.GetTitle())
		}
		if book.GetGenre() == other.GetGenre() {
			score += scoreGenre
			reasons = append(reasons, "of the kind of "+other.GetTitle())
		}
		if subject := book.GetLabels()[labelSubject]; subject != "" && subject == other.GetLabels()[labelSubject] {
			score += scoreLabel
			reasons = append(reasons, "about "+subject)
		}
		if score > best.GetScore() {
			best.Score, best.Reasons = score, reasons
		}
	}
	return best
}
