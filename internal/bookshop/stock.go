// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
)

// maxStockEvents is how far a watcher may fall behind.
const maxStockEvents = 4096

// A stockLog holds the latest changes of stock. It is safe for concurrent use.
//
// A watcher keeps its place in the log and waits for more. A slow one thus
// holds up nobody, and one that is too slow is told so.
type stockLog struct {
	mu     sync.Mutex
	events []*catalogv1.WatchStockResponse // the last of them has the sequence last
	last   uint64
	more   chan struct{} // closed when there are more events
}

func newStockLog() *stockLog {
	return &stockLog{more: make(chan struct{})}
}

// add appends event, which the log then owns, and gives it its sequence.
func (l *stockLog) add(event *catalogv1.WatchStockResponse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	event.Sequence = l.last
	if len(l.events) == maxStockEvents {
		l.events = slices.Clone(l.events[maxStockEvents/2:])
	}
	l.events = append(l.events, event)
	close(l.more)
	l.more = make(chan struct{})
}

// position returns the sequence of the latest event.
func (l *stockLog) position() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// since returns the events after position, and a channel that is closed when
// there are more. It reports false if some of them are gone.
func (l *stockLog) since(position uint64) ([]*catalogv1.WatchStockResponse, <-chan struct{}, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	behind := l.last - position
	if behind > uint64(len(l.events)) {
		return nil, nil, false
	}
	return l.events[uint64(len(l.events))-behind:], l.more, true
}

// WatchStock implements [catalogv1.CatalogServiceServer].
func (c *catalogServer) WatchStock(
	request *catalogv1.WatchStockRequest, stream catalogv1.CatalogService_WatchStockServer,
) error {
	events, position, err := c.shop.stockNow(request.GetNames())
	if err != nil {
		return err
	}
	watched := func(name string) bool {
		return len(request.GetNames()) == 0 || slices.Contains(request.GetNames(), name)
	}
	for sent := uint32(0); ; {
		for _, event := range events {
			if !watched(event.GetName()) {
				continue
			}
			if err := stream.Send(event); err != nil {
				return err
			}
			if sent++; sent == request.GetLimit() {
				return nil
			}
		}
		next, more, ok := c.shop.stock.since(position)
		if !ok {
			return status.Error(codes.Aborted, "too slow: events were missed; watch again")
		}
		events, position = next, position+uint64(len(next))
		if len(next) > 0 {
			continue
		}
		select {
		case <-more:
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		}
	}
}

// stockNow returns the stock of the named books, or of all if none is named,
// as events, and the place in the log at which the changes after them begin.
func (s *Shop) stockNow(names []string) ([]*catalogv1.WatchStockResponse, uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(names) == 0 {
		names = sortedKeys(s.books)
	}
	// Events are added under the lock, so none falls between the two.
	position := s.stock.position()
	events := make([]*catalogv1.WatchStockResponse, 0, len(names))
	for _, name := range names {
		book, err := s.book(name)
		if err != nil {
			return nil, 0, err
		}
		events = append(events, &catalogv1.WatchStockResponse{
			Name:     name,
			Stock:    book.GetStock(),
			Cause:    catalogv1.WatchStockResponse_CAUSE_INITIAL,
			Sequence: position,
		})
	}
	return events, position, nil
}
