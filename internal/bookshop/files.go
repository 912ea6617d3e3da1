// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	mediav1 "github.com/dragoman-gateway/dragoman/gen/bookshop/media/v1"
)

const (
	typeCSV           = "text/csv; charset=utf-8"
	defaultChunkLines = 5
	scanNameBytes     = 8 // of the hash
)

// DownloadCatalogue implements [mediav1.CoverServiceServer].
func (c *coverServer) DownloadCatalogue(
	request *mediav1.DownloadCatalogueRequest, stream mediav1.CoverService_DownloadCatalogueServer,
) error {
	for i, shelf := range request.GetShelves() {
		if err := c.shop.checkShelf(shelf); err != nil {
			return badField(fmt.Sprintf("shelves[%d]", i), "there is no "+shelf)
		}
	}
	lines := [][]string{{"name", "title", "authors", "isbn", "price", "stock"}}
	for _, book := range c.shop.selectBooks(func(book *catalogv1.Book) bool {
		shelf, _ := splitBookName(book.GetName())
		return len(request.GetShelves()) == 0 || slices.Contains(request.GetShelves(), shelf)
	}) {
		lines = append(lines, csvLine(book))
	}
	for chunk := range slices.Chunk(lines, cmp.Or(int(request.GetChunkLines()), defaultChunkLines)) {
		var data bytes.Buffer
		if err := csv.NewWriter(&data).WriteAll(chunk); err != nil {
			return fmt.Errorf("write catalogue: %w", err)
		}
		if err := stream.Send(&httpbody.HttpBody{ContentType: typeCSV, Data: data.Bytes()}); err != nil {
			return err
		}
	}
	return nil
}

func csvLine(book *catalogv1.Book) []string {
	cents := book.GetPrice().GetCents()
	return []string{
		book.GetName(),
		book.GetTitle(),
		strings.Join(book.GetAuthors(), " "),
		book.GetIsbn(),
		fmt.Sprintf("%d.%02d %s", cents/100, cents%100, book.GetPrice().GetCurrencyCode()), //nolint:mnd // cents
		strconv.Itoa(int(book.GetStock())),
	}
}

// UploadScan implements [mediav1.CoverServiceServer]. It keeps no more of the
// file than its hash.
func (c *coverServer) UploadScan(stream mediav1.CoverService_UploadScanServer) error {
	hash := sha256.New()
	response := &mediav1.UploadScanResponse{}
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			response.Sha256 = hash.Sum(nil)
			response.Name = "scans/" + hex.EncodeToString(response.GetSha256()[:scanNameBytes])
			return stream.SendAndClose(response)
		}
		if err != nil {
			return err
		}
		if response.GetChunks() == 0 {
			response.ContentType = chunk.GetContentType()
		}
		response.Chunks++
		response.SizeBytes += int64(len(chunk.GetData()))
		if response.GetSizeBytes() > c.shop.options.MaxScanBytes {
			return exhausted("bytes of a scan", c.shop.options.MaxScanBytes)
		}
		_, _ = hash.Write(chunk.GetData()) // never fails, see [hash.Hash]
	}
}
