package routing_test

import (
	"testing"

	"switchboard/inbox"
	"switchboard/routing"
)

func pipelines() []inbox.Pipeline {
	return []inbox.Pipeline{
		{ID: "empty"},
		{ID: "support", Stages: []inbox.Stage{{ID: "new"}, {ID: "done"}}},
		{ID: "sales", Stages: []inbox.Stage{{ID: "lead"}, {ID: "won"}}},
	}
}

// ticketQuestion is one that makes a ticket, changed.
func ticketQuestion(change func(*inbox.TicketQuestion)) inbox.TicketQuestion {
	q := inbox.TicketQuestion{
		Account:        inbox.Account{TicketsFromChannels: true},
		Defaults:       inbox.TicketDefaults{Enabled: true},
		ContactID:      "contact",
		AssigneeID:     "assignee",
		ContactOwnerID: "owner",
		Pipelines:      pipelines(),
	}
	change(&q)
	return q
}

func TestWhyThereIsNoTicket(t *testing.T) {
	t.Parallel()
	q := ticketQuestion(func(q *inbox.TicketQuestion) {
		q.Existing, q.Defaults.Enabled, q.Account.TicketsFromChannels, q.ContactID = "ticket", false, false, ""
		q.Unwritten = true
		q.Account.TicketsPerContact, q.ContactTickets, q.Pipelines = 2, 2, pipelines()[:1]
	})
	steps := []struct {
		want inbox.TicketDecision
		cure func()
	}{
		{inbox.TicketDecision{Reason: inbox.ReasonTicketExists, TicketID: "ticket"}, func() { q.Existing = "" }},
		{inbox.TicketDecision{Reason: inbox.ReasonTicketsOff}, func() { q.Defaults.Enabled = true }},
		{inbox.TicketDecision{Reason: inbox.ReasonTicketPolicy}, func() { q.Account.TicketsFromChannels = true }},
		{inbox.TicketDecision{Reason: inbox.ReasonTicketUnwritten}, func() { q.Unwritten = false }},
		{inbox.TicketDecision{Reason: inbox.ReasonTicketNoContact}, func() { q.ContactID = "contact" }},
		{inbox.TicketDecision{Reason: inbox.ReasonTicketLimit}, func() { q.ContactTickets = 1 }},
		{inbox.TicketDecision{Reason: inbox.ReasonTicketNoStage}, func() { q.Pipelines = pipelines() }},
		{inbox.TicketDecision{
			Create: true, Reason: inbox.ReasonTicketCreated, PipelineID: "support", StageID: "new",
			OwnerID: "assignee", Priority: inbox.PriorityNormal,
		}, func() {}},
	}
	for _, step := range steps {
		if got := routing.Ticket(q); got != step.want {
			t.Fatalf("got %+v, want %+v", got, step.want)
		}
		step.cure()
	}
}

func TestNoLimitAllowsAnyNumberOfTickets(t *testing.T) {
	t.Parallel()
	q := ticketQuestion(func(q *inbox.TicketQuestion) { q.ContactTickets = 1000 })
	if got := routing.Ticket(q); !got.Create {
		t.Errorf("got %+v, want a ticket", got)
	}
}

func TestTicketsGoToTheChosenStageOrTheFirst(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, pipeline, stage   string
		wantPipeline, wantStage string
	}{
		{"nothing chosen", "", "", "support", "new"},
		{"both chosen", "sales", "won", "sales", "won"},
		{"only a pipeline chosen", "sales", "", "sales", "lead"},
		{"a stage that is gone", "sales", "lost", "sales", "lead"},
		{"another pipeline's stage", "sales", "done", "sales", "lead"},
		{"a pipeline that is gone", "returns", "", "support", "new"},
		{"a pipeline without stages", "empty", "", "support", "new"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := routing.Ticket(ticketQuestion(func(q *inbox.TicketQuestion) {
				q.Defaults.PipelineID, q.Defaults.StageID = c.pipeline, c.stage
			}))
			if got.PipelineID != c.wantPipeline || got.StageID != c.wantStage {
				t.Errorf("got %s/%s, want %s/%s", got.PipelineID, got.StageID, c.wantPipeline, c.wantStage)
			}
		})
	}
}

func TestTicketOwnerFollowsTheChannelsSetting(t *testing.T) {
	t.Parallel()
	cases := map[inbox.TicketOwner]string{
		"":                            "assignee",
		inbox.TicketOwnerAssignee:     "assignee",
		inbox.TicketOwnerContactOwner: "owner",
		inbox.TicketOwnerNone:         "",
		inbox.TicketOwnerAgent:        "chosen",
	}
	for setting, want := range cases {
		got := routing.Ticket(ticketQuestion(func(q *inbox.TicketQuestion) {
			q.Defaults.Owner, q.Defaults.OwnerAgentID = setting, "chosen"
		}))
		if got.OwnerID != want {
			t.Errorf("owner %q: got %q, want %q", setting, got.OwnerID, want)
		}
	}
}

func TestTicketsTakeTheChannelsPriority(t *testing.T) {
	t.Parallel()
	got := routing.Ticket(ticketQuestion(func(q *inbox.TicketQuestion) { q.Defaults.Priority = inbox.PriorityUrgent }))
	if got.Priority != inbox.PriorityUrgent {
		t.Errorf("got %q", got.Priority)
	}
}
