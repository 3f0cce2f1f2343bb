package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// SweepID is the id of the schedule that starts Sweep.
const SweepID = "sweep"

// sweepSilence is how soon a sweep that died with its process, or whose Temporal
// went away, is begun again; until then no other starts.
const sweepSilence = 5 * time.Second

// Sweep makes good what was missed while Temporal was away.
func Sweep(ctx workflow.Context) (activities.Swept, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:             "make good what was missed",
		StartToCloseTimeout: 10 * time.Minute,
		HeartbeatTimeout:    sweepSilence,
	})
	var swept activities.Swept
	err := workflow.ExecuteActivity(ctx, steps.Sweep).Get(ctx, &swept)
	return swept, err
}
