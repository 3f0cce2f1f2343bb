package messenger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
)

const secret, token = "app-secret", "page-token"

// pages has one connected page and remembers what was rejected.
type pages struct{ rejected []messenger.Page }

func (*pages) Token(context.Context, string) (messenger.Page, error) {
	return messenger.Page{ChannelID: "channel", ID: "100", Token: token, Version: 3}, nil
}

func (p *pages) Rejected(_ context.Context, page messenger.Page) error {
	p.rejected = append(p.rejected, page)
	return nil
}

// channelAt sends to a server that answers as it is told.
func channelAt(t *testing.T, answer http.HandlerFunc) (*messenger.Channel, *pages) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	api, err := graph.New(server.URL+"/v26.0", secret)
	require.NoError(t, err)
	connected := &pages{}
	return &messenger.Channel{API: api, Pages: connected}, connected
}

func outgoing(state inbox.WindowState, author inbox.AuthorKind) channels.Outgoing {
	return channels.Outgoing{
		Channel:      inbox.Channel{ID: "channel", Kind: inbox.KindMessenger},
		Conversation: inbox.Conversation{ThreadKey: messenger.ThreadKey("100", "200")},
		Message: inbox.Message{
			ID: "our-id", Text: "Hello", Author: inbox.Author{Kind: author}, CreatedAt: time.Now(),
			QuickReplies: []inbox.QuickReply{{Title: "Yes", Payload: "YES"}},
		},
		Window: inbox.Window{State: state},
	}
}

func TestTheWindowDecidesHowAMessageLeaves(t *testing.T) {
	t.Parallel()
	const refused = ""
	for name, c := range map[string]struct {
		state  inbox.WindowState
		author inbox.AuthorKind
		want   string
		code   inbox.Code
	}{
		"an agent within 24 hours":      {inbox.WindowOpen, inbox.AuthorAgent, `"messaging_type":"RESPONSE"`, ""},
		"automation within 24 hours":    {inbox.WindowOpen, inbox.AuthorAutomation, `"messaging_type":"RESPONSE"`, ""},
		"an agent within 7 days":        {inbox.WindowHumanAgent, inbox.AuthorAgent, `"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT"`, ""},
		"automation within 7 days":      {inbox.WindowHumanAgent, inbox.AuthorAutomation, refused, inbox.CodeHumanAgentOnly},
		"an agent after 7 days":         {inbox.WindowClosed, inbox.AuthorAgent, refused, inbox.CodeWindowClosed},
		"automation after 7 days":       {inbox.WindowClosed, inbox.AuthorAutomation, refused, inbox.CodeWindowClosed},
		"a window that nobody computed": {"", inbox.AuthorAgent, refused, inbox.CodeWindowClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			channel, _ := channelAt(t, func(w http.ResponseWriter, r *http.Request) {
				var body json.RawMessage
				assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
				got = string(body)
				assert.Equal(t, "/v26.0/100/messages", r.URL.Path)
				assert.Equal(t, "Bearer "+token, r.Header.Get("Authorization"))
				assert.Equal(t, graph.Proof(secret, token), r.URL.Query().Get("appsecret_proof"))
				_, _ = w.Write([]byte(`{"recipient_id":"200","message_id":"m_1"}`))
			})
			accepted, err := channel.Send(t.Context(), outgoing(c.state, c.author))
			if c.want == refused {
				assert.Empty(t, got, "nothing may leave")
				failure := failureOf(t, err)
				assert.Equal(t, c.code, failure.Code)
				assert.Equal(t, channels.Final, failure.Outcome)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "m_1", accepted.ProviderMessageID)
			assert.JSONEq(t, `{"recipient":{"id":"200"},`+c.want+`,"message":{"text":"Hello","metadata":"our-id",`+
				`"quick_replies":[{"content_type":"text","title":"Yes","payload":"YES"}]}}`, got)
		})
	}
}

func failureOf(t *testing.T, err error) *channels.SendError {
	t.Helper()
	var failure *channels.SendError
	require.ErrorAs(t, err, &failure)
	return failure
}

