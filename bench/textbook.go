package main

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
)

// nothing is the least a workflow can cost.
func nothing(workflow.Context) error { return nil }

// textbook routes a conversation by the book: one ordinary activity a step, a
// start that is not eager. The activities are Switchboard's own.
func textbook(ctx workflow.Context, ref inbox.EpisodeRef) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
	var steps *activities.Activities
	err := workflow.ExecuteActivity(ctx, steps.ResolveContact, ref).Get(ctx, nil)
	if err != nil {
		return err
	}
	var assigned activities.Assigned
	err = workflow.ExecuteActivity(ctx, steps.Assign,
		activities.AssignInput{Ref: ref, Key: "1", Cause: inbox.CauseNew}).Get(ctx, &assigned)
	if err != nil {
		return err
	}
	err = workflow.ExecuteActivity(ctx, steps.PlanNotices,
		activities.PlanNoticesInput{Ref: ref, Decision: assigned.Decision}).Get(ctx, nil)
	if err != nil {
		return err
	}
	return workflow.ExecuteActivity(ctx, steps.OpenTicket, ref).Get(ctx, nil)
}
