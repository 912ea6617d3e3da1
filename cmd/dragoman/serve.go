// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/dragoman-gateway/dragoman/gateway"
	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
)

// serve serves until the process is told to stop. SIGHUP reads the
// configuration, and every schema, anew.
func serve(ctx context.Context, env *environment, args []string) error {
	flags, err := parseFlags("serve", args, true)
	if err != nil {
		return err
	}
	configuration, err := flags.load()
	if err != nil {
		return err
	}
	logger := newLogger(env.stderr, configuration.GetLog())
	running, err := gateway.New(ctx, configuration, gateway.Options{Logger: logger})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go reloadOnHangup(ctx, logger, running, flags)
	return running.Run(ctx, func(addresses gateway.Addresses) {
		attrs := []any{"http", addresses.HTTP.String(), "admin", addresses.Admin.String()}
		if addresses.GRPC != nil {
			attrs = append(attrs, "grpc", addresses.GRPC.String())
		}
		logger.Info("ready", append(attrs, "version", buildVersion())...)
	})
}

// reloadOnHangup reloads at every SIGHUP until ctx is done. What is wrong is
// logged, and the gateway serves on as it was.
func reloadOnHangup(ctx context.Context, logger *slog.Logger, running *gateway.Gateway, flags *flags) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		configuration, err := flags.load()
		if err == nil {
			err = running.Reload(ctx, configuration)
		}
		if err != nil {
			logger.Error("not reloaded, the configuration before stays", "error", oneLine(err))
			continue
		}
		logger.Info("reloaded")
	}
}

// newLogger returns the logger that from describes, writing to out.
func newLogger(out io.Writer, from *configv1.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: logLevel(from.GetLevel())}
	if from.GetFormat() == configv1.Log_FORMAT_JSON {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

func logLevel(level configv1.Log_Level) slog.Level {
	switch level {
	case configv1.Log_LEVEL_DEBUG:
		return slog.LevelDebug
	case configv1.Log_LEVEL_WARN:
		return slog.LevelWarn
	case configv1.Log_LEVEL_ERROR:
		return slog.LevelError
	case configv1.Log_LEVEL_UNSPECIFIED, configv1.Log_LEVEL_INFO:
		return slog.LevelInfo
	default:
		return slog.LevelInfo
	}
}
