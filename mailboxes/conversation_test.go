package mailboxes_test

import (
	"bytes"
	"context"
	"net/http"
	"net/mail"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"golang.org/x/oauth2"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/test/standins/emulate"
	"switchboard/test/standins/fakegraph"
	"switchboard/workflows"
)

func TestAConversationThroughAGmailMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := emulate.Start(t, "google", emulate.Seed(application, address))
	w.GmailURL = server.URL
	w.Google = oauth.Google(application, oauth.GoogleURLs{
		Auth: server.URL + "/o/oauth2/v2/auth", Token: server.URL + "/oauth2/token", API: server.URL,
	})
	box := server.Account(t, application, address)
	box.Deliver(letter("Message-ID: <0@example.com>\r\n"))
	w.consents(t, server, inbox.ProviderGmail)
	w.converses(t, box)
}

func TestAConversationThroughAnOffice365Mailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	login, mail := emulate.Start(t, "microsoft", emulate.Seed(application, address)), fakegraph.Start(t)
	mail.Accept(func(token string) bool { return isEntras(t, login, token) })
	w.GraphURL = mail.URL
	w.Microsoft = oauth.Microsoft(application, oauth.MicrosoftURLs{Login: login.URL, API: mail.URL})
	mail.Deliver(letter("Message-ID: <0@example.com>\r\n"))
	w.consents(t, login, inbox.ProviderOffice365)
	require.Equal(t, w.admin.ID, w.stored(t).ConnectedBy)
	w.converses(t, graphOwner{mail})
}

// owner is what a mailbox's owner sees and has happen to it.
type owner interface {
	// Deliver puts a message into the inbox and returns its id.
	Deliver(raw []byte) string
	// Left are the messages that were sent, in order.
	Left() [][]byte
}

func letter(headers string) []byte {
	return []byte("From: Grace <grace@example.com>\r\nTo: " + address + "\r\nSubject: Pumps\r\n" + headers + "\r\nDo they fit?\r\n")
}

// converses has a contact write right after the mailbox was connected, an agent
// answer and the contact answer that.
func (w *world) converses(t *testing.T, box owner) {
	t.Helper()
	steps, told := w.steps()
	box.Deliver(letter("Message-ID: <1@example.com>\r\n"))
	require.Equal(t, 1, looks(t, steps, w.channel.ID), "mail from before the mailbox was connected stays there, what came since does not")
	require.Len(t, told.opened, 1)

	ref := told.opened[0]
	_, err := steps.ResolveContact(t.Context(), ref)
	require.NoError(t, err)
	reply, _, err := w.Store.CreateReply(t.Context(), inbox.Message{
		ConversationID: ref.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.admin.ID}, Text: "Yes.", CreatedAt: w.Now(),
	})
	require.NoError(t, err)
	for range 2 {
		state, err := steps.SendMessage(t.Context(), reply.ID)
		require.NoError(t, err)
		require.Equal(t, inbox.MessageSent, state)
	}
	left := box.Left()
	require.Len(t, left, 1)
	answer, err := mail.ReadMessage(bytes.NewReader(left[0]))
	require.NoError(t, err)
	require.Equal(t, "<1@example.com>", answer.Header.Get("In-Reply-To"))
	require.Contains(t, answer.Header.Get("From"), address)
	require.Contains(t, answer.Header.Get("To"), "grace@example.com")

	// What the mailbox sent itself may be read as well, and is no news.
	box.Deliver(letter("Message-ID: <2@example.com>\r\nIn-Reply-To: " + answer.Header.Get("Message-ID") + "\r\n"))
	looks(t, steps, w.channel.ID)
	require.Equal(t, []inbox.EpisodeRef{ref}, told.continued)
	require.Len(t, told.opened, 1)
	require.Zero(t, looks(t, steps, w.channel.ID))
}

// steps are the activities of a Switchboard with the mailboxes, and what its
// workflows were told.
func (w *world) steps() (*activities.Activities, *workflowsTold) {
	told := &workflowsTold{}
	in := intake.New(w.Store, told, w.Log).Mail("mail.desk.example.com")
	return &activities.Activities{
		Store: w.Store, Mailboxes: w.Service, PollEvery: 30 * time.Second, Log: w.Log, Now: w.Now,
		TakeMail: func(ctx context.Context, channel inbox.Channel, message mailbox.Message) error {
			return in.ReceiveMail(ctx, intake.Post{Channel: channel, Raw: message.Raw, ReceivedAt: message.ReceivedAt})
		},
		Kinds: map[inbox.ChannelKind]channels.Kind{
			inbox.KindEmail: &email.Channel{Mailboxes: w.Service, Domain: "mail.desk.example.com"},
		},
	}, told
}

// workflowsTold stands in for the conversations' workflows.
type workflowsTold struct{ opened, continued []inbox.EpisodeRef }

func (w *workflowsTold) Open(_ context.Context, in workflows.ConversationInput) error {
	w.opened = append(w.opened, in.Ref)
	return nil
}

func (w *workflowsTold) Message(_ context.Context, in workflows.ConversationInput) error {
	w.continued = append(w.continued, in.Ref)
	return nil
}

func (*workflowsTold) Nudge(context.Context, inbox.EpisodeRef) error { return nil }

func (*workflowsTold) Window(context.Context, inbox.EpisodeRef) error { return nil }

func (*workflowsTold) Call(context.Context, inbox.EpisodeRef, string) error { return nil }

func (*workflowsTold) Reply(context.Context, inbox.EpisodeRef, string) error { return nil }

func (*workflowsTold) Transcript(context.Context, string) error { return nil }

func (*workflowsTold) TakeUp(context.Context, inbox.EpisodeRef) error { return nil }

// looks looks into the channel's mailbox until all is read, and returns how many
// messages were.
func looks(t *testing.T, steps *activities.Activities, channelID string) (messages int) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	worker := suite.NewTestActivityEnvironment()
	worker.RegisterActivity(steps)
	value, err := worker.ExecuteActivity(steps.PollMailbox, activities.PollInput{ChannelID: channelID})
	require.NoError(t, err)
	var polled activities.Polled
	require.NoError(t, value.Get(&polled))
	require.Equal(t, activities.PollOK, polled.Outcome)
	require.Zero(t, polled.Quarantined)
	return polled.Messages
}

// isEntras reports whether the stand-in gave out the token.
func isEntras(t *testing.T, login *emulate.Server, token string) bool {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, login.URL+"/v1.0/me", nil)
	require.NoError(t, err)
	(&oauth2.Token{AccessToken: token}).SetAuthHeader(request)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode == http.StatusOK
}

type graphOwner struct{ *fakegraph.Server }

func (o graphOwner) Left() (left [][]byte) {
	for _, message := range o.Sent() {
		left = append(left, message.Raw)
	}
	return left
}
