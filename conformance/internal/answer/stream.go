// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package answer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// A Stream is a response whose body is read as it comes. Its methods must not
// be called concurrently.
type Stream struct {
	// Head has what came before the body.
	Head Answer

	cancel  context.CancelFunc
	body    io.Closer
	decoder *json.Decoder
}

// Open sends r to the server at base and returns when the response's headers
// have come. The caller closes the stream; the end of ctx ends it as well.
func Open(ctx context.Context, client *http.Client, base string, r Request) (*Stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	response, err := send(ctx, client, base, r) //nolint:bodyclose // Close closes it.
	if err != nil {
		cancel()
		return nil, err
	}
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber()
	return &Stream{Head: head(response), cancel: cancel, body: response.Body, decoder: decoder}, nil
}

// Next returns the next JSON value. The error wraps [io.EOF] where the body
// ends.
func (s *Stream) Next() (any, error) {
	var value any
	if err := s.decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("next value: %w", err)
	}
	return value, nil
}

// Take returns the next n JSON values.
func (s *Stream) Take(n int) ([]any, error) {
	list := make([]any, 0, n)
	for len(list) < n {
		value, err := s.Next()
		if err != nil {
			return list, err
		}
		list = append(list, value)
	}
	return list, nil
}

// Close goes away, whether or not the body has ended.
func (s *Stream) Close() {
	s.cancel()
	// The response was given up; that it could not be read to its end is
	// meant.
	_ = s.body.Close()
}
