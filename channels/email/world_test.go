package email_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
)

var (
	_ channels.Sender         = (*email.Channel)(nil)
	_ channels.Addresser      = (*email.Channel)(nil)
	_ channels.Reconciler     = (*email.Channel)(nil)
	_ channels.Previewer      = (*email.Channel)(nil)
	_ channels.ChannelChecker = (*email.Channel)(nil)
)

// written is when the agent wrote.
var written = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// answer is an agent's answer to a contact's mail, by a channel with the
// settings.
func answer(t *testing.T, settings string) channels.Outgoing {
	t.Helper()
	return channels.Outgoing{
		Account:      inbox.Account{Name: "Acme"},
		Channel:      inbox.Channel{ID: "channel", Settings: checked(t, settings), HostedToken: token},
		Conversation: inbox.Conversation{ID: conversation, Subject: "The pump rattles"},
		Contact:      inbox.Contact{Identities: []inbox.Identity{inbox.EmailIdentity("ada@example.com")}},
		Agent:        inbox.Agent{Name: "Ann Example"},
		Message: inbox.Message{
			Text: "Please send a picture.", ProviderMessageID: "m3", Author: inbox.Author{Kind: inbox.AuthorAgent},
			CreatedAt: written,
		},
		References: []string{"m1@mail.example.com", "m2"},
	}
}

func checked(t *testing.T, settings string) json.RawMessage {
	t.Helper()
	normalised, err := new(email.Channel).CheckSettings(json.RawMessage(settings))
	if err != nil {
		t.Fatal(err)
	}
	return normalised
}

// must returns v, or fails the test when err is not nil.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sent is a mail as it came to its server.
type sent struct {
	from, to string
	raw      []byte
	*enmime.Envelope
}

// mailServer remembers what it was handed, or fails.
type mailServer struct {
	got []sent
	err error
}

func (s *mailServer) SendRaw(_ context.Context, from, to string, raw []byte) error {
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err == nil {
		_, err = mail.ReadMessage(bytes.NewReader(raw))
	}
	s.got = append(s.got, sent{from, to, raw, envelope})
	return errors.Join(err, s.err)
}

// leaves sends by SMTP and returns what the server got.
func leaves(t *testing.T, out channels.Outgoing) sent {
	t.Helper()
	var server mailServer
	accepted, err := (&email.Channel{Mail: &server, Domain: domain}).Send(t.Context(), out)
	if err != nil || len(server.got) != 1 {
		t.Fatalf("sent %d mails, %v", len(server.got), err)
	}
	if accepted.ProviderMessageID != "" {
		t.Errorf("SMTP knows an id: %s", accepted.ProviderMessageID)
	}
	return server.got[0]
}

// box is a mailbox that does as told, and the only one there is.
type box struct {
	got      []mailbox.Outgoing
	asked    []mailbox.Outgoing
	accepted mailbox.Accepted
	found    bool
	err      error
	// openErr keeps everybody from the mailbox.
	openErr error
}

func (b *box) SenderFor(_ context.Context, channelID string) (mailbox.Sender, error) {
	if channelID != "channel" {
		return nil, errors.New("there is no such mailbox")
	}
	return b, b.openErr
}

func (b *box) Send(_ context.Context, out mailbox.Outgoing) (mailbox.Accepted, error) {
	b.got = append(b.got, out)
	return b.accepted, b.err
}

func (b *box) Sent(_ context.Context, out mailbox.Outgoing) (mailbox.Accepted, bool, error) {
	b.asked = append(b.asked, out)
	return b.accepted, b.found, b.err
}
