package main

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// history is what one workflow has cost so far.
type history struct {
	events int
	// billable counts starts, signals, timers, activities, and the workflow tasks
	// that ran local activities.
	billable int
}

// historyOf counts a workflow's history once it rests: completed, or waiting
// after its first workflow task.
func historyOf(ctx context.Context, temporal client.Client, workflowID string) (history, error) {
	for {
		h, rests, err := readHistory(ctx, temporal, workflowID)
		if err != nil || rests {
			return h, err
		}
		select {
		case <-ctx.Done():
			return h, context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func readHistory(ctx context.Context, temporal client.Client, workflowID string) (h history, rests bool, err error) {
	events := temporal.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	open, marked := 0, false
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return h, false, fmt.Errorf("read history: %w", err)
		}
		h.events++
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
			enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
			enumspb.EVENT_TYPE_TIMER_STARTED:
			h.billable++
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			h.billable++
			open++
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			open--
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
			open++
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			open--
			marked = false
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			if !marked {
				h.billable++
				marked = true
			}
		}
	}
	return h, open == 0, nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
