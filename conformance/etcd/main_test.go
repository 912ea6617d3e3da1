// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-gateway/dragoman/conformance/internal/process"
	"github.com/dragoman-gateway/dragoman/conformance/internal/stock"
)

// What the tests run as processes of their own.
var (
	dragoman   = stock.New()
	released   = &process.Program{Package: "go.etcd.io/etcd/server/v3"}
	reflecting = &process.Program{Package: "./reflecting"}
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		if err := errors.Join(dragoman.Remove(), released.Remove(), reflecting.Remove()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
		os.Exit(status)
	}))
}
