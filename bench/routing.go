package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"

	"switchboard/store"
)

// variant is one way to spend a conversation.
type variant struct {
	name string
	// do spends conversation i and returns its workflow's id.
	do func(ctx context.Context, i int) (string, error)
}

// result is a variant's row of the table.
type result struct {
	name       string
	alone, all sample
	history    history
	statements float64
}

// atOnce is the higher of the two concurrencies.
const atOnce = 32

func benchRouting(ctx context.Context, conversations int) error {
	dir, err := os.MkdirTemp("", "switchboard-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	rig, err := newRig(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer rig.stop()
	var results []result
	for _, v := range rig.variants() {
		fmt.Fprintln(os.Stderr, "·", v.name, "…")
		result, err := compare(ctx, v, rig.store, rig.temporal, conversations)
		if err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		results = append(results, result)
	}
	printRouting(results)
	return nil
}

// compare warms a variant up, then measures it one by one and many at once. The
// history is that of a conversation measured alone, read as soon as it is done.
func compare(ctx context.Context, v variant, s *store.Store, temporal client.Client, n int) (result, error) {
	r := result{name: v.name}
	first := 0
	batch := func(n, atOnce int) (sample, error) {
		from := first
		first += n
		return measure(ctx, n, atOnce, func(ctx context.Context, i int) error {
			_, err := v.do(ctx, from+i)
			return err
		})
	}
	if _, err := batch(max(n/10, atOnce), atOnce); err != nil {
		return r, err
	}
	var err error
	if r.alone, err = batch(n/4, 1); err != nil {
		return r, err
	}
	before := s.Statements()
	if r.all, err = batch(n, atOnce); err != nil {
		return r, err
	}
	r.statements = float64(s.Statements()-before) / float64(n)
	id, err := v.do(ctx, first)
	if err != nil {
		return r, err
	}
	r.history, err = historyOf(ctx, temporal, id)
	return r, err
}

func printRouting(results []result) {
	fmt.Println("| variant | rate, 1 at once | p50 | p99 | rate, 32 at once | p50 | p99 | history events | billable actions | statements |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range results {
		fmt.Printf("| %s | %.0f/s | %s | %s | %.0f/s | %s | %s | %d | %d | %.1f |\n", r.name,
			r.alone.rate, milliseconds(r.alone.p50), milliseconds(r.alone.p99),
			r.all.rate, milliseconds(r.all.p50), milliseconds(r.all.p99),
			r.history.events, r.history.billable, r.statements)
	}
	nothing, switchboard, textbook := results[0], results[1], results[2]
	fmt.Println()
	printRatio("Switchboard's rate over a workflow that does nothing, 1 at once", switchboard.alone.rate/nothing.alone.rate, "at least 0.6")
	printRatio("Switchboard's rate over a workflow that does nothing, 32 at once", switchboard.all.rate/nothing.all.rate, "at least 0.6")
	printRatio("Switchboard's p50 over that, 1 at once", float64(switchboard.alone.p50)/float64(nothing.alone.p50), "at most 2")
	printRatio("Switchboard's p50 over that, 32 at once", float64(switchboard.all.p50)/float64(nothing.all.p50), "at most 2")
	printRatio("Switchboard's rate over the textbook's, 1 at once", switchboard.alone.rate/textbook.alone.rate, "at least 3")
	printRatio("Switchboard's rate over the textbook's, 32 at once", switchboard.all.rate/textbook.all.rate, "at least 3")
}

func printRatio(what string, ratio float64, goal string) {
	fmt.Printf("- %s: **%.2f** (goal: %s)\n", what, ratio, goal)
}
