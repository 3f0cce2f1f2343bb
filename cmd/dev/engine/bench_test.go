package engine_test

import (
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// BenchmarkWorkflow measures one workflow from its start to its result.
func BenchmarkWorkflow(b *testing.B) {
	c := connect(b, start(b, options(b.TempDir())))
	for _, shape := range []struct {
		name     string
		workflow any
	}{
		{"nothing", greeting},
		{"four activities", fourSteps},
	} {
		execute := func(b *testing.B) {
			run, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{
				TaskQueue: queue, EnableEagerStart: true,
			}, shape.workflow)
			if err != nil {
				b.Fatal(err)
			}
			if err := run.Get(b.Context(), nil); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprintf("%s/alone", shape.name), func(b *testing.B) {
			for b.Loop() {
				execute(b)
			}
		})
		b.Run(fmt.Sprintf("%s/together", shape.name), func(b *testing.B) {
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					execute(b)
				}
			})
		})
	}
}

func fourSteps(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range 4 {
		if err := workflow.ExecuteActivity(ctx, step).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}
