// Command dev runs all of Switchboard on a laptop in one process: Temporal with
// its web UI, a mail catcher, demo data, the API and the worker. Data stays in
// one folder; Ctrl-C drains and stops.
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
	_ "time/tzdata"

	"switchboard/cmd/dev/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "switchboard dev:", err)
		os.Exit(1)
	}
}

// options are the command's flags.
type options struct {
	data       string
	http       string
	ui         string
	smtp       string
	mail       string
	temporal   string
	noDemo     bool
	engineOnly bool
	// An address that was not given gives way to another program's.
	mailGiven, temporalGiven bool
}

func run(ctx context.Context, args []string, out io.Writer) error {
	opts, err := parse(args)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(opts.data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	dev := &dev{options: opts, out: out, site: demo.New()}
	defer dev.stop()
	if err := dev.start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\nFinishing what is under way …")
		return nil
	case err := <-dev.failed():
		return err
	}
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", filepath.Join(".", "data"), "folder for everything that is kept")
	flags.StringVar(&o.http, "http", "127.0.0.1:8080", "address of the API")
	flags.StringVar(&o.ui, "ui", "127.0.0.1:8233", "address of Temporal's web UI")
	flags.StringVar(&o.smtp, "smtp", "127.0.0.1:2525", "address that mail for hosted addresses is sent to")
	flags.StringVar(&o.mail, "mail", "127.0.0.1:8025", "address of the page with the mail that was sent; a free port if the default is taken")
	flags.StringVar(&o.temporal, "temporal", "127.0.0.1:7233", "address of Temporal; a free port if the default is taken")
	flags.BoolVar(&o.noDemo, "no-demo", false, "no demo data but one admin")
	flags.BoolVar(&o.engineOnly, "engine-only", false, "run Temporal and its web UI alone, for switchboard serve elsewhere")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	flags.Visit(func(f *flag.Flag) {
		o.mailGiven = o.mailGiven || f.Name == "mail"
		o.temporalGiven = o.temporalGiven || f.Name == "temporal"
	})
	return o, nil
}
