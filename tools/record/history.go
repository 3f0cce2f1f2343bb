package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// export writes the history of each run of a workflow, newest first.
func export(ctx context.Context, temporal client.Client, workflowID, name string) error {
	list, err := temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s'", workflowID),
	})
	if err != nil {
		return fmt.Errorf("list runs: %w", err)
	}
	for i, run := range list.GetExecutions() {
		var events history.History
		pages := temporal.GetWorkflowHistory(ctx, workflowID, run.GetExecution().GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for pages.HasNext() {
			event, err := pages.Next()
			if err != nil {
				return fmt.Errorf("read history: %w", err)
			}
			events.Events = append(events.Events, event)
		}
		raw, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(&events)
		if err != nil {
			return fmt.Errorf("encode history: %w", err)
		}
		if raw, err = anonymous(raw); err != nil {
			return err
		}
		if err := os.WriteFile(fmt.Sprintf("%s-%d.json", name, i+1), raw, 0o644); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	return nil
}

// anonymous takes the machine's name out of a history: it is in the identity of
// clients and in the names of sticky queues.
func anonymous(raw []byte) ([]byte, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	scrub(value)
	raw, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode history: %w", err)
	}
	return append(raw, '\n'), nil
}

func scrub(value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			scrub(element)
		}
	case map[string]any:
		if _, ok := v["identity"]; ok {
			v["identity"] = "recorded"
		}
		if v["kind"] == "TASK_QUEUE_KIND_STICKY" {
			v["name"] = "recorded"
		}
		for _, element := range v {
			scrub(element)
		}
	}
}
