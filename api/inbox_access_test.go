package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"switchboard/inbox"
	"switchboard/store"
)

// hidden is a conversation in an inbox that not every agent sees, with everything
// that an agent can read of it. Each text of it has the secret.
type hidden struct {
	*world
	t                                                                    *testing.T
	conversationID, messageID, attachmentID, contactID, ticketID, canned string
	// another contact, who wrote to the same inbox, and a merge into the first.
	otherID, mergeID string
}

const secret = "Zebrawood"

// hide makes a new one.
func (w *world) hide(t *testing.T) hidden {
	t.Helper()
	ctx, h := t.Context(), hidden{world: w, t: t}
	person := func() (store.Receipt, string) {
		id := store.NewID()
		receipt := must(w.store.Receive(ctx, store.Inbound{
			Channel: w.channel, ThreadKey: id, ProviderMessageID: id, Subject: secret, Text: secret,
			Files:  []store.File{{Name: secret + ".txt", ContentType: "text/plain", Data: []byte(secret)}},
			Sender: inbox.Sender{Name: secret, Identities: []inbox.Identity{inbox.EmailIdentity(id + "@contact.test")}},
		}))(t)
		contact := must(w.store.ResolveContact(ctx, inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}))(t).ContactID
		return receipt, contact
	}
	receipt, contactID := person()
	h.conversationID, h.messageID, h.contactID = receipt.ConversationID, receipt.MessageID, contactID
	h.attachmentID = must(w.store.Message(ctx, h.messageID))(t).Attachments[0].ID
	pipeline := must(w.store.CreatePipeline(ctx, inbox.Pipeline{Name: store.NewID(), Stages: []inbox.Stage{{Name: "New"}}}))(t)
	h.ticketID = must(w.store.OpenTicket(ctx, inbox.EpisodeRef{ConversationID: h.conversationID, Episode: 1}, time.Now(),
		func(inbox.TicketQuestion) inbox.TicketDecision {
			return inbox.TicketDecision{
				Create: true, Reason: inbox.ReasonTicketCreated, PipelineID: pipeline.ID, StageID: pipeline.Stages[0].ID, Priority: inbox.PriorityNormal,
			}
		}))(t).TicketID
	h.canned = w.cannedReply(t, inbox.CannedReply{Name: secret + store.NewID(), Text: secret, InboxID: w.inbox.ID})
	_, merged := person()
	check(t, w.store.MergeContacts(ctx, merged, h.contactID, inbox.Author{Kind: inbox.AuthorAgent, ID: w.admin.ID}))
	h.mergeID = must(w.store.Merges(ctx, h.contactID))(t)[0].ID
	_, h.otherID = person()
	return h
}

// ask fills in what a request's path names.
func (h hidden) ask(path string) string {
	return strings.NewReplacer(
		"{conversation}", h.conversationID, "{message}", h.messageID, "{attachment}", h.attachmentID, "{contact}", h.contactID,
		"{ticket}", h.ticketID, "{canned}", h.canned, "{merge}", h.mergeID, "{other}", h.otherID,
		"{inbox}", h.inbox.ID, "{channel}", h.channel.ID,
	).Replace(path)
}

// reading is how an operation gives something of a conversation away. Exactly one
// of path, list and nothing is set.
type reading struct {
	// path leads to one thing: it is not there for who does not see the inbox.
	path string
	body any
	// list leads to a list that leaves out what is not seen.
	list string
	// nothing says why the operation tells nothing of a conversation.
	nothing string
}

