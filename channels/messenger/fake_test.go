package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/test/standins/fakemessenger"
)

// strict sends to the stand-in, to which somebody wrote some time ago.
func strict(t *testing.T, ago time.Duration) (*messenger.Channel, *fakemessenger.Server) {
	t.Helper()
	facebook := fakemessenger.New("4711", secret, fakemessenger.Page{ID: "100", Name: "Pumps", Token: token})
	t.Cleanup(facebook.Close)
	facebook.Wrote("100", "200", time.Now().Add(-ago))
	api, err := graph.New(facebook.GraphURL(), secret)
	require.NoError(t, err)
	return &messenger.Channel{API: api, Pages: &pages{}}, facebook
}

func TestAMessageThatLeftBeforeTheConnectionBrokeIsNotSentAgain(t *testing.T) {
	t.Parallel()
	channel, facebook := strict(t, time.Hour)
	facebook.Fail(fakemessenger.Failure{Drop: true})
	out := outgoing(inbox.WindowOpen, inbox.AuthorAgent)
	_, err := channel.Send(t.Context(), out)
	failure := failureOf(t, err)
	assert.Equal(t, channels.Unknown, failure.Outcome)
	assert.Positive(t, failure.RetryAfter)
	_, found, err := channel.Sent(t.Context(), out)
	assert.False(t, found)
	require.Error(t, err, "without an error it would be sent again")
	left := facebook.Sent()
	require.Len(t, left, 1)
	assert.Equal(t, out.Message.ID, left[0].Metadata, "by which the echo tells")
}

func TestFacebookAcceptsWhatTheWindowAllows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ago  time.Duration
		as   inbox.WindowState
		want inbox.Code
	}{
		"an answer within a day":       {23 * time.Hour, inbox.WindowOpen, ""},
		"a person's within a week":     {6 * 24 * time.Hour, inbox.WindowHumanAgent, ""},
		"though we thought it open":    {25 * time.Hour, inbox.WindowOpen, inbox.CodeWindowClosed},
		"though we thought it a week":  {8 * 24 * time.Hour, inbox.WindowHumanAgent, inbox.CodeWindowClosed},
		"somebody who is not known to": {-1, inbox.WindowOpen, inbox.CodeContactUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel, facebook := strict(t, c.ago)
			out := outgoing(c.as, inbox.AuthorAgent)
			if c.want == inbox.CodeContactUnreachable {
				out.Conversation.ThreadKey = messenger.ThreadKey("100", "999")
			}
			_, err := channel.Send(t.Context(), out)
			if c.want == "" {
				require.NoError(t, err)
				assert.Len(t, facebook.Sent(), 1)
				return
			}
			failure := failureOf(t, err)
			assert.Equal(t, c.want, failure.Code)
			assert.Equal(t, channels.Final, failure.Outcome)
			assert.Empty(t, facebook.Sent())
		})
	}
}

var _ channels.Fetcher = (*messenger.Channel)(nil)
