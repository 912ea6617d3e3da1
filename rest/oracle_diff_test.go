// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// oracleDifferences are answered differently on purpose. docs/rest.md has the
// reasons.
var oracleDifferences = []struct {
	oracleRequest

	shows        string // a header that is part of the answer
	theirs, ours string
}{
	{
		oracleRequest: oracleRequest{name: "wrong verb", method: "DELETE", path: "/v1/orders"},
		shows:         "Allow",
		theirs:        `501 []`,
		ours:          `405 [GET, POST]`,
	},
	{
		oracleRequest: oracleRequest{name: "HEAD of a GET route", method: "HEAD", path: "/v1/orders"},
		shows:         "Allow",
		theirs:        `501 []`,
		ours:          `405 [GET, POST]`,
	},
	{
		oracleRequest: oracleRequest{name: "unauthenticated", method: "GET", path: "/v1/chats/1", header: map[string]string{"Cookie": "fail=16:0"}},
		shows:         "Www-Authenticate",
		theirs:        `401 [no "way"]`,
		ours:          `401 []`,
	},
	{
		oracleRequest: oracleRequest{name: "escaped slash", method: "GET", path: "/v1/authors/a%2Fb"},
		shows:         "Grpc-Metadata-Seen",
		theirs:        `404 []`,
		ours:          `200 [Cg1hdXRob3JzL2ElMkZi]`,
	},
	{
		oracleRequest: oracleRequest{name: "escaped slash in several segments", method: "GET", path: "/v1/categories/a%2Fb"},
		shows:         "Grpc-Metadata-Seen",
		theirs:        `200 [CgNhL2I=]`,
		ours:          `200 [CgVhJTJGYg==]`,
	},
	{
		oracleRequest: oracleRequest{name: "path that is not UTF-8", method: "GET", path: "/v1/authors/%FF"},
		theirs:        `500 {"code":13,"message":"grpc: error while marshaling: string f`,
		ours:          "400 {\"code\":3,\"message\":\"path: name: expected valid UTF-8, got \\",
	},
	{
		oracleRequest: oracleRequest{name: "trailers of an error", method: "GET", path: "/v1/authors/a", header: map[string]string{"Te": "trailers", "Cookie": "fail=7:0"}},
		shows:         "Trailer",
		theirs:        `403 [], broken`,
		ours:          `403 []`,
	},
	{
		oracleRequest: oracleRequest{name: "text after the body", method: "POST", path: "/v1/orders", body: `{} x`},
		theirs:        "200 {\"order\":{\"name\":\"<é \\\"&name\",\"customer\":\"<é \\\"&customer\",",
		ours:          `400 {"code":3,"message":"body: 1:4: expected the end of the inpu`,
	},
	{
		oracleRequest: oracleRequest{name: "body where there is none", method: "DELETE", path: "/v1/shelves/a/books/b", body: `{"force":true}`},
		theirs:        `200 {}`,
		ours:          `400 {"code":3,"message":"body: this method takes none","details"`,
	},
	{
		oracleRequest: oracleRequest{name: "content type", method: "POST", path: "/v1/orders", body: `{}`, header: map[string]string{"Content-Type": "application/xml"}},
		theirs:        "200 {\"order\":{\"name\":\"<é \\\"&name\",\"customer\":\"<é \\\"&customer\",",
		ours:          "415 {\"code\":3,\"message\":\"content type \\\"application/xml\\\": this ",
	},
	{
		oracleRequest: oracleRequest{name: "upload", method: "PUT", path: "/v1/shelves/a/books/b/cover", body: `{"data":"AAEC"}`, header: map[string]string{"Content-Type": "application/json"}},
		shows:         "Grpc-Metadata-Seen",
		theirs:        `200 [ChdzaGVsdmVzL2EvYm9va3MvYi9jb3ZlchIFEgMAAQI=]`,
		ours:          `200 [ChdzaGVsdmVzL2EvYm9va3MvYi9jb3ZlchIjChBhcHBsaWNhdGlvbi9qc29uEg97ImRhdGEiOiJBQUVDIn0=]`,
	},
	{
		oracleRequest: oracleRequest{name: "streamed upload", method: "POST", path: "/v1/scans", body: `{"data":"AAEC"}`, header: map[string]string{"Content-Type": "image/png"}},
		shows:         "Grpc-Metadata-Seen",
		theirs:        `200 [EgMAAQI=]`,
		ours:          `200 [CglpbWFnZS9wbmcSD3siZGF0YSI6IkFBRUMifQ==]`,
	},
	{
		oracleRequest: oracleRequest{name: "streamed download", method: "GET", path: "/v1/catalogue:download"},
		theirs:        "200 \x00data\xff\n\x00data\xff\n\x00data\xff\n",
		ours:          "200 \x00data\xff\x00data\xff\x00data\xff",
	},
	{
		oracleRequest: oracleRequest{name: "streamed download broken off", method: "GET", path: "/v1/catalogue:download", header: map[string]string{"Cookie": "fail=14:2"}},
		theirs:        "200 \x00data\xff\n\x00data\xff\n{\"error\":{\"code\":14,\"message\":\"no \\\"way\\\"\",\"de",
		ours:          "200 \x00data\xff\x00data\xff, broken",
	},
	{
		oracleRequest: oracleRequest{name: "bidirectional stream malformed", method: "POST", path: "/v1/books:quote", body: `{"quantity":-1}`},
		theirs:        "200 {\"result\":{\"name\":\"\\u003cé \\\"\\u0026name\",\"quantity\":4294967",
		ours:          `400 {"error":{"code":3,"message":"body: 1:13: quantity: expected`,
	},
	{
		oracleRequest: oracleRequest{name: "unknown query parameter in a message", method: "GET", path: "/v1/books?max_price.nope=1"},
		shows:         "Grpc-Metadata-Seen",
		theirs:        `200 [SgA=]`,
		ours:          `200 []`,
	},
	{
		oracleRequest: oracleRequest{name: "canonical path", method: "POST", path: "/bookshop.catalog.v1.CatalogService/ListShelves", body: `{}`},
		theirs:        `404 {"code":5,"message":"Not Found","details":[]}`,
		ours:          "200 {\"shelves\":[{\"name\":\"<é \\\"&name\",\"title\":\"<é \\\"&title\",\"bo",
	},
	{
		oracleRequest: oracleRequest{name: "trailers of a stream", method: "GET", path: "/v1/stock:watch", header: map[string]string{"Te": "trailers", "Cookie": "fail=14:1"}},
		shows:         "Grpc-Trailer-Cost",
		theirs:        `200 []`,
		ours:          `200 [7 8]`,
	},
	{
		oracleRequest: oracleRequest{name: "scalar body that is malformed", method: "POST", path: "/v1/orders/5/notes", body: `"\ud800"`},
		theirs:        "200 [{\"text\":\"<é \\\"&text\",\"createTime\":\"2020-01-02T03:04:05.006",
		ours:          `400 {"code":3,"message":"body: 1:2: text: invalid escape in a st`,
	},
}

