// Package workers registers workflows and activities: one worker per task queue,
// with the rate its provider asks for.
package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"switchboard/activities"
	"switchboard/workflows"
)

// mailPerSecond is how many mails leave at the most, over all processes.
const mailPerSecond = 20

// Workers are the workers of one process.
type Workers struct{ workers []worker.Worker }

// Start starts the workers. stopTimeout is how long Stop waits for activities
// under way; died is told of a worker that cannot go on.
func Start(temporal client.Client, steps *activities.Activities, stopTimeout time.Duration, died func(error)) (*Workers, error) {
	options := worker.Options{WorkerStopTimeout: stopTimeout, OnFatalError: died}
	w := &Workers{workers: []worker.Worker{
		conversations(temporal, steps, options),
		mail(temporal, steps, options),
	}}
	for i, worker := range w.workers {
		if err := worker.Start(); err != nil {
			for _, started := range w.workers[:i] {
				started.Stop()
			}
			return nil, fmt.Errorf("start worker: %w", err)
		}
	}
	return w, nil
}

// Stop stops polling and waits for what is under way.
func (w *Workers) Stop() {
	for _, worker := range w.workers {
		worker.Stop()
	}
}

// conversations runs the workflows and their short database steps.
func conversations(temporal client.Client, steps *activities.Activities, options worker.Options) worker.Worker {
	w := worker.New(temporal, workflows.TaskQueue, options)
	w.RegisterWorkflow(workflows.Conversation)
	w.RegisterWorkflow(workflows.Backlog)
	w.RegisterWorkflow(workflows.Sweep)
	w.RegisterActivity(steps)
	return w
}

// mail runs what leaves by SMTP, at the rate the mail server bears.
func mail(temporal client.Client, steps *activities.Activities, options worker.Options) worker.Worker {
	options.DisableWorkflowWorker = true
	options.TaskQueueActivitiesPerSecond = mailPerSecond
	w := worker.New(temporal, activities.MailQueue, options)
	w.RegisterActivity(steps)
	return w
}

// sweepEvery is how long a message may wait after Temporal was away.
const sweepEvery = 10 * time.Second

// ScheduleSweep creates the schedule that starts the sweep; one that exists
// stays as it is.
func ScheduleSweep(ctx context.Context, c client.Client) error {
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:      workflows.SweepID,
		Spec:    client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: sweepEvery}}},
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID:        workflows.SweepID,
			Workflow:  workflows.Sweep,
			TaskQueue: workflows.TaskQueue,
		},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("schedule sweep: %w", err)
	}
	return nil
}
