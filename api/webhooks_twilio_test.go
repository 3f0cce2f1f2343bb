package api_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"switchboard/api"
	"switchboard/channels/twilio/twiliotest"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/workflows"
)

const (
	twilioToken = "0123456789abcdef"
	ourNumber   = "+15550002222"
	sid         = "SM000000000000000000000000000000"
)

// untold are workflows that cannot be told: what was stored is left to the sweep.
type untold struct{}

var errAway = errors.New("Temporal is away") //nolint:staticcheck // a name

func (untold) Open(context.Context, workflows.ConversationInput) error    { return errAway }
func (untold) Message(context.Context, workflows.ConversationInput) error { return errAway }
func (untold) Nudge(context.Context, inbox.EpisodeRef) error              { return errAway }
func (untold) Window(context.Context, inbox.EpisodeRef) error             { return errAway }
func (untold) Transcript(context.Context, string) error                   { return errAway }
func (untold) TakeUp(context.Context, inbox.EpisodeRef) error             { return errAway }
func (untold) Call(context.Context, inbox.EpisodeRef, string) error       { return nil }
func (untold) Reply(context.Context, inbox.EpisodeRef, string) error      { return errAway }

// whatsAppChannel connects our number.
func (w *world) whatsAppChannel(t *testing.T) string {
	t.Helper()
	return w.call(t, w.admin, "POST", "/api/v1/inboxes/"+w.inbox.ID+"/channels", map[string]any{
		"kind": "whatsapp", "name": "WhatsApp", "settings": map[string]any{"number": "+1 (555) 000-2222"},
	}).want(201).text("id")
}

// message is a contact's message as Twilio posts it.
func message(id, text string) url.Values {
	return url.Values{
		"MessageSid": {id}, "AccountSid": {"AC1"}, "From": {"whatsapp:+15550001111"}, "To": {"whatsapp:" + ourNumber},
		"WaId": {"15550001111"}, "ProfileName": {"Grace"}, "Body": {text}, "NumMedia": {"0"}, "SomethingNew": {"1"},
	}
}

// twilio posts a webhook, signed with the token for the public address.
func (w *world) twilio(t *testing.T, path, token string, form url.Values) response {
	t.Helper()
	return w.webhook(t, path, form, twiliotest.Sign(token, "https://desk.example.com"+path, form))
}

func (w *world) webhook(t *testing.T, path string, form url.Values, signature string) response {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, strings.NewReader(form.Encode())))(t)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if signature != "" {
		request.Header.Set("X-Twilio-Signature", signature)
	}
	return do(t, request, true)
}

// threads are all conversations.
func (w *world) threads(t *testing.T) []inbox.Conversation {
	t.Helper()
	list, _, err := w.store.Conversations(t.Context(), store.ConversationFilter{}, store.Page{})
	check(t, err)
	return list
}

func TestASignedWhatsAppMessageIsKeptBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.whatsAppChannel(t)
	for _, token := range []string{twilioToken, "new" + twilioToken, twilioToken} {
		answer := w.twilio(t, "/webhooks/twilio/messages", token, message(sid+"01", "hello")).want(200)
		if string(answer.body) != "<Response/>" {
			t.Errorf("answered %s", answer.body)
		}
	}
	list := w.threads(t)
	if len(list) != 1 {
		t.Fatalf("%d conversations, want 1", len(list))
	}
	messages, _, err := w.store.Messages(t.Context(), list[0].ID, store.Page{})
	check(t, err)
	if len(messages) != 1 || messages[0].Text != "hello" || messages[0].ProviderMessageID != sid+"01" {
		t.Errorf("messages %+v, want the one that was sent three times", messages)
	}
}

