package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"switchboard/inbox"
)

func TestMeIsTheTokensAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.call(t, w.agent, "GET", "/api/v1/me", nil).want(http.StatusOK)
	if me.text("id") != w.agent.ID || me.object()["admin"] != false {
		t.Errorf("got %s", me.body)
	}
}

func TestBecomingAvailableDrainsTheBacklog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(t, w.agent, "PUT", "/api/v1/me/availability", object{"status": "available"}).want(http.StatusOK)
	if got := w.call(t, w.agent, "GET", "/api/v1/me", nil).text("availability"); got != "available" {
		t.Errorf("availability %s", got)
	}
	if got := w.conversations.drained(); !slices.Equal(got, []string{w.agent.ID}) {
		t.Errorf("drained towards %v", got)
	}
}

func TestAvailabilityIsSavedWhenTemporalIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.conversations.refuse(unreachable())
	w.call(t, w.agent, "PUT", "/api/v1/me/availability", object{"status": "available"}).want(http.StatusOK)
	if got := must(w.store.Agent(t.Context(), w.agent.ID))(t); got.Availability != inbox.Available {
		t.Errorf("availability %s", got.Availability)
	}
}

func TestAgentsWithoutASeatDrainNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seatless := w.person(t, inbox.Agent{Name: "Bob"})
	w.call(t, seatless, "PUT", "/api/v1/me/availability", object{"status": "available"}).want(http.StatusOK)
	if got := w.conversations.drained(); len(got) > 0 {
		t.Errorf("drained towards %v", got)
	}
}

func TestAgentsAreAddedAndChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", "/api/v1/agents", object{
		"name": "Bob", "email": "bob@company.test", "capacity": 3,
		"hours": object{"time_zone": "Europe/Berlin", "ranges": []object{{"day": "monday", "from": "09:00", "to": "12:00"}}},
	}).want(http.StatusCreated)
	path := "/api/v1/agents/" + created.text("id")
	if created.text("availability") != "away" || created.object()["seat"] != false {
		t.Errorf("defaults: %s", created.body)
	}
	changed := w.call(t, w.admin, "PATCH", path, object{"seat": true, "availability": "available"}).want(http.StatusOK).object()
	if changed["name"] != "Bob" || changed["capacity"] != 3.0 || changed["hours"] == nil || changed["seat"] != true {
		t.Errorf("what is absent must stay: %v", changed)
	}
	if got := w.conversations.drained(); !slices.Equal(got, []string{created.text("id")}) {
		t.Errorf("drained towards %v", got)
	}
	cleared := w.call(t, w.admin, "PATCH", path, object{"hours": nil}).want(http.StatusOK).object()
	if cleared["hours"] != nil || cleared["availability"] != "available" {
		t.Errorf("null must clear, and only that: %v", cleared)
	}
	got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()
	if got["hours"] != nil || got["seat"] != true {
		t.Errorf("stored: %v", got)
	}
	w.call(t, w.admin, "POST", "/api/v1/agents", object{"name": "Bob", "email": "bob@company.test"}).
		wantProblem(http.StatusConflict, "conflict", "")
}

func TestATokenIsShownOnceAndCanBeRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/agents/" + w.agent.ID + "/tokens"
	issued := w.call(t, w.admin, "POST", path, object{"label": "laptop"}).want(http.StatusCreated)
	token := issued.text("token")
	if !strings.HasPrefix(token, "swb_") || len(token) != len("swb_")+43 {
		t.Errorf("token %q", token)
	}
	listed := w.call(t, w.admin, "GET", path, nil).want(http.StatusOK)
	if strings.Contains(string(listed.body), token) || len(listed.ids()) != 2 {
		t.Errorf("tokens: %s", listed.body)
	}
	bearer := person{token: token}
	w.call(t, bearer, "GET", "/api/v1/me", nil).want(http.StatusOK)
	w.call(t, w.admin, "DELETE", path+"/"+issued.text("id"), nil).want(http.StatusNoContent)
	w.call(t, bearer, "GET", "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "unauthorized", "")
	w.call(t, w.admin, "POST", path, nil).want(http.StatusCreated)
	w.call(t, w.admin, "GET", "/api/v1/agents/nobody/tokens", nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestTeamsAreManaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", "/api/v1/teams", object{
		"name": "Service", "alert_email": "service@company.test",
	}).want(http.StatusCreated)
	path := "/api/v1/teams/" + created.text("id")
	changed := w.call(t, w.admin, "PATCH", path, object{"member_ids": []string{w.agent.ID}}).want(http.StatusOK).object()
	if changed["alert_email"] != "service@company.test" {
		t.Errorf("what is absent must stay: %v", changed)
	}
	if got := w.conversations.drained(); !slices.Equal(got, []string{w.agent.ID}) {
		t.Errorf("a new member drains the backlog, got %v", got)
	}
	w.call(t, w.admin, "PATCH", path, object{"alert_email": nil, "member_ids": []string{w.agent.ID}}).want(http.StatusOK)
	if got := w.conversations.drained(); len(got) > 0 {
		t.Errorf("an old member was drained again: %v", got)
	}
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object(); got["alert_email"] != nil {
		t.Errorf("stored: %v", got)
	}
	if got := w.call(t, w.agent, "GET", "/api/v1/teams", nil).want(http.StatusOK).ids(); !slices.Equal(got, []string{created.text("id")}) {
		t.Errorf("list: %v", got)
	}
	w.call(t, w.admin, "DELETE", path, nil).want(http.StatusNoContent)
	w.call(t, w.agent, "GET", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestPipelinesKeepTheirStages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", "/api/v1/pipelines", object{
		"name": "Repairs", "stages": []object{{"name": "New"}, {"name": "Done"}},
	}).want(http.StatusCreated)
	path := "/api/v1/pipelines/" + created.text("id")
	first := created.object()["stages"].([]any)[0].(object)
	changed := w.call(t, w.admin, "PATCH", path, object{
		"stages": []object{{"id": first["id"], "name": "Fresh"}, {"name": "Waiting"}},
	}).want(http.StatusOK).object()
	stages := changed["stages"].([]any)
	if stages[0].(object)["id"] != first["id"] || stages[0].(object)["name"] != "Fresh" || changed["name"] != "Repairs" {
		t.Errorf("got %v", changed)
	}
	w.call(t, w.admin, "PATCH", path, object{"stages": []object{{"id": "of-another", "name": "X"}}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "stages")
	w.call(t, w.admin, "PATCH", path, object{
		"stages": []object{{"id": first["id"], "name": "X"}, {"id": first["id"], "name": "Y"}},
	}).wantProblem(http.StatusUnprocessableEntity, "invalid", "stages")
	w.call(t, w.agent, "GET", path, nil).want(http.StatusOK)
	if got := w.call(t, w.agent, "GET", "/api/v1/pipelines", nil).want(http.StatusOK).ids(); !slices.Contains(got, created.text("id")) {
		t.Errorf("list: %v", got)
	}
}

func TestAccountPoliciesChangeOneByOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.call(t, w.admin, "GET", "/api/v1/account", nil).want(http.StatusOK).object()
	after := w.call(t, w.admin, "PATCH", "/api/v1/account", object{
		"tickets_from_channels": false, "close_after_quiet": 86400,
	}).want(http.StatusOK).object()
	if after["tickets_from_channels"] != false || after["close_after_quiet"] != 86400.0 ||
		after["tickets_per_contact"] != before["tickets_per_contact"] {
		t.Errorf("before %v, after %v", before, after)
	}
	if got := w.call(t, w.admin, "GET", "/api/v1/account", nil).object(); got["close_after_quiet"] != 86400.0 {
		t.Errorf("stored: %v", got)
	}
}

func TestListsAreReadPageByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.person(t, inbox.Agent{Name: "Bob"})
	}
	var seen []string
	path := "/api/v1/agents?limit=2"
	for page := 0; ; page++ {
		got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK)
		seen = append(seen, got.ids()...)
		next, more := got.object()["next_cursor"].(string)
		if !more {
			break
		}
		path = "/api/v1/agents?limit=2&cursor=" + next
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(seen))); len(seen) != 5 || len(unique) != 5 {
		t.Errorf("read %v", seen)
	}
}
