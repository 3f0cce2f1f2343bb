package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"switchboard/inbox"
)

func TestWhatAnAgentDoesNotSeeIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	outsider := w.person(t, inbox.Agent{Name: "Eve", InboxIDs: []string{sales.ID}})
	receipt, ticket := w.conversation(t, "pumps"), w.ticket(t)
	conversation := "/api/v1/conversations/" + receipt.ConversationID
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{"GET", conversation, nil},
		{"GET", conversation + "/messages", nil},
		{"GET", conversation + "/timeline", nil},
		{"GET", conversation + "/answers", nil},
		{"GET", conversation + "/messages/" + receipt.MessageID + "/attachments/x", nil},
		{"POST", conversation + "/replies", object{"text": "Hello"}},
		{"POST", conversation + "/comments", object{"text": "Hello"}},
		{"PUT", conversation + "/assignment", object{"agent_id": nil}},
		{"POST", conversation + "/close", nil},
		{"POST", conversation + "/reopen", nil},
		{"POST", conversation + "/snooze", object{"until": "2126-01-01T00:00:00Z"}},
		{"PUT", conversation + "/tags", object{"tags": []string{}}},
		{"GET", "/api/v1/tickets/" + ticket, nil},
		{"PATCH", "/api/v1/tickets/" + ticket, object{"priority": "low"}},
		{"GET", "/api/v1/inboxes/" + w.inbox.ID, nil},
		{"GET", "/api/v1/inboxes/" + w.inbox.ID + "/channels", nil},
		{"GET", "/api/v1/channels/" + w.channel.ID, nil},
	} {
		w.call(t, outsider, request.method, request.path, request.body).wantProblem(http.StatusNotFound, "not_found", "")
	}
	for path, want := range map[string][]string{
		"/api/v1/conversations": {}, "/api/v1/conversations?inbox_id=" + w.inbox.ID: {},
		"/api/v1/conversations?channel_id=" + w.channel.ID: {}, "/api/v1/conversations?q=pumps": {},
		"/api/v1/tickets": {}, "/api/v1/inboxes": {sales.ID},
	} {
		if got := w.call(t, outsider, "GET", path, nil).want(http.StatusOK).ids(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestOnlyAdminsChangeSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := "/api/v1/channels/" + w.channel.ID
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/api/v1/inboxes", object{"name": "X"}},
		{"PATCH", "/api/v1/inboxes/" + w.inbox.ID, object{"name": "X"}},
		{"POST", w.channelsOf(w.inbox.ID), object{"kind": "chat", "name": "X"}},
		{"PATCH", channel, object{"name": "X"}},
		{"DELETE", channel, nil},
		{"GET", channel + "/embed", nil},
		{"POST", channel + "/embed/send", object{"email": "developer@example.com"}},
		{"POST", channel + "/preview", nil},
		{"POST", channel + "/connect", nil},
		{"POST", "/api/v1/agents", object{"name": "X", "email": "x@company.test"}},
		{"PATCH", "/api/v1/agents/" + w.agent.ID, object{"admin": true}},
		{"GET", "/api/v1/agents/" + w.agent.ID + "/tokens", nil},
		{"POST", "/api/v1/agents/" + w.admin.ID + "/tokens", object{}},
		{"DELETE", "/api/v1/agents/" + w.admin.ID + "/tokens/x", nil},
		{"POST", "/api/v1/teams", object{"name": "X"}},
		{"PATCH", "/api/v1/teams/x", object{"name": "X"}},
		{"DELETE", "/api/v1/teams/x", nil},
		{"POST", "/api/v1/pipelines", object{"name": "X", "stages": []object{{"name": "New"}}}},
		{"PATCH", "/api/v1/pipelines/x", object{"name": "X"}},
		{"GET", "/api/v1/account", nil},
		{"PATCH", "/api/v1/account", object{"name": "X"}},
		{"GET", "/api/v1/quarantine", nil},
		{"POST", "/api/v1/quarantine/x/reprocess", nil},
	} {
		w.call(t, w.agent, request.method, request.path, request.body).wantProblem(http.StatusForbidden, "forbidden", "")
	}
}

func TestNobodyComesInWithoutAValidToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, token := range []string{"", "swb_", "swb_" + strings.Repeat("A", 43), strings.TrimPrefix(w.agent.token, "swb_")} {
		got := w.call(t, person{token: token}, "GET", "/api/v1/conversations", nil)
		got.wantProblem(http.StatusUnauthorized, "unauthorized", "")
		if got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q: no challenge", token)
		}
	}
	// Who may not come in learns nothing about what is asked either.
	w.callBadly(t, person{}, "POST", "/api/v1/teams", object{"colour": "red"}).wantProblem(http.StatusUnauthorized, "unauthorized", "")
}
