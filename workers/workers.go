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
	"switchboard/inbox"
	"switchboard/workflows"
)

// leavePerSecond is how many messages leave at the most by each provider's queue,
// over all processes and channels. Providers limit each mailbox or page: one that
// is told to wait pauses alone (routing.Pause), so that a queue's rate is not the
// limit of one of them.
var leavePerSecond = map[string]float64{
	// What a mail server of one's own bears.
	activities.MailQueue: 20,
	// An application has 1,200,000 units a minute and a message costs 100 of them
	// ("Gmail API usage limits", as of May 2026); reading mailboxes takes some, too.
	// A mailbox's own limit is 6,000 units, a message a second.
	activities.GmailQueue: 100,
	// An application may have four requests under way for each mailbox, and a mailbox
	// may send 30 messages a minute ("Exchange Online limits"): this is for our own
	// sake.
	activities.Office365Queue: 50,
	// A number sends 80 messages a second ("WhatsApp rate limits" at Twilio), and all
	// numbers share the queue.
	activities.WhatsAppQueue: 80,
	// A page may send 300 texts a second ("Messenger Platform rate limits").
	activities.MessengerQueue: 250,
	// Recordings: for our own sake.
	activities.CallsQueue: 20,
}

// looksPerSecond is how many looks into mailboxes begin at the most, over all
// processes and mailboxes.
var looksPerSecond = map[inbox.Provider]float64{
	// A quiet look costs 2 of an application's 1,200,000 units a minute ("Gmail API
	// usage limits"): this is for our own sake.
	inbox.ProviderGmail: 50,
	// An application may ask 10,000 times in 10 minutes for each mailbox ("Microsoft
	// Graph service-specific throttling limits"): so is this.
	inbox.ProviderOffice365: 50,
	// A look begins with a login.
	inbox.ProviderIMAP: 10,
}

// Workers are the workers of one process.
type Workers struct{ workers []worker.Worker }

// Start starts the workers. stopTimeout is how long Stop waits for activities
// under way; died is told of a worker that cannot go on.
func Start(temporal client.Client, steps *activities.Activities, stopTimeout time.Duration, died func(error)) (*Workers, error) {
	options := worker.Options{WorkerStopTimeout: stopTimeout, OnFatalError: died}
	w := &Workers{workers: []worker.Worker{
		conversations(temporal, steps, options),
	}}
	for queue, rate := range leavePerSecond {
		w.workers = append(w.workers, provider(temporal, steps, options, queue, rate))
	}
	for providerName, rate := range looksPerSecond {
		queue := activities.PollQueue(providerName)
		w.workers = append(w.workers, provider(temporal, steps, options, queue, rate))
	}
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
	w.RegisterWorkflow(workflows.Mailbox)
	w.RegisterWorkflow(workflows.Templates)
	w.RegisterWorkflow(workflows.Page)
	w.RegisterWorkflow(workflows.Transcript)
	w.RegisterActivity(steps)
	return w
}

// provider runs what leaves by a queue, at the rate its provider bears.
func provider(temporal client.Client, steps *activities.Activities, options worker.Options, queue string, rate float64) worker.Worker {
	options.DisableWorkflowWorker = true
	options.TaskQueueActivitiesPerSecond = rate
	w := worker.New(temporal, queue, options)
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
