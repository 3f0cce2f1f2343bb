package e2e

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

func submissionIsRouted(t *testing.T, s *system) {
	o := s.newOffice(t, "routed", 2)
	here, away := o.agents[0], o.agents[1]
	away.is(t, inbox.Away)
	form := o.form(t, o.teamRule())

	id := s.submit(t, form, submission("grace", "A lamp"))

	conversation := s.awaitTicket(t, id)
	if conversation.Status != "open" || !is(conversation.AssigneeID, here.ID) || conversation.Subject != "A lamp "+personal {
		t.Errorf("not open and assigned to who is here: %+v", conversation)
	}
	ticket := get[contract.Ticket](t, here.client, "/api/v1/tickets/"+*conversation.TicketID)
	if ticket.ConversationID != id || !is(ticket.OwnerID, here.ID) || ticket.Name != conversation.Subject {
		t.Errorf("the ticket: %+v", ticket)
	}
	contact := get[contract.Contact](t, here.client, "/api/v1/contacts/"+*conversation.ContactID)
	if contact.Name != "Grace "+personal || !slices.Contains(contact.Identities, inbox.EmailIdentity(address("grace"))) {
		t.Errorf("the contact: %+v", contact)
	}
	timeline := s.timeline(t, id)
	want := []inbox.EventKind{
		inbox.EventOpened, inbox.EventMessageReceived, inbox.EventContactResolved, inbox.EventAssigned, inbox.EventTicketCreated,
	}
	if !slices.Equal(timeline.kinds(), want) {
		t.Errorf("the timeline is %v, not %v", timeline.kinds(), want)
	}
	decision := timeline.decision(t, inbox.EventAssigned)
	for _, verdict := range []inbox.Verdict{
		{AgentID: here.ID, Reason: inbox.ReasonChosen}, {AgentID: away.ID, Reason: inbox.ReasonAway},
	} {
		if !slices.Contains(decision.Candidates, verdict) {
			t.Errorf("the decision does not say %+v: %+v", verdict, decision)
		}
	}
	messages := s.messages(t, id)
	if len(messages) != 1 || !strings.Contains(messages[0].Text, "It flickers") || strings.Contains(messages[0].Text, "campaign") {
		t.Fatalf("the messages: %+v", messages)
	}
	if !slices.ContainsFunc(messages[0].Fields, func(f inbox.SubmittedField) bool { return f.Name == "campaign" && f.Hidden }) {
		t.Errorf("the hidden field was not kept: %+v", messages[0].Fields)
	}
}

func browsersSubmitForms(t *testing.T, s *system) {
	o := s.newOffice(t, "browsers", 1)
	form := o.form(t, o.teamRule())
	path := "/forms/" + form.ID + "/submissions"
	values := url.Values{"submission_id": {"browser-1"}}
	for name, value := range submission("hopper", "Posted") {
		values.Set(name, value.(string))
	}
	urlencoded := request{
		method: "POST", path: path, contentType: "application/x-www-form-urlencoded", body: []byte(values.Encode()),
	}
	first := as[contract.SubmissionReceipt](t, s.public().must(t, 202, urlencoded))
	again := as[contract.SubmissionReceipt](t, s.public().must(t, 202, urlencoded))
	if first.SubmissionID != "browser-1" || again != first {
		t.Errorf("the same submission twice: %+v and %+v", first, again)
	}
	if messages := s.messages(t, first.ConversationID); len(messages) != 1 {
		t.Errorf("sent twice, it is %d messages", len(messages))
	}

	photo := []byte("\x89PNG\r\n\x1a\n" + personal)
	values.Set("submission_id", "browser-2")
	receipt := as[contract.SubmissionReceipt](t, s.public().must(t, 202, upload(t, path, values, personal+".png", photo)))
	attachments := s.messages(t, receipt.ConversationID)[0].Attachments
	if len(attachments) != 1 || attachments[0].Name != personal+".png" || attachments[0].Size != int64(len(photo)) {
		t.Fatalf("the attachments: %+v", attachments)
	}
	message := s.messages(t, receipt.ConversationID)[0]
	file := o.agents[0].must(t, 200, withJSON("GET",
		conversationsPath+receipt.ConversationID+"/messages/"+message.ID+"/attachments/"+attachments[0].ID, nil))
	if !bytes.Equal(file.body, photo) || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file came back as %q, %v", file.body, file.header)
	}
}

