// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
)

// maxNotes bounds the notes on one order.
const maxNotes = 100

// changeOrder puts a changed copy of the order called name in its place, tells
// its watchers, and returns it.
func (s *Shop) changeOrder(name string, change func(*ordersv1.Order) error) (*ordersv1.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, err := s.order(name)
	if err != nil {
		return nil, err
	}
	changed := proto.CloneOf(order.Order)
	if err := change(changed); err != nil {
		return nil, err
	}
	changed.UpdateTime = timestamppb.New(s.options.Now())
	order.Order = changed
	close(order.changed)
	order.changed = make(chan struct{})
	return changed, nil
}

// checkPlaced reports that order is no longer in the shop.
func checkPlaced(order *ordersv1.Order) error {
	if order.GetStatus() == ordersv1.OrderStatus_ORDER_STATUS_PLACED {
		return nil
	}
	state := strings.ToLower(strings.TrimPrefix(order.GetStatus().String(), "ORDER_STATUS_"))
	return unmet("ORDER_NOT_OPEN", order.GetName(), "the order is "+state)
}

// changeable are the fields of an order that UpdateOrder may change.
var changeable = []string{"ship_to", "gift_wrap", "delivery_window", "metadata"}

// UpdateOrder implements [ordersv1.OrderServiceServer].
func (o *orderServer) UpdateOrder(
	_ context.Context, request *ordersv1.UpdateOrderRequest,
) (*ordersv1.UpdateOrderResponse, error) {
	mask := request.GetUpdateMask()
	if isWhole(mask) {
		return nil, badField("update_mask", "must name the fields to change")
	}
	if err := checkMask("update_mask", mask, (*ordersv1.Order)(nil)); err != nil {
		return nil, err
	}
	for _, path := range mask.GetPaths() {
		if field, _, _ := strings.Cut(path, "."); !slices.Contains(changeable, field) {
			return nil, badField("update_mask", path+" can't be changed")
		}
	}
	changed, err := o.shop.changeOrder(request.GetOrder().GetName(), func(order *ordersv1.Order) error {
		if err := checkPlaced(order); err != nil {
			return err
		}
		merge(order, request.GetOrder(), mask)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ordersv1.UpdateOrderResponse{Order: changed}, nil
}

// ReplaceOrderLabels implements [ordersv1.OrderServiceServer].
func (o *orderServer) ReplaceOrderLabels(
	_ context.Context, request *ordersv1.ReplaceOrderLabelsRequest,
) (*ordersv1.ReplaceOrderLabelsResponse, error) {
	changed, err := o.shop.changeOrder(request.GetName(), func(order *ordersv1.Order) error {
		order.Labels = request.GetLabels()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ordersv1.ReplaceOrderLabelsResponse{Labels: changed.GetLabels()}, nil
}

// AddOrderNote implements [ordersv1.OrderServiceServer].
func (o *orderServer) AddOrderNote(
	_ context.Context, request *ordersv1.AddOrderNoteRequest,
) (*ordersv1.AddOrderNoteResponse, error) {
	changed, err := o.shop.changeOrder(request.GetName(), func(order *ordersv1.Order) error {
		if len(order.GetNotes()) >= maxNotes {
			return exhausted("notes on "+order.GetName(), maxNotes)
		}
		order.Notes = append(order.Notes, &ordersv1.Note{
			Text: request.GetText(), CreateTime: timestamppb.New(o.shop.options.Now()),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ordersv1.AddOrderNoteResponse{Notes: changed.GetNotes()}, nil
}

// ShipOrder implements [ordersv1.OrderServiceServer].
func (o *orderServer) ShipOrder(
	_ context.Context, request *ordersv1.ShipOrderRequest,
) (*ordersv1.ShipOrderResponse, error) {
	shipped, err := o.shop.changeOrder(request.GetName(), func(order *ordersv1.Order) error {
		if err := checkPlaced(order); err != nil {
			return err
		}
		order.Status = ordersv1.OrderStatus_ORDER_STATUS_SHIPPED
		order.Shipment = request.GetShipment()
		return nil
	})
	if err != nil {
		return nil, err
	}
	time.AfterFunc(o.shop.options.DeliveryTime, func() {
		// An order that was shipped is never removed, so this can't fail.
		_, _ = o.shop.changeOrder(request.GetName(), func(order *ordersv1.Order) error {
			order.Status = ordersv1.OrderStatus_ORDER_STATUS_DELIVERED
			return nil
		})
	})
	return &ordersv1.ShipOrderResponse{Order: shipped}, nil
}

// CancelOrder implements [ordersv1.OrderServiceServer].
func (o *orderServer) CancelOrder(
	_ context.Context, request *ordersv1.CancelOrderRequest,
) (*ordersv1.CancelOrderResponse, error) {
	cancelled, err := o.shop.changeOrder(request.GetName(), func(order *ordersv1.Order) error {
		if err := checkPlaced(order); err != nil {
			return err
		}
		order.Status = ordersv1.OrderStatus_ORDER_STATUS_CANCELLED
		if request.GetReason() != ordersv1.CancelOrderRequest_REASON_UNSPECIFIED {
			order.Notes = append(order.Notes, &ordersv1.Note{
				Text:       fmt.Sprintf("cancelled: %s", request.GetReason()),
				CreateTime: timestamppb.New(o.shop.options.Now()),
			})
		}
		for _, line := range order.GetLines() {
			o.shop.moveStock(line.GetBook(), line.GetQuantity(), catalogv1.WatchStockResponse_CAUSE_RESTOCKED)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ordersv1.CancelOrderResponse{Order: cancelled}, nil
}

// WatchOrder implements [ordersv1.OrderServiceServer]. Of changes that come
// faster than the caller reads, the caller sees the last.
func (o *orderServer) WatchOrder(
	request *ordersv1.WatchOrderRequest, stream ordersv1.OrderService_WatchOrderServer,
) error {
	for {
		current, changed, err := o.shop.orderNow(request.GetName())
		if err != nil {
			return err
		}
		if err := stream.Send(&ordersv1.WatchOrderResponse{Order: current}); err != nil {
			return err
		}
		if isFinal(current.GetStatus()) {
			return nil
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return status.FromContextError(stream.Context().Err()).Err()
		}
	}
}

// orderNow returns the order called name, and a channel that is closed when it
// changes.
func (s *Shop) orderNow(name string) (*ordersv1.Order, <-chan struct{}, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	order, err := s.order(name)
	if err != nil {
		return nil, nil, err
	}
	return order.Order, order.changed, nil
}

// isFinal reports whether nothing more happens to an order in that state.
func isFinal(state ordersv1.OrderStatus) bool {
	return state == ordersv1.OrderStatus_ORDER_STATUS_DELIVERED ||
		state == ordersv1.OrderStatus_ORDER_STATUS_CANCELLED
}
