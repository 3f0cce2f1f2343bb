package e2e

import (
	"slices"
	"strconv"
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

func (v *visitor) identify(t *testing.T, s *system, local string) {
	t.Helper()
	said := change[contract.VisitorIdentified](t, v.client, 200, "POST", v.path+"/identify",
		settings{"email": address(local), "name": "Visitor " + personal})
	v.authorization = "Visitor " + s.secrets.keep(said.VisitorToken)
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

	v.identify(t, s, "known")

	contact := get[contract.Contact](t, s.admin, "/api/v1/contacts/"+*chat.ContactID)
	if contact.Name != "Visitor "+personal || !slices.Contains(contact.Identities, inbox.EmailIdentity(address("known"))) {
		t.Errorf("the visitor's contact: %+v", contact)
	}
	form := s.awaitTicket(t, s.submit(t, o.form(t, o.teamRule()), submission("KNOWN", "Same person")))
	if *form.ContactID != contact.ID {
		t.Errorf("the same address is two contacts: %s and %s", contact.ID, *form.ContactID)
	}
}
