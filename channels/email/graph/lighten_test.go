package graph_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/test/standins/fakegraph"
)

// heavy is a mail with attachments of these sizes.
func heavy(t *testing.T, sizes ...int) mailbox.Outgoing {
	t.Helper()
	m := mail.Mail{
		From: "team@example.com", To: "grace@example.com", Subject: "Größe", MessageID: "heavy@switchboard.example",
		Text: "In the attachments.", HTML: "<p>In the attachments.</p>",
	}
	for i, size := range sizes {
		m.Attachments = append(m.Attachments, mail.Attachment{
			Name: fmt.Sprintf("größe %d.bin", i), ContentType: "application/pdf", Data: bytes.Repeat([]byte{byte(i)}, size),
		})
	}
	raw, err := m.Raw()
	require.NoError(t, err)
	return mailbox.Outgoing{Raw: raw, From: m.From, To: m.To, MessageID: m.MessageID}
}

func TestLargeAttachmentsTravelByThemselves(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	_, err := open(t, server).Send(t.Context(), heavy(t, 1000, 2_500_000, 7_000_001))
	require.NoError(t, err)

	sent := server.Sent()[0]
	require.Equal(t, []fakegraph.Attachment{
		{Name: "größe 2.bin", ContentType: "application/pdf", Data: bytes.Repeat([]byte{2}, 7_000_001)},
		{Name: "größe 1.bin", ContentType: "application/pdf", Data: bytes.Repeat([]byte{1}, 2_500_000)},
	}, sent.Attachments)
	rest, err := enmime.ReadEnvelope(bytes.NewReader(sent.Raw))
	require.NoError(t, err)
	require.Empty(t, rest.Errors)
	require.Equal(t, "Größe", rest.GetHeader("Subject"))
	require.Contains(t, rest.Text, "In the attachments.")
	require.Contains(t, rest.HTML, "<p>In the attachments.</p>")
	require.Len(t, rest.Attachments, 1)
	require.Equal(t, "größe 0.bin", rest.Attachments[0].FileName)
	require.Equal(t, make([]byte, 1000), rest.Attachments[0].Content)
}

func TestNoMessageLeavesWithoutItsAttachments(t *testing.T) {
	t.Parallel()
	for path, size := range map[string]int{"/attachments": 2_500_000, "/createUploadSession": 4_000_000, "authtoken=t": 4_000_000} {
		for status, want := range map[int]channels.Outcome{
			http.StatusInternalServerError:   channels.Retry,
			http.StatusRequestEntityTooLarge: channels.Final,
		} {
			server := fakegraph.Start(t)
			fault := fakegraph.Fail(status, "ErrorOfSomeKind")
			if path == "authtoken=t" {
				server.Once("/createUploadSession", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
					server.Once("", fault)
					api.ServeHTTP(w, r)
				})
			} else {
				server.Once(path, fault)
			}
			_, err := open(t, server).Send(t.Context(), heavy(t, size, size))
			failed, ok := errors.AsType[*channels.SendError](err)
			require.True(t, ok, path)
			require.Equal(t, want, failed.Outcome, path)
			require.Empty(t, server.Drafts(), path)

			_, err = open(t, server).Send(t.Context(), heavy(t, size, size))
			require.NoError(t, err)
			require.Len(t, server.Sent(), 1)
		}
	}
}

func TestAMessageThatIsTooLargeByItselfIsRefused(t *testing.T) {
	t.Parallel()
	out := answer()
	out.Raw = append(out.Raw, bytes.Repeat([]byte("A long line.\r\n"), 300_000)...)
	_, err := open(t, fakegraph.Start(t)).Send(t.Context(), out)
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Final, failed.Outcome)
}
