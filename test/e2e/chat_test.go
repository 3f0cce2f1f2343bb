package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// visitor is somebody on the website.
type visitor struct {
	client
	path string
	said int
}

// newVisitor begins a chat session.
func (s *system) newVisitor(t *testing.T, chat contract.Channel) *visitor {
	t.Helper()
	v := &visitor{client: s.public(), path: "/chat/" + chat.ID}
	session := change[contract.ChatSession](t, v.client, 200, "POST", v.path+"/sessions", settings{})
	v.authorization = "Visitor " + s.secrets.keep(session.VisitorToken)
	return v
}

// say says something new.
func (v *visitor) say(t *testing.T, text string) contract.ChatMessageReceipt {
	t.Helper()
	v.said++
	return change[contract.ChatMessageReceipt](t, v.client, 202, "POST", v.path+"/messages",
		settings{"text": text + ", " + personal, "client_id": "said-" + strconv.Itoa(v.said)})
}

func (v *visitor) identify(t *testing.T, local string) {
	t.Helper()
	v.must(t, 204, withJSON("POST", v.path+"/identify", settings{"email": address(local), "name": "Visitor " + personal}))
}

func (o *office) chat(t *testing.T, assignment settings) contract.Channel {
	t.Helper()
	return o.channel(t, "chat", assignment, settings{"welcome_message": "Hello!"})
}

func agentAndVisitorChat(t *testing.T, s *system) {
	o := s.newOffice(t, "chat", 1)
	ada := o.agents[0]
	v := s.newVisitor(t, o.chat(t, o.teamRule()))
	heard := v.listen(t, v.path+"/events", "", visitorEvents)
	seen := ada.listen(t, "/api/v1/events", "", agentEvents)

	first := v.say(t, "Is anybody there?")
	again := change[contract.ChatMessageReceipt](t, v.client, 202, "POST", v.path+"/messages",
		settings{"text": "Is anybody there?, " + personal, "client_id": "said-1"})
	if again != first {
		t.Errorf("the same client id made two messages: %+v and %+v", first, again)
	}
	second := v.say(t, "Hello?")
	if second.ConversationID != first.ConversationID {
		t.Errorf("one visitor has two conversations: %+v and %+v", first, second)
	}
	await(t, seen, "assigned", func(e contract.Event) bool { return e.ConversationID == first.ConversationID })
	s.awaitAssignee(t, first.ConversationID, ada)

	answer := s.reply(t, ada, first.ConversationID, "answer")
	_, message := await(t, heard, "message", func(m contract.ChatMessage) bool { return m.Direction == "out" })
	if message.ID != answer.ID || message.Text != answer.Text || message.Author.Name == nil || *message.Author.Name != ada.Name {
		t.Errorf("the visitor reads %+v", message)
	}
	thread := all[contract.ChatMessage](t, v.client, v.path+"/messages", nil)
	if len(thread) != 3 || thread[0].ID != first.MessageID || thread[1].ID != second.MessageID || thread[2].ID != answer.ID {
		t.Errorf("the visitor's thread: %+v", thread)
	}
}

func streamsContinue(t *testing.T, s *system) {
	o := s.newOffice(t, "streams", 1)
	v := s.newVisitor(t, o.chat(t, o.teamRule()))
	seen := o.agents[0].listen(t, "/api/v1/events", "", agentEvents)
	id := v.say(t, "One").ConversationID
	_, last := await(t, seen, "message_received", func(e contract.Event) bool { return e.ConversationID == id })

	v.say(t, "Two")
	s.awaitTicket(t, id)
	timeline := s.awaitEvents(t, id, inbox.EventMessageReceived, 2)

	continued := o.agents[0].listen(t, "/api/v1/events", strconv.FormatInt(last.ID, 10), agentEvents)
	for _, expected := range timeline {
		if expected.ID <= last.ID {
			continue
		}
		_, e := await(t, continued, "", func(e contract.Event) bool { return e.ConversationID == id })
		if e.ID != expected.ID {
			t.Fatalf("event %d (%s) came where %d (%s) was next", e.ID, e.Kind, expected.ID, expected.Kind)
		}
	}
}

func visitorsIdentify(t *testing.T, s *system) {
	o := s.newOffice(t, "identify", 1)
	v := s.newVisitor(t, o.chat(t, o.teamRule()))
	chat := s.awaitTicket(t, v.say(t, "Who am I?").ConversationID)

	v.identify(t, "known")

	contact := get[contract.Contact](t, s.admin, "/api/v1/contacts/"+*chat.ContactID)
	if contact.Name != "Visitor "+personal || !slices.Contains(contact.Identities, inbox.EmailIdentity(address("known"))) {
		t.Errorf("the visitor's contact: %+v", contact)
	}
	form := s.awaitTicket(t, s.submit(t, o.form(t, o.teamRule()), submission("KNOWN", "Same person")))
	if *form.ContactID != contact.ID {
		t.Errorf("the same address is two contacts: %s and %s", contact.ID, *form.ContactID)
	}
}

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
	link := s.admin.base + conversationsPath + first.ID
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
