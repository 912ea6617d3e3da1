// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo starts the demo API and the gateway in front of it, each as a
// process of its own, and says what to try. Ctrl-C stops both.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2

	// startTime bounds how long a process may take until it is ready.
	startTime = 30 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(code)
}

// settings are what is given on the command line.
type settings struct {
	bookshop, http, grpc, admin string
}

// run runs the demo until ctx is done, and returns the exit code of the
// process.
func run(ctx context.Context, stdout, stderr io.Writer, args []string) int {
	var given settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&given.bookshop, "bookshop", "127.0.0.1:50051", "the `address` of the demo API's own server")
	flags.StringVar(&given.http, "http", "127.0.0.1:8080", "the `address` of every protocol")
	flags.StringVar(&given.grpc, "grpc", "127.0.0.1:9090", "the `address` of native gRPC alone")
	flags.StringVar(&given.admin, "admin", "127.0.0.1:9901", "the `address` of health and readiness")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "demo: unexpected argument %q\n", flags.Arg(0))
		return exitUsage
	}
	executable, err := os.Executable()
	if err == nil {
		err = demo(ctx, stdout, stderr, filepath.Dir(executable), given)
	}
	if err != nil && ctx.Err() == nil {
		_, _ = fmt.Fprintf(stderr, "demo: %v\n", err)
		return exitError
	}
	return exitOK
}

// demo starts the programs in folder and waits until one of them ends by
// itself, or until ctx is done; it returns an error in either case. No process
// is left then.
func demo(ctx context.Context, stdout, stderr io.Writer, folder string, given settings) error {
	running, stop := context.WithCancel(ctx)
	var started []*process
	defer func() {
		stop()
		for _, process := range started {
			<-process.ended
		}
	}()
	start := func(name string, args ...string) (*process, error) {
		process, err := startProcess(running, stderr, filepath.Join(folder, name), args...)
		if err != nil {
			return nil, err
		}
		started = append(started, process)
		return process, process.waitReady(ctx, startTime)
	}

	shop, err := start("bookshop", "--listen", given.bookshop)
	if err != nil {
		return err
	}
	gateway, err := start("dragoman", "serve", "--upstream", shop.words["grpc"],
		"--http", given.http, "--grpc", given.grpc, "--admin", given.admin)
	if err != nil {
		return err
	}
	addresses := addresses{
		bookshop: reachable(shop.words["grpc"]),
		http:     reachable(gateway.words["http"]),
		grpc:     reachable(gateway.words["grpc"]),
		admin:    reachable(gateway.words["admin"]),
	}
	if err := gateway.waitServing(ctx, addresses.admin, startTime); err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, addresses.tour()); err != nil {
		return fmt.Errorf("say what to try: %w", err)
	}
	select {
	case <-shop.ended:
		return shop.endError()
	case <-gateway.ended:
		return gateway.endError()
	case <-ctx.Done():
		return ctx.Err()
	}
}