// readings are all operations of agents in the contract.
var readings = map[string]reading{
	"GET /api/v1/conversations":               {list: "/api/v1/conversations?q=" + secret},
	"POST /api/v1/conversations":              {nothing: "begins one; see TestAnAgentWritesFromVisibleChannelsOnly"},
	"GET /api/v1/conversations/{id}":          {path: "/api/v1/conversations/{conversation}"},
	"GET /api/v1/conversations/{id}/messages": {path: "/api/v1/conversations/{conversation}/messages"},
	"GET /api/v1/conversations/{id}/messages/{message_id}/attachments/{attachment_id}": {path: "/api/v1/conversations/{conversation}/messages/{message}/attachments/{attachment}"},
	"GET /api/v1/conversations/{id}/messages/{message_id}/parts":                       {path: "/api/v1/conversations/{conversation}/messages/{message}/parts"},
	"POST /api/v1/conversations/{id}/messages/{message_id}/rest":                       {path: "/api/v1/conversations/{conversation}/messages/{message}/rest"},
	"POST /api/v1/conversations/{id}/typing":                                           {path: "/api/v1/conversations/{conversation}/typing"},
	"POST /api/v1/conversations/{id}/read":                                             {path: "/api/v1/conversations/{conversation}/read", body: object{"message_id": "{message}"}},
	"GET /api/v1/conversations/{id}/timeline":                                          {path: "/api/v1/conversations/{conversation}/timeline"},
	"GET /api/v1/conversations/{id}/answers":                                           {path: "/api/v1/conversations/{conversation}/answers"},
	"POST /api/v1/conversations/{id}/replies":                                          {path: "/api/v1/conversations/{conversation}/replies", body: object{"text": "Hello"}},
	"POST /api/v1/conversations/{id}/transcript":                                       {path: "/api/v1/conversations/{conversation}/transcript", body: object{"email": "eve@example.com"}},
	"POST /api/v1/conversations/{id}/comments":                                         {path: "/api/v1/conversations/{conversation}/comments", body: object{"text": "Hello"}},
	"PUT /api/v1/conversations/{id}/assignment":                                        {path: "/api/v1/conversations/{conversation}/assignment", body: object{"agent_id": nil}},
	"POST /api/v1/conversations/{id}/close":                                            {path: "/api/v1/conversations/{conversation}/close"},
	"POST /api/v1/conversations/{id}/reopen":                                           {path: "/api/v1/conversations/{conversation}/reopen"},
	"POST /api/v1/conversations/{id}/snooze":                                           {path: "/api/v1/conversations/{conversation}/snooze", body: object{"until": "2126-01-01T00:00:00Z"}},
	"PUT /api/v1/conversations/{id}/tags":                                              {path: "/api/v1/conversations/{conversation}/tags", body: object{"tags": []string{}}},
	"POST /api/v1/conversations/{id}/canned-replies/{canned_id}":                       {path: "/api/v1/conversations/{conversation}/canned-replies/{canned}"},
	"GET /api/v1/canned-replies":                                                       {list: "/api/v1/canned-replies"},
	"GET /api/v1/contacts":                                                             {list: "/api/v1/contacts?q=" + secret},
	"GET /api/v1/contacts/{id}":                                                        {path: "/api/v1/contacts/{contact}"},
	"PATCH /api/v1/contacts/{id}":                                                      {path: "/api/v1/contacts/{contact}", body: object{"name": secret}},
	"POST /api/v1/contacts/{id}/merge":                                                 {path: "/api/v1/contacts/{contact}/merge", body: object{"into_id": "{other}"}},
	"GET /api/v1/contacts/{id}/consents":                                               {path: "/api/v1/contacts/{contact}/consents"},
	"GET /api/v1/contacts/{id}/merges":                                                 {path: "/api/v1/contacts/{contact}/merges"},
	"POST /api/v1/contacts/{id}/merges/{merge_id}/undo":                                {path: "/api/v1/contacts/{contact}/merges/{merge}/undo"},
	"GET /api/v1/contacts/{id}/merge-suggestions":                                      {path: "/api/v1/contacts/{contact}/merge-suggestions"},
	"GET /api/v1/tickets":                                                              {list: "/api/v1/tickets"},
	"GET /api/v1/tickets/{id}":                                                         {path: "/api/v1/tickets/{ticket}"},
	"PATCH /api/v1/tickets/{id}":                                                       {path: "/api/v1/tickets/{ticket}", body: object{"priority": "low"}},
	"GET /api/v1/events":                                                               {nothing: "see TestEventsOfInboxesThatAreNotSeenStayAway"},
	"GET /api/v1/inboxes/{id}":                                                         {path: "/api/v1/inboxes/{inbox}"},
	"GET /api/v1/inboxes/{id}/channels":                                                {path: "/api/v1/inboxes/{inbox}/channels"},
	"GET /api/v1/channels/{id}":                                                        {path: "/api/v1/channels/{channel}"},
	"GET /api/v1/channels/{id}/templates":                                              {path: "/api/v1/channels/{channel}/templates"},
	"GET /api/v1/inboxes":                                                              {nothing: "the inboxes the caller sees; see TestWhatAnAgentDoesNotSeeIsNotThere"},
	"GET /api/v1/me":                                                                   {nothing: "the caller's own"},
	"PUT /api/v1/me/availability":                                                      {nothing: "the caller's own"},
	"PUT /api/v1/me/phone":                                                             {nothing: "the caller's own"},
	"DELETE /api/v1/me/phone":                                                          {nothing: "the caller's own"},
	"POST /api/v1/me/phone/verification":                                               {nothing: "the caller's own"},
	"GET /api/v1/agents":                                                               {nothing: "colleagues"},
	"GET /api/v1/agents/{id}":                                                          {nothing: "colleagues"},
	"GET /api/v1/teams":                                                                {nothing: "colleagues"},
	"GET /api/v1/teams/{id}":                                                           {nothing: "colleagues"},
	"GET /api/v1/pipelines":                                                            {nothing: "the stages of tickets, not tickets"},
	"GET /api/v1/pipelines/{id}":                                                       {nothing: "the stages of tickets, not tickets"},
}

