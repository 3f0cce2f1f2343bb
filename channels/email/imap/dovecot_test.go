package imap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/test/standins/dovecot"
)

const (
	user     = "team"
	password = "sehr geheim, ß"
)

// account is a mailbox at a Dovecot of its own.
type account struct {
	server   *dovecot.Server
	settings imap.Settings
}

func open(t *testing.T, extra string) account {
	t.Helper()
	server := dovecot.Start(t, map[string]string{user: password}, extra)
	return account{server: server, settings: imap.Settings{
		Address: "team@example.com",
		IMAP: imap.Server{
			Host: "127.0.0.1", Port: server.TLSPort, TLS: mail.TLSImplicit, Username: user, Password: password,
		},
		SMTP:  imap.Server{Host: "127.0.0.1", Port: 25, TLS: mail.TLSNone},
		Roots: server.Roots,
	}}
}

func (a account) client(t *testing.T) *imap.Client {
	t.Helper()
	client, err := imap.Dial(t.Context(), a.settings)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// read reads what there is in one page.
func read(t *testing.T, client mailbox.Client, cursor string) mailbox.Batch {
	t.Helper()
	batch, err := client.Read(t.Context(), cursor)
	require.NoError(t, err)
	return batch
}

func letter(subject string) []byte {
	return fmt.Appendf(nil, "From: grace@example.com\r\nTo: team@example.com\r\nMessage-ID: <%s@example.com>\r\n"+
		"Subject: %s\r\n\r\nIt flickers, Grüße.\r\n", subject, subject)
}

// subjects are what the messages of a batch are about.
func subjects(batch mailbox.Batch) []string {
	var found []string
	for _, m := range batch.Messages {
		_, rest, _ := strings.Cut(string(m.Raw), "\r\nSubject: ")
		subject, _, _ := strings.Cut(rest, "\r\n")
		found = append(found, subject)
	}
	return found
}
