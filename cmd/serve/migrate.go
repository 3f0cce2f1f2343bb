package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"switchboard/config"
	"switchboard/observe"
	"switchboard/store"
	"switchboard/workers"
)

// Migrate brings the database up to date and registers the search attributes in
// the cluster. It may run while older processes serve.
func Migrate(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	s, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	temporal, err := dial(cfg.Temporal, log, observe.NewMetrics())
	if err != nil {
		return err
	}
	defer temporal.Close()
	return workers.RegisterSearchAttributes(ctx, temporal, cfg.Temporal.Namespace)
}
