// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	mediav1 "github.com/dragoman-gateway/dragoman/gen/bookshop/media/v1"
)

const (
	typeSVG           = "image/svg+xml"
	defaultCoverWidth = 240
	maxCoverWidth     = 4096
)

var _ mediav1.CoverServiceServer = (*coverServer)(nil)

// A coverServer answers the calls of CoverService.
type coverServer struct {
	mediav1.UnimplementedCoverServiceServer

	shop *Shop
}

// GetCover implements [mediav1.CoverServiceServer].
func (c *coverServer) GetCover(
	_ context.Context, request *mediav1.GetCoverRequest,
) (*httpbody.HttpBody, error) {
	width := request.GetWidth()
	if width == 0 {
		width = defaultCoverWidth
	}
	if width > maxCoverWidth {
		return nil, badField("width", fmt.Sprintf("must be at most %d", maxCoverWidth))
	}
	c.shop.mu.RLock()
	defer c.shop.mu.RUnlock()
	book, err := c.shop.book(coveredBook(request.GetName()))
	if err != nil {
		return nil, err
	}
	if cover, ok := c.shop.covers[book.GetName()]; ok {
		return cover, nil
	}
	return &httpbody.HttpBody{ContentType: typeSVG, Data: []byte(c.shop.drawCover(book, width))}, nil
}

// UploadCover implements [mediav1.CoverServiceServer].
func (c *coverServer) UploadCover(
	_ context.Context, request *mediav1.UploadCoverRequest,
) (*mediav1.UploadCoverResponse, error) {
	image := request.GetImage()
	if !strings.HasPrefix(image.GetContentType(), "image/") {
		return nil, badField("image.content_type", "must be that of an image")
	}
	size := int64(len(image.GetData()))
	if size == 0 {
		return nil, badField("image.data", "must not be empty")
	}
	if size > c.shop.options.MaxCoverBytes {
		return nil, exhausted("bytes of a cover", c.shop.options.MaxCoverBytes)
	}
	c.shop.mu.Lock()
	defer c.shop.mu.Unlock()
	book, err := c.shop.book(coveredBook(request.GetName()))
	if err != nil {
		return nil, err
	}
	c.shop.covers[book.GetName()] = &httpbody.HttpBody{ContentType: image.GetContentType(), Data: image.GetData()}
	sum := sha256.Sum256(image.GetData())
	return &mediav1.UploadCoverResponse{
		Name:        request.GetName(),
		ContentType: image.GetContentType(),
		SizeBytes:   size,
		Sha256:      sum[:],
	}, nil
}

// InspectImage implements [mediav1.CoverServiceServer].
func (c *coverServer) InspectImage(
	_ context.Context, image *httpbody.HttpBody,
) (*mediav1.InspectImageResponse, error) {
	return &mediav1.InspectImageResponse{
		ContentType:  image.GetContentType(),
		DetectedType: http.DetectContentType(image.GetData()),
		SizeBytes:    int64(len(image.GetData())),
	}, nil
}

// coveredBook returns the name of the book of a cover.
func coveredBook(cover string) string {
	return strings.TrimSuffix(cover, "/cover")
}

// drawCover returns a plain cover of book as SVG. The caller holds the lock.
func (s *Shop) drawCover(book *catalogv1.Book, width uint32) string {
	authors := make([]string, 0, len(book.GetAuthors()))
	for _, name := range book.GetAuthors() {
		authors = append(authors, s.authors[name].GetDisplayName())
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" viewBox="0 0 240 360">
  <rect width="240" height="360" fill="%s"/>
  <text x="120" y="140" font-size="20" text-anchor="middle" fill="white">%s</text>
  <text x="120" y="320" font-size="14" text-anchor="middle" fill="white">%s</text>
</svg>
`, width, coverColour(book.GetGenre()), xmlText(book.GetTitle()), xmlText(strings.Join(authors, ", ")))
}

func coverColour(genre catalogv1.Genre) string {
	switch genre {
	case catalogv1.Genre_GENRE_FICTION:
		return "darkred"
	case catalogv1.Genre_GENRE_SCIENCE_FICTION:
		return "midnightblue"
	case catalogv1.Genre_GENRE_HISTORY:
		return "saddlebrown"
	case catalogv1.Genre_GENRE_TECHNOLOGY:
		return "darkslategray"
	case catalogv1.Genre_GENRE_CHILDREN:
		return "seagreen"
	case catalogv1.Genre_GENRE_UNSPECIFIED:
	}
	return "dimgray"
}

func xmlText(text string) string {
	var escaped strings.Builder
	// A strings.Builder takes whatever is written to it.
	_ = xml.EscapeText(&escaped, []byte(text))
	return escaped.String()
}
