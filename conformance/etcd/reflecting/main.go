// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

// Command reflecting is etcd with gRPC server reflection, which a released
// etcd has not: it embeds etcd and registers reflection by the hook that etcd
// has for services of its embedder. The rest is etcd as it is, with nothing
// set but what lets a single member start and write quickly.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"golang.org/x/crypto/bcrypt"
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

// The pace of an etcd that is alone: when it elects a leader there is no
// other member whose delay has to be waited for.
const (
	heartbeat = 10 * time.Millisecond
	election  = 10 * heartbeat
)

func main() {
	var (
		dir    = flag.String("dir", "", "where to keep the data")
		client = flag.String("client", "", "host:port for clients")
		peer   = flag.String("peer", "", "host:port for other members")
	)
	flag.Parse()
	if err := run(configuration(*dir, *client, *peer)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the process is told to stop.
func run(config *embed.Config) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt) //nolint:forbidigo // The process has no other.
	defer stop()
	server, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("start etcd: %w", err)
	}
	defer server.Close()
	select {
	case <-server.Server.ReadyNotify():
		fmt.Fprintln(os.Stderr, "ready")
	case <-ctx.Done():
		return nil
	}
	select {
	case err := <-server.Err():
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// configuration returns the configuration of a single member.
func configuration(dir, client, peer string) *embed.Config {
	config := embed.NewConfig()
	config.Dir = dir
	config.ListenClientUrls, config.AdvertiseClientUrls = urls(client), urls(client)
	config.ListenPeerUrls, config.AdvertisePeerUrls = urls(peer), urls(peer)
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.TickMs, config.ElectionMs = uint(heartbeat.Milliseconds()), uint(election.Milliseconds())
	config.UnsafeNoFsync = true
	config.StrictReconfigCheck = false
	config.BcryptCost = uint(bcrypt.MinCost)
	config.LogLevel = "error"
	config.ServiceRegister = func(server *grpc.Server) { reflection.Register(server) }
	return config
}

func urls(address string) []url.URL {
	return []url.URL{{Scheme: "http", Host: address}}
}
