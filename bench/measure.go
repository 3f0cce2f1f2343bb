package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// sample is how one variant did at one concurrency.
type sample struct {
	took    []time.Duration
	elapsed time.Duration
}

func (s sample) plus(other sample) sample {
	return sample{append(s.took, other.took...), s.elapsed + other.elapsed}
}

// rate is how many were done in a second.
func (s sample) rate() float64 { return float64(len(s.took)) / s.elapsed.Seconds() }

// percentile returns the time that so many of a hundred took at the most.
func (s sample) percentile(percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(s.took))
	return sorted[len(sorted)*percent/100]
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
	return sample{took, time.Since(began)}, nil
}
