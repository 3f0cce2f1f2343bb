package gmail_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
)

func TestLookingForATryEndsWhereTheMessageWasComposed(t *testing.T) {
	t.Parallel()
	query := "?format=metadata&metadataHeaders=Message-ID&metadataHeaders=X-Switchboard-Message-Id"
	client := script(t, map[string]string{
		"/messages?includeSpamTrash=true&labelIds=SENT&maxResults=50": `{"messages":[{"id":"later"},{"id":"earlier"},{"id":"never asked"}],"nextPageToken":"p"}`,
		"/messages/later" + query:                                     `{"internalDate":"1764000000000"}`,
		"/messages/earlier" + query:                                   `{"internalDate":"1763990000000"}`,
	})
	_, found, err := client.Sent(t.Context(), mailbox.Outgoing{MessageID: "one@switchboard.example", ComposedAt: time.UnixMilli(1764000000000)})
	require.NoError(t, err)
	require.False(t, found)
}

func TestAThreadThatWasDeletedMeanwhileIsNoReasonToGiveUp(t *testing.T) {
	t.Parallel()
	client := script(t, map[string]string{
		"/messages?maxResults=1&q=rfc822msgid%3Aquestion%40example.com": `{"messages":[{"id":"m","threadId":"t"}]}`,
		"/upload/gmail/v1/users/me/messages/send?uploadType=multipart":  "404",
	})
	_, err := client.Send(t.Context(), mailbox.Outgoing{MessageID: "one@switchboard.example", InReplyTo: "question@example.com"})
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Retry, failed.Outcome)
}

func TestAnIDThatIsNoSingleWordIsNotSearchedFor(t *testing.T) {
	t.Parallel()
	client := script(t, map[string]string{"/upload/gmail/v1/users/me/messages/send?uploadType=multipart": "400"})
	_, err := client.Send(t.Context(), mailbox.Outgoing{InReplyTo: "x OR in:anywhere"})
	require.Error(t, err)
}
