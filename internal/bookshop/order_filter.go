// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package bookshop

import (
	"slices"

	ordersv1 "github.com/dragoman-gateway/dragoman/gen/bookshop/orders/v1"
)

// orderListed reports whether order meets all conditions of request.
func orderListed(order *ordersv1.Order, request *ordersv1.ListOrdersRequest) bool {
	if customer := request.GetCustomer(); customer != "" && customer != order.GetCustomer() {
		return false
	}
	if statuses := request.GetStatuses(); len(statuses) > 0 && !slices.Contains(statuses, order.GetStatus()) {
		return false
	}
	if book := request.GetBook(); book != "" && !slices.ContainsFunc(order.GetLines(),
		func(line *ordersv1.OrderLine) bool { return line.GetBook() == book }) {
		return false
	}
	if after := request.GetCreatedAfter(); after != nil && order.GetCreateTime().AsTime().Before(after.AsTime()) {
		return false
	}
	return order.GetTotal().GetCents() >= request.GetMinTotalCents() &&
		sameAddress(order.GetShipTo(), request.GetShipTo())
}

// sameAddress reports whether what is set of wanted is the same in address.
func sameAddress(address, wanted *ordersv1.Address) bool {
	same := func(got, want string) bool { return want == "" || got == want }
	return same(address.GetRecipient(), wanted.GetRecipient()) &&
		same(address.GetPostalCode(), wanted.GetPostalCode()) &&
		same(address.GetCity(), wanted.GetCity()) &&
		same(address.GetCountry(), wanted.GetCountry()) &&
		(len(wanted.GetStreet()) == 0 || slices.Equal(address.GetStreet(), wanted.GetStreet()))
}
