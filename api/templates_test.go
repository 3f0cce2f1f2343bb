package api_test

import (
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

const contentSID = "HX0123456789abcdef0123456789abcdef"

// whatsAppConversation is one on a channel with an approved template.
func (w *world) whatsAppConversation(t *testing.T) (conversationID string) {
	t.Helper()
	id := w.whatsAppChannel(t)
	w.call(t, w.admin, "PATCH", "/api/v1/channels/"+id, object{"settings": object{
		"number": ourNumber,
		"templates": []object{{
			"id": contentSID, "name": "order_ready", "language": "en", "body": "Hello {{1}}, your order is ready.",
		}},
	}}).want(200)
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
