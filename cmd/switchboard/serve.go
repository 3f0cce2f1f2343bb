package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"switchboard/cmd/serve"
	"switchboard/config"
	"switchboard/observe"
)

// runServe serves until the process is told to stop, then drains.
func runServe(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	flags := newFlags("serve")
	role := flags.String("role", string(cfg.Role), "api, worker or all")
	if err := parse(flags, args); err != nil {
		return err
	}
	cfg.Role = config.Role(*role)
	if err := cfg.Check(); err != nil {
		return err
	}
	log := observe.NewLogger(out, cfg.LogLevel)
	server, err := serve.Start(ctx, cfg, log, nil)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "serving", "role", cfg.Role, "address", cfg.HTTPAddress)
	var died error
	select {
	case <-ctx.Done():
	case died = <-server.Failed():
	}
	return errors.Join(died, stop(cfg, server, log))
}

func stop(cfg config.Config, server *serve.Server, log *slog.Logger) error {
	log.Info("draining")
	ctx, cancel := context.WithTimeout(context.Background(), cfg.ShutdownGrace)
	defer cancel()
	return server.Shutdown(ctx)
}

func runMigrate(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	if err := parse(newFlags("migrate"), args); err != nil {
		return err
	}
	if err := serve.Migrate(ctx, cfg, observe.NewLogger(out, cfg.LogLevel)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "The database and the Temporal namespace are up to date.")
	return err
}

func newFlags(command string) *flag.FlagSet {
	return flag.NewFlagSet("switchboard "+command, flag.ContinueOnError)
}

// parse refuses what is left over, so that a typo is not ignored.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return errors.Join(errUsage, err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	return nil
}
