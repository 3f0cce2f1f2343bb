package e2e

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/cmd/dev/outbox"
	"switchboard/inbox"
)

// providers are what a newcomer tries without an account anywhere.
var providers = []struct {
	statement string
	holds     func(*testing.T, *dev)
}{
	{"a message by Messenger is routed, and answered in its window", messengerIsAnswered},
	{"Messenger's default chatflow answers at once", messengerIsAnsweredAtOnce},
	{"two days later a person's answer by Messenger carries the tag", messengerIsAnsweredLate},
	{"a message by WhatsApp is routed, and answered by text and by template", whatsAppIsAnswered},
	{"a caller is put through to the assignee's phone", callsAreAnswered},
	{"nothing comes in that a provider did not sign", forgedWebhooksAreRefused},
}

func TestProvidersThatNobodyConnectedAreTheOutbox(t *testing.T) {
	d := startDev(t, t.TempDir())
	for _, p := range providers {
		t.Run(p.statement, func(t *testing.T) { p.holds(t, d) })
	}
}

func messengerIsAnswered(t *testing.T, d *dev) {
	d.messenger(t, "7001", time.Now())
	d.messenger(t, "7001", time.Now())
	conversation := d.routedFrom(t, inbox.KindMessenger, 1)
	if conversation.Window.State != "open" {
		t.Errorf("the window is %+v", conversation.Window)
	}
	sent := d.answered(t, conversation, "messenger-open")
	if sent.Body["messaging_type"] != "RESPONSE" || sent.Body["tag"] != nil || sent.Answer.Status != http.StatusOK {
		t.Errorf("answered by %+v", sent)
	}
}

func messengerIsAnsweredAtOnce(t *testing.T, d *dev) {
	flow, _ := inbox.DefaultChatflow(inbox.KindMessenger)
	d.outbox(t, "instant reply", func(r outbox.Request) bool {
		message, _ := r.Body["message"].(map[string]any)
		to, _ := r.Body["recipient"].(map[string]any)
		return message["text"] == flow.Steps[0].Text && to["id"] == "7001" && r.Body["messaging_type"] == "RESPONSE"
	})
}

func messengerIsAnsweredLate(t *testing.T, d *dev) {
	d.messenger(t, "7002", time.Now().Add(-48*time.Hour))
	conversation := d.routedFrom(t, inbox.KindMessenger, 2)
	if conversation.Window.State != "human_agent" {
		t.Errorf("the window is %+v", conversation.Window)
	}
	sent := d.answered(t, conversation, "messenger-late")
	if sent.Body["messaging_type"] != "MESSAGE_TAG" || sent.Body["tag"] != "HUMAN_AGENT" {
		t.Errorf("answered by %+v", sent)
	}
}

func whatsAppIsAnswered(t *testing.T, d *dev) {
	number := d.channel(t, inbox.KindWhatsApp).Number
	d.twilio(t, http.StatusOK, "/webhooks/twilio/messages", d.info.Twilio.AuthToken, url.Values{
		"MessageSid": {"SM00000000000000000000000000000001"}, "From": {"whatsapp:+12025550123"}, "To": {"whatsapp:" + number},
		"WaId": {"12025550123"}, "ProfileName": {"Grace " + personal}, "Body": {"Is it ready? " + personal}, "NumMedia": {"0"},
	})
	conversation := d.routedFrom(t, inbox.KindWhatsApp, 1)
	sent := d.answered(t, conversation, "whatsapp-text")
	if sent.Body["From"] != "whatsapp:"+number || sent.Body["To"] != "whatsapp:+12025550123" {
		t.Errorf("answered by %+v", sent)
	}
	const template = "HX00000000000000000000000000000001"
	approved := change[contract.TemplateList](t, d.admin, 200, "POST", "/api/v1/channels/"+conversation.ChannelID+"/templates/refresh", nil)
	if len(approved.Templates) != 2 || approved.Templates[1].ID != template {
		t.Errorf("approved are %+v", approved)
	}
	d.admin.replies(t, conversation.ID, "whatsapp-template",
		settings{"template": settings{"id": template, "variables": settings{"1": "Grace", "2": "4711"}}})
	sent = d.outbox(t, "template", func(r outbox.Request) bool { return r.Body["ContentSid"] == template })
	if sent.Body["ContentVariables"] != `{"1":"Grace","2":"4711"}` || sent.Body["Body"] != nil {
		t.Errorf("the template left as %+v", sent)
	}
}

var phoneInDial = regexp.MustCompile(`<Dial .*<Number .*>(\+\d+)</Number>`)

