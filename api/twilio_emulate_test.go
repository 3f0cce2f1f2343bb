package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/test/standins/emulate"
)

// What signs and posts webhooks here is emulate's, not ours.
func TestTwiliosStandInIsUnderstoodBothWays(t *testing.T) {
	t.Parallel()
	const account = "AC00000000000000000000000000000001"
	var behind atomic.Pointer[httputil.ReverseProxy]
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { behind.Load().ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	w := newWorld(t, func(o *api.Options) { o.Twilio = twilio.NewSignatures(front.URL, twilioToken) })
	behind.Store(httputil.NewSingleHostReverseProxy(must(url.Parse(w.url))(t)))
	channelID := w.whatsAppChannel(t)
	server := emulate.Start(t, "twilio", map[string]any{
		"account": map[string]any{"sid": account, "auth_token": twilioToken},
		"phone_numbers": []any{map[string]any{
			"phone_number": "whatsapp:" + ourNumber, "sms_url": front.URL + "/webhooks/twilio/messages" + twilio.Repeats,
		}},
	})
	simulate := func(what string, form url.Values) {
		t.Helper()
		request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/_twilio/simulate/"+what, strings.NewReader(form.Encode())))(t)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(account, twilioToken)
		answer := must(http.DefaultClient.Do(request))(t)
		check(t, answer.Body.Close())
		if answer.StatusCode >= 300 {
			t.Fatalf("emulate answered %d", answer.StatusCode)
		}
	}

	simulate("inbound-message", url.Values{"To": {"whatsapp:" + ourNumber}, "From": {"whatsapp:+15550001111"}, "Body": {"Is it open?"}})
	threads := w.threads(t)
	if len(threads) != 1 || threads[0].ChannelID != channelID {
		t.Fatalf("conversations %+v, want one", threads)
	}
	conversation := must(w.store.Conversation(t.Context(), threads[0].ID))(t)

	reply, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: conversation.ID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}, Text: "Until six.", CreatedAt: time.Now(),
	})
	check(t, err)
	must(w.store.ClaimMessage(t.Context(), reply.ID, time.Now()))(t)
	kind := &whatsapp.Channel{
		Twilio: must(twilio.New(account, twilioToken, server.URL))(t), StatusURL: front.URL + "/webhooks/twilio/status",
	}
	accepted, err := kind.Send(t.Context(), channels.Outgoing{
		Channel: must(w.store.Channel(t.Context(), channelID))(t), Conversation: conversation, Message: reply,
	})
	check(t, err)
	// emulate tells that the message is queued before it answers the call.
	if early := must(w.store.Message(t.Context(), reply.ID))(t); early.State != inbox.MessageSent || early.ProviderMessageID != accepted.ProviderMessageID {
		t.Fatalf("the message is %s as %s, want sent as %s", early.State, early.ProviderMessageID, accepted.ProviderMessageID)
	}
	for _, status := range []string{"delivered", "sent", "read"} {
		simulate("message-status", url.Values{"MessageSid": {accepted.ProviderMessageID}, "Status": {status}})
	}
	messages, _, err := w.store.Messages(t.Context(), conversation.ID, store.Page{})
	check(t, err)
	if len(messages) != 2 || messages[0].Text != "Is it open?" || messages[1].State != inbox.MessageRead {
		t.Errorf("messages %+v", messages)
	}
}
