package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/inbox"
)

func conversationsReopen(t *testing.T, s *system) {
	o := s.newOffice(t, "reopen", 1)
	ada := o.agents[0]
	v := s.newVisitor(t, o.chat(t, o.teamRule()))
	id := v.say(t, "Once").ConversationID
	ticket := *s.awaitTicket(t, id).TicketID
	closing := withJSON("POST", conversationsPath+id+"/close", nil)

	if closed := as[contract.Conversation](t, ada.must(t, 200, closing)); closed.Status != "closed" || closed.ClosedAt == nil {
		t.Errorf("closed, it is %+v", closed)
	}
	ada.must(t, 200, closing) // again changes nothing
	if problem := ada.refused(t, 409, withJSON("PUT", conversationsPath+id+"/assignment", settings{"agent_id": ada.ID})); problem.Code != contract.ProblemCode(inbox.CodeConversationDone) {
		t.Errorf("assigned when closed: %+v", problem)
	}
	if again := v.say(t, "Twice"); again.ConversationID != id {
		t.Errorf("the next message is in another conversation: %+v", again)
	}
	reopened := s.awaitAssignee(t, id, ada)
	if reopened.Episode != 2 || reopened.Status != "open" || !is(reopened.TicketID, ticket) {
		t.Errorf("reopened by a message, it is %+v", reopened)
	}

	ada.must(t, 200, closing)
	byHand := change[contract.Conversation](t, ada.client, 200, "POST", conversationsPath+id+"/reopen", nil)
	if byHand.Episode != 3 || byHand.Status != "open" {
		t.Errorf("reopened by hand, it is %+v", byHand)
	}
	if problem := ada.refused(t, 409, withJSON("POST", conversationsPath+id+"/reopen", nil)); problem.Code != contract.ProblemCode(inbox.CodeConversationOpen) {
		t.Errorf("reopened when open: %+v", problem)
	}
	timeline := s.awaitEvents(t, id, inbox.EventReopened, 2)
	if timeline.count(inbox.EventClosed) != 2 || timeline.count(inbox.EventTicketCreated) != 1 {
		t.Errorf("three episodes are %v", timeline.kinds())
	}
}

func conversationsSnooze(t *testing.T, s *system) {
	o := s.newOffice(t, "snooze", 1)
	ada := o.agents[0]
	v := s.newVisitor(t, o.chat(t, o.teamRule()))
	id := v.say(t, "Later").ConversationID
	s.awaitTicket(t, id)
	snooze := func(d time.Duration) (snoozed bool) {
		t.Helper()
		a, err := ada.do(t, withJSON("POST", conversationsPath+id+"/snooze", settings{"until": time.Now().Add(d).UTC()}))
		if err != nil {
			t.Fatal(err)
		}
		if a.status != http.StatusOK {
			return false
		}
		c := as[contract.Conversation](t, a)
		return c.Status == "snoozed" && c.SnoozedUntil != nil
	}
	awake := func(c contract.Conversation) bool { return c.Status == "open" && is(c.AssigneeID, ada.ID) }

	// A nap may be over before it is begun, or answered: then the next is longer.
	for nap := time.Second; !snooze(nap); nap *= 2 {
		if nap > patience/2 {
			t.Fatal("it is not snoozed")
		}
	}
	s.awaitConversation(t, id, "awake in time", awake)
	if !snooze(time.Hour) {
		t.Error("it is not snoozed again")
	}
	v.say(t, "Now, please")
	s.awaitConversation(t, id, "awake with the message", awake)
	s.awaitEvents(t, id, inbox.EventWoken, 2)
}

func conversationsAreWorkedOn(t *testing.T, s *system) {
	o := s.newOffice(t, "worked", 2)
	ada, ben := o.agents[0], o.agents[1]
	ben.is(t, inbox.Away)
	id := s.submit(t, o.form(t, o.teamRule()), submission("worker", "Work"))
	ticket := *s.awaitTicket(t, id).TicketID
	path := conversationsPath + id

	comment := change[contract.Comment](t, ada.client, 201, "POST", path+"/comments", settings{"text": "Promised a call, " + personal})
	tagged := change[contract.Conversation](t, ada.client, 200, "PUT", path+"/tags", settings{"tags": []string{"pump", "warranty " + personal}})
	if !slices.Equal(tagged.Tags, []string{"pump", "warranty " + personal}) {
		t.Errorf("the tags: %v", tagged.Tags)
	}
	timeline := s.awaitEvents(t, id, inbox.EventComment, 1)
	if i := slices.Index(timeline.kinds(), inbox.EventComment); timeline[i].Comment == nil || *timeline[i].Comment != comment.Text {
		t.Errorf("the comment in the timeline: %+v", timeline[i])
	}

	moved := change[contract.Conversation](t, ada.client, 200, "PUT", path+"/assignment", settings{"agent_id": ben.ID})
	if !is(moved.AssigneeID, ben.ID) {
		t.Errorf("transferred, it is %+v", moved)
	}
	if freed := change[contract.Conversation](t, ben.client, 200, "PUT", path+"/assignment", settings{"agent_id": nil}); freed.AssigneeID != nil {
		t.Errorf("unassigned, it is %+v", freed)
	}
	change[contract.Conversation](t, ben.client, 200, "PUT", path+"/assignment", settings{"team_id": o.team.ID})
	if team := s.awaitAssignee(t, id, ada); !is(team.TeamID, o.team.ID) {
		t.Errorf("given to the team, it is %+v", team)
	}

	edited := change[contract.Ticket](t, ada.client, 200, "PATCH", "/api/v1/tickets/"+ticket,
		settings{"priority": "high", "name": "Pump of " + personal})
	if edited.Priority != "high" || edited.Name != "Pump of "+personal {
		t.Errorf("the edited ticket: %+v", edited)
	}
	found := get[contract.ConversationList](t, ada.client, "/api/v1/conversations?q=work+"+personal+"&inbox_id="+o.inbox.ID)
	if len(found.Items) != 1 || found.Items[0].ID != id {
		t.Errorf("searched for, it is %+v", found.Items)
	}
}
