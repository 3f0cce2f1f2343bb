package mailboxtest

import (
	"bytes"
	"io"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/mailbox"
)

// letter is a message from a contact; servers may put headers before its own.
func letter(messageID string) []byte {
	return []byte("From: Grace <grace@example.com>\r\n" +
		"To: team@example.com\r\n" +
		"Subject: A lamp\r\n" +
		"Date: Mon, 02 Nov 2026 09:00:00 +0000\r\n" +
		"Message-ID: <" + messageID + ">\r\n" +
		"MIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: 8bit\r\n" +
		"\r\n" +
		"It flickers, Grüße.\r\n")
}

// composed is an answer with an attachment.
func composed(messageID, inReplyTo string) mailbox.Outgoing {
	var thread string
	if inReplyTo != "" {
		thread = "In-Reply-To: <" + inReplyTo + ">\r\nReferences: <" + inReplyTo + ">\r\n"
	}
	return mailbox.Outgoing{
		From: "team@example.com", To: "grace@example.com",
		MessageID: messageID, InReplyTo: inReplyTo,
		ComposedAt: time.Now(),
		Raw: []byte("From: Team <team@example.com>\r\n" +
			"To: Grace <grace@example.com>\r\n" +
			"Subject: Re: A lamp\r\n" +
			"Date: " + time.Now().Format(time.RFC1123Z) + "\r\n" +
			"Message-ID: <" + messageID + ">\r\n" + thread +
			"MIME-Version: 1.0\r\n" +
			"Content-Type: multipart/mixed; boundary=frontier\r\n" +
			"\r\n" +
			"--frontier\r\n" +
			"Content-Type: text/plain; charset=utf-8\r\n" +
			"Content-Transfer-Encoding: quoted-printable\r\n" +
			"\r\n" +
			"We send a new one, Gr=C3=BC=C3=9Fe.\r\n" +
			"--frontier\r\n" +
			"Content-Type: application/octet-stream\r\n" +
			"Content-Disposition: attachment; filename=lamp.bin\r\n" +
			"Content-Transfer-Encoding: base64\r\n" +
			"\r\n" +
			"AAECAwQF\r\n" +
			"--frontier--\r\n"),
	}
}

// parsed is a message in its two halves.
type parsed struct {
	header mail.Header
	body   string
}

func parse(t *testing.T, raw []byte) parsed {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	body, err := io.ReadAll(message.Body)
	require.NoError(t, err)
	return parsed{message.Header, lines(body)}
}

// ids are the messages' own ids, in order.
func ids(t *testing.T, messages []mailbox.Message) []string {
	t.Helper()
	found := []string{}
	for _, m := range messages {
		found = append(found, bare(parse(t, m.Raw).header.Get("Message-Id")))
	}
	return found
}

func bare(id string) string { return strings.Trim(id, "<>") }

// lines are a message's, without regard to how they end.
func lines(raw []byte) string { return strings.ReplaceAll(string(raw), "\r\n", "\n") }
