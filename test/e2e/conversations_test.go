package e2e

import (
	"encoding/json"
	"fmt"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

const conversationsPath = "/api/v1/conversations/"

// public calls the API as anybody.
func (s *system) public() client { return client{base: s.admin.base} }

// submission is what somebody answers to an office's form.
func submission(local, subject string) settings {
	return settings{
		"name": "Grace " + personal, "email": address(local),
		"subject": subject + " " + personal, "message": "It flickers, says " + personal + ".",
	}
}

// submit sends a form and returns the conversation it became.
func (s *system) submit(t *testing.T, form contract.Channel, fields settings) string {
	t.Helper()
	return change[contract.SubmissionReceipt](t, s.public(), 202, "POST", "/forms/"+form.ID+"/submissions",
		settings{"fields": fields, "page_url": "https://www.example.com/" + personal}).ConversationID
}

// awaitConversation returns the conversation as soon as it is as described.
func (s *system) awaitConversation(
	t *testing.T, id, described string, is func(contract.Conversation) bool,
) (conversation contract.Conversation) {
	t.Helper()
	eventually(t, func() error {
		conversation = get[contract.Conversation](t, s.admin, conversationsPath+id)
		if is(conversation) {
			return nil
		}
		return fmt.Errorf("not %s: %+v", described, conversation)
	})
	return conversation
}

// awaitTicket waits until a conversation went through all steps of its routing.
func (s *system) awaitTicket(t *testing.T, id string) contract.Conversation {
	t.Helper()
	return s.awaitConversation(t, id, "a ticket", func(c contract.Conversation) bool { return c.TicketID != nil })
}

// awaitAssignee waits until a conversation is an agent's.
func (s *system) awaitAssignee(t *testing.T, id string, to agent) contract.Conversation {
	t.Helper()
	return s.awaitConversation(t, id, "assigned to "+to.ID, func(c contract.Conversation) bool { return is(c.AssigneeID, to.ID) })
}

func is(id *string, want string) bool { return id != nil && *id == want }

func (s *system) messages(t *testing.T, id string) []contract.Message {
	t.Helper()
	return all[contract.Message](t, s.admin, conversationsPath+id+"/messages", nil)
}

func (s *system) timeline(t *testing.T, id string) timeline {
	t.Helper()
	return all[contract.Event](t, s.admin, conversationsPath+id+"/timeline", nil)
}

// timeline is what happened to a conversation.
type timeline []contract.Event

func (l timeline) kinds() []inbox.EventKind {
	var kinds []inbox.EventKind
	for _, event := range l {
		kinds = append(kinds, inbox.EventKind(event.Kind))
	}
	return kinds
}

func (l timeline) count(kind inbox.EventKind) int {
	n := 0
	for _, k := range l.kinds() {
		if k == kind {
			n++
		}
	}
	return n
}

// decisions are the decisions of a kind with their reasons, oldest first.
func (l timeline) decisions(t *testing.T, kind inbox.EventKind) (decisions []inbox.AssignmentDecision) {
	t.Helper()
	for _, event := range l {
		if inbox.EventKind(event.Kind) != kind {
			continue
		}
		var decision inbox.AssignmentDecision
		if err := json.Unmarshal(event.Data, &decision); err != nil {
			t.Fatalf("read decision: %v\n%s", err, event.Data)
		}
		decisions = append(decisions, decision)
	}
	return decisions
}

// decision is the last decision of a kind.
func (l timeline) decision(t *testing.T, kind inbox.EventKind) inbox.AssignmentDecision {
	t.Helper()
	decisions := l.decisions(t, kind)
	if len(decisions) == 0 {
		t.Fatalf("no event %s among %v", kind, l.kinds())
	}
	return decisions[len(decisions)-1]
}

// awaitEvents waits until something has happened to a conversation so often.
func (s *system) awaitEvents(t *testing.T, id string, kind inbox.EventKind, times int) (l timeline) {
	t.Helper()
	eventually(t, func() error {
		l = s.timeline(t, id)
		if l.count(kind) >= times {
			return nil
		}
		return fmt.Errorf("not %d times %s: %v", times, kind, l.kinds())
	})
	return l
}
