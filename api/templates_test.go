package api_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

const contentSID = "HX0123456789abcdef0123456789abcdef"

// orderReady is a template that WhatsApp approved.
var orderReady = inbox.ApprovedTemplate{
	ID: contentSID, Name: "order_ready", Language: "en", Body: "Hello {{1}}, your order is ready.", Variables: []string{"1"},
}

// whatsAppConversation is one on a channel with an approved template.
func (w *world) whatsAppConversation(t *testing.T) (conversationID string) {
	t.Helper()
	id := w.whatsAppChannel(t)
	w.approving.templates = []inbox.ApprovedTemplate{orderReady}
	w.call(t, w.admin, "POST", "/api/v1/channels/"+id+"/templates/refresh", nil).want(200)
	w.twilio(t, "/webhooks/twilio/messages", twilioToken, message(sid+"01", "hello")).want(200)
	return w.threads(t)[0].ID
}

func TestRefusalForATemplateListsTheApprovedOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.whatsAppConversation(t)
	w.conversations.refuse(inbox.Errorf(inbox.CodeTemplateRequired, "Too late."))
	problem := w.call(t, w.agent, "POST", "/api/v1/conversations/"+id+"/replies", object{"text": "Hi"}).
		wantProblem(409, "template_required", "")
	templates, _ := problem["templates"].([]any)
	if len(templates) != 1 {
		t.Fatalf("templates %v, want the approved one", problem["templates"])
	}
	template, _ := templates[0].(map[string]any)
	if template["id"] != contentSID || template["name"] != "order_ready" || len(template["variables"].([]any)) != 1 {
		t.Errorf("template %v", template)
	}
	chat := w.conversation(t, "pumps")
	problem = w.call(t, w.agent, "POST", "/api/v1/conversations/"+chat.ConversationID+"/replies", object{"text": "Hi"}).
		wantProblem(409, "template_required", "")
	if list, ok := problem["templates"].([]any); !ok || len(list) != 0 {
		t.Errorf("templates %v, want none", problem["templates"])
	}
}

func TestAgentsListTheTemplatesThatTheProviderApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/channels/" + w.whatsAppChannel(t) + "/templates"
	never := w.call(t, w.agent, "GET", path, nil).want(200).object()
	if never["fetched_at"] != nil || len(never["templates"].([]any)) != 0 {
		t.Errorf("before the provider was asked: %v", never)
	}
	w.call(t, w.agent, "POST", path+"/refresh", nil).wantProblem(403, "forbidden", "")
	w.call(t, w.admin, "POST", path+"/refresh", nil).wantProblem(503, "unavailable", "")

	w.approving.templates = []inbox.ApprovedTemplate{orderReady}
	refreshed := w.call(t, w.admin, "POST", path+"/refresh", nil).want(200)
	listed := w.call(t, w.agent, "GET", path, nil).want(200)
	if string(refreshed.body) != string(listed.body) {
		t.Errorf("refreshed %s, listed %s", refreshed.body, listed.body)
	}
	if got := listed.object(); got["fetched_at"] == nil || got["error_code"] != nil || len(got["templates"].([]any)) != 1 {
		t.Errorf("listed %v", got)
	}

	check(t, w.store.TemplatesFailed(t.Context(), inbox.KindWhatsApp, inbox.CodeProviderNotSetUp, time.Now(), time.Now()))
	if got := w.call(t, w.agent, "GET", path, nil).object(); got["error_code"] != "provider_not_set_up" || len(got["templates"].([]any)) != 1 {
		t.Errorf("after the provider was asked in vain: %v", got)
	}
	other := "/api/v1/channels/" + w.channel.ID + "/templates"
	if got := w.call(t, w.agent, "GET", other, nil).want(200).object(); len(got["templates"].([]any)) != 0 {
		t.Errorf("a chat has templates: %v", got)
	}
	w.call(t, w.admin, "POST", other+"/refresh", nil).wantProblem(422, "channel_kind_not_offered", "")
	w.call(t, w.agent, "GET", "/api/v1/channels/nothing/templates", nil).wantProblem(404, "not_found", "")
}

func TestSettingsFromWhenTemplatesWereListedByHandAreStillSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.whatsAppChannel(t)
	channel := must(w.store.Channel(t.Context(), id))(t)
	channel.Settings = []byte(`{"number":"` + ourNumber + `","templates":[{"id":"` + contentSID + `","name":"x","language":"en","body":"x"}]}`)
	must(w.store.UpdateChannel(t.Context(), channel))(t)
	edited := w.call(t, w.admin, "PATCH", "/api/v1/channels/"+id, object{"name": "Renamed"}).want(200).object()
	if settings := edited["settings"].(object); settings["templates"] != nil || settings["number"] != ourNumber {
		t.Errorf("settings %v", settings)
	}
	w.call(t, w.admin, "PATCH", "/api/v1/channels/"+id, object{"settings": object{"templates": []object{}}}).
		wantProblem(422, "invalid", "settings")
}

func TestAnApprovedTemplateIsSentAndShownFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.whatsAppConversation(t)
	replies := "/api/v1/conversations/" + id + "/replies"
	sent := w.call(t, w.agent, "POST", replies, object{"template": object{"id": contentSID, "variables": object{"1": "Grace"}}}).want(201)
	if got := sent.text("text"); got != "Hello Grace, your order is ready." {
		t.Errorf("the conversation shows %q", got)
	}
	stored, _, err := w.store.Messages(t.Context(), id, store.Page{})
	check(t, err)
	if last := stored[len(stored)-1]; last.Template == nil || last.Template.ID != contentSID || last.Template.Variables["1"] != "Grace" {
		t.Errorf("template %+v", last.Template)
	}

	w.call(t, w.agent, "POST", replies, object{"template": object{"id": contentSID}}).
		wantProblem(422, "invalid", "template.variables.1")
	w.call(t, w.agent, "POST", replies, object{"template": object{"id": contentSID, "variables": object{"1": "a", "2": "b"}}}).
		wantProblem(422, "invalid", "template.variables.2")
	w.call(t, w.agent, "POST", replies, object{"template": object{"id": "HXffffffffffffffffffffffffffffffff"}}).
		wantProblem(422, "invalid", "template.id")
	w.call(t, w.agent, "POST", replies, object{}).wantProblem(422, "invalid", "text")
	chat := w.conversation(t, "pumps")
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+chat.ConversationID+"/replies", object{"template": object{"id": contentSID}}).
		wantProblem(422, "invalid", "template.id")
}

func TestANumberIsConnectedOnceAndInItsOneForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.whatsAppChannel(t)
	create := func(number string) response {
		return w.call(t, w.admin, "POST", "/api/v1/inboxes/"+w.inbox.ID+"/channels", object{
			"kind": "whatsapp", "name": "Again", "settings": object{"number": number},
		})
	}
	create("+15550002222").wantProblem(409, "already_connected", "")
	create("5550002222").wantProblem(422, "invalid", "settings.number")
	create("").wantProblem(422, "invalid", "settings.number")
	create("+15550003333").want(201)
}