func TestWhatFacebookSaysBecomesACodeAndAnOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, code, subcode int
		want                  inbox.Code
		outcome               channels.Outcome
		after                 time.Duration
	}{
		{400, 10, 2018278, inbox.CodeWindowClosed, channels.Final, 0},
		{400, 10, 2534022, inbox.CodeWindowClosed, channels.Final, 0},
		{400, 10, 2018065, inbox.CodePermissionMissing, channels.Final, 0},
		{400, 10, 0, inbox.CodePermissionMissing, channels.Final, 0},
		{400, 10, 2018108, inbox.CodeContactUnreachable, channels.Final, 0},
		{400, 10, 2018300, inbox.CodeOtherApp, channels.Final, 0},
		{400, 100, 2018001, inbox.CodeContactUnreachable, channels.Final, 0},
		{400, 100, 0, inbox.CodeDeliveryFailed, channels.Final, 0},
		{401, 190, 463, inbox.CodeUnavailable, channels.Retry, 0},
		{403, 200, 2018028, inbox.CodePermissionMissing, channels.Final, 0},
		{400, 551, 1545041, inbox.CodeContactUnreachable, channels.Final, 0},
		{400, 613, 0, inbox.CodeRateLimited, channels.Retry, 7 * time.Second},
		{400, 4, 0, inbox.CodeRateLimited, channels.Retry, 7 * time.Second},
		{429, 0, 0, inbox.CodeRateLimited, channels.Retry, 7 * time.Second},
		{500, 2, 0, inbox.CodeUnavailable, channels.Retry, 0},
		{400, 4711, 0, inbox.CodeDeliveryFailed, channels.Final, 0},
		{502, 0, 0, inbox.CodeDeliveryUnknown, channels.Unknown, 20 * time.Second},
	} {
		t.Run(fmt.Sprintf("%d/%d", c.code, c.subcode), func(t *testing.T) {
			t.Parallel()
			channel, connected := channelAt(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
				if c.code == 0 {
					_, _ = w.Write([]byte(`<html>somebody on the way</html>`))
					return
				}
				_, _ = fmt.Fprintf(w, `{"error":{"message":"Grace is not there","code":%d,"error_subcode":%d}}`, c.code, c.subcode)
			})
			_, err := channel.Send(t.Context(), outgoing(inbox.WindowOpen, inbox.AuthorAgent))
			failure := failureOf(t, err)
			assert.Equal(t, c.want, failure.Code)
			assert.Equal(t, c.outcome, failure.Outcome)
			assert.Equal(t, c.after, failure.RetryAfter)
			assert.NotContains(t, err.Error(), "Grace")
			if c.code == 190 {
				require.Len(t, connected.rejected, 1)
				assert.Equal(t, 3, connected.rejected[0].Version)
			} else {
				assert.Empty(t, connected.rejected)
			}
		})
	}
}

func TestACallThatWasCutOffIsUnknownAndOneThatNeverArrivedIsNot(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"broken JSON": `{"message_id":`, "no id": `{}`} {
		channel, _ := channelAt(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		_, err := channel.Send(t.Context(), outgoing(inbox.WindowOpen, inbox.AuthorAgent))
		assert.Equal(t, channels.Unknown, failureOf(t, err).Outcome, name)
	}
	channel, _ := channelAt(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := channel.Send(t.Context(), outgoing(inbox.WindowOpen, inbox.AuthorAgent))
	failure := failureOf(t, err)
	assert.Equal(t, channels.Unknown, failure.Outcome)
	assert.Positive(t, failure.RetryAfter, "the echo will tell")
	assert.NotContains(t, err.Error(), "/100/")

	api, err := graph.New("http://127.0.0.1:1", secret)
	require.NoError(t, err)
	_, err = (&messenger.Channel{API: api, Pages: &pages{}}).Send(t.Context(), outgoing(inbox.WindowOpen, inbox.AuthorAgent))
	assert.Equal(t, channels.Retry, failureOf(t, err).Outcome)
}

func TestOnlyTheEchoTellsWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	out := outgoing(inbox.WindowOpen, inbox.AuthorAgent)
	out.Message.CreatedAt, out.TriedAt = time.Now().Add(-time.Hour), time.Now() // it waited before
	_, found, err := (&messenger.Channel{}).Sent(t.Context(), out)
	failure := failureOf(t, err)
	assert.False(t, found)
	assert.Equal(t, channels.Retry, failure.Outcome, "the echo may still come")
	assert.Positive(t, failure.RetryAfter)
	out.TriedAt = time.Now().Add(-time.Hour)
	_, _, err = (&messenger.Channel{}).Sent(t.Context(), out)
	assert.Equal(t, channels.Unknown, failureOf(t, err).Outcome, "nobody can tell any more")
}

func TestWhatFacebookWouldRefuseIsRefusedBefore(t *testing.T) {
	t.Parallel()
	fits := outgoing(inbox.WindowOpen, inbox.AuthorAgent)
	require.NoError(t, (&messenger.Channel{}).CheckAddress(fits))
	for field, edit := range map[string]func(*channels.Outgoing){
		"":              func(o *channels.Outgoing) { o.Conversation.ThreadKey = "form-submission" },
		"text":          func(o *channels.Outgoing) { o.Message.Text = strings.Repeat("ä", 2000) },
		"attachments.0": func(o *channels.Outgoing) { o.Message.Attachments = []inbox.Attachment{{Name: "a"}} },
		"attachments.1": func(o *channels.Outgoing) { o.Message.Attachments = []inbox.Attachment{{Size: 1}, {Size: 25<<20 + 1}} },
		"quick_replies": func(o *channels.Outgoing) { o.Message.QuickReplies[0].Title = strings.Repeat("x", 21) },
	} {
		out := outgoing(inbox.WindowOpen, inbox.AuthorAgent)
		edit(&out)
		var refusal *inbox.Error
		require.ErrorAs(t, (&messenger.Channel{}).CheckAddress(out), &refusal)
		assert.Equal(t, field, refusal.Field)
	}
	fits.Message.Text = strings.Repeat("ä", 1999)
	assert.NoError(t, (&messenger.Channel{}).CheckAddress(fits))
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	kind := &messenger.Channel{}
	got, err := kind.CheckSettings(json.RawMessage(`{"away_message":{"text":" Later "}}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"away_message":{"text":"Later"},"consent":{"mode":"none","text":"","button":"I agree","ask_again":false}}`, string(got))
	for _, bad := range []string{`{"greet":""}`, `{"away_message":{"text":"` + strings.Repeat("x", 2000) + `"}}`} {
		_, err := kind.CheckSettings(json.RawMessage(bad))
		assert.Equal(t, inbox.CodeInvalid, inbox.CodeOf(err))
	}
}
