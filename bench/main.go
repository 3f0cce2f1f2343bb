// Command bench compares, in one process and one run on the embedded engine,
// what Temporal costs by itself, what Switchboard costs on top of it, and what
// the textbook way would cost. Ratios within a run mean something on any
// machine; the rates do not. It prints Markdown.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	_ "time/tzdata"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	conversations := flag.Int("conversations", 400, "how many of each variant at 32 at once; a quarter of it one by one")
	rows := flag.Int("rows", 1_000_000, "rows of the large conversation list; 0 leaves the lists out")
	flag.Parse()
	if err := run(ctx, *conversations, *rows); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, conversations, rows int) error {
	if err := benchRouting(ctx, conversations); err != nil {
		return fmt.Errorf("routing: %w", err)
	}
	if rows == 0 {
		return nil
	}
	if err := benchLists(ctx, rows); err != nil {
		return fmt.Errorf("lists: %w", err)
	}
	return nil
}
