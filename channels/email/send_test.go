package email_test

import (
	"errors"
	"testing"
	"time"

	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

// connected is an answer by a channel with a mailbox of the provider's.
func connected(t *testing.T, provider inbox.Provider) channels.Outgoing {
	t.Helper()
	out := answer(t, `{}`)
	out.Channel.Provider, out.Channel.Account = provider, "support@acme.test"
	return out
}

func TestAnAnswerLeavesThroughTheConnectedMailbox(t *testing.T) {
	t.Parallel()
	for provider, name := range map[inbox.Provider]string{
		inbox.ProviderGmail: `"Ann Example at Acme" <support@acme.test>`, inbox.ProviderIMAP: `"Ann Example at Acme" <support@acme.test>`,
		inbox.ProviderOffice365: "<support@acme.test>",
	} {
		var box box
		if _, err := (&email.Channel{Mailboxes: &box, Domain: domain}).Send(t.Context(), connected(t, provider)); err != nil {
			t.Fatal(err)
		}
		got := box.got[0]
		if got.From != "support@acme.test" || got.To != "ada@example.com" || got.MessageID != "m3@"+domain || got.InReplyTo != "m2@"+domain ||
			!got.ComposedAt.Equal(written) {
			t.Errorf("%s: %+v", provider, got)
		}
		if from := rawHeader(t, got.Raw, "From"); from != name || rawHeader(t, got.Raw, "Reply-To") != "" ||
			rawHeader(t, got.Raw, "Message-Id") != "<m3@"+domain+">" {
			t.Errorf("%s: %s", provider, got.Raw)
		}
	}
}

func TestAProvidersMessageIDTakesThePlaceOfOurs(t *testing.T) {
	t.Parallel()
	const theirs = "AM0PR@acme.onmicrosoft.com"
	box := box{accepted: mailbox.Accepted{ID: "AAMk", MessageID: theirs}, found: true}
	kind := &email.Channel{Mailboxes: &box, Domain: domain}
	if accepted, err := kind.Send(t.Context(), connected(t, inbox.ProviderOffice365)); err != nil || accepted.ProviderMessageID != theirs {
		t.Errorf("sent: %+v, %v", accepted, err)
	}
	accepted, found, err := kind.Sent(t.Context(), connected(t, inbox.ProviderOffice365))
	if err != nil || !found || accepted.ProviderMessageID != theirs {
		t.Errorf("looked up: %+v, %t, %v", accepted, found, err)
	}
}

func TestTheOutcomeFollowsWhatTheMailboxSays(t *testing.T) {
	t.Parallel()
	refused := &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: errors.New("550")}
	for name, test := range map[string]struct {
		box        box
		sent, seen channels.Outcome
		after      time.Duration
	}{
		"revoked":           {box{openErr: mailbox.ErrRejected}, channels.Retry, channels.Retry, 0},
		"revoked meanwhile": {box{err: mailbox.ErrRejected}, channels.Retry, channels.Retry, 0},
		"throttled":         {box{err: &mailbox.Throttled{After: time.Minute}}, channels.Retry, channels.Retry, time.Minute},
		"out of reach":      {box{openErr: errors.New("no route")}, channels.Retry, channels.Retry, 0},
		"refused for good":  {box{err: refused}, channels.Final, channels.Final, 0},
	} {
		kind := &email.Channel{Mailboxes: &test.box, Domain: domain}
		_, err := kind.Send(t.Context(), connected(t, inbox.ProviderGmail))
		fails(t, name+", sent", err, test.sent, test.after)
		_, _, err = kind.Sent(t.Context(), connected(t, inbox.ProviderGmail))
		fails(t, name+", looked up", err, test.seen, test.after)
	}
	_, err := (&email.Channel{Mailboxes: &box{err: errors.New("reset")}, Domain: domain}).Send(t.Context(), connected(t, inbox.ProviderGmail))
	fails(t, "broken, to be looked up", err, channels.Unknown, time.Minute)
	_, err = new(email.Channel).Send(t.Context(), connected(t, inbox.ProviderGmail))
	fails(t, "no mailboxes", err, channels.Retry, 0)
}

func TestAFailedTryBySMTPIsReportedAsItIs(t *testing.T) {
	t.Parallel()
	failure := &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, Err: errors.New("hung up")}
	server := mailServer{err: failure}
	_, err := (&email.Channel{Mail: &server, Domain: domain}).Send(t.Context(), answer(t, `{}`))
	fails(t, "hung up", err, channels.Unknown, 0)
}

func TestWhatBecameOfAMailIsAskedByItsMessageID(t *testing.T) {
	t.Parallel()
	var box box
	kind := &email.Channel{Mailboxes: &box, Domain: domain}
	_, found, err := kind.Sent(t.Context(), connected(t, inbox.ProviderGmail))
	if err != nil || found || len(box.asked) != 1 || box.asked[0].MessageID != "m3@"+domain || !box.asked[0].ComposedAt.Equal(written) {
		t.Errorf("asked %v: %t, %v", box.asked, found, err)
	}
	_, _, err = kind.Sent(t.Context(), answer(t, `{}`))
	fails(t, "SMTP", err, channels.Unknown, 0)
}

func TestEachProviderHasItsQueue(t *testing.T) {
	t.Parallel()
	for provider, want := range map[inbox.Provider]string{
		inbox.ProviderNone: mail.Queue, inbox.ProviderIMAP: mail.Queue,
		inbox.ProviderGmail: email.GmailQueue, inbox.ProviderOffice365: email.Office365Queue,
	} {
		if got := new(email.Channel).Queue(inbox.Channel{Provider: provider}); got != want {
			t.Errorf("%s: %s", provider, got)
		}
	}
}

func fails(t *testing.T, name string, err error, outcome channels.Outcome, after time.Duration) {
	t.Helper()
	failure, ok := errors.AsType[*channels.SendError](err)
	if !ok || failure.Outcome != outcome || failure.RetryAfter != after || failure.Code == "" {
		t.Errorf("%s: %v", name, err)
	}
}
