// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	catalogv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/catalog/v1"
	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
	typev1 "github.com/dragoman-gateway/dragoman/gen/bookshop/type/v1"
	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

// orderOf returns a request for copies of one book.
func orderOf(book string, copies int32) *ordersv1.CreateOrderRequest {
	return &ordersv1.CreateOrderRequest{
		Customer: "ada@example.com",
		Lines:    []*ordersv1.OrderLine{{Book: book, Quantity: copies}},
		ShipTo:   &ordersv1.Address{City: "London", Country: "GB"},
		Payment:  &ordersv1.Payment{Method: &ordersv1.Payment_CashOnDelivery{CashOnDelivery: true}},
	}
}

// place places an order and returns it.
func place(t *testing.T, shop clients, request *ordersv1.CreateOrderRequest) *ordersv1.Order {
	t.Helper()
	return must[*ordersv1.CreateOrderResponse](t)(shop.orders.CreateOrder(t.Context(), request)).GetOrder()
}

// stockOf returns how many copies of a book can be sold.
func stockOf(t *testing.T, shop clients, book string) int32 {
	t.Helper()
	return must[*catalogv1.GetBookResponse](t)(shop.catalog.GetBook(t.Context(), byName(book))).GetBook().GetStock()
}

func TestCreateOrder(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	next := watch(t, shop, &catalogv1.WatchStockRequest{Names: []string{timeMachine}})
	next()
	request := orderOf(timeMachine, 2)
	request.Lines = append(request.Lines, &ordersv1.OrderLine{
		Book: emma, Quantity: 1, GiftMessage: wrapperspb.String("for you"),
	})
	request.Payment = &ordersv1.Payment{Method: &ordersv1.Payment_Card_{Card: &ordersv1.Payment_Card{
		Number: "4242424242424242", ExpiryMonth: 12, ExpiryYear: 2030,
	}}}
	request.Labels = map[string]string{"channel": "web"}
	request.Signature = []byte{1, 2}
	request.GiftWrap = wrapperspb.Bool(false)
	request.DeliveryWindow = durationpb.New(time.Hour)
	request.Metadata = &structpb.Struct{Fields: map[string]*structpb.Value{"a": structpb.NewNullValue()}}

	var header, trailer metadata.MD
	got := must[*ordersv1.CreateOrderResponse](t)(
		shop.orders.CreateOrder(t.Context(), request, grpc.Header(&header), grpc.Trailer(&trailer)))
	euros := func(cents int64) *typev1.Money { return &typev1.Money{CurrencyCode: "EUR", Cents: cents} }
	want := &ordersv1.Order{
		Name: "orders/100001", Customer: "ada@example.com",
		Lines: []*ordersv1.OrderLine{
			{Book: timeMachine, Quantity: 2, UnitPrice: euros(699)},
			{Book: emma, Quantity: 1, UnitPrice: euros(990), GiftMessage: wrapperspb.String("for you")},
		},
		ShipTo: request.GetShipTo(),
		Payment: &ordersv1.Payment{Method: &ordersv1.Payment_Card_{Card: &ordersv1.Payment_Card{
			Number: "************4242", ExpiryMonth: 12, ExpiryYear: 2030,
		}}},
		Labels: request.GetLabels(), Status: ordersv1.OrderStatus_ORDER_STATUS_PLACED,
		Total: euros(2388), LoyaltyPoints: 23, Signature: []byte{1, 2}, GiftWrap: wrapperspb.Bool(false),
		DeliveryWindow: durationpb.New(time.Hour), Metadata: request.GetMetadata(),
		CreateTime: timestamppb.New(today), UpdateTime: timestamppb.New(today),
	}
	if d := diff(&ordersv1.CreateOrderResponse{Order: want, DeliveryEstimate: durationpb.New(24*time.Hour + 3*time.Second)}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := diff([]string{"100001"}, header["order-number"]); d != "" {
		t.Errorf("order-number: %s", d)
	}
	if d := diff([]string{"14"}, trailer["stock-sequence"]); d != "" {
		t.Errorf("stock-sequence: %s", d)
	}
	sold := &catalogv1.WatchStockResponse{
		Name: timeMachine, Stock: 5, Change: -2, Cause: catalogv1.WatchStockResponse_CAUSE_SOLD, Sequence: 13,
	}
	if d := diff(sold, next()); d != "" {
		t.Errorf("stock (-want +got):\n%s", d)
	}
	found := must[*ordersv1.GetOrderResponse](t)(shop.orders.GetOrder(t.Context(), &ordersv1.GetOrderRequest{Name: want.GetName()}))
	if d := diff(want, found.GetOrder()); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
	_, err := shop.orders.GetOrder(t.Context(), &ordersv1.GetOrderRequest{Name: "orders/1"})
	wantCode(t, err, codes.NotFound)
}

func TestCreateOrderOnce(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	request := orderOf(emma, 1)
	request.ValidateOnly = true
	if checked := place(t, shop, request); checked.GetName() != "" || checked.GetTotal().GetCents() != 990 {
		t.Errorf("got %v, want an order with a price and without a name", checked)
	}
	request.ValidateOnly, request.RequestId = false, "mine"
	first := place(t, shop, request)
	if d := diff(first, place(t, shop, request)); d != "" {
		t.Errorf("the second answer is another (-first +second):\n%s", d)
	}
	if stock := stockOf(t, shop, emma); stock != 7 {
		t.Errorf("%d copies are left, want 7", stock)
	}
	request.RequestId = ""
	if other := place(t, shop, request); other.GetName() != "orders/100002" {
		t.Errorf("got %s, want orders/100002", other.GetName())
	}
}

func TestCreateOrderRefused(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	lines := func(lines ...*ordersv1.OrderLine) *ordersv1.CreateOrderRequest {
		return &ordersv1.CreateOrderRequest{Lines: lines}
	}
	many := func(n int) *ordersv1.CreateOrderRequest {
		request := lines()
		for range n {
			request.Lines = append(request.Lines, &ordersv1.OrderLine{Book: emma, Quantity: 1})
		}
		return request
	}
	for _, test := range []struct {
		name    string
		request *ordersv1.CreateOrderRequest
		field   string
		code    codes.Code
	}{
		{"no line", lines(), "lines", codes.InvalidArgument},
		{"as many lines as may be, of one book", many(50), "lines[1].book", codes.InvalidArgument},
		{"too many lines", many(51), "lines", codes.InvalidArgument},
		{"no copy", orderOf(emma, 0), "lines[0].quantity", codes.InvalidArgument},
		{"less than no copy", orderOf(emma, -1), "lines[0].quantity", codes.InvalidArgument},
		{"unknown book", orderOf(nowhere, 1), "", codes.NotFound},
		{"one copy too many", orderOf(emma, 9), "", codes.FailedPrecondition},
		{"one line too many", lines(
			&ordersv1.OrderLine{Book: emma, Quantity: 1}, &ordersv1.OrderLine{Book: lookingGlass, Quantity: 1},
		), "", codes.FailedPrecondition},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := shop.orders.CreateOrder(t.Context(), test.request)
			wantCode(t, err, test.code)
			if test.field != "" {
				wantField(t, err, test.field)
			}
			if stock := stockOf(t, shop, emma); stock != 8 {
				t.Errorf("%d copies are left, want 8", stock)
			}
		})
	}
}

