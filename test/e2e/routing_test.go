package e2e

import (
	"fmt"
	"strings"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

func offlineOwnerIsToldOnce(t *testing.T, s *system) {
	o := s.newOffice(t, "owner", 2)
	owner := o.agents[0]
	v := s.newVisitor(t, o.chat(t, settings{"mode": "owner", "fallback_team_id": o.team.ID}))
	first := s.awaitTicket(t, v.say(t, "Hello").ConversationID)
	change[contract.Contact](t, s.admin, 200, "PATCH", "/api/v1/contacts/"+*first.ContactID, settings{"owner_id": owner.ID})
	change[contract.Conversation](t, s.admin, 200, "POST", conversationsPath+first.ID+"/close", nil)
	owner.is(t, inbox.Away)

	v.say(t, "My owner, please")
	v.say(t, "Are you there")

	second := s.awaitAssignee(t, first.ID, o.agents[1])
	if second.Episode != 2 {
		t.Errorf("the next message after the closing is in episode %d", second.Episode)
	}
	timeline := s.awaitEvents(t, first.ID, inbox.EventNoticeSent, 1)
	if decision := timeline.decision(t, inbox.EventAssigned); decision.OwnerOffline != owner.ID || decision.Reason != inbox.ReasonFallback {
		t.Errorf("the decision: %+v", decision)
	}
	mails := s.mailTo(t, address("owner-a"))
	if len(mails) != 1 {
		t.Fatalf("the owner got %d mails", len(mails))
	}
	link := s.agentPage + first.ID
	if mail := mails[0]; !strings.Contains(mail.Text, link) || !strings.Contains(mail.HTML, link) {
		t.Errorf("the notice does not lead to the conversation in text and HTML: %+v", mail)
	}
}

func backlogDrainsOldestFirst(t *testing.T, s *system) {
	o := s.newOffice(t, "backlog", 0)
	only := o.newAgent(t, "backlog-only", settings{"availability": "away", "capacity": 2})
	change[contract.Team](t, s.admin, 200, "PATCH", "/api/v1/teams/"+o.team.ID, settings{"member_ids": []string{only.ID}})
	form := o.form(t, o.teamRule())
	var queue []string
	for i := range 3 {
		id := s.submit(t, form, submission(fmt.Sprintf("waits%d", i), "Waiting"))
		waiting := s.awaitTicket(t, id)
		if waiting.Status != "waiting" || waiting.WaitingSince == nil || waiting.AssigneeID != nil {
			t.Errorf("it waits as %+v", waiting)
		}
		queue = append(queue, id)
	}
	s.awaitEvents(t, queue[0], inbox.EventNoticeSent, 1)
	if mails := s.mailTo(t, address("backlog-team")); len(mails) != 1 {
		t.Errorf("the team got %d alerts", len(mails))
	}
	if decision := s.timeline(t, queue[0]).decision(t, inbox.EventWaiting); decision.Reason != inbox.ReasonNobody {
		t.Errorf("the decision: %+v", decision)
	}

	only.is(t, inbox.Available)

	s.awaitAssignee(t, queue[0], only)
	s.awaitAssignee(t, queue[1], only)
	if last := get[contract.Conversation](t, s.admin, conversationsPath+queue[2]); last.Status != "waiting" {
		t.Errorf("the newest went past the agent's capacity: %+v", last)
	}
	change[contract.Conversation](t, only.client, 200, "POST", conversationsPath+queue[0]+"/close", nil)
	s.awaitAssignee(t, queue[2], only)
}

func unansweredGoToTheNext(t *testing.T, s *system) {
	o := s.newOffice(t, "unanswered", 2)
	rule := o.teamRule()
	rule["answer_within"] = 1
	id := s.submit(t, o.form(t, rule), submission("impatient", "Anybody"))

	timeline := s.awaitEvents(t, id, inbox.EventUnanswered, 2)
	decisions := timeline.decisions(t, inbox.EventAssigned)
	if len(decisions) != 2 || decisions[0].AssigneeID == decisions[1].AssigneeID {
		t.Errorf("it went to %+v", decisions)
	}
	s.awaitConversation(t, id, "waiting, both having let it pass", func(c contract.Conversation) bool { return c.Status == "waiting" })
}
