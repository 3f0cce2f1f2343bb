package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"switchboard/inbox"
)

func (w *world) channelsOf(inboxID string) string { return "/api/v1/inboxes/" + inboxID + "/channels" }

func TestAChannelStartsWithEverythingOffAndTakingIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "chat", "name": "Shop"}).
		want(http.StatusCreated).object()
	rule, tickets := created["assignment"].(object), created["tickets"].(object)
	if created["enabled"] != true || created["state"] != "connected" || rule["mode"] != "off" ||
		rule["only_available"] != true || rule["answer_within"] != 0.0 || tickets["enabled"] != false ||
		tickets["owner"] != "assignee" || len(created["settings"].(object)) == 0 {
		t.Errorf("got %v", created)
	}
	path := "/api/v1/channels/" + created["id"].(string)
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object(); got["name"] != "Shop" {
		t.Errorf("stored: %v", got)
	}
	if got := w.call(t, w.agent, "GET", w.channelsOf(w.inbox.ID), nil).ids(); !slices.Contains(got, created["id"].(string)) {
		t.Errorf("list: %v", got)
	}
}

func TestSettingsAreAsTheContractDocumentsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := must(openapi3.NewLoader().LoadFromFile("openapi.yaml"))(t)
	for kind, schema := range map[string]string{
		"chat": "ChatSettings", "email": "EmailSettings", "form": "FormSettings",
	} {
		created := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": kind, "name": "Shop"}).want(http.StatusCreated)
		settings := created.object()["settings"].(object)
		if err := doc.Components.Schemas[schema].Value.VisitJSON(settings); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		for name := range doc.Components.Schemas[schema].Value.Properties {
			if _, present := settings[name]; !present {
				t.Errorf("%s: %s is documented, but not there", kind, name)
			}
		}
	}
}

func TestAChannelIsChangedPartByPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	team := must(w.store.CreateTeam(t.Context(), inbox.Team{Name: "Service"}))(t)
	path := "/api/v1/channels/" + w.channel.ID
	w.call(t, w.admin, "PATCH", path, object{"assignment": object{
		"mode": "specific", "agent_ids": []string{w.agent.ID}, "fallback_team_id": team.ID, "answer_within": 300,
	}}).want(http.StatusOK)
	got := w.call(t, w.admin, "PATCH", path, object{"assignment": object{"fallback_team_id": nil, "strategy": "least_busy"}}).
		want(http.StatusOK).object()
	rule := got["assignment"].(object)
	if rule["mode"] != "specific" || rule["answer_within"] != 300.0 || rule["fallback_team_id"] != nil ||
		rule["strategy"] != "least_busy" || got["revision"] != 3.0 || got["name"] != "Website" {
		t.Errorf("got %v", got)
	}
	got = w.call(t, w.admin, "PATCH", path, object{"assignment": nil, "tickets": object{"enabled": true}, "enabled": false}).
		want(http.StatusOK).object()
	if got["assignment"].(object)["mode"] != "off" || got["tickets"].(object)["enabled"] != true || got["enabled"] != false {
		t.Errorf("got %v", got)
	}
}

func TestOnlyAgentsWithASeatEnterARuleAndStayWithoutIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seatless := w.person(t, inbox.Agent{Name: "Bob"})
	path := "/api/v1/channels/" + w.channel.ID
	rule := func(agents ...string) object {
		return object{"assignment": object{"mode": "specific", "agent_ids": agents}}
	}
	refused := w.call(t, w.admin, "PATCH", path, rule(seatless.ID)).
		wantProblem(http.StatusUnprocessableEntity, "seat_required", "assignment.agent_ids")
	if refused["remedy"] == nil {
		t.Error("no remedy")
	}
	w.call(t, w.admin, "PATCH", path, rule(w.agent.ID)).want(http.StatusOK)
	w.call(t, w.admin, "PATCH", "/api/v1/agents/"+w.agent.ID, object{"seat": false}).want(http.StatusOK)
	w.call(t, w.admin, "PATCH", path, object{"name": "Shop"}).want(http.StatusOK)
}

func TestARemovedChannelIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	receipt := w.conversation(t, "pumps")
	path := "/api/v1/channels/" + w.channel.ID
	w.call(t, w.admin, "DELETE", path, nil).want(http.StatusNoContent)
	w.call(t, w.admin, "GET", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.call(t, w.agent, "GET", "/api/v1/conversations/"+receipt.ConversationID, nil).want(http.StatusOK)
}

func TestFormsAndChatsHaveNothingToConnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(t, w.admin, "POST", "/api/v1/channels/"+w.channel.ID+"/connect", nil).
		wantProblem(http.StatusConflict, "nothing_to_connect", "")
}

func TestKindsThatAreNotOfferedAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "messenger", "name": "Page"}).
		wantProblem(http.StatusUnprocessableEntity, "channel_kind_not_offered", "kind")
}

func TestATeamsAddressIsConnectedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := func(address string) object {
		return object{"kind": "email", "name": "Support", "settings": object{"address": address}}
	}
	first := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), channel("support@acme.test")).want(http.StatusCreated)
	w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), channel("Support@Acme.test")).
		wantProblem(http.StatusConflict, "already_connected", "")
	w.call(t, w.admin, "PATCH", "/api/v1/channels/"+first.text("id"), object{"settings": object{"address": ""}}).want(http.StatusOK)
	w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), channel("support@acme.test")).want(http.StatusCreated)
}

func TestOnlyAnEmailChannelHasAHostedAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for kind, has := range map[string]bool{"email": true, "chat": false} {
		made := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": kind, "name": "Support"}).
			want(http.StatusCreated).object()
		address, told := made["hosted_address"].(string)
		if told != has || has && !regexp.MustCompile(`^[a-z2-7]{26}@in\.example\.com$`).MatchString(address) {
			t.Errorf("%s: %v", kind, made)
		}
	}
}

func TestOffice365OffersNoFromName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := must(w.store.CreateChannel(t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindEmail, Name: "Support", Enabled: true, State: inbox.ChannelConnected,
		Account: "support@acme.test", Provider: inbox.ProviderOffice365,
		Settings:   json.RawMessage(`{"from_name":"agent_and_company"}`), // from before it was connected
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}))(t)
	path := "/api/v1/channels/" + channel.ID
	for _, name := range []string{"company", "agent_and_company"} {
		w.call(t, w.admin, "PATCH", path, object{"settings": object{"from_name": name}}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", "settings.from_name")
	}
	got := w.call(t, w.admin, "PATCH", path, object{"name": "Help"}).want(http.StatusOK).object()
	if _, offered := got["settings"].(object)["from_name"]; offered || got["name"] != "Help" {
		t.Errorf("got %v", got)
	}
}

func TestFormsAndChatsAreEmbedded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "form", "name": "Site"}).want(http.StatusCreated)
	embed := w.call(t, w.admin, "GET", "/api/v1/channels/"+channel.text("id")+"/embed", nil).want(http.StatusOK)
	if !strings.Contains(embed.text("html"), "https://desk.example.com/forms/"+channel.text("id")) {
		t.Errorf("got %s", embed.body)
	}
	embed = w.call(t, w.admin, "GET", "/api/v1/channels/"+w.channel.ID+"/embed", nil).want(http.StatusOK)
	if want := `<script async src="https://desk.example.com/chat/` + w.channel.ID + `/widget.js"></script>`; embed.text("html") != want {
		t.Errorf("got %s", embed.body)
	}
}

func TestInboxesAreManaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", "/api/v1/inboxes", object{"name": "Sales"}).want(http.StatusCreated)
	path := "/api/v1/inboxes/" + created.text("id")
	changed := w.call(t, w.admin, "PATCH", path, object{"agent_capacity": 5}).want(http.StatusOK).object()
	if changed["name"] != "Sales" || changed["agent_capacity"] != 5.0 {
		t.Errorf("got %v", changed)
	}
	if got := w.conversations.drained(); !slices.Contains(got, w.agent.ID) || !slices.Contains(got, w.admin.ID) {
		t.Errorf("a capacity is used at once, drained towards %v", got)
	}
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK); got.object()["agent_capacity"] != 5.0 {
		t.Errorf("stored: %s", got.body)
	}
}

func TestAnInboxIsCreatedTogetherWithAChannelOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", "/api/v1/inboxes", object{
		"name": "Sales", "channel": object{"kind": "form", "name": "Quote"},
	}).want(http.StatusCreated)
	channel := created.object()["channel"].(object)
	if channel["inbox_id"] != created.text("id") || channel["kind"] != "form" {
		t.Errorf("got %s", created.body)
	}
	w.call(t, w.admin, "GET", "/api/v1/channels/"+channel["id"].(string), nil).want(http.StatusOK)
	before := w.call(t, w.admin, "GET", "/api/v1/inboxes", nil).ids()
	w.call(t, w.admin, "POST", "/api/v1/inboxes", object{
		"name": "Half", "channel": object{"kind": "form", "name": "Quote", "assignment": object{"mode": "specific", "team_ids": []string{"nobody"}}},
	}).wantProblem(http.StatusUnprocessableEntity, "invalid", "channel.assignment.team_ids")
	if after := w.call(t, w.admin, "GET", "/api/v1/inboxes", nil).ids(); !slices.Equal(before, after) {
		t.Errorf("an inbox without its channel was left: %v, before %v", after, before)
	}
}
