// Command switchboard is the production binary: `serve` runs the API and the
// worker, `migrate` prepares the database and the Temporal namespace, `admin`
// makes the first agent and tokens.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata"

	"switchboard/config"
)

const usage = `Usage:
  switchboard serve [--role api|worker|all]   run the API, the worker, or both
  switchboard migrate                         update the database, register search attributes in Temporal
  switchboard admin agent --name NAME --email ADDRESS [--admin] [--seat]
                                              create an agent and print a token
  switchboard admin token --email ADDRESS     print a new token for an agent
  switchboard admin keyset [--rotate]         print a keyset for SWITCHBOARD_SECRETS_KEYSET, or the present one
                                              with a new key in front

Settings are environment variables: see docs/configuration.md.
`

// errUsage is a command line that cannot be understood.
var errUsage = errors.New("see `switchboard help`")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout)
	stop()
	if errors.Is(err, errUsage) {
		fmt.Fprintln(os.Stderr, "switchboard:", err)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "switchboard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args, environ []string, out io.Writer) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		_, err := io.WriteString(out, usage)
		return err
	}
	cfg, err := config.Load(environ)
	if err != nil {
		return err
	}
	switch args[0] {
	case "serve":
		return runServe(ctx, cfg, args[1:], out)
	case "migrate":
		return runMigrate(ctx, cfg, args[1:], out)
	case "admin":
		return runAdmin(ctx, cfg, args[1:], out)
	default:
		return fmt.Errorf("unknown command %q: %w", args[0], errUsage)
	}
}
