// Command bench compares, in one process and one run on the embedded engine,
// what Temporal costs by itself, what Switchboard costs on top of it, and what
// the textbook way would cost; and how much mail comes in. Ratios within a run mean something on any
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
	conversations := flag.Int("conversations", 800, "how many of each variant at 32 at once; a quarter of it one by one")
	mails := flag.Int("mails", 1000, "how many mails at 16 connections")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := benchRouting(ctx, *conversations, *mails)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
