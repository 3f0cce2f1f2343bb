package e2e

import (
	"bytes"
	"net/url"
	"testing"

	"switchboard/api/contract"
)

func contactsAreErased(t *testing.T, s *system) {
	o := s.newOffice(t, "erased", 1)
	ada := o.agents[0]
	values := url.Values{}
	for name, value := range submission("forget-me", "Forget") {
		values.Set(name, value.(string))
	}
	receipt := as[contract.SubmissionReceipt](t, s.public().must(t, 202,
		upload(t, "/forms/"+o.form(t, o.teamRule()).ID+"/submissions", values, personal+".txt", []byte(personal))))
	conversation := s.awaitTicket(t, receipt.ConversationID)
	s.awaitState(t, conversation.ID, s.reply(t, ada, conversation.ID, "last").ID, "sent")
	message := s.messages(t, conversation.ID)[0]
	file := conversationsPath + conversation.ID + "/messages/" + message.ID + "/attachments/" + message.Attachments[0].ID
	contact := withJSON("DELETE", "/api/v1/contacts/"+*conversation.ContactID, nil)

	if problem := ada.refused(t, 403, contact); problem.Code != "forbidden" {
		t.Errorf("an agent who is no admin erases: %+v", problem)
	}
	s.admin.must(t, 204, contact)

	for _, path := range []string{
		conversationsPath + conversation.ID,
		conversationsPath + conversation.ID + "/messages",
		conversationsPath + conversation.ID + "/timeline",
		"/api/v1/conversations?inbox_id=" + o.inbox.ID,
		"/api/v1/tickets/" + *conversation.TicketID,
		"/api/v1/contacts?q=forget-me",
	} {
		if a := s.admin.must(t, 200, withJSON("GET", path, nil)); bytes.Contains(a.body, []byte(personal)) {
			t.Errorf("GET %s still tells: %s", path, a.body)
		}
	}
	s.admin.refused(t, 404, withJSON("GET", file, nil))
	if found := get[contract.ConversationList](t, s.admin, "/api/v1/conversations?q=forget&inbox_id="+o.inbox.ID); len(found.Items) != 0 {
		t.Errorf("it is still found by its words: %+v", found)
	}
}
