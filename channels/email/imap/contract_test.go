package imap_test

import (
	"context"
	"testing"

	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/mailboxtest"
)

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	mailboxtest.Run(t, func(t *testing.T) mailboxtest.Mailbox {
		a := open(t, "")
		a.settings.Folder = "Support"
		program := a.server.Program(t, user)
		program.Must(program.Create("Support", nil).Wait())
		return mailboxtest.Mailbox{
			Client: func(t *testing.T) mailbox.Client { return &lazy{account: &a} },
			Deliver: func(_ *testing.T, raw []byte) {
				program.Deliver("Support", raw)
			},
			Delete: func(_ *testing.T, messageID string) { program.Expunge("Support", messageID) },
			Expire: func(*testing.T) { program.Renew("Support") },
			Reject: func(*testing.T) { a.settings.IMAP.Password = "changed" },
		}
	})
}

// lazy dials at its first use, since the contract expects a refusal from Read.
type lazy struct {
	account *account
	client  *imap.Client
}

func (l *lazy) Read(ctx context.Context, cursor string) (mailbox.Batch, error) {
	if l.client == nil {
		client, err := imap.Dial(ctx, l.account.settings)
		if err != nil {
			return mailbox.Batch{}, err
		}
		l.client = client
	}
	return l.client.Read(ctx, cursor)
}

func (l *lazy) Close() error {
	if l.client == nil {
		return nil
	}
	return l.client.Close()
}
