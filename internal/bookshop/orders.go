// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
)

const (
	// firstOrder gives all names of orders the same length, so that they sort.
	firstOrder = 100001
	// maxLines keeps the sum of an order within 64 bits.
	maxLines = 50
	// packingTime is what an order takes until a carrier has it.
	packingTime = 24 * time.Hour
	// shownDigits of a card are kept.
	shownDigits = 4
)

var _ ordersv1.OrderServiceServer = (*orderServer)(nil)

// An orderServer answers the calls of OrderService.
type orderServer struct {
	ordersv1.UnimplementedOrderServiceServer

	shop *Shop
}

// An order is what a shop keeps of one; the shop's lock guards it.
type order struct {
	*ordersv1.Order

	changed chan struct{} // closed at the next change
}

// order returns the order called name. The caller holds the lock.
func (s *Shop) order(name string) (*order, error) {
	order, ok := s.orders[name]
	if !ok {
		return nil, notFound(typeOrder, name)
	}
	return order, nil
}

// CreateOrder implements [ordersv1.OrderServiceServer].
func (o *orderServer) CreateOrder(
	ctx context.Context, request *ordersv1.CreateOrderRequest,
) (*ordersv1.CreateOrderResponse, error) {
	placed, err := o.shop.placeOrder(request)
	if err != nil {
		return nil, err
	}
	number := strings.TrimPrefix(placed.GetName(), "orders/")
	if err := grpc.SetHeader(ctx, metadata.Pairs("order-number", number)); err != nil {
		return nil, err
	}
	sequence := strconv.FormatUint(o.shop.stock.position(), 10)
	if err := grpc.SetTrailer(ctx, metadata.Pairs("stock-sequence", sequence)); err != nil {
		return nil, err
	}
	return &ordersv1.CreateOrderResponse{
		Order:            placed,
		DeliveryEstimate: durationpb.New(packingTime + o.shop.options.DeliveryTime),
	}, nil
}

// placeOrder sells the books that request lists, all of them or none.
func (s *Shop) placeOrder(request *ordersv1.CreateOrderRequest) (*ordersv1.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.requests[request.GetRequestId()]; ok {
		before, err := s.order(name)
		if err != nil {
			return nil, err
		}
		return before.Order, nil
	}
	placed, err := s.priceOrder(request)
	if err != nil {
		return nil, err
	}
	if request.GetValidateOnly() {
		return placed, nil
	}
	if len(s.orders) >= s.options.MaxOrders {
		return nil, exhausted("orders", int64(s.options.MaxOrders))
	}
	for _, line := range placed.GetLines() {
		s.moveStock(line.GetBook(), -line.GetQuantity(), catalogv1.WatchStockResponse_CAUSE_SOLD)
	}
	s.lastOrder++
	placed.Name = fmt.Sprintf("orders/%d", s.lastOrder)
	s.orders[placed.GetName()] = &order{Order: placed, changed: make(chan struct{})}
	if id := request.GetRequestId(); id != "" {
		s.requests[id] = placed.GetName()
	}
	return placed, nil
}

// priceOrder returns the order that request would make. The caller holds the
// lock.
func (s *Shop) priceOrder(request *ordersv1.CreateOrderRequest) (*ordersv1.Order, error) {
	if n := len(request.GetLines()); n < 1 || n > maxLines {
		return nil, badField("lines", fmt.Sprintf("must be 1 to %d", maxLines))
	}
	now := timestamppb.New(s.options.Now())
	placed := &ordersv1.Order{
		Customer:       request.GetCustomer(),
		ShipTo:         request.GetShipTo(),
		Payment:        masked(request.GetPayment()),
		Labels:         request.GetLabels(),
		Status:         ordersv1.OrderStatus_ORDER_STATUS_PLACED,
		Total:          &typev1.Money{CurrencyCode: currency},
		Signature:      request.GetSignature(),
		GiftWrap:       request.GetGiftWrap(),
		DeliveryWindow: request.GetDeliveryWindow(),
		Metadata:       request.GetMetadata(),
		CreateTime:     now,
		UpdateTime:     now,
	}
	wanted := make(map[string]bool)
	for i, line := range request.GetLines() {
		book, err := s.book(line.GetBook())
		if err != nil {
			return nil, err
		}
		if wanted[line.GetBook()] {
			return nil, badField(fmt.Sprintf("lines[%d].book", i), "is on another line already")
		}
		wanted[line.GetBook()] = true
		if line.GetQuantity() < 1 {
			return nil, badField(fmt.Sprintf("lines[%d].quantity", i), "must be at least 1")
		}
		if err := checkSale(book, line.GetQuantity()); err != nil {
			return nil, err
		}
		priced := proto.CloneOf(line)
		priced.UnitPrice = book.GetPrice()
		placed.Lines = append(placed.Lines, priced)
		placed.Total.Cents += book.GetPrice().GetCents() * int64(line.GetQuantity())
	}
	// One point for every euro.
	placed.LoyaltyPoints = uint64(placed.GetTotal().GetCents()) / 100
	return placed, nil
}

// masked returns payment without what the shop must not keep.
func masked(payment *ordersv1.Payment) *ordersv1.Payment {
	card := payment.GetCard()
	if card == nil {
		return payment
	}
	kept := proto.CloneOf(card)
	if hidden := len(card.GetNumber()) - shownDigits; hidden > 0 {
		kept.Number = strings.Repeat("*", hidden) + card.GetNumber()[hidden:]
	}
	return &ordersv1.Payment{Method: &ordersv1.Payment_Card_{Card: kept}}
}

// GetOrder implements [ordersv1.OrderServiceServer].
func (o *orderServer) GetOrder(
	_ context.Context, request *ordersv1.GetOrderRequest,
) (*ordersv1.GetOrderResponse, error) {
	o.shop.mu.RLock()
	defer o.shop.mu.RUnlock()
	found, err := o.shop.order(request.GetName())
	if err != nil {
		return nil, err
	}
	return &ordersv1.GetOrderResponse{Order: found.Order}, nil
}

// ListOrders implements [ordersv1.OrderServiceServer].
func (o *orderServer) ListOrders(
	_ context.Context, request *ordersv1.ListOrdersRequest,
) (*ordersv1.ListOrdersResponse, error) {
	o.shop.mu.RLock()
	defer o.shop.mu.RUnlock()
	var orders []*ordersv1.Order
	for _, name := range sortedKeys(o.shop.orders) {
		if order := o.shop.orders[name].Order; orderListed(order, request) {
			orders = append(orders, order)
		}
	}
	orders, next, err := page(orders, request)
	if err != nil {
		return nil, err
	}
	return &ordersv1.ListOrdersResponse{Orders: orders, NextPageToken: next}, nil
}
