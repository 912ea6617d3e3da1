// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package answer asks HTTP servers, and puts what they answer into a form
// that can be compared: the status, the content type, the headers that carry
// gRPC metadata, and the JSON values of the body, in order.
//
// Left out is what says nothing of the answer: the date, the length (the JSON
// of grpc-gateway has white space at random), and the headers that the server
// around a gateway adds, such as those of CORS.
package answer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A Request is what is asked. It can be sent to several servers.
type Request struct {
	// Method is the HTTP method; empty means POST.
	Method string
	// Path is the path with the query.
	Path string
	// Body is the body; empty means none.
	Body string
	// Header is added to the request. The content type is JSON if it has
	// none.
	Header map[string]string
}

// An Answer is a whole response.
type Answer struct {
	Status      int
	ContentType string
	// Header has the headers Grpc-* and Allow, Trailer the trailers Grpc-*.
	Header, Trailer http.Header
	// Body has the JSON values of the body, numbers as [json.Number]; or, if
	// the body is no JSON, its text as the one element.
	Body []any
}

// Message returns the text of the google.rpc.Status that a is, "" if it is
// none.
func (a Answer) Message() string {
	if len(a.Body) == 0 {
		return ""
	}
	fields, _ := a.Body[0].(map[string]any)
	text, _ := fields["message"].(string)
	return text
}

// Ask sends r to the server at base, such as "http://127.0.0.1:8080", and
// reads the whole answer.
func Ask(ctx context.Context, client *http.Client, base string, r Request) (Answer, error) {
	response, err := send(ctx, client, base, r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close() //nolint:errcheck // Nothing is lost that was not read.
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer of %s%s: %w", base, r.Path, err)
	}
	answer := head(response)
	answer.Trailer = pick(response.Trailer, "Grpc-")
	answer.Body = values(body)
	return answer, nil
}

// send sends r and returns the response, whose body the caller closes.
func send(ctx context.Context, client *http.Client, base string, r Request) (*http.Response, error) {
	method := r.Method
	if method == "" {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, base+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("request for %s: %w", r.Path, err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	return response, nil
}

// head returns what is known of an answer before its body.
func head(response *http.Response) Answer {
	return Answer{
		Status:      response.StatusCode,
		ContentType: response.Header.Get("Content-Type"),
		Header:      pick(response.Header, "Grpc-", "Allow"),
	}
}

// pick returns the fields whose names begin with one of the prefixes, nil if
// there are none. Note that "Allow" is not a prefix of the names of CORS.
func pick(from http.Header, prefixes ...string) http.Header {
	var picked http.Header
	for name, list := range from {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				if picked == nil {
					picked = http.Header{}
				}
				picked[name] = list
			}
		}
	}
	return picked
}

// values returns the JSON values of body, or its text if it has something
// else.
func values(body []byte) []any {
	var list []any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			return []any{string(body)}
		}
		list = append(list, value)
	}
}
