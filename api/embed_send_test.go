package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

// mailer keeps what is mailed, or fails.
type mailer struct {
	sync.Mutex
	mails []mail.Mail
	err   error
}

func (m *mailer) Send(_ context.Context, sent mail.Mail) error {
	m.Lock()
	defer m.Unlock()
	if m.err == nil {
		m.mails = append(m.mails, sent)
	}
	return m.err
}

func TestWhatToPasteIsMailedToADeveloper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "form", "name": "Site"}).want(http.StatusCreated)
	path := "/api/v1/channels/" + channel.text("id") + "/embed"
	embed := w.call(t, w.admin, "GET", path, nil).want(http.StatusOK)
	w.call(t, w.admin, "POST", path+"/send", object{"email": "developer@example.com"}).want(http.StatusNoContent)

	if len(w.mailer.mails) != 1 {
		t.Fatalf("%d mails", len(w.mailer.mails))
	}
	sent := w.mailer.mails[0]
	if !strings.HasSuffix(sent.MessageID, "@desk.example.com") {
		t.Errorf("no mail server takes the message id %q", sent.MessageID)
	}
	if sent.To != "developer@example.com" || sent.ReplyTo != w.admin.Email || !strings.Contains(sent.Subject, "Site") ||
		!strings.Contains(sent.Text, embed.text("html")) || !strings.Contains(sent.Text, embed.text("instructions")) {
		t.Errorf("mailed %+v", sent)
	}
}

func TestWhatCannotBeMailedIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "form", "name": "Site"}).want(http.StatusCreated)
	path := "/api/v1/channels/" + channel.text("id") + "/embed/send"
	for _, refused := range []struct {
		failure error
		status  int
		code    string
	}{
		{&channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry}, http.StatusServiceUnavailable, "unavailable"},
		{&channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final}, http.StatusBadGateway, "delivery_failed"},
		{errors.New("the line is cut"), http.StatusBadGateway, "delivery_unknown"},
	} {
		w.mailer.err = refused.failure
		w.call(t, w.admin, "POST", path, object{"email": "developer@example.com"}).wantProblem(refused.status, refused.code, "")
	}
	w.call(t, w.admin, "POST", path, object{"email": "a@b@c"}).wantProblem(http.StatusUnprocessableEntity, "invalid", "email")
	w.call(t, w.admin, "POST", "/api/v1/channels/"+channel.text("inbox_id")+"/embed/send", object{"email": "developer@example.com"}).
		wantProblem(http.StatusNotFound, "not_found", "")
}

func TestAnAdminMailsWhatToPasteTenTimesAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).StandStill)
	channel := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "form", "name": "Site"}).want(http.StatusCreated)
	path := "/api/v1/channels/" + channel.text("id") + "/embed/send"
	for range 10 {
		w.call(t, w.admin, "POST", path, object{"email": "developer@example.com"}).want(http.StatusNoContent)
	}
	w.call(t, w.admin, "POST", path, object{"email": "developer@example.com"}).
		wantProblem(http.StatusTooManyRequests, "rate_limited", "")
}
