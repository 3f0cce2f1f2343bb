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

func TestTextAndFilesLeaveAsOneMessageEach(t *testing.T) {
	t.Parallel()
	channel, facebook := strict(t, time.Hour)
	out := outgoing(inbox.WindowOpen, inbox.AuthorAgent)
	out.Files = []channels.File{
		{Name: "a plan ä.png", ContentType: "image/png", Data: []byte("png")},
		{Name: "notes.txt", ContentType: "text/plain; charset=utf-8", Data: []byte("notes")},
		{Name: "unknown", Data: []byte{1}},
		{Name: "large.jpg", ContentType: "image/jpeg", Data: make([]byte, 9<<20)},
	}
	for _, file := range out.Files {
		out.Message.Attachments = append(out.Message.Attachments, inbox.Attachment{Name: file.Name, Size: int64(len(file.Data))})
	}
	require.NoError(t, channel.CheckAddress(out))
	parts := channel.Parts(out.Message)
	require.Len(t, parts, 5)
	for number := range parts {
		accepted, err := channel.Send(t.Context(), out.OnePart(parts, number+1))
		require.NoError(t, err)
		require.NotEmpty(t, accepted.ProviderMessageID)
	}
	sent := facebook.Sent()
	require.Len(t, sent, 5)
	require.Equal(t, "Hello", sent[0].Text)
	for i, want := range []string{"", "image", "file", "file", "file"} {
		require.Equal(t, want, sent[i].FileType)
		id, part := messenger.ReadMetadata(sent[i].Metadata)
		require.Equal(t, out.Message.ID, id)
		require.Equal(t, i+1, part)
		if i > 0 {
			require.Equal(t, out.Files[i-1].Data, sent[i].File)
			require.Equal(t, out.Files[i-1].Name, sent[i].FileName)
			require.Empty(t, sent[i].QuickReplies)
		}
	}
}

func TestAFileWithoutATextIsOneMessage(t *testing.T) {
	t.Parallel()
	channel, facebook := strict(t, time.Hour)
	out := outgoing(inbox.WindowHumanAgent, inbox.AuthorAgent)
	out.Message.Text, out.Message.QuickReplies = "", nil
	out.Files = []channels.File{{Name: "a.pdf", ContentType: "application/pdf", Data: []byte("pdf")}}
	out.Message.Attachments = []inbox.Attachment{{Name: "a.pdf", Size: 3}}
	require.Len(t, channel.Parts(out.Message), 1)
	_, err := channel.Send(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, out.Message.ID, facebook.Sent()[0].Metadata)
	require.Equal(t, "HUMAN_AGENT", facebook.Sent()[0].Tag)
	require.Equal(t, []byte("pdf"), facebook.Sent()[0].File)
}

func TestAFileThatCouldNotBeHandedOverWasCertainlyNotSent(t *testing.T) {
	t.Parallel()
	channel, facebook := strict(t, time.Hour)
	out := outgoing(inbox.WindowOpen, inbox.AuthorAgent)
	out.Message.Text = ""
	out.Files = []channels.File{{Name: "a.pdf", ContentType: "application/pdf", Data: []byte("pdf")}}
	for failure, want := range map[fakemessenger.Failure]channels.Outcome{
		{Drop: true}:                channels.Retry, // the answer is lost
		{Status: 500}:               channels.Retry,
		{Status: 400, Code: 613}:    channels.Retry,
		{Status: 400, Code: 100}:    channels.Final,
		{Status: 401, Code: 190}:    channels.Retry,
		{Status: 403, Code: 200}:    channels.Final,
		{Status: 500, Code: 2}:      channels.Retry,
		{Status: 503, Code: 999999}: channels.Final,
	} {
		facebook.Refuse(fakemessenger.Uploads, failure)
		_, err := channel.Send(t.Context(), out)
		require.Equal(t, want, failureOf(t, err).Outcome, "%+v", failure)
	}
	require.Empty(t, facebook.Sent())
}

func TestMetadataOfOthersIsTheirs(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]int{"": 0, "id": 0, "id/2": 2, "id/0": 0, "id/-1": 0, "id/x": 0, "a/b/1": 0} {
		id, part := messenger.ReadMetadata(metadata)
		require.Equal(t, want, part, metadata)
		if part == 0 {
			require.Equal(t, metadata, id)
		}
	}
}
