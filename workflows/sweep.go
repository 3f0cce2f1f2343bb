package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// SweepID is the id of the schedule that starts Sweep.
const SweepID = "sweep"

// Sweep tells workflows what they have not been told yet: messages stored while
// Temporal was away, and nudges that were lost (B8).
func Sweep(ctx workflow.Context) (activities.Swept, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:             "dispatch what waits",
		StartToCloseTimeout: 5 * time.Minute,
	})
	var swept activities.Swept
	err := workflow.ExecuteActivity(ctx, steps.Sweep).Get(ctx, &swept)
	return swept, err
}
