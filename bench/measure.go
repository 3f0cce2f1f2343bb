package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// sample is how one variant did at one concurrency.
type sample struct {
	rate     float64 // a second
	p50, p99 time.Duration
}

// measure runs do n times, so many at once, and times each from call to return.
func measure(ctx context.Context, n, atOnce int, do func(ctx context.Context, i int) error) (sample, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	took := make([]time.Duration, n)
	next := make(chan int)
	var group sync.WaitGroup
	began := time.Now()
	for range atOnce {
		group.Go(func() {
			for i := range next {
				start := time.Now()
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
				took[i] = time.Since(start)
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return sample{}, err
	}
	elapsed := time.Since(began)
	slices.Sort(took)
	return sample{
		rate: float64(n) / elapsed.Seconds(),
		p50:  took[n/2],
		p99:  took[n*99/100],
	}, nil
}
