package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAContactGetsANameAndAnOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.contact(t)
	path := "/api/v1/contacts/" + id
	w.call(t, w.agent, "PATCH", path, object{"owner_id": w.agent.ID}).want(http.StatusOK)
	got := w.call(t, w.agent, "PATCH", path, object{"name": "Grace Hopper"}).want(http.StatusOK).object()
	if got["owner_id"] != w.agent.ID || got["name"] != "Grace Hopper" || len(got["identities"].([]any)) != 1 {
		t.Errorf("got %v", got)
	}
	if stored := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object(); stored["name"] != "Grace Hopper" {
		t.Errorf("stored: %v", stored)
	}
	if got := w.call(t, w.agent, "GET", "/api/v1/contacts?q=hopper", nil).want(http.StatusOK).ids(); !slices.Equal(got, []string{id}) {
		t.Errorf("found %v", got)
	}
	if got := w.call(t, w.agent, "PATCH", path, object{"owner_id": nil}).want(http.StatusOK).object(); got["owner_id"] != nil {
		t.Errorf("got %v", got)
	}
	w.call(t, w.agent, "PATCH", path, object{"owner_id": "nobody"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "owner_id")
}

func TestContactsAreMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	from, conversation := w.contact(t)
	into, _ := w.contact(t)
	merged := w.call(t, w.agent, "POST", "/api/v1/contacts/"+from+"/merge", object{"into_id": into}).want(http.StatusOK).object()
	if merged["id"] != into || len(merged["identities"].([]any)) != 2 {
		t.Errorf("got %v", merged)
	}
	if got := w.call(t, w.agent, "GET", "/api/v1/conversations/"+conversation, nil).text("contact_id"); got != into {
		t.Errorf("the conversation is %s's", got)
	}
	w.call(t, w.agent, "GET", "/api/v1/contacts/"+from, nil).wantProblem(http.StatusNotFound, "not_found", "")
	path := "/api/v1/contacts/" + into + "/merge"
	w.call(t, w.agent, "POST", path, object{"into_id": into}).wantProblem(http.StatusUnprocessableEntity, "invalid", "into_id")
	w.call(t, w.agent, "POST", path, object{"into_id": "nobody"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "into_id")
}

func TestAMergeIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	from, conversation := w.contact(t)
	into, _ := w.contact(t)
	path := "/api/v1/contacts/" + into
	if merges := w.call(t, w.agent, "GET", path+"/merges", nil).want(http.StatusOK).ids(); len(merges) != 0 {
		t.Errorf("merges %v", merges)
	}
	w.call(t, w.agent, "POST", "/api/v1/contacts/"+from+"/merge", object{"into_id": into}).want(http.StatusOK)
	list := w.call(t, w.agent, "GET", path+"/merges", nil).want(http.StatusOK).object()
	merge := list["items"].([]any)[0].(object)
	merged, until := must(time.Parse(time.RFC3339, merge["merged_at"].(string)))(t), must(time.Parse(time.RFC3339, merge["undo_until"].(string)))(t)
	if merge["merged_contact_id"] != from || merge["undone_at"] != nil || until.Sub(merged) != 30*24*time.Hour {
		t.Errorf("merge %v", merge)
	}
	undo := path + "/merges/" + merge["id"].(string) + "/undo"
	if got := w.call(t, w.agent, "POST", undo, nil).want(http.StatusOK).text("id"); got != from {
		t.Errorf("%s is back", got)
	}
	if got := w.call(t, w.agent, "GET", "/api/v1/conversations/"+conversation, nil).text("contact_id"); got != from {
		t.Errorf("the conversation is %s's", got)
	}
	w.call(t, w.agent, "POST", undo, nil).wantProblem(http.StatusConflict, "conflict", "")
	w.call(t, w.agent, "POST", path+"/merges/nothing/undo", nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestMergesAreSuggestedAndLeftToAgents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known, _ := w.contact(t)
	visitor, _ := w.contact(t)
	path := "/api/v1/contacts/" + visitor + "/merge-suggestions"
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()["items"].([]any); len(got) != 0 {
		t.Errorf("suggested %v", got)
	}
	address := must(w.store.Contact(t.Context(), known))(t).Identities[0]
	own := must(w.store.Contact(t.Context(), visitor))(t).Identities[0]
	check(t, w.store.Identify(t.Context(), inbox.Sender{Identities: []inbox.Identity{own, address}}))
	got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()["items"].([]any)
	if len(got) != 1 {
		t.Fatalf("suggested %v", got)
	}
	suggestion := got[0].(object)
	if suggestion["contact"].(object)["id"] != known || !slices.Equal(suggestion["reasons"].([]any), []any{"address_given"}) {
		t.Errorf("suggested %v", suggestion)
	}
	w.call(t, w.agent, "GET", "/api/v1/contacts/nobody/merge-suggestions", nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestAContactIsErasedByAdminsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, conversation := w.contact(t)
	w.call(t, w.agent, "DELETE", "/api/v1/contacts/"+id, nil).wantProblem(http.StatusForbidden, "forbidden", "")
	w.call(t, w.admin, "DELETE", "/api/v1/contacts/"+id, nil).want(http.StatusNoContent)
	if got := w.call(t, w.agent, "GET", "/api/v1/conversations/"+conversation, nil).want(http.StatusOK).text("subject"); got != "" {
		t.Errorf("subject %q", got)
	}
}

// ticket opens a ticket by the channel's defaults.
func (w *world) ticket(t *testing.T) (id string) {
	t.Helper()
	pipeline := must(w.store.CreatePipeline(t.Context(), inbox.Pipeline{
		Name: store.NewID(), Stages: []inbox.Stage{{Name: "New"}, {Name: "Done"}},
	}))(t)
	_, conversation := w.contact(t)
	decision := must(w.store.OpenTicket(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}, time.Now(),
		func(inbox.TicketQuestion) inbox.TicketDecision {
			return inbox.TicketDecision{
				Create: true, Reason: inbox.ReasonTicketCreated, PipelineID: pipeline.ID, StageID: pipeline.Stages[0].ID,
				Priority: inbox.PriorityNormal,
			}
		}))(t)
	return decision.TicketID
}

func TestTicketsAreWorkedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, other := w.ticket(t), w.ticket(t)
	path := "/api/v1/tickets/" + id
	ticket := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()
	pipeline := must(w.store.Pipeline(t.Context(), ticket["pipeline_id"].(string)))(t)
	changed := w.call(t, w.agent, "PATCH", path, object{
		"stage_id": pipeline.Stages[1].ID, "priority": "urgent", "owner_id": w.agent.ID, "properties": object{"machine": "P-7"},
	}).want(http.StatusOK).object()
	if changed["stage_id"] != pipeline.Stages[1].ID || changed["owner_id"] != w.agent.ID || changed["name"] != ticket["name"] {
		t.Errorf("got %v", changed)
	}
	changed = w.call(t, w.agent, "PATCH", path, object{"properties": object{"machine": nil, "site": "Kiel"}, "owner_id": nil}).want(http.StatusOK).object()
	if got := changed["properties"].(object); got["machine"] != nil || got["site"] != "Kiel" || changed["owner_id"] != nil {
		t.Errorf("got %v", changed)
	}
	for query, want := range map[string][]string{
		"": {other, id}, "?pipeline_id=" + pipeline.ID: {id}, "?stage_id=" + pipeline.Stages[0].ID: {},
		"?contact_id=" + ticket["contact_id"].(string): {id}, "?inbox_id=" + w.inbox.ID: {other, id}, "?owner_id=nobody": {},
	} {
		if got := w.call(t, w.agent, "GET", "/api/v1/tickets"+query, nil).want(http.StatusOK).ids(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	w.call(t, w.agent, "PATCH", path, object{"stage_id": "of-another"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "stage_id")
}
