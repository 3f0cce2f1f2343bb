package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

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
	variant
	// next is the first conversation not spent yet.
	next       int
	alone, all sample
	statements int64
	history    history
}

const (
	// rounds the variants take turns in, so that what else the machine does
	// meets them all.
	rounds = 5
	// settle is left to the engine between two variants to finish what it does
	// behind the answers.
	settle = 300 * time.Millisecond
)

// atOnce is the higher of the two concurrencies.
const atOnce = 32

// sizes are how much is measured.
type sizes struct {
	// conversations are those of each variant at atOnce; a quarter of it is spent one by
	// one.
	conversations int
	mails         int
	visitors      int
}

func bench(ctx context.Context, n sizes, onlyVisitors bool) error {
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
	// Memory is measured before anything else leaves its traces.
	fmt.Fprintln(os.Stderr, "· idle visitors …")
	if err := benchVisitors(ctx, rig, n.visitors); err != nil {
		return fmt.Errorf("idle visitors: %w", err)
	}
	if onlyVisitors {
		return nil
	}
	fmt.Println()
	var results []*result
	for _, v := range rig.variants() {
		fmt.Fprintln(os.Stderr, "·", v.name, "…")
		r := &result{variant: v}
		if err := r.begin(ctx, rig.temporal, max(n.conversations/10, atOnce)); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		results = append(results, r)
	}
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "· round %d of %d …\n", round+1, rounds)
		for _, r := range results {
			if err := r.round(ctx, rig.store, n.conversations/rounds); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	printRouting(results)
	fmt.Fprintln(os.Stderr, "· mail by SMTP …")
	if err := benchMail(ctx, rig, n.mails); err != nil {
		return fmt.Errorf("mail by SMTP: %w", err)
	}
	return nil
}

// begin warms the variant up and reads the history of a conversation as soon as
// it is done.
func (r *result) begin(ctx context.Context, temporal client.Client, n int) error {
	if _, err := r.spend(ctx, n, atOnce); err != nil {
		return err
	}
	id, err := r.do(ctx, r.next)
	if err != nil {
		return err
	}
	r.next++
	r.history, err = historyOf(ctx, temporal, id)
	return err
}

// round measures n conversations at once and a quarter as many one by one.
func (r *result) round(ctx context.Context, s *store.Store, n int) error {
	time.Sleep(settle)
	alone, err := r.spend(ctx, n/4, 1)
	if err != nil {
		return err
	}
	time.Sleep(settle)
	before := s.Statements()
	all, err := r.spend(ctx, n, atOnce)
	if err != nil {
		return err
	}
	r.statements += s.Statements() - before
	r.alone, r.all = r.alone.plus(alone), r.all.plus(all)
	return nil
}

func (r *result) spend(ctx context.Context, n, atOnce int) (sample, error) {
	first := r.next
	r.next += n
	return measure(ctx, n, atOnce, func(ctx context.Context, i int) error {
		_, err := r.do(ctx, first+i)
		return err
	})
}

func printRouting(results []*result) {
	fmt.Println("| variant | rate, 1 at once | p50 | p99 | rate, 32 at once | p50 | p99 | history events | billable actions | statements |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range results {
		fmt.Printf("| %s | %.0f/s | %s | %s | %.0f/s | %s | %s | %d | %d | %.1f |\n", r.name,
			r.alone.rate(), milliseconds(r.alone.percentile(50)), milliseconds(r.alone.percentile(99)),
			r.all.rate(), milliseconds(r.all.percentile(50)), milliseconds(r.all.percentile(99)),
			r.history.events, r.history.billable, float64(r.statements)/float64(len(r.all.took)))
	}
	nothing, switchboard, textbook, byMessenger := results[0], results[1], results[2], results[3]
	fmt.Println()
	printRatio("Switchboard's rate over a workflow that does nothing, 1 at once", switchboard.alone.rate()/nothing.alone.rate(), "at least 0.6")
	printRatio("Switchboard's rate over a workflow that does nothing, 32 at once", switchboard.all.rate()/nothing.all.rate(), "at least 0.6")
	printRatio("Switchboard's p50 over that, 1 at once", float64(switchboard.alone.percentile(50))/float64(nothing.alone.percentile(50)), "at most 2")
	printRatio("Switchboard's p50 over that, 32 at once", float64(switchboard.all.percentile(50))/float64(nothing.all.percentile(50)), "at most 2")
	printRatio("Switchboard's rate over the textbook's, 1 at once", switchboard.alone.rate()/textbook.alone.rate(), "at least 3")
	printRatio("Switchboard's rate over the textbook's, 32 at once", switchboard.all.rate()/textbook.all.rate(), "at least 3")
	printRatio("Messenger's rate over the form's, 1 at once", byMessenger.alone.rate()/switchboard.alone.rate(), "none")
	printRatio("Messenger's rate over the form's, 32 at once", byMessenger.all.rate()/switchboard.all.rate(), "none")
}

func printRatio(what string, ratio float64, goal string) {
	fmt.Printf("- %s: **%.2f** (goal: %s)\n", what, ratio, goal)
}
