// Command bench compares, in one process and one run on the embedded engine,
// what Temporal costs by itself, what Switchboard costs on top of it, and what
// the textbook way would cost; how much mail comes in; and how much memory an idle
// visitor takes. Ratios within a run mean something on any machine; the rates do
// not. It prints Markdown. The lists are measured beside it, by this package's
// benchmark.
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
	onlyVisitors := flag.Bool("only-visitors", false, "measure the memory of idle visitors and nothing else")
	visitors := flag.String("visit", "", "be the visitors of this event stream, for the process that measures")
	flag.Parse()
	if *visitors != "" {
		if err := visit(context.Background(), *visitors, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench: visitors:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, *conversations, *mails, *onlyVisitors)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
