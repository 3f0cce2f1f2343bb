package api_test

import (
	"net/http"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/messenger"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/secrets"
	"switchboard/store"
)

// asksConsent offers Messenger; keys says whether anything can be sealed.
func asksConsent(t *testing.T, keys bool) func(*api.Options) {
	t.Helper()
	return func(o *api.Options) {
		o.Kinds = append(o.Kinds, &messenger.Channel{})
		if keys {
			o.Mailboxes.Keys = must(secrets.New())(t)
		}
	}
}

func TestExplicitConsentNeedsKeys(t *testing.T) {
	t.Parallel()
	page := func(mode string) object {
		return object{"kind": "messenger", "name": "Page", "settings": object{"consent": object{"mode": mode, "text": "We keep what you write."}}}
	}
	w := newWorld(t, asksConsent(t, false))
	path := "/api/v1/inboxes/" + w.inbox.ID + "/channels"
	w.call(t, w.admin, "POST", path, page("explicit")).wantProblem(http.StatusUnprocessableEntity, "invalid", "settings.consent.mode")
	w.call(t, w.admin, "POST", path, page("implicit")).want(http.StatusCreated)
	w.call(t, w.admin, "POST", path, page("perhaps")).wantProblem(http.StatusUnprocessableEntity, "invalid", "settings.consent.mode")
	w.call(t, w.admin, "POST", path, object{"kind": "messenger", "name": "Page", "settings": object{"consent": object{"mode": "implicit"}}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "settings.consent.text")

	w = newWorld(t, asksConsent(t, true))
	channel := w.call(t, w.admin, "POST", "/api/v1/inboxes/"+w.inbox.ID+"/channels", page("explicit")).want(http.StatusCreated).object()
	if consent := channel["settings"].(object)["consent"].(object); consent["button"] != "I agree" || consent["ask_again"] != false {
		t.Errorf("settings %v", consent)
	}
}

func TestConsentsAndWhatWaitsForThemAreShown(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	rule := inbox.ConsentRule{Mode: inbox.ConsentExplicit, Text: "We keep what you write.", Button: "I agree"}
	says := func(id string, agrees bool) store.Receipt {
		in := store.Inbound{
			Channel: w.channel, ThreadKey: "page:7", ProviderMessageID: id,
			Sender: inbox.Sender{Identities: []inbox.Identity{{Kind: inbox.IdentityMessenger, Value: "page:7"}}},
		}
		in.Gate = &store.Gate{
			Rule: rule, Sealed: must(in.Content())(t), Agrees: agrees, Enough: routing.Consents, Until: routing.HeldUntil(time.Now()),
		}
		return must(w.store.Receive(ctx, in))(t)
	}
	receipt := says("1", false)
	path := "/api/v1/conversations/" + receipt.ConversationID
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object(); got["awaits_consent"] != true {
		t.Errorf("conversation %v", got)
	}
	messages := w.call(t, w.agent, "GET", path+"/messages", nil).want(http.StatusOK).object()["items"].([]any)
	if messages[0].(object)["state"] != "held" {
		t.Errorf("messages %v", messages)
	}
	ref := inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}
	contact := must(w.store.ResolveContact(ctx, ref))(t).ContactID
	open := func(sealed []byte, _ string) ([]byte, error) { return sealed, nil }
	must(w.store.Consent(ctx, ref, rule, time.Now(), routing.Consent, open))(t)
	press := says("2", true)
	must(w.store.Consent(ctx, ref, rule, time.Now(), routing.Consent, open))(t)
	consents := w.call(t, w.agent, "GET", "/api/v1/contacts/"+contact+"/consents", nil).want(http.StatusOK).object()["items"].([]any)
	if len(consents) != 1 {
		t.Fatalf("consents %v", consents)
	}
	consent := consents[0].(object)
	if consent["mode"] != "explicit" || consent["text"] != rule.Text || consent["wording"] != rule.Wording() || consent["message_id"] != press.MessageID {
		t.Errorf("consent %v", consent)
	}
	w.call(t, w.agent, "GET", path+"/timeline", nil).want(http.StatusOK)
	w.call(t, w.agent, "GET", "/api/v1/contacts/nobody/consents", nil).wantProblem(http.StatusNotFound, "not_found", "")
}