func callsAreAnswered(t *testing.T, d *dev) {
	form := url.Values{
		"CallSid": {"CA00000000000000000000000000000001"}, "CallStatus": {"ringing"}, "Direction": {"inbound"},
		"From": {"+12025550123"}, "To": {d.channel(t, inbox.KindCall).Number},
	}
	greeting := d.twilio(t, http.StatusOK, "/webhooks/twilio/voice", d.info.Twilio.AuthToken, form)
	if !bytes.Contains(greeting.body, []byte("<Say")) {
		t.Errorf("the caller hears %s", greeting.body)
	}
	conversation := d.routedFrom(t, inbox.KindCall, 1)
	form.Set("CallStatus", "in-progress")
	eventually(t, func() error {
		next := d.twilio(t, http.StatusOK, "/webhooks/twilio/voice?step=next", d.info.Twilio.AuthToken, form)
		dialled := phoneInDial.FindSubmatch(next.body)
		for _, agent := range d.info.Agents {
			if dialled != nil && agent.ID == *conversation.AssigneeID && agent.Phone == string(dialled[1]) {
				return nil
			}
		}
		return fmt.Errorf("the caller is not put through: %s", next.body)
	})
}

func forgedWebhooksAreRefused(t *testing.T, d *dev) {
	before := len(d.conversations(t, contract.Channel{ID: d.channel(t, inbox.KindMessenger).ID}))
	body := d.messengerBody(t, "7003", time.Now())
	forged := d.signedByFacebook(body, "somebody else's secret")
	d.public().refused(t, http.StatusForbidden, forged)
	d.twilio(t, http.StatusForbidden, "/webhooks/twilio/messages", "somebody else's token", url.Values{
		"MessageSid": {"SM00000000000000000000000000000009"}, "From": {"whatsapp:+12025550199"},
		"To": {"whatsapp:" + d.channel(t, inbox.KindWhatsApp).Number}, "WaId": {"12025550199"}, "Body": {"x"}, "NumMedia": {"0"},
	})
	if after := len(d.conversations(t, contract.Channel{ID: d.channel(t, inbox.KindMessenger).ID})); after != before {
		t.Errorf("%d conversations became %d", before, after)
	}
}

// messenger delivers a message as Facebook does.
func (d *dev) messenger(t *testing.T, sender string, at time.Time) {
	t.Helper()
	d.public().must(t, http.StatusOK, d.signedByFacebook(d.messengerBody(t, sender, at), d.info.Messenger.AppSecret))
}

func (d *dev) messengerBody(t *testing.T, sender string, at time.Time) []byte {
	t.Helper()
	page := d.channel(t, inbox.KindMessenger).PageID
	body, err := json.Marshal(settings{"object": "page", "entry": []settings{{"id": page, "time": at.UnixMilli(), "messaging": []settings{{
		"sender": settings{"id": sender}, "recipient": settings{"id": page}, "timestamp": at.UnixMilli(),
		"message": settings{"mid": "m_" + sender, "text": "Does it flicker? " + personal},
	}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (d *dev) signedByFacebook(body []byte, secret string) request {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return request{
		method: http.MethodPost, path: "/webhooks/messenger", contentType: "application/json", body: body,
		header: http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}},
	}
}

// twilio sends a form as Twilio does.
func (d *dev) twilio(t *testing.T, status int, path, token string, form url.Values) answer {
	t.Helper()
	form.Set("AccountSid", d.info.Twilio.AccountSID)
	return d.public().must(t, status, signedByTwilio(t, d.info.Twilio.PublicURL+path, token, form))
}

// signedByTwilio is a form for a public address.
func signedByTwilio(t *testing.T, address, token string, form url.Values) request {
	t.Helper()
	public, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	signed := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		signed += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(signed))
	return request{
		method: http.MethodPost, path: public.RequestURI(), contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode()),
		header: http.Header{"X-Twilio-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}},
	}
}

// routedFrom waits until so many conversations came by a channel of the demo data
// and are routed with a ticket, and returns the latest.
func (d *dev) routedFrom(t *testing.T, kind inbox.ChannelKind, number int) contract.Conversation {
	t.Helper()
	found := d.awaitRouted(t, contract.Channel{ID: d.channel(t, kind).ID}, number)
	if len(found) != number || found[0].AssigneeID == nil {
		t.Fatalf("by %s came %+v", kind, found)
	}
	return slices.MaxFunc(found, func(a, b contract.Conversation) int { return a.CreatedAt.Compare(b.CreatedAt) })
}

// answered answers a conversation, waits until the provider tells that the answer
// arrived, and returns what the provider was sent.
func (d *dev) answered(t *testing.T, conversation contract.Conversation, clientID string) outbox.Request {
	t.Helper()
	text := clientID + " " + personal
	reply := d.admin.replies(t, conversation.ID, clientID, settings{"text": text})
	sent := d.outbox(t, "answer "+clientID, func(r outbox.Request) bool {
		message, _ := r.Body["message"].(map[string]any)
		return r.Method == http.MethodPost && (r.Body["Body"] == text || message["text"] == text)
	})
	d.awaitState(t, conversation.ID, reply.ID, "delivered")
	return sent
}