// TestEveryOperationKeepsToTheAgentsInboxes looks at each operation of the contract
// that agents may call (E10). A new one has to be listed above.
func TestEveryOperationKeepsToTheAgentsInboxes(t *testing.T) {
	t.Parallel()
	known := maps.Clone(readings)
	for _, operation := range ofAgents(t) {
		how, listed := known[operation]
		delete(known, operation)
		if !listed {
			t.Errorf("%s: say in this test what it tells of conversations", operation)
			continue
		}
		if how.nothing != "" {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			keepsToInboxes(t, operation, how)
		})
	}
	for operation := range known {
		t.Errorf("%s: agents cannot call it", operation)
	}
}

func keepsToInboxes(t *testing.T, operation string, how reading) {
	w := newWorld(t)
	h := w.hide(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	outsider := w.person(t, inbox.Agent{Name: "Eve", Seat: true, InboxIDs: []string{sales.ID}})
	insider := w.person(t, inbox.Agent{Name: "Bob", Seat: true, InboxIDs: []string{w.inbox.ID}})
	method, _, _ := strings.Cut(operation, " ")
	if how.list != "" {
		if got := w.call(t, insider, method, how.list, nil).want(http.StatusOK); !strings.Contains(string(got.body), secret) {
			t.Fatalf("who sees the inbox does not find it: %s", got.body)
		}
		if got := w.call(t, outsider, method, how.list, nil).want(http.StatusOK); strings.Contains(string(got.body), secret) {
			t.Errorf("who does not see the inbox finds %s", got.body)
		}
		return
	}
	var body any
	if how.body != nil {
		body = h.ask(string(must(json.Marshal(how.body))(t)))
	}
	got := w.call(t, outsider, method, h.ask(how.path), body)
	got.wantProblem(http.StatusNotFound, "not_found", "")
	if strings.Contains(string(got.body), secret) {
		t.Errorf("the refusal tells %s", got.body)
	}
	// An open conversation is not reopened: that it is open is told.
	if got := w.call(t, insider, method, h.ask(how.path), body); (got.status < 200 || got.status > 299) && got.status != http.StatusConflict {
		t.Errorf("who sees the inbox gets %d %s", got.status, got.body)
	}
}

// ofAgents are the operations of the contract that every agent may call. Admins see
// every inbox; the public half knows no agents.
func ofAgents(t *testing.T) []string {
	t.Helper()
	return operationsOf(t, func(operation *openapi3.Operation) bool {
		return operation.Security == nil && operation.Extensions["x-role"] != "admin"
	})
}

// operationsOf are the operations of the contract that are wanted, by method and path.
func operationsOf(t *testing.T, wanted func(*openapi3.Operation) bool) []string {
	t.Helper()
	document := must(openapi3.NewLoader().LoadFromData(must(os.ReadFile("openapi.yaml"))(t)))(t)
	var found []string
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			if wanted(operation) {
				found = append(found, method+" "+path)
			}
		}
	}
	slices.Sort(found)
	return found
}

// TestASuggestionNamesNobodyFromAnotherInbox: the contact is seen, and who may be
// the same is not.
func TestASuggestionNamesNobodyFromAnotherInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.hide(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	outsider := w.person(t, inbox.Agent{Name: "Eve", Seat: true, InboxIDs: []string{sales.ID}})
	shop := w.channel
	shop.InboxID = sales.ID
	shop = must(w.store.CreateChannel(t.Context(), shop))(t)
	receipt := w.conversationOn(t, shop, "pumps")
	visitor := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}))(t).ContactID
	given := must(w.store.Contact(t.Context(), h.contactID))(t).Identities[0]
	own := must(w.store.Contact(t.Context(), visitor))(t).Identities[0]
	check(t, w.store.Identify(t.Context(), inbox.Sender{Identities: []inbox.Identity{own, given}}))
	path := "/api/v1/contacts/" + visitor + "/merge-suggestions"
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK); !strings.Contains(string(got.body), secret) {
		t.Fatalf("nobody is suggested: %s", got.body)
	}
	if got := w.call(t, outsider, "GET", path, nil).want(http.StatusOK); strings.Contains(string(got.body), secret) {
		t.Errorf("suggested %s", got.body)
	}
	w.call(t, outsider, "POST", "/api/v1/contacts/"+visitor+"/merge", object{"into_id": h.contactID}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "into_id")
}

func TestAnAgentWritesFromVisibleChannelsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	outsider := w.person(t, inbox.Agent{Name: "Eve", Seat: true, InboxIDs: []string{sales.ID}})
	channelID, _ := w.email(t)
	letter := object{"channel_id": channelID, "to": object{"email": "grace@home.test"}, "subject": "Pumps", "text": "Hello"}
	w.call(t, outsider, "POST", "/api/v1/conversations", letter).wantProblem(http.StatusUnprocessableEntity, "invalid", "channel_id")
	w.call(t, w.agent, "POST", "/api/v1/conversations", letter).want(http.StatusCreated)
}
