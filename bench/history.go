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

func historyOf(ctx context.Context, temporal client.Client, workflowID string) (history, error) {
	var h history
	events := temporal.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	markers := false
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return h, fmt.Errorf("read history: %w", err)
		}
		h.events++
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
			enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
			enumspb.EVENT_TYPE_TIMER_STARTED,
			enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			h.billable++
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			markers = false
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			if !markers {
				h.billable++
				markers = true
			}
		}
	}
	return h, nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
