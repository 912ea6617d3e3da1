// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/codes"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	mediav1 "github.com/dragoman-gateway/dragoman/gen/bookshop/media/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

func TestGetCover(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	const nasty = `<script> & "quotes"`
	must[*catalogv1.CreateBookResponse](t)(shop.catalog.CreateBook(t.Context(), &catalogv1.CreateBookRequest{
		Parent: "shelves/fiction", BookId: "nasty", Book: &catalogv1.Book{Title: nasty, Authors: []string{"authors/jane-austen"}},
	}))
	for _, test := range []struct {
		name, book string
		width      uint32
		wantWidth  string
		wantTexts  string
	}{
		{"usual width", "shelves/technology/books/institutions-de-physique", 0, "240", "Institutions de physique|Émilie du Châtelet"},
		{"two authors, widest", "shelves/technology/books/analytical-engine", 4096, "4096", "Sketch of the Analytical Engine|Luigi Menabrea, Ada Lovelace"},
		{"escaped", "shelves/fiction/books/nasty", 1, "1", nasty + "|Jane Austen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cover := must[*httpbody.HttpBody](t)(shop.covers.GetCover(t.Context(),
				&mediav1.GetCoverRequest{Name: test.book + "/cover", Width: test.width}))
			if cover.GetContentType() != "image/svg+xml" {
				t.Errorf("the content type is %q", cover.GetContentType())
			}
			var svg struct {
				XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
				Width   string   `xml:"width,attr"`
				Texts   []string `xml:"text"`
			}
			if err := xml.Unmarshal(cover.GetData(), &svg); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(svg.Texts, "|"); svg.Width != test.wantWidth || got != test.wantTexts {
				t.Errorf("got width %s and %q, want %s and %q", svg.Width, got, test.wantWidth, test.wantTexts)
			}
		})
	}
	_, err := shop.covers.GetCover(t.Context(), &mediav1.GetCoverRequest{Name: emma + "/cover", Width: 4097})
	wantField(t, err, "width")
	_, err = shop.covers.GetCover(t.Context(), &mediav1.GetCoverRequest{Name: nowhere + "/cover"})
	wantCode(t, err, codes.NotFound)
}

func TestUploadCover(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxCoverBytes: 6})
	upload := func(book, contentType, data string) (*mediav1.UploadCoverResponse, error) {
		return shop.covers.UploadCover(t.Context(), &mediav1.UploadCoverRequest{
			Name: book + "/cover", Image: &httpbody.HttpBody{ContentType: contentType, Data: []byte(data)},
		})
	}
	sum := sha256.Sum256([]byte("GIF89a"))
	want := &mediav1.UploadCoverResponse{Name: emma + "/cover", ContentType: "image/gif", SizeBytes: 6, Sha256: sum[:]}
	if d := diff(want, must[*mediav1.UploadCoverResponse](t)(upload(emma, "image/gif", "GIF89a"))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	cover := must[*httpbody.HttpBody](t)(shop.covers.GetCover(t.Context(), &mediav1.GetCoverRequest{Name: emma + "/cover"}))
	if d := diff(&httpbody.HttpBody{ContentType: "image/gif", Data: []byte("GIF89a")}, cover); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
	_, err := upload(emma, "image/gif", "GIF89a;")
	wantCode(t, err, codes.ResourceExhausted)
	_, err = upload(emma, "text/plain", "a")
	wantField(t, err, "image.content_type")
	_, err = upload(emma, "image/gif", "")
	wantField(t, err, "image.data")
	_, err = upload(nowhere, "image/gif", "GIF89a")
	wantCode(t, err, codes.NotFound)
}

func TestInspectImage(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	got := must[*mediav1.InspectImageResponse](t)(shop.covers.InspectImage(t.Context(),
		&httpbody.HttpBody{ContentType: "image/png", Data: []byte("GIF89a")}))
	want := &mediav1.InspectImageResponse{ContentType: "image/png", DetectedType: "image/gif", SizeBytes: 6}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestDownloadCatalogue(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	for _, test := range []struct {
		name          string
		request       *mediav1.DownloadCatalogueRequest
		chunks, lines int
	}{
		{"all", &mediav1.DownloadCatalogueRequest{}, 3, 13},
		{"line by line", &mediav1.DownloadCatalogueRequest{ChunkLines: 1}, 13, 13},
		{"in one piece", &mediav1.DownloadCatalogueRequest{ChunkLines: 1000}, 1, 13},
		{"shelves", &mediav1.DownloadCatalogueRequest{Shelves: []string{"shelves/history", "shelves/fiction"}}, 1, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stream, err := shop.covers.DownloadCatalogue(t.Context(), test.request)
			if err != nil {
				t.Fatal(err)
			}
			var file bytes.Buffer
			chunks := collect(t, stream)
			for _, chunk := range chunks {
				if chunk.GetContentType() != "text/csv; charset=utf-8" {
					t.Errorf("the content type is %q", chunk.GetContentType())
				}
				file.Write(chunk.GetData())
			}
			lines, err := csv.NewReader(&file).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if len(chunks) != test.chunks || len(lines) != test.lines {
				t.Errorf("got %d lines in %d chunks, want %d in %d", len(lines), len(chunks), test.lines, test.chunks)
			}
		})
	}
	stream, err := shop.covers.DownloadCatalogue(t.Context(), &mediav1.DownloadCatalogueRequest{Shelves: []string{"shelves/fiction", "x"}})
	if err == nil {
		_, err = stream.Recv()
	}
	wantField(t, err, "shelves[1]")
}

func TestUploadScan(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxScanBytes: 10})
	for _, test := range []struct {
		name   string
		chunks []string
		code   codes.Code
	}{
		{"nothing", nil, codes.OK},
		{"one chunk", []string{"%PDF"}, codes.OK},
		{"as much as may be", []string{"%PDF", "", "-1.7", "ab"}, codes.OK},
		{"one byte more", []string{"%PDF", "-1.7", "abc"}, codes.ResourceExhausted},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stream, err := shop.covers.UploadScan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := &mediav1.UploadScanResponse{Chunks: uint32(len(test.chunks))}
			for i, chunk := range test.chunks {
				if i == 0 {
					want.ContentType = "application/pdf"
				}
				// Only the type of the first chunk counts. A stream that was
				// ended says so to CloseAndRecv.
				err := stream.Send(&httpbody.HttpBody{ContentType: []string{"application/pdf", ""}[min(i, 1)], Data: []byte(chunk)})
				if err != nil && !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
			}
			got, err := stream.CloseAndRecv()
			wantCode(t, err, test.code)
			if test.code != codes.OK {
				return
			}
			file := strings.Join(test.chunks, "")
			sum := sha256.Sum256([]byte(file))
			want.Sha256, want.SizeBytes, want.Name = sum[:], int64(len(file)), fmt.Sprintf("scans/%x", sum[:8])
			if d := diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
