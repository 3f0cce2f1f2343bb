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
	var n sizes
	flag.IntVar(&n.conversations, "conversations", 800, "how many of each variant at 32 at once; a quarter of it one by one")
	flag.IntVar(&n.mails, "mails", 1000, "how many mails at 16 connections")
	flag.IntVar(&n.visitors, "visitors", 1000, "how many idle visitors")
	onlyVisitors := flag.Bool("only-visitors", false, "measure the memory of idle visitors and nothing else")
	stream := flag.String("visit", "", "be the visitors of this event stream, for the process that measures")
	flag.Parse()
	if *stream != "" {
		if err := visit(context.Background(), *stream, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench: visitors:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, n, *onlyVisitors)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