func TestUnlikeGRPCGateway(t *testing.T) {
	t.Parallel()
	oracle, subject := newOraclePair(t)
	for _, test := range oracleDifferences {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, gateway := range []struct {
				name   string
				server *httptest.Server
				want   string
			}{{"grpc-gateway", oracle, test.theirs}, {"dragoman", subject, test.ours}} {
				if got := summary(t, gateway.server, &test.oracleRequest, test.shows); got != gateway.want {
					t.Errorf("%s answers %q, want %q", gateway.name, got, gateway.want)
				}
			}
		})
	}
}

// summary is what distinguishes an answer in one line.
func summary(t *testing.T, server *httptest.Server, test *oracleRequest, shows string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL, strings.NewReader(test.body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = test.path
	for name, value := range test.header {
		request.Header.Set(name, value)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	text := fmt.Sprint(response.StatusCode)
	if shows != "" {
		text += fmt.Sprint(" ", append(response.Header.Values(shows), response.Trailer.Values(shows)...))
	} else {
		// Space between JSON tokens differs on purpose, from one build of
		// protojson to another.
		compact := strings.ReplaceAll(string(body), ", \"", ",\"")
		text += " " + compact[:min(len(compact), 60)]
	}
	if err != nil {
		text += ", broken"
	}
	return text
}
