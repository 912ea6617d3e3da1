// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	configv1 "github.com/dragoman-gateway/dragoman/gen/dragoman/config/v1"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// Check builds what configuration says without serving it, and returns all
// errors and the warnings that serving would log. No upstream is called, so
// what is wrong with a schema that comes by reflection stays unseen.
func Check(ctx context.Context, configuration *configv1.Config) (warnings []string, err error) {
	if err := config.Validate(configuration); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	configuration = config.WithDefaults(configuration)
	if _, err := serverTLS(configuration); err != nil {
		return nil, err
	}
	pool := upstream.NewPool(nil)
	defer func() { err = errors.Join(err, pool.Close()) }()
	plan, err := newPlan(configuration, pool)
	if err != nil {
		return nil, err
	}
	defer plan.release()
	g := &Gateway{logger: slog.New(slog.DiscardHandler), pool: pool}
	if _, err := plan.load(ctx, g.logger, filesOnly); err != nil {
		return nil, err
	}
	built, err := g.build(plan)
	if err != nil {
		return nil, err
	}
	defer built.release()
	return built.warnings, nil
}
