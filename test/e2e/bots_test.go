package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// topicBot asks what it is about, for an address, a name and, when it is about an
// order, for its number; then it hands over.
var topicBot = settings{
	"name": "What is it about?", "greeting": "Welcome!",
	"steps": []settings{
		{"id": "topic", "kind": "choose", "text": "What is it about?", "answers": []settings{
			{"id": "order", "title": "My order", "next": "email"}, {"id": "other", "title": "Something else", "next": "email"},
		}},
		{"id": "email", "kind": "ask", "text": "Your e-mail address?", "collect": "email", "retries": 2, "retry_text": "That is no address.", "next": "name"},
		{"id": "name", "kind": "ask", "text": "And your name?", "collect": "name", "next": "which"},
		{"id": "which", "kind": "branch", "of": "topic", "cases": []settings{{"value": "order", "next": "number"}}, "next": "person"},
		{"id": "number", "kind": "ask", "text": "Which order?", "collect": "custom", "field": "order_number", "next": "person"},
		{"id": "person", "kind": "hand_over", "text": "Somebody is coming."},
	},
}

func TestABotAsksAndHandsOverAlsoWhenItIsKilledInTheMiddle(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, data)
	o := d.newOffice(t, "bot", 1)
	ada := o.agents[0]
	website := o.chat(t, o.teamRule())
	flow := change[contract.Chatflow](t, d.admin, 201, "POST", "/api/v1/channels/"+website.ID+"/chatflows", topicBot)
	change[contract.Chatflow](t, d.admin, 200, "POST", "/api/v1/chatflows/"+flow.ID+"/activate", nil)

	v := d.newVisitor(t, website)
	session := change[contract.ChatSession](t, v.client, 200, "POST", v.path+"/sessions", settings{})
	opening := session.Widget.Opening
	if opening == nil || opening.Text != "Welcome!\n\nWhat is it about?" || len(opening.QuickReplies) != 2 || opening.QuickReplies[0].Title != "My order" {
		t.Fatalf("the widget opens with %+v", opening)
	}
	id := v.answers(t, "My order", opening.QuickReplies[0].Payload)
	v.reads(t, "My order", "Your e-mail address?")
	v.answers(t, "I have none "+personal, "")
	v.reads(t, "My order", "Your e-mail address?", "I have none "+personal, "That is no address.")
	d.withTheBot(t, id)

	d.kill(t)
	d = startDev(t, data)
	v.client, ada.client = v.at(d.admin.base), ada.at(d.admin.base)
	d.withTheBot(t, id)

	v.answers(t, address("grace"), "")
	v.reads(t, "My order", "Your e-mail address?", "I have none "+personal, "That is no address.", address("grace"), "And your name?")
	v.answers(t, "Grace "+personal, "")
	v.reads(t, "My order", "Your e-mail address?", "I have none "+personal, "That is no address.", address("grace"), "And your name?",
		"Grace "+personal, "Which order?")
	v.answers(t, "4711 "+personal, "")
	v.reads(t, "My order", "Your e-mail address?", "I have none "+personal, "That is no address.", address("grace"), "And your name?",
		"Grace "+personal, "Which order?", "4711 "+personal, "Somebody is coming.")

	d.awaitAssignee(t, id, ada)
	conversation := d.awaitTicket(t, id)
	contact := get[contract.Contact](t, ada.client, "/api/v1/contacts/"+*conversation.ContactID)
	if contact.Name != "Grace "+personal || !slices.Contains(contact.Identities, inbox.EmailIdentity(address("grace"))) {
		t.Errorf("the contact is %+v", contact)
	}
	answered := map[string]string{}
	for _, answer := range get[contract.AnswerList](t, ada.client, conversationsPath+id+"/answers").Items {
		name := answer.StepID
		if answer.Field != nil {
			name = *answer.Field
		}
		answered[name] = answer.Question + " " + answer.Text
	}
	want := map[string]string{
		"topic": "What is it about? My order", "email": "Your e-mail address? " + address("grace"),
		"name": "And your name? Grace " + personal, "order_number": "Which order? 4711 " + personal,
	}
	if fmt.Sprint(answered) != fmt.Sprint(want) {
		t.Errorf("the answers are %v", answered)
	}
	d.toldOfTheBot(t, id)
	nothingPersonalIsKept(t, d.system)

	d.admin.must(t, 204, withJSON("DELETE", "/api/v1/contacts/"+contact.ID, nil))
	if left := d.admin.must(t, 200, withJSON("GET", conversationsPath+id+"/answers", nil)); bytes.Contains(left.body, []byte(personal)) {
		t.Errorf("an erased contact's answers still tell: %s", left.body)
	}
}

// answers says exactly a text, or presses a button.
func (v *visitor) answers(t *testing.T, text, payload string) (conversationID string) {
	t.Helper()
	v.said++
	body := settings{"text": text, "client_id": "said-" + strconv.Itoa(v.said)}
	if payload != "" {
		body["payload"] = payload
	}
	return change[contract.ChatMessageReceipt](t, v.client, 202, "POST", v.path+"/messages", body).ConversationID
}

// reads waits until the visitor's thread has just these texts, in order.
func (v *visitor) reads(t *testing.T, texts ...string) {
	t.Helper()
	eventually(t, func() error {
		var read []string
		for _, message := range all[contract.ChatMessage](t, v.client, v.path+"/messages", nil) {
			read = append(read, message.Text)
		}
		if slices.Equal(read, texts) {
			return nil
		}
		return fmt.Errorf("the visitor reads %q", read)
	})
}

// withTheBot holds that a conversation is nobody's while the bot has it.
func (s *system) withTheBot(t *testing.T, id string) {
	t.Helper()
	conversation := get[contract.Conversation](t, s.admin, conversationsPath+id)
	if conversation.AssigneeID != nil || conversation.TicketID != nil || conversation.Status != "open" {
		t.Errorf("while the bot has it, it is %+v", conversation)
	}
}

// toldOfTheBot holds that the timeline tells each of the bot's messages once, and
// that routing began when the bot was done.
func (s *system) toldOfTheBot(t *testing.T, id string) {
	t.Helper()
	events := s.timeline(t, id)
	var steps []string
	for _, event := range events {
		var data struct {
			StepID string `json:"step_id"`
			Reason string `json:"reason"`
		}
		if err := json.Unmarshal(event.Data, &data); err != nil {
			t.Fatal(err)
		}
		switch inbox.EventKind(event.Kind) {
		case inbox.EventChatflowStep:
			steps = append(steps, data.StepID)
		case inbox.EventChatflowFinished:
			steps = append(steps, data.Reason)
		case inbox.EventAssigned:
			steps = append(steps, "assigned")
		default:
		}
	}
	if want := []string{"email", "email", "name", "number", "person", "completed", "assigned"}; !slices.Equal(steps, want) {
		t.Errorf("the timeline tells %v", steps)
	}
}
