package e2e

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	temporal "go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// dialTemporal connects to Temporal as an operator does.
func (s *system) dialTemporal(t *testing.T) temporal.Client {
	t.Helper()
	c, err := temporal.Dial(temporal.Options{
		HostPort: s.temporalAddress,
		Logger:   sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),

		ConnectionOptions: temporal.ConnectionOptions{GetSystemInfoTimeout: patience},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// workflows lists the executions that a query finds.
func workflows(t *testing.T, c temporal.Client, query string) (found []*workflow.WorkflowExecutionInfo) {
	t.Helper()
	var next []byte
	for {
		part, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Query: query, PageSize: 500, NextPageToken: next,
		})
		if err != nil {
			t.Fatalf("list workflows: %v", err)
		}
		found = append(found, part.GetExecutions()...)
		if next = part.GetNextPageToken(); len(next) == 0 {
			return found
		}
	}
}

func temporalShowsConversations(t *testing.T, s *system) {
	o := s.newOffice(t, "temporal", 1)
	ada := o.agents[0]
	id := s.submit(t, o.form(t, o.teamRule()), submission("operator", "Shown"))
	conversation := s.awaitTicket(t, id)
	c := s.dialTemporal(t)

	query := fmt.Sprintf("SwitchboardStatus = 'open' AND SwitchboardAssignee = '%s' AND SwitchboardInbox = '%s' AND SwitchboardChannel = '%s'",
		ada.ID, o.inbox.ID, conversation.ChannelID)
	eventually(t, func() error {
		found := workflows(t, c, query)
		if len(found) == 1 && found[0].GetExecution().GetWorkflowId() == "conversation:"+id {
			return nil
		}
		return fmt.Errorf("%s finds %v", query, found)
	})
	metadata, err := c.QueryWorkflow(t.Context(), "conversation:"+id, "", "__temporal_workflow_metadata")
	if err != nil {
		t.Fatal(err)
	}
	var said sdk.WorkflowMetadata
	if err := metadata.Get(&said); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"rule", ada.ID, *conversation.TicketID} {
		if !strings.Contains(said.GetCurrentDetails(), part) {
			t.Errorf("the current details do not say %s: %s", part, said.GetCurrentDetails())
		}
	}

	status, page := plain(t, s.temporalUIURL)
	if status != 200 || !strings.Contains(page, "<html") {
		t.Errorf("Temporal's UI answers %d: %.200s", status, page)
	}
	status, page = plain(t, s.temporalUIURL+"/api/v1/namespaces/default/workflows/conversation:"+id)
	if status != 200 || !strings.Contains(page, "conversation:"+id) {
		t.Errorf("Temporal's UI answers for the workflow %d: %.200s", status, page)
	}
}

func healthIsAnswered(t *testing.T, s *system) {
	for _, page := range []string{"/healthz", "/readyz"} {
		if status, body := plain(t, s.admin.base+page); status != 200 {
			t.Errorf("%s answers %d: %s", page, status, body)
		}
	}
	_, metrics := plain(t, s.admin.base+"/metrics")
	for _, name := range []string{"go_goroutines", "temporal_request"} {
		if !strings.Contains(metrics, name) {
			t.Errorf("/metrics has no %s", name)
		}
	}
}