func TestMaxOrders(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{MaxOrders: 2})
	place(t, shop, orderOf(emma, 1))
	place(t, shop, orderOf(emma, 1))
	_, err := shop.orders.CreateOrder(t.Context(), orderOf(emma, 1))
	wantCode(t, err, codes.ResourceExhausted)
	if stock := stockOf(t, shop, emma); stock != 6 {
		t.Errorf("%d copies are left, want 6", stock)
	}
}

func TestListOrders(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	place(t, shop, orderOf(emma, 1))
	place(t, shop, orderOf(pride, 2))
	third := orderOf(emma, 3)
	third.Customer = "charles@example.com"
	third.ShipTo = &ordersv1.Address{Recipient: "C", Street: []string{"1", "2"}, PostalCode: "3", City: "Bath", Country: "GB"}
	place(t, shop, third)
	must[*ordersv1.CancelOrderResponse](t)(shop.orders.CancelOrder(t.Context(), &ordersv1.CancelOrderRequest{Name: "orders/100001"}))
	const first, second, last = "orders/100001", "orders/100002", "orders/100003"
	placed, cancelled := ordersv1.OrderStatus_ORDER_STATUS_PLACED, ordersv1.OrderStatus_ORDER_STATUS_CANCELLED
	for _, test := range []struct {
		name    string
		request *ordersv1.ListOrdersRequest
		want    []string
	}{
		{"all", &ordersv1.ListOrdersRequest{}, []string{first, second, last}},
		{"customer", &ordersv1.ListOrdersRequest{Customer: "ada@example.com"}, []string{first, second}},
		{"status", &ordersv1.ListOrdersRequest{Statuses: []ordersv1.OrderStatus{placed}}, []string{second, last}},
		{"statuses", &ordersv1.ListOrdersRequest{Statuses: []ordersv1.OrderStatus{placed, cancelled}}, []string{first, second, last}},
		{"book", &ordersv1.ListOrdersRequest{Book: emma}, []string{first, last}},
		{"since now", &ordersv1.ListOrdersRequest{CreatedAfter: timestamppb.New(today)}, []string{first, second, last}},
		{"later", &ordersv1.ListOrdersRequest{CreatedAfter: timestamppb.New(today.Add(1))}, nil},
		{"total", &ordersv1.ListOrdersRequest{MinTotalCents: 1980}, []string{second, last}},
		{"more", &ordersv1.ListOrdersRequest{MinTotalCents: 1981}, []string{last}},
		{"country", &ordersv1.ListOrdersRequest{ShipTo: &ordersv1.Address{Country: "GB"}}, []string{first, second, last}},
		{"place", &ordersv1.ListOrdersRequest{ShipTo: third.GetShipTo()}, []string{last}},
		{"street", &ordersv1.ListOrdersRequest{ShipTo: &ordersv1.Address{Street: []string{"1"}}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for {
				test.request.PageSize = 1
				page := must[*ordersv1.ListOrdersResponse](t)(shop.orders.ListOrders(t.Context(), test.request))
				for _, order := range page.GetOrders() {
					got = append(got, order.GetName())
				}
				if test.request.PageToken = page.GetNextPageToken(); test.request.GetPageToken() == "" {
					break
				}
			}
			if d := diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	_, err := shop.orders.ListOrders(t.Context(), &ordersv1.ListOrdersRequest{PageSize: -1})
	wantField(t, err, "page_size")
}

func TestUpdateOrder(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	order := place(t, shop, orderOf(emma, 1))
	update := func(mask []string, changed *ordersv1.Order) (*ordersv1.UpdateOrderResponse, error) {
		changed.Name = order.GetName()
		return shop.orders.UpdateOrder(t.Context(), &ordersv1.UpdateOrderRequest{
			Order: changed, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask},
		})
	}
	got := must[*ordersv1.UpdateOrderResponse](t)(update([]string{"ship_to.city", "gift_wrap"},
		&ordersv1.Order{ShipTo: &ordersv1.Address{City: "Bath", Country: "FR"}, GiftWrap: wrapperspb.Bool(true)}))
	want := proto.CloneOf(order)
	want.ShipTo.City, want.GiftWrap = "Bath", wrapperspb.Bool(true)
	if d := diff(want, got.GetOrder()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, paths := range [][]string{nil, {"*"}, {"nothing"}, {"ship_to", "total"}, {"lines"}} {
		_, err := update(paths, &ordersv1.Order{})
		wantField(t, err, "update_mask")
	}
	_, err := shop.orders.UpdateOrder(t.Context(), &ordersv1.UpdateOrderRequest{UpdateMask: mask("ship_to")})
	wantCode(t, err, codes.NotFound)

	must[*ordersv1.CancelOrderResponse](t)(shop.orders.CancelOrder(t.Context(), &ordersv1.CancelOrderRequest{Name: order.GetName()}))
	_, err = update([]string{"gift_wrap"}, &ordersv1.Order{})
	wantUnmet(t, err, "ORDER_NOT_OPEN", order.GetName(), "the order is cancelled")
}

func TestOrderLabelsAndNotes(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	request := orderOf(emma, 1)
	request.Labels = map[string]string{"a": "1"}
	name := place(t, shop, request).GetName()
	labels := must[*ordersv1.ReplaceOrderLabelsResponse](t)(shop.orders.ReplaceOrderLabels(t.Context(),
		&ordersv1.ReplaceOrderLabelsRequest{Name: name, Labels: map[string]string{"b": "2"}}))
	if d := diff(map[string]string{"b": "2"}, labels.GetLabels()); d != "" {
		t.Errorf("labels (-want +got):\n%s", d)
	}
	_, err := shop.orders.ReplaceOrderLabels(t.Context(), &ordersv1.ReplaceOrderLabelsRequest{Name: "orders/1"})
	wantCode(t, err, codes.NotFound)

	note := &ordersv1.AddOrderNoteRequest{Name: name, Text: "wait"}
	for n := range 100 {
		notes := must[*ordersv1.AddOrderNoteResponse](t)(shop.orders.AddOrderNote(t.Context(), note)).GetNotes()
		if len(notes) != n+1 || notes[n].GetText() != "wait" {
			t.Fatalf("got %d notes %v, want %d", len(notes), notes, n+1)
		}
	}
	_, err = shop.orders.AddOrderNote(t.Context(), note)
	wantCode(t, err, codes.ResourceExhausted)
	note.Name = "orders/1"
	_, err = shop.orders.AddOrderNote(t.Context(), note)
	wantCode(t, err, codes.NotFound)
}

func TestCancelOrder(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	name := place(t, shop, orderOf(emma, 3)).GetName()
	cancel := &ordersv1.CancelOrderRequest{Name: name, Reason: ordersv1.CancelOrderRequest_REASON_TOO_LATE}
	cancelled := must[*ordersv1.CancelOrderResponse](t)(shop.orders.CancelOrder(t.Context(), cancel)).GetOrder()
	if got := cancelled.GetNotes()[0].GetText(); got != "cancelled: REASON_TOO_LATE" {
		t.Errorf("the note is %q", got)
	}
	if stock := stockOf(t, shop, emma); stock != 8 {
		t.Errorf("%d copies are left, want 8", stock)
	}
	_, err := shop.orders.CancelOrder(t.Context(), cancel)
	wantUnmet(t, err, "ORDER_NOT_OPEN", name, "the order is cancelled")
	_, err = shop.orders.ShipOrder(t.Context(), &ordersv1.ShipOrderRequest{Name: name})
	wantUnmet(t, err, "ORDER_NOT_OPEN", name, "the order is cancelled")
	_, err = shop.orders.CancelOrder(t.Context(), &ordersv1.CancelOrderRequest{Name: "orders/1"})
	wantCode(t, err, codes.NotFound)
}

func TestWatchOrder(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{DeliveryTime: time.Millisecond})
	name := place(t, shop, orderOf(emma, 1)).GetName()
	stream, err := shop.orders.WatchOrder(t.Context(), &ordersv1.WatchOrderRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	first := must[*ordersv1.WatchOrderResponse](t)(stream.Recv())
	if got := first.GetOrder().GetStatus(); got != ordersv1.OrderStatus_ORDER_STATUS_PLACED {
		t.Errorf("got %v at first, want placed", got)
	}
	parcel := &ordersv1.Shipment{Carrier: "Nautilus"}
	shipped := must[*ordersv1.ShipOrderResponse](t)(
		shop.orders.ShipOrder(t.Context(), &ordersv1.ShipOrderRequest{Name: name, Shipment: parcel}))
	if d := diff(parcel, shipped.GetOrder().GetShipment()); d != "" {
		t.Errorf("shipment (-want +got):\n%s", d)
	}
	rest := collect(t, stream) // ends by itself
	last := rest[len(rest)-1].GetOrder()
	if got := last.GetStatus(); got != ordersv1.OrderStatus_ORDER_STATUS_DELIVERED {
		t.Errorf("got %v in the end, want delivered", got)
	}
	_, err = shop.orders.CancelOrder(t.Context(), &ordersv1.CancelOrderRequest{Name: name})
	wantUnmet(t, err, "ORDER_NOT_OPEN", name, "the order is delivered")
}

func TestWatchOrderEnds(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	stream, err := shop.orders.WatchOrder(t.Context(), &ordersv1.WatchOrderRequest{Name: "orders/1"})
	if err == nil {
		_, err = stream.Recv()
	}
	wantCode(t, err, codes.NotFound)

	name := place(t, shop, orderOf(emma, 1)).GetName()
	ctx, cancel := context.WithCancel(t.Context())
	stream, err = shop.orders.WatchOrder(ctx, &ordersv1.WatchOrderRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	must[*ordersv1.WatchOrderResponse](t)(stream.Recv())
	cancel()
	_, err = stream.Recv()
	wantCode(t, err, codes.Canceled)
}

// TestRush lets many customers buy the same book at once: no copy is sold
// twice, and a watcher sees each sale.
func TestRush(t *testing.T) {
	t.Parallel()
	shop := open(t, bookshop.Options{})
	next := watch(t, shop, &catalogv1.WatchStockRequest{Names: []string{pride}})
	next()
	const customers, stock = 40, 21
	var sold sync.Map
	var buying sync.WaitGroup
	for range customers {
		buying.Go(func() {
			response, err := shop.orders.CreateOrder(t.Context(), orderOf(pride, 1))
			if err != nil {
				wantCode(t, err, codes.FailedPrecondition)
				return
			}
			sold.Store(response.GetOrder().GetName(), true)
		})
	}
	for left := int32(stock - 1); left >= 0; left-- {
		if event := next(); event.GetStock() != left || event.GetChange() != -1 {
			t.Errorf("got %v, want %d copies left", event, left)
		}
	}
	buying.Wait()
	n := 0
	sold.Range(func(name, _ any) bool {
		n++
		return strings.HasPrefix(name.(string), "orders/")
	})
	if n != stock {
		t.Errorf("%d copies were sold, want %d", n, stock)
	}
}
