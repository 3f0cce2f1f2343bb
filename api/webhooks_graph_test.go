package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/inbox"
	"switchboard/store"
)

// graphTells posts what Microsoft Graph does.
func (w *world) graphTells(t *testing.T, query, contentType, body string) response {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/webhooks/graph"+query, strings.NewReader(body)))(t)
	request.Header.Set("Content-Type", contentType)
	return do(t, request, false)
}

// subscribed connects an e-mail channel whose provider tells us with a secret.
func (w *world) subscribed(t *testing.T, id, secret string) (channelID string) {
	t.Helper()
	channelID, _ = w.email(t)
	must(w.store.ConnectMailbox(t.Context(), store.Mailbox{
		ChannelID: channelID, Provider: inbox.ProviderOffice365, Address: id + "@company.test", Credentials: []byte{1}, ConnectedAt: time.Now(),
	}))(t)
	hash := sha256.Sum256([]byte(secret))
	check(t, w.store.SaveSubscription(t.Context(), must(w.store.Mailbox(t.Context(), channelID))(t), store.Subscription{
		ID: id, Key: hex.EncodeToString(hash[:]), RenewAt: time.Now().Add(time.Hour),
	}))
	return channelID
}

func notification(id, secret, more string) string {
	return fmt.Sprintf(`{"subscriptionId": %q, "clientState": %q, "tenantId": "84bd8158"%s}`, id, secret, more)
}

const newMail = `, "changeType": "created", "resource": "Users/1/Messages/2", "resourceData": {"id": "2"}`

func TestGraphsQuestionIsAnsweredInItsWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const token = "Validation: Testing client <b>&+%20 täst"
	got := w.graphTells(t, "?validationToken="+url.QueryEscape(token), "text/plain; charset=utf-8", "")
	got.want(200)
	if string(got.body) != token || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") ||
		got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %v", got.body, got.header)
	}
}

func TestAMailboxThatGraphTellsOfIsReadAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.subscribed(t, "one", "first secret"), w.subscribed(t, "two", "second secret")
	w.graphTells(t, "", "application/json; charset=utf-8", `{"value": [`+strings.Join([]string{
		notification("one", "first secret", newMail), notification("one", "second secret", newMail), notification("two", "second secret", newMail),
		notification("one", "first secret", newMail), notification("three", "third secret", newMail),
	}, ",")+`]}`).want(202)
	heard := w.readers.heard()
	slices.Sort(heard)
	want := []string{"hint " + one, "hint " + two}
	slices.Sort(want)
	if !slices.Equal(heard, want) {
		t.Errorf("told %v, want %v", heard, want)
	}
}

func TestWhoeverShowsNoSecretOfOursTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.PublicRate, o.PublicBurst = 0.001, 6 })
	w.subscribed(t, "one", "first secret")
	for name, body := range map[string]string{
		"a guess": notification("one", "guess", newMail), "no secret": notification("one", "", newMail),
		"no id": notification("", "first secret", newMail), "neither": `{}`,
	} {
		t.Log(name)
		w.graphTells(t, "", "application/json", `{"value": [`+body+`]}`).wantProblem(403, "forbidden", "")
	}
	w.graphTells(t, "", "application/json", `{"value": []}`).wantProblem(403, "forbidden", "")
	w.graphTells(t, "", "application/json", `not JSON`).wantProblem(422, "invalid", "body")
	w.graphTells(t, "", "application/json", `{"value": "x"}`).wantProblem(422, "invalid", "body")
	w.graphTells(t, "", "application/json", `{"value": []}`).wantProblem(403, "forbidden", "")
	w.graphTells(t, "", "application/json", `{"value": []}`).wantProblem(429, "rate_limited", "")
	if heard := w.readers.heard(); len(heard) != 0 {
		t.Errorf("told %v", heard)
	}
	w.graphTells(t, "", "application/json", `{"value": [`+notification("one", "first secret", newMail)+`]}`).want(202)
}

func TestASubscriptionThatEndsIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"subscriptionRemoved", "reauthorizationRequired", "missed"} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			channel := w.subscribed(t, "one", "first secret")
			w.graphTells(t, "", "application/json", `{"value": [`+notification("one", "guess", `, "lifecycleEvent": "`+event+`"`)+`]}`).
				wantProblem(403, "forbidden", "")
			if stored := must(w.store.Mailbox(t.Context(), channel))(t); stored.Subscription.RenewAt.IsZero() {
				t.Error("a stranger ended it")
			}
			w.graphTells(t, "", "application/json", `{"value": [`+notification("one", "first secret", `, "lifecycleEvent": "`+event+`"`)+`]}`).want(202)
			if stored := must(w.store.Mailbox(t.Context(), channel))(t); !stored.Subscription.RenewAt.IsZero() {
				t.Errorf("it is asked for at %s", stored.Subscription.RenewAt)
			}
			if heard := w.readers.heard(); !slices.Equal(heard, []string{"hint " + channel}) {
				t.Errorf("told %v", heard)
			}
		})
	}
}