// upload is a form sent as multipart/form-data.
func upload(t *testing.T, path string, values url.Values, name string, data []byte) request {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for field := range values {
		if err := writer.WriteField(field, values.Get(field)); err != nil {
			t.Fatal(err)
		}
	}
	file, err := writer.CreateFormFile("photo", name)
	if err == nil {
		_, err = file.Write(data)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return request{method: "POST", path: path, contentType: writer.FormDataContentType(), body: body.Bytes()}
}

var formAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)

func readyPagePosts(t *testing.T, s *system) {
	o := s.newOffice(t, "page", 1)
	form := o.form(t, o.teamRule())
	page := s.public().must(t, 200, withJSON("GET", "/forms/"+form.ID, nil))
	action := formAction.FindSubmatch(page.body)
	if action == nil {
		t.Fatalf("the page has no form:\n%s", page.body)
	}
	values := url.Values{"email": {address("page-reader")}, "message": {"From the page, " + personal}}
	thanks := s.public().must(t, 202, request{
		method: "POST", path: string(action[1]), contentType: "application/x-www-form-urlencoded",
		body: []byte(values.Encode()), header: map[string][]string{"Accept": {"text/html"}},
	})
	if !strings.HasPrefix(thanks.header.Get("Content-Type"), "text/html") {
		t.Errorf("a browser is thanked with %s", thanks.header.Get("Content-Type"))
	}
	found := all[contract.Conversation](t, o.agents[0].client, "/api/v1/conversations", url.Values{"channel_id": {form.ID}})
	if len(found) != 1 {
		t.Fatalf("the page's submission became %d conversations", len(found))
	}
	s.awaitTicket(t, found[0].ID)
}

func answersAreMailed(t *testing.T, s *system) {
	o := s.newOffice(t, "answers", 1)
	ada := o.agents[0]
	id := s.submit(t, o.form(t, o.teamRule()), submission("reader", "An order"))
	s.awaitAssignee(t, id, ada)

	first := s.reply(t, ada, id, "reply-1")
	if again := s.reply(t, ada, id, "reply-1"); again.ID != first.ID {
		t.Errorf("the same client id made two answers: %s and %s", first.ID, again.ID)
	}
	s.awaitState(t, id, first.ID, "sent")
	second := s.reply(t, ada, id, "reply-2")
	s.awaitState(t, id, second.ID, "sent")

	mails := s.mailTo(t, address("reader"))
	if len(mails) != 2 {
		t.Fatalf("two answers are %d mails: %+v", len(mails), mails)
	}
	for _, mail := range mails {
		if mail.From != address("answers") || !strings.Contains(mail.Text, "We send a new one") || !strings.Contains(mail.Subject, "An order") {
			t.Errorf("the mail: %+v", mail)
		}
	}
	if mails[0].MessageID == "" || !strings.Contains(mails[0].MessageID, *first.ProviderMessageID) {
		t.Errorf("the mail's id is %q, the message's %q", mails[0].MessageID, *first.ProviderMessageID)
	}
	if got := mails[1].Headers["In-Reply-To"]; got != mails[0].MessageID {
		t.Errorf("the second mail is an answer to %q, not %q", got, mails[0].MessageID)
	}
}

// reply answers a conversation.
func (s *system) reply(t *testing.T, a agent, id, clientID string) contract.Message {
	t.Helper()
	return a.replies(t, id, clientID, settings{"text": "We send a new one, " + personal + "."})
}

// replies answers a conversation, and again while Temporal takes too long to hear of it.
func (c client) replies(t *testing.T, id, clientID string, body settings) (message contract.Message) {
	t.Helper()
	body["client_id"] = clientID
	eventually(t, func() error {
		a, err := c.do(t, withJSON("POST", conversationsPath+id+"/replies", body))
		if err != nil {
			t.Fatal(err)
		}
		if a.status == http.StatusAccepted {
			return fmt.Errorf("%s is stored and waits", clientID)
		}
		if a.status != http.StatusCreated {
			t.Fatalf("%s is answered %d: %s", clientID, a.status, a.body)
		}
		message = as[contract.Message](t, a)
		return nil
	})
	return message
}

// awaitState waits until a message out reached a state.
func (s *system) awaitState(t *testing.T, id, messageID, state string) {
	t.Helper()
	eventually(t, func() error {
		messages := s.messages(t, id)
		i := slices.IndexFunc(messages, func(m contract.Message) bool { return m.ID == messageID })
		if i < 0 || string(messages[i].State) != state {
			return fmt.Errorf("message %s is not %s: %+v", messageID, state, messages)
		}
		return nil
	})
}