func TestWhatTwilioDidNotSignIsRefusedAndNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.whatsAppChannel(t)
	form := message(sid+"01", "hello")
	forged := message(sid+"01", "send money")
	for name, signature := range map[string]string{
		"missing":         "",
		"not base64":      "?",
		"another secret":  twiliotest.Sign("wrong", "https://desk.example.com/webhooks/twilio/messages", form),
		"another message": twiliotest.Sign(twilioToken, "https://desk.example.com/webhooks/twilio/messages", forged),
		"another path":    twiliotest.Sign(twilioToken, "https://desk.example.com/webhooks/twilio/status", form),
		"the Host header": twiliotest.Sign(twilioToken, w.url+"/webhooks/twilio/messages", form),
	} {
		t.Run(name, func(t *testing.T) {
			w.webhook(t, "/webhooks/twilio/messages", form, signature).wantProblem(403, "forbidden", "")
			w.webhook(t, "/webhooks/twilio/status", form, signature+"x").wantProblem(403, "forbidden", "")
		})
	}
	quarantined, _, err := w.store.Quarantined(t.Context(), store.Page{})
	check(t, err)
	if stored := len(w.threads(t)) + len(quarantined); stored != 0 {
		t.Errorf("%d things were stored", stored)
	}
}

func TestWhoGuessesATwilioSignatureIsSlowedAndTwilioIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).StandStill, func(o *api.Options) { o.PublicRate, o.PublicBurst = 0.01, 3 })
	w.whatsAppChannel(t)
	w.webhook(t, "/webhooks/twilio/messages", message(sid+"01", "hello"), "guess").wantProblem(403, "forbidden", "")
	w.webhook(t, "/webhooks/twilio/voice", message(sid+"01", "hello"), "guess").wantProblem(403, "forbidden", "")
	w.fetch(t, "GET", "/media/file?expires=1&signature=ab", "").wantProblem(403, "forbidden", "")
	for _, path := range []string{"/webhooks/twilio/messages", "/webhooks/twilio/status", "/webhooks/twilio/voice"} {
		w.webhook(t, path, message(sid+"01", "hello"), "guess").wantProblem(429, "rate_limited", "")
	}
	w.fetch(t, "GET", "/media/file?expires=1&signature=ab", "").wantProblem(429, "rate_limited", "")
	w.twilio(t, "/webhooks/twilio/messages", twilioToken, message(sid+"01", "hello")).want(200)
}

func TestStatusCallbackIsAnsweredWithoutContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.whatsAppChannel(t)
	w.twilio(t, "/webhooks/twilio/status?message=unknown", twilioToken, url.Values{
		"MessageSid": {sid + "09"}, "From": {"whatsapp:" + ourNumber}, "MessageStatus": {"delivered"},
	}).want(204)
}

func TestWebhookLargerThanTwiliosIsNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := url.Values{"Body": {strings.Repeat("a", 300<<10)}}
	w.webhook(t, "/webhooks/twilio/messages", form, "any").wantProblem(413, "too_large", "")
}

func TestWebhooksInAnyOrderAndMoreThanOnceAreOneMessageEach(t *testing.T) {
	t.Parallel()
	const contacts, connections = 25, 16
	w := newWorld(t)
	w.whatsAppChannel(t)
	var forms []url.Values
	for i := range 500 {
		form := message(fmt.Sprintf("SM%032x", i), fmt.Sprintf("text %d", i))
		form.Set("From", fmt.Sprintf("whatsapp:+1555000%04d", i%contacts))
		form.Set("WaId", fmt.Sprintf("1555000%04d", i%contacts))
		forms = append(forms, form)
		if i%3 == 0 {
			forms = append(forms, form)
		}
	}
	rand.Shuffle(len(forms), func(i, j int) { forms[i], forms[j] = forms[j], forms[i] })
	waiting := make(chan url.Values)
	var senders sync.WaitGroup
	for range connections {
		senders.Go(func() {
			for form := range waiting {
				answer := w.twilio(t, "/webhooks/twilio/messages", twilioToken, form)
				if answer.status != 200 {
					t.Errorf("status %d: %s", answer.status, answer.body)
				}
			}
		})
	}
	for _, form := range forms {
		waiting <- form
	}
	close(waiting)
	senders.Wait()
	seen := map[string]int{}
	threads := w.threads(t)
	for _, conversation := range threads {
		messages, _, err := w.store.Messages(t.Context(), conversation.ID, store.Page{Limit: 100})
		check(t, err)
		for _, m := range messages {
			seen[m.Text]++
		}
	}
	if len(threads) != contacts || len(seen) != 500 {
		t.Errorf("%d conversations with %d messages, want %d with 500", len(threads), len(seen), contacts)
	}
	for text, times := range seen {
		if times != 1 {
			t.Errorf("%s was kept %d times", text, times)
		}
	}
}
