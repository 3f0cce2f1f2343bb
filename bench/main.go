// Command bench compares, in one process and one run on the embedded engine,
// what Temporal costs by itself, what Switchboard costs on top of it, and what
// the textbook way would cost. Ratios within a run mean something on any
// machine; the rates do not. It prints Markdown. The lists are measured beside
// it, by this package's benchmark.
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
	conversations := flag.Int("conversations", 400, "how many of each variant at 32 at once; a quarter of it one by one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := benchRouting(ctx, *conversations)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
