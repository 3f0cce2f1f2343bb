package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// forever outlives any outage.
const forever = 10 * 365 * 24 * time.Hour

// databaseStep are the options of a short database step: a local activity in
// the current workflow task. It is tried until it succeeds: a database that is
// away, or a bug that panics, delays a conversation and never loses it.
func databaseStep(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second,
		// Without it a local activity is given up after one StartToCloseTimeout.
		ScheduleToCloseTimeout: forever,
		Summary:                summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    100 * time.Millisecond,
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute,
		},
	})
}

// callTimeout is longer than any provider's own, so that a try ends with what is
// known of it.
const callTimeout = 2 * time.Minute

// giveUpSending is how long a provider may be away before an answer fails.
const giveUpSending = 72 * time.Hour

// providerCall are the options of a call to a provider: an ordinary activity on
// the provider's own queue, with its rate.
func providerCall(ctx workflow.Context, queue, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              queue,
		Summary:                summary,
		StartToCloseTimeout:    callTimeout,
		ScheduleToCloseTimeout: giveUpSending,
		// A try under way ends before its run does, so that two never overlap.
		WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    10 * time.Minute,
		},
	})
}

// mailboxPoll are the options of one look into a mailbox. It may take long, while
// much is read or while a server is asked to tell of new mail; its heartbeat says
// that it lives, and hears that it is to end. It is tried until it succeeds.
func mailboxPoll(ctx workflow.Context, queue string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		Summary:             "read what is new",
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    15 * time.Second,
		// Two looks at one mailbox never overlap.
		WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    5 * time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    10 * time.Minute,
		},
	})
}
