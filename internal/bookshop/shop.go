// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Package bookshop is the server of the demo API: a small bookshop with a
// catalogue, orders, covers and a help desk, kept in memory.
//
// It is what a gateway finds in the field: it knows gRPC only, answers with
// error details, sends headers and trailers, pages, honours field masks, and
// streams in every direction. It does not enforce the buf.validate rules of its
// API, but only what it relies on itself: a gateway in front of it has to.
package bookshop

import (
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	mediav1 "github.com/dragoman-gateway/dragoman/gen/bookshop/media/v1"
	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
	supportv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/support/v1"
)

// What an Options field means if it is zero.
const (
	DefaultMaxBooks      = 10_000
	DefaultMaxOrders     = 10_000
	DefaultMaxChats      = 1_000
	DefaultMaxCoverBytes = 1 << 20
	DefaultMaxScanBytes  = 64 << 20
	DefaultDeliveryTime  = 3 * time.Second
)

// Options say how a shop differs from the usual one. The zero value is the
// usual one.
type Options struct {
	// Now is the clock; the zero value is [time.Now]. It may be called
	// concurrently.
	Now func() time.Time
	// DeliveryTime is how long a parcel takes.
	DeliveryTime time.Duration
	// MaxBooks, MaxOrders and MaxChats bound what is kept. A book or an order
	// beyond is RESOURCE_EXHAUSTED; a chat beyond takes the place of the
	// oldest.
	MaxBooks, MaxOrders, MaxChats int
	// MaxCoverBytes and MaxScanBytes bound what is uploaded.
	MaxCoverBytes, MaxScanBytes int64
}

// A Shop is everything that the shop knows. It is safe for concurrent use.
//
// A message in a shop is never changed: a change puts a changed copy in its
// place. What was handed out can therefore be read without the lock.
type Shop struct {
	options Options
	stock   *stockLog

	mu           sync.RWMutex
	shelves      map[string]*catalogv1.Shelf
	books        map[string]*catalogv1.Book
	authors      map[string]*catalogv1.Author
	reviews      map[string][]*catalogv1.Review // by book, the newest first
	revision     uint32                         // of the book changed last
	reservations uint64                         // number of the last one
	covers       map[string]*httpbody.HttpBody  // by book
	orders       map[string]*order
	requests     map[string]string // request IDs of orders to their names
	lastOrder    int

	chats *chatLog
}

// New returns a shop with some books in it.
func New(options Options) *Shop {
	setDefault(&options.DeliveryTime, DefaultDeliveryTime)
	setDefault(&options.MaxBooks, DefaultMaxBooks)
	setDefault(&options.MaxOrders, DefaultMaxOrders)
	setDefault(&options.MaxChats, DefaultMaxChats)
	setDefault(&options.MaxCoverBytes, DefaultMaxCoverBytes)
	setDefault(&options.MaxScanBytes, DefaultMaxScanBytes)
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Shop{
		options:      options,
		stock:        newStockLog(),
		shelves:      make(map[string]*catalogv1.Shelf),
		books:        make(map[string]*catalogv1.Book),
		authors:      make(map[string]*catalogv1.Author),
		reviews:      make(map[string][]*catalogv1.Review),
		reservations: firstReservation - 1,
		covers:       make(map[string]*httpbody.HttpBody),
		orders:       make(map[string]*order),
		requests:     make(map[string]string),
		lastOrder:    firstOrder - 1,
		chats:        newChatLog(options.MaxChats),
	}
	s.seed()
	return s
}

// Register adds every service of the shop to r.
func (s *Shop) Register(r grpc.ServiceRegistrar) {
	catalogv1.RegisterCatalogServiceServer(r, &catalogServer{shop: s})
	ordersv1.RegisterOrderServiceServer(r, &orderServer{shop: s})
	mediav1.RegisterCoverServiceServer(r, &coverServer{shop: s})
	supportv1.RegisterChatServiceServer(r, &chatServer{shop: s})
}

func setDefault[T comparable](value *T, def T) {
	var zero T
	if *value == zero {
		*value = def
	}
}
