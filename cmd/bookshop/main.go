// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Command bookshop is the server of the demo API: a gRPC server like any other,
// with reflection and health, for a gateway to stand in front of.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/dragoman-gateway/dragoman/internal/bookshop"
)

const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2

	// stopTime bounds how long calls may go on after the process was told to
	// stop. Some streams never end by themselves.
	stopTime = 2 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Stderr, os.Args[1:])
	stop()
	os.Exit(code)
}

// run serves until ctx is done, and returns the exit code of the process.
func run(ctx context.Context, stderr io.Writer, args []string) int {
	flags := flag.NewFlagSet("bookshop", flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("listen", "127.0.0.1:50051", "the `address` to listen on")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "bookshop: unexpected argument %q\n", flags.Arg(0))
		return exitUsage
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	if err := serve(ctx, logger, *address); err != nil {
		_, _ = fmt.Fprintf(stderr, "bookshop: %v\n", err)
		return exitError
	}
	return exitOK
}

// serve serves on address until ctx is done.
func serve(ctx context.Context, logger *slog.Logger, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := grpc.NewServer()
	bookshop.New(bookshop.Options{}).Register(server)
	checker := health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, checker)
	reflection.Register(server)

	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		checker.Shutdown()
		stop(server)
	}()
	logger.Info("ready", "grpc", listener.Addr().String())
	if err := server.Serve(listener); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	<-stopped
	return nil
}

// stop lets the calls of server finish for stopTime, and then ends them.
func stop(server *grpc.Server) {
	timer := time.AfterFunc(stopTime, server.Stop)
	defer timer.Stop()
	server.GracefulStop()
}
