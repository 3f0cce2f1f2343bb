package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"switchboard/inbox"
)

const cannedReplies = "/api/v1/canned-replies"

func TestCannedRepliesAreManaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", cannedReplies, object{
		"name": "refund", "text": "Hello {{contact.name}}", "html": `<p onclick="x()">Hello {{contact.name}}</p>`, "inbox_id": w.inbox.ID,
	}).want(http.StatusCreated)
	path := cannedReplies + "/" + created.text("id")
	if got := created.object(); got["html"] != "<p>Hello {{contact.name}}</p>" || got["inbox_id"] != w.inbox.ID {
		t.Errorf("created: %v", got)
	}
	changed := w.call(t, w.admin, "PATCH", path, object{"name": "money-back", "html": nil}).want(http.StatusOK).object()
	if changed["name"] != "money-back" || changed["html"] != nil || changed["text"] != "Hello {{contact.name}}" ||
		changed["inbox_id"] != w.inbox.ID || changed["created_at"] != created.object()["created_at"] {
		t.Errorf("what is absent must stay, and null must clear: %v", changed)
	}
	changed = w.call(t, w.admin, "PATCH", path, object{"inbox_id": nil}).want(http.StatusOK).object()
	if changed["inbox_id"] != nil || changed["name"] != "money-back" {
		t.Errorf("got %v", changed)
	}
	other := w.call(t, w.admin, "POST", cannedReplies, object{"name": "hours", "text": "Nine to five."}).want(http.StatusCreated)
	w.call(t, w.admin, "PATCH", path, object{"name": "Hours"}).wantProblem(http.StatusConflict, "conflict", "")
	w.call(t, w.admin, "DELETE", path, nil).want(http.StatusNoContent)
	if got := w.call(t, w.agent, "GET", cannedReplies, nil).want(http.StatusOK).ids(); !slices.Equal(got, []string{other.text("id")}) {
		t.Errorf("list: %v", got)
	}
	w.call(t, w.admin, "PATCH", path, object{"name": "x"}).wantProblem(http.StatusNotFound, "not_found", "")
	w.call(t, w.admin, "DELETE", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestABadCannedReplyNamesTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := cannedReplies + "/" + w.cannedReply(t, inbox.CannedReply{Name: "refund", Text: "Hello"})
	for _, c := range []struct {
		body  object
		field string
	}{
		{object{"name": ""}, "name"},
		{object{"name": "two words"}, "name"},
		{object{"name": strings.Repeat("x", 51)}, "name"},
		{object{"name": nil}, "name"},
		{object{"text": ""}, "text"},
		{object{"text": " \n"}, "text"},
		{object{"text": "Hello {{contact.email}}"}, "text"},
		{object{"text": "Hello {{contact.name"}, "text"},
		{object{"html": "<p>{{contact.email}}</p>"}, "html"},
		{object{"html": "<p>&#123;{contact.email}}</p>"}, "html"},
		{object{"html": 5}, "html"},
		{object{"inbox_id": "nothing"}, "inbox_id"},
		{object{"colour": "red"}, "colour"},
	} {
		w.callBadly(t, w.admin, "PATCH", path, c.body).wantProblem(http.StatusUnprocessableEntity, "invalid", c.field)
		whole := object{"name": "hours", "text": "Nine to five."}
		for name, value := range c.body {
			whole[name] = value
		}
		w.callBadly(t, w.admin, "POST", cannedReplies, whole).wantProblem(http.StatusUnprocessableEntity, "invalid", c.field)
	}
	w.callBadly(t, w.admin, "POST", cannedReplies, object{"text": "Hello"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "name")
	w.callBadly(t, w.admin, "POST", cannedReplies, object{"name": "x"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "text")
}

func TestAgentsSeeTheCannedRepliesOfTheirInboxes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	seller := w.person(t, inbox.Agent{Name: "Eve", InboxIDs: []string{sales.ID}})
	everywhere := w.cannedReply(t, inbox.CannedReply{Name: "thanks", Text: "Thank you."})
	support := w.cannedReply(t, inbox.CannedReply{Name: "refund", Text: "Money back.", InboxID: w.inbox.ID})
	offer := w.cannedReply(t, inbox.CannedReply{Name: "offer", Text: "Our offer.", InboxID: sales.ID})
	for _, c := range []struct {
		who   person
		query string
		want  []string
	}{
		{w.agent, "", []string{everywhere, support, offer}},
		{w.agent, "?inbox_id=" + sales.ID, []string{everywhere, offer}},
		{w.agent, "?q=MONEY", []string{support}},
		{seller, "", []string{everywhere, offer}},
		{seller, "?q=refund", []string{}},
		{seller, "?inbox_id=" + w.inbox.ID, []string{everywhere}},
	} {
		if got := w.call(t, c.who, "GET", cannedReplies+c.query, nil).want(http.StatusOK).ids(); !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: got %v, want %v", c.who.Name, c.query, got, c.want)
		}
	}
	path := cannedReplies + "/" + everywhere
	w.call(t, w.agent, "POST", cannedReplies, object{"name": "x", "text": "x"}).wantProblem(http.StatusForbidden, "forbidden", "")
	w.call(t, w.agent, "PATCH", path, object{"name": "x"}).wantProblem(http.StatusForbidden, "forbidden", "")
	w.call(t, w.agent, "DELETE", path, nil).wantProblem(http.StatusForbidden, "forbidden", "")
}

func TestACannedReplyIsFilledInAndNothingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person(t, inbox.Agent{Name: "Ada Lovelace"})
	contactID, conversationID := w.contact(t)
	conversation := "/api/v1/conversations/" + conversationID
	w.call(t, ada, "PATCH", "/api/v1/contacts/"+contactID, object{"name": "Grace <Hopper>"}).want(http.StatusOK)
	reply := w.cannedReply(t, inbox.CannedReply{
		Name: "refund", Text: "Hello {{contact.name}}, {{agent.first_name}}", HTML: "<p>{{contact.name}}, {{agent.name}}</p>",
	})
	got := w.call(t, ada, "POST", conversation+"/canned-replies/"+reply, nil).want(http.StatusOK).object()
	if got["text"] != "Hello Grace <Hopper>, Ada" || got["html"] != "<p>Grace &lt;Hopper&gt;, Ada Lovelace</p>" {
		t.Errorf("got %v", got)
	}
	if messages := w.call(t, ada, "GET", conversation+"/messages", nil).ids(); len(messages) != 1 {
		t.Errorf("messages %v, want the contact's only", messages)
	}
	w.call(t, w.admin, "PATCH", cannedReplies+"/"+reply, object{"html": nil}).want(http.StatusOK)
	unresolved := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	got = w.call(t, ada, "POST", unresolved+"/canned-replies/"+reply, nil).want(http.StatusOK).object()
	if got["text"] != "Hello , Ada" || got["html"] != nil {
		t.Errorf("for a contact nobody knows yet: %v", got)
	}
}

func TestOnlyWhatBelongsToTheConversationIsFilledIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	seller := w.person(t, inbox.Agent{Name: "Eve", InboxIDs: []string{sales.ID}})
	conversation := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/canned-replies/"
	everywhere := w.cannedReply(t, inbox.CannedReply{Name: "thanks", Text: "Thank you."})
	support := w.cannedReply(t, inbox.CannedReply{Name: "refund", Text: "Money back.", InboxID: w.inbox.ID})
	offer := w.cannedReply(t, inbox.CannedReply{Name: "offer", Text: "Our offer.", InboxID: sales.ID})
	w.call(t, w.agent, "POST", conversation+everywhere, nil).want(http.StatusOK)
	w.call(t, w.agent, "POST", conversation+support, nil).want(http.StatusOK)
	w.call(t, w.agent, "POST", conversation+offer, nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.call(t, w.agent, "POST", conversation+"nothing", nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.call(t, seller, "POST", conversation+everywhere, nil).wantProblem(http.StatusNotFound, "not_found", "")
}

// cannedReply stores a canned reply.
func (w *world) cannedReply(t *testing.T, reply inbox.CannedReply) (id string) {
	t.Helper()
	return must(w.store.CreateCannedReply(t.Context(), reply))(t).ID
}
