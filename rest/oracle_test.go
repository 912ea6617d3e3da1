// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
)

// An answer is what the caller of either gateway sees.
type answer struct {
	Status  int
	Header  http.Header
	Trailer http.Header
	Body    []any // JSON values, or else the text
}

// ask sends a request to a gateway.
func ask(t testing.TB, server *httptest.Server, test *oracleRequest) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL, strings.NewReader(test.body))
	if err != nil {
		t.Fatal(err)
	}
	// The path as it is, not as net/url would write it.
	request.URL.Opaque = test.path
	request.Host = "shop.example.com"
	for name, value := range test.header {
		request.Header.Set(name, value)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Date", "Content-Length", "Vary", "Allow"} {
		response.Header.Del(name)
	}
	for _, header := range []http.Header{response.Header, response.Trailer} {
		for _, values := range header {
			slices.Sort(values)
		}
	}
	return answer{Status: response.StatusCode, Header: response.Header, Trailer: response.Trailer, Body: parseBody(body)}
}

func parseBody(body []byte) []any {
	values := []any{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	for {
		var value any
		if err := decoder.Decode(&value); err == io.EOF {
			return values
		} else if err != nil {
			return []any{string(body)}
		}
		values = append(values, value)
	}
}

// An oracleRequest is sent to both gateways.
type oracleRequest struct {
	name         string
	method, path string
	body         string
	header       map[string]string
}

// oracleRequests are answered alike by the generated gateway and by ours.
var oracleRequests = []oracleRequest{
	{name: "unary", method: "GET", path: "/v1/authors/a"},
	{name: "no fields", method: "GET", path: "/v1/shelves"},
	{name: "response list", method: "GET", path: "/v1/shelves?x=1"},
	{name: "response message", method: "GET", path: "/v1/shelves/a/books/b"},
	{name: "additional binding", method: "GET", path: "/v1/isbn/123"},
	{name: "additional binding against a oneof", method: "GET", path: "/v1/isbn/123?name=x"},
	{name: "read mask", method: "GET", path: "/v1/shelves/a/books/b?read_mask=title,price.units&readMaskX=1"},
	{name: "custom verb HEAD", method: "HEAD", path: "/v1/shelves/a/books/b"},
	{name: "empty segment", method: "GET", path: "/v1/shelves//books/b"},
	{name: "trailing slash", method: "GET", path: "/v1/shelves/"},
	{name: "delete", method: "DELETE", path: "/v1/shelves/a/books/b?force=true"},
	{name: "path escape", method: "GET", path: "/v1/shelves/a%20%C3%A9/books/b%3a"},
	{name: "multi-segment", method: "GET", path: "/v1/categories/a/b/c"},
	{name: "multi-segment empty", method: "GET", path: "/v1/categories/"},
	{name: "multi-segment none", method: "GET", path: "/v1/categories"},
	{name: "path timestamp", method: "GET", path: "/v1/releases/2020-01-02T03:04:05.5Z"},
	{name: "path timestamp that is none", method: "GET", path: "/v1/releases/yesterday"},
	{name: "path enum", method: "GET", path: "/v1/genres/GENRE_HISTORY:count"},
	{name: "path enum by number", method: "GET", path: "/v1/genres/3:count"},
	{name: "path enum unknown number", method: "GET", path: "/v1/genres/99:count"},
	{name: "path enum unknown", method: "GET", path: "/v1/genres/history:count"},
	{name: "verb without a variable", method: "GET", path: "/v1/genres:count?genre=GENRE_CHILDREN"},
	{name: "path uint64", method: "GET", path: "/v1/chats/18446744073709551615"},
	{name: "path uint64 too large", method: "GET", path: "/v1/chats/18446744073709551616"},
	{name: "path uint64 negative", method: "GET", path: "/v1/chats/-1"},
	{name: "plain path with colon", method: "GET", path: "/v1/authors/a:b"},

	{name: "query all", method: "GET", path: "/v1/books?page_size=5&pageToken=x&genres=GENRE_HISTORY&genres=1&authors=a&authors=b&published_after=2020-01-02T03:04:05%2B01:00&minRating=4.5&max_price.currency_code=EUR&max_price.units=12&in_stock=false&labels[a]=1&labels[b]=&orderBy=BOOK_ORDER_PRICE&read_mask=name&show_archived=1"},
	{name: "query with a path", method: "GET", path: "/v1/shelves/a/books?page_size=5&parent=shelves/b"},
	{name: "query bool words", method: "GET", path: "/v1/books?show_archived=T&in_stock=TRUE"},
	{name: "query bool", method: "GET", path: "/v1/books?show_archived=yes"},
	{name: "query empty number", method: "GET", path: "/v1/books?page_size="},
	{name: "query number with a sign", method: "GET", path: "/v1/books?page_size=%2B5"},
	{name: "query number in hex", method: "GET", path: "/v1/books?page_size=0x5"},
	{name: "query number too large", method: "GET", path: "/v1/books?page_size=2147483648"},
	{name: "query twice", method: "GET", path: "/v1/books?page_size=1&page_size=1"},
	{name: "query two spellings", method: "GET", path: "/v1/books?page_size=1&pageSize=1"},
	{name: "query enum unknown", method: "GET", path: "/v1/books?genres=X"},
	{name: "query enum unknown number", method: "GET", path: "/v1/books?genres=77"},
	{name: "query map without key", method: "GET", path: "/v1/books?labels=a"},
	{name: "query map pair", method: "GET", path: "/v1/books?labels=a&labels=b"},
	{name: "query map three", method: "GET", path: "/v1/books?labels=a&labels=b&labels=c"},
	{name: "query map key twice", method: "GET", path: "/v1/books?labels[a]=1&labels[a]=2"},
	{name: "query map nested brackets", method: "GET", path: "/v1/books?labels[a[b]]=1&labels[]=2"},
	{name: "query brackets on a scalar", method: "GET", path: "/v1/books?page_size[a]=1"},
	{name: "query brackets on a list", method: "GET", path: "/v1/books?authors[0]=1"},
	{name: "query brackets on an unknown", method: "GET", path: "/v1/books?nope[0]=1"},
	{name: "query message", method: "GET", path: "/v1/books?max_price=1"},
	{name: "query through a scalar", method: "GET", path: "/v1/books?page_size.x=1"},
	{name: "query through a list", method: "GET", path: "/v1/books?authors.x=1"},
	{name: "query double", method: "GET", path: "/v1/books?min_rating=NaN"},
	{name: "query double in hex", method: "GET", path: "/v1/books?min_rating=0x1p4"},
	{name: "query double infinity", method: "GET", path: "/v1/books?min_rating=-Infinity"},
	{name: "query double inf", method: "GET", path: "/v1/books?min_rating=inf"},
	{name: "query empty wrapper", method: "GET", path: "/v1/books?min_rating="},
	{name: "query timestamp", method: "GET", path: "/v1/books?published_after=2020-01-02"},
	{name: "query empty mask", method: "GET", path: "/v1/books?read_mask="},
	{name: "query int64", method: "GET", path: "/v1/orders?min_total_cents=-9223372036854775808"},
	{name: "query nested list", method: "GET", path: "/v1/orders?ship_to.street=a&shipTo.street=b&ship_to.city=c"},
	{name: "query nested list of one spelling", method: "GET", path: "/v1/orders?shipTo.street=a&shipTo.street=b&ship_to.city=c"},
	{name: "query semicolon", method: "GET", path: "/v1/books?page_size=1;page_token=2"},
	{name: "query bad escape", method: "GET", path: "/v1/books?page_token=%zz"},
	{name: "query bad escape in a key", method: "GET", path: "/v1/books?page%=1"},
	{name: "query bad escape where no query is read", method: "GET", path: "/v1/chats/5?%zz"},
	{name: "query without values", method: "GET", path: "/v1/books?page_token&&&=&in_stock=1"},
	{name: "query UTF-8", method: "GET", path: "/v1/books?page_token=%C3%A9"},

	{name: "body", method: "POST", path: "/v1/orders", body: `{"customer":"a@b.c","lines":[{"book":"x","quantity":2}],"payment":{"cashOnDelivery":true},"labels":{"a":"b"},"signature":"+/8","gift_wrap":null,"deliveryWindow":"3s","metadata":{"a":[1,{}]},"validate_only":true}`},
	{name: "body empty", method: "POST", path: "/v1/orders"},
	{name: "body blank", method: "POST", path: "/v1/orders", body: " \n\t "},
	{name: "body unknown field", method: "POST", path: "/v1/orders", body: `{"nope":{"a":[1]},"customer":"a"}`},
	{name: "body truncated", method: "POST", path: "/v1/orders", body: `{"customer":"a"`},
	{name: "body no JSON", method: "POST", path: "/v1/orders", body: `customer`},
	{name: "body list", method: "POST", path: "/v1/orders", body: `[]`},
	{name: "body null", method: "POST", path: "/v1/orders", body: `null`},
	{name: "body wrong type", method: "POST", path: "/v1/orders", body: `{"lines":{}}`},
	{name: "body number range", method: "POST", path: "/v1/orders", body: `{"lines":[{"quantity":2147483648}]}`},
	{name: "body number as text", method: "POST", path: "/v1/orders", body: `{"lines":[{"quantity":"7"}]}`},
	{name: "body number with fraction", method: "POST", path: "/v1/orders", body: `{"lines":[{"quantity":7.0}]}`},
	{name: "body UTF-8", method: "POST", path: "/v1/orders", body: "{\"customer\":\"\xff\"}"},
	{name: "body base64", method: "POST", path: "/v1/orders", body: `{"signature":"!"}`},
	{name: "body oneof twice", method: "POST", path: "/v1/orders", body: `{"payment":{"cashOnDelivery":true,"voucherCode":"a"}}`},
	{name: "body key twice", method: "POST", path: "/v1/orders", body: `{"customer":"a","customer":"b"}`},
	{name: "body duration", method: "POST", path: "/v1/orders", body: `{"deliveryWindow":"1h"}`},
	{name: "body and path", method: "POST", path: "/v1/orders/5:cancel", body: `{"name":"orders/6","reason":"REASON_TOO_LATE"}`},
	{name: "body query ignored", method: "POST", path: "/v1/orders?customer=b", body: `{"customer":"a"}`},
	{name: "body enum unknown", method: "POST", path: "/v1/orders/5:cancel", body: `{"reason":"NOPE"}`},
	{name: "body enum number", method: "POST", path: "/v1/orders/5:cancel", body: `{"reason":77}`},
	{name: "body field", method: "POST", path: "/v1/shelves/s/books?book_id=x&book.title=no", body: `{"title":"t","barcode":"5","chapters":[{"title":"c","chapters":[{}]}],"blurb":"","dimensions":{"spineMm":0}}`},
	{name: "body field empty", method: "POST", path: "/v1/shelves/s/books?book_id=x"},
	{name: "body field empty object", method: "POST", path: "/v1/shelves/s/books", body: `{}`},
	{name: "body field null", method: "POST", path: "/v1/shelves/s/books", body: `null`},
	{name: "body field list", method: "POST", path: "/v1/shelves/s/books", body: `[]`},
	{name: "body field map", method: "PUT", path: "/v1/orders/5/labels", body: `{"a":"b","c":""}`},
	{name: "body field map empty", method: "PUT", path: "/v1/orders/5/labels"},
	{name: "body field map of numbers", method: "PUT", path: "/v1/orders/5/labels", body: `{"a":1}`},
	{name: "body field map key twice", method: "PUT", path: "/v1/orders/5/labels", body: `{"a":"1","a":"2"}`},
	{name: "body field scalar", method: "POST", path: "/v1/orders/5/notes", body: `"hello"`},
	{name: "body field scalar null", method: "POST", path: "/v1/orders/5/notes", body: `null`},
	{name: "body field scalar empty", method: "POST", path: "/v1/orders/5/notes"},
	{name: "body field scalar wrong", method: "POST", path: "/v1/orders/5/notes", body: `5`},
	{name: "verb with body field", method: "POST", path: "/v1/orders/5:ship?shipment.carrier=x&name=y", body: `{"carrier":"c","weightKg":1e3}`},
	{name: "POST binding of a GET method", method: "POST", path: "/v1/books:batchGet", body: `{"names":["a","b"]}`},
	{name: "empty response message type", method: "GET", path: "/v1/books:batchGet?names=a&names=b"},

	{name: "patch", method: "PATCH", path: "/v1/shelves/a/books/b", body: `{"title":"t","price":{"units":"5","nanos":0},"authors":[],"labels":{"a":"b"},"attributes":{"x":{"y":1}},"dimensions":{}}`},
	{name: "patch with a mask", method: "PATCH", path: "/v1/shelves/a/books/b?update_mask=title,price.units", body: `{"title":"t"}`},
	{name: "patch with a mask in JSON spelling", method: "PATCH", path: "/v1/shelves/a/books/b?updateMask=pageCount", body: `{"title":"t"}`},
	{name: "patch with an empty mask", method: "PATCH", path: "/v1/shelves/a/books/b?update_mask=", body: `{"title":"t"}`},
	{name: "patch nothing", method: "PATCH", path: "/v1/shelves/a/books/b", body: `{}`},
	{name: "patch without body", method: "PATCH", path: "/v1/shelves/a/books/b?allow_missing=true"},
	{name: "patch unknown", method: "PATCH", path: "/v1/shelves/a/books/b", body: `{"nope":1}`},
	{name: "patch unknown with a mask", method: "PATCH", path: "/v1/shelves/a/books/b?update_mask=title", body: `{"nope":1}`},
	{name: "patch null field", method: "PATCH", path: "/v1/orders/5", body: `{"customer":null,"payment":{"card":{"number":"1"}},"lines":[{"quantity":1}],"giftWrap":true}`},
	{name: "put has no mask", method: "PUT", path: "/v1/shelves/a/books/b", body: `{"title":"t"}`},

	{name: "curl without a content type", method: "POST", path: "/v1/orders", body: `{"customer":"a"}`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
	{name: "form to a GET route", method: "POST", path: "/v1/books?page_size=2", body: `authors=a&authors=b&pageToken=x`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
	{name: "form and query for one field", method: "POST", path: "/v1/books?authors=c&page_size=1", body: `authors=a&page_size=2`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
	{name: "form and query for one list", method: "POST", path: "/v1/books?authors=c", body: `authors=a`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
	{name: "form to a GET route that is malformed", method: "POST", path: "/v1/books", body: `%zz`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
	{name: "method override", method: "POST", path: "/v1/shelves/a/books/b", body: `force=true`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-HTTP-Method-Override": "delete"}},
	{name: "method override without a form", method: "POST", path: "/v1/authors", body: `{}`, header: map[string]string{"Content-Type": "application/json", "X-HTTP-Method-Override": "GET"}},
	{name: "method override to a body", method: "POST", path: "/v1/orders/5/labels", body: `{"a":"b"}`, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-HTTP-Method-Override": "PUT"}},

	{name: "not found", method: "GET", path: "/v1/nope"},
	{name: "not found POST form", method: "POST", path: "/v1/nope", body: "a=b", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
	{name: "headers", method: "GET", path: "/v1/authors/a", header: map[string]string{
		"Authorization": "Bearer x", "Accept-Language": "de", "X-Custom": "no", "Grpc-Metadata-Custom": "no",
		"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "front.example.com", "Referer": "\u00e9", "If-Match": "*",
	}},
	{name: "timeout", method: "GET", path: "/v1/authors/a", header: map[string]string{"Grpc-Timeout": "1H"}},
	{name: "timeout zero", method: "GET", path: "/v1/authors/a", header: map[string]string{"Grpc-Timeout": "0S"}},
	{name: "timeout past", method: "GET", path: "/v1/authors/a", header: map[string]string{"Grpc-Timeout": "1n"}},
	{name: "timeout that is none", method: "GET", path: "/v1/authors/a", header: map[string]string{"Grpc-Timeout": "-1S"}},
	{name: "timeout overflow", method: "GET", path: "/v1/authors/a", header: map[string]string{"Grpc-Timeout": "18446744073709551615H"}},
	{name: "trailers", method: "GET", path: "/v1/authors/a", header: map[string]string{"Te": "trailers"}},

	{name: "server stream", method: "GET", path: "/v1/stock:watch?names=a&limit=3"},
	{name: "server stream by POST", method: "POST", path: "/v1/stock:watch", body: `{"names":["a"]}`},
	{name: "server stream with response field", method: "GET", path: "/v1/shelves/a/books/b/reviews?min_stars=4"},
	{name: "server stream bad request", method: "GET", path: "/v1/stock:watch?limit=x"},
	{name: "server stream without headers", method: "GET", path: "/v1/stock:watch", header: map[string]string{"Cookie": "bare"}},
	{name: "server stream refused", method: "GET", path: "/v1/stock:watch", header: map[string]string{"Cookie": "fail=7:0"}},
	{name: "server stream refused without headers", method: "GET", path: "/v1/stock:watch", header: map[string]string{"Cookie": "fail=9:0;bare"}},
	{name: "server stream broken off", method: "GET", path: "/v1/stock:watch", header: map[string]string{"Cookie": "fail=14:2"}},
	{name: "client stream", method: "POST", path: "/v1/books:import", body: "{\"parent\":\"a\"}\n{\"bookId\":\"b\"} {}{\"book\":{\"title\":\"t\"}}"},
	{name: "client stream empty", method: "POST", path: "/v1/books:import"},
	{name: "client stream refused", method: "POST", path: "/v1/books:import", body: `{}`, header: map[string]string{"Cookie": "fail=5:0"}},
	{name: "client stream malformed at once", method: "POST", path: "/v1/books:import", body: `{"parent":`},
	{name: "client stream malformed later", method: "POST", path: "/v1/books:import", body: `{}{"parent":5}`},
	{name: "bidirectional stream", method: "POST", path: "/v1/books:quote", body: `{"name":"a","quantity":1}{"name":"b"}`},
	{name: "bidirectional stream empty", method: "POST", path: "/v1/books:quote"},
	{name: "bidirectional stream refused", method: "POST", path: "/v1/chat", body: `{"typing":{}}`, header: map[string]string{"Cookie": "fail=8:0"}},
	{name: "download", method: "GET", path: "/v1/shelves/a/books/b/cover?width=3"},
	{name: "download refused", method: "GET", path: "/v1/shelves/a/books/b/cover", header: map[string]string{"Cookie": "fail=5:0"}},
}

// oracleErrors are the calls that fail, one for each code.
func oracleErrors() []oracleRequest {
	requests := make([]oracleRequest, 0, 16)
	for code := range 17 {
		// UNAUTHENTICATED differs, and has its row there; OK is no error.
		if code != 0 && code != 16 {
			requests = append(requests, oracleRequest{
				name: "code " + string(rune('a'+code)), method: "GET", path: "/v1/authors/a",
				header: map[string]string{"Cookie": "fail=" + jsonNumber(code) + ":0"},
			})
		}
	}
	return requests
}

func jsonNumber(n int) string {
	return strconv.Itoa(n)
}

// newOraclePair serves the generated gateway and ours before one upstream.
func newOraclePair(t testing.TB) (oracle, subject *httptest.Server) {
	t.Helper()
	conn := dialOracle(t)
	oracle = httptest.NewServer(newOracle(t, conn))
	subject = httptest.NewServer(newSubject(t, conn))
	t.Cleanup(func() {
		for _, server := range []*httptest.Server{oracle, subject} {
			server.Client().CloseIdleConnections()
			server.Close()
		}
	})
	return oracle, subject
}

func TestLikeGRPCGateway(t *testing.T) {
	t.Parallel()
	oracle, subject := newOraclePair(t)
	for _, test := range append(oracleErrors(), oracleRequests...) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want, got := ask(t, oracle, &test), ask(t, subject, &test)
			dropText(&want)
			dropText(&got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answer mismatch (-grpc-gateway +dragoman):\n%s\nrequest: grpc-gateway %s\ndragoman %s",
					diff, seenText(want), seenText(got))
			}
		})
	}
}

// dropText removes what differs on purpose in every answer: the words of what
// either gateway itself refuses, our details to them, and the form of binary
// metadata, which grpc-gateway writes as it is.
func dropText(a *answer) {
	if note := a.Header.Get("Grpc-Metadata-Note-Bin"); note == "abc" || note == "YWJj" {
		a.Header.Set("Grpc-Metadata-Note-Bin", "binary")
	}
	for _, value := range a.Body {
		object, _ := value.(map[string]any)
		if inner, ok := object["error"].(map[string]any); ok {
			object = inner
		}
		text, _ := object["message"].(string)
		if code, _ := object["code"].(json.Number); code == "3" && text != `no "way"` {
			object["message"] = ""
			object["details"] = []any{}
		}
	}
}

// seenText shows what the upstream was sent.
func seenText(a answer) string {
	var text strings.Builder
	for _, encoded := range a.Header.Values("Grpc-Metadata-Seen") {
		wire, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			text.WriteString(err.Error())
		}
		for len(wire) > 0 {
			number, kind, n := protowire.ConsumeField(wire)
			if n < 0 {
				break
			}
			text.WriteString(jsonNumber(int(number)) + "/" + jsonNumber(int(kind)) + ": " + string(wire[:n]) + "\n")
			wire = wire[n:]
		}
	}
	return text.String()
}
