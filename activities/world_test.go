package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/channels/email"
	"switchboard/channels/form"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/storetest"
)

// noon is the time the steps decide for.
var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

var automation = inbox.Author{Kind: inbox.AuthorAutomation}

// world is the steps over a fresh store, with fakes around them.
type world struct {
	*activities.Activities
	t        *testing.T
	now      time.Time
	inbox    inbox.Inbox
	agent    inbox.Agent
	provider *provider
	mailbox  *mailbox
	nudger   *nudger
}

// forEachDatabase runs a test in parallel in a world on each database.
func forEachDatabase(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	t.Parallel()
	storetest.ForEachDatabase(t, func(t *testing.T, s *store.Store) {
		w := &world{t: t, now: noon, provider: &provider{}, mailbox: &mailbox{}, nudger: &nudger{}}
		w.Activities = &activities.Activities{
			Store:  s,
			Nudger: w.nudger,
			Kinds: map[inbox.ChannelKind]channels.Kind{
				inbox.KindChat:      &chat.Channel{},
				inbox.KindForm:      form.New(w.mailbox, "support@company.test"),
				inbox.KindEmail:     &email.Channel{Domain: "in.company.test"},
				inbox.KindMessenger: w.provider,
			},
			Mail:      w.mailbox,
			PublicURL: "https://desk.company.test",
			Log:       slog.New(slog.DiscardHandler),
			Now:       func() time.Time { return w.now },
		}
		w.inbox = must(s.CreateInbox(t.Context(), inbox.Inbox{Name: "Support"}))(t)
		w.agent = w.hire()
		test(t, w)
	})
}

// worker runs steps as Temporal's does: what they return travels, and a panic is
// an error.
func (w *world) worker() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(w.Activities)
	return env
}

// provider is a channel's kind whose sending goes as told.
type provider struct {
	send func(context.Context, channels.Outgoing) (channels.Accepted, error)
	// check runs before a message is claimed.
	check func()
	// tried are the ids of the messages it was handed.
	tried []string
}

func (*provider) Kind() inbox.ChannelKind { return inbox.KindMessenger }

func (*provider) CheckSettings(settings json.RawMessage) (json.RawMessage, error) {
	return settings, nil
}

func (*provider) Queue(inbox.Channel) string { return "provider" }

func (p *provider) CheckAddress(channels.Outgoing) error {
	if p.check != nil {
		p.check()
	}
	return nil
}

func (p *provider) Send(ctx context.Context, out channels.Outgoing) (channels.Accepted, error) {
	p.tried = append(p.tried, out.Message.ID)
	if p.send == nil {
		return channels.Accepted{}, nil
	}
	return p.send(ctx, out)
}

// fails makes the provider answer with an error.
func (p *provider) fails(err error) {
	p.send = func(context.Context, channels.Outgoing) (channels.Accepted, error) { return channels.Accepted{}, err }
}

// reconciling is a provider that says what became of a message.
type reconciling struct {
	*provider
	sent func() (channels.Accepted, bool, error)
}

func (r reconciling) Sent(context.Context, channels.Outgoing) (channels.Accepted, bool, error) {
	return r.sent()
}

// mailbox is a mail server that remembers what it was handed.
type mailbox struct {
	mails []mail.Mail
	// answer says how a mail goes; nil accepts all.
	answer func(mail.Mail) error
}

func (m *mailbox) Send(_ context.Context, letter mail.Mail) error {
	m.mails = append(m.mails, letter)
	if m.answer == nil {
		return nil
	}
	return m.answer(letter)
}

func (m *mailbox) recipients() []string {
	var to []string
	for _, letter := range m.mails {
		to = append(to, letter.To)
	}
	return to
}

// nudger remembers whom it told; err makes it fail.
type nudger struct {
	mu   sync.Mutex
	told []inbox.EpisodeRef
	err  error
}

func (n *nudger) Nudge(_ context.Context, ref inbox.EpisodeRef) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, ref)
	return n.err
}

// must returns v, or fails the test when err is not nil.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// hire stores an agent with a seat who is available, after edit changed him.
func (w *world) hire(edit ...func(*inbox.Agent)) inbox.Agent {
	w.t.Helper()
	agent := inbox.Agent{Name: "Ada", Email: store.NewID() + "@company.test", Seat: true, Availability: inbox.Available}
	for _, edit := range edit {
		edit(&agent)
	}
	return must(w.Store.CreateAgent(w.t.Context(), agent))(w.t)
}

// channel stores a channel whose rule leads to agents; without any it is off.
func (w *world) channel(kind inbox.ChannelKind, agents ...inbox.Agent) inbox.Channel {
	w.t.Helper()
	rule := inbox.DefaultAssignment()
	rule.AnswerWithin = 300
	for _, agent := range agents {
		rule.Mode = inbox.AssignSpecific
		rule.AgentIDs = append(rule.AgentIDs, agent.ID)
	}
	return must(w.Store.CreateChannel(w.t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: kind, Name: "Website", Enabled: true, State: inbox.ChannelConnected,
		Assignment: rule, Tickets: inbox.DefaultTickets(),
	}))(w.t)
}

// writes receives a message of a thread's visitor an hour before noon.
func (w *world) writes(channel inbox.Channel, thread string, edit ...func(*store.Inbound)) store.Receipt {
	w.t.Helper()
	in := store.Inbound{
		Channel: channel, ThreadKey: thread, ProviderMessageID: store.NewID(), Subject: "Broken lamp",
		Sender: inbox.Sender{Name: "Grace", Identities: []inbox.Identity{inbox.CookieIdentity(thread)}},
		Text:   "It does not shine.", At: noon.Add(-time.Hour),
	}
	for _, edit := range edit {
		edit(&in)
	}
	return must(w.Store.Receive(w.t.Context(), in))(w.t)
}

// arrives receives the first message of a conversation.
func (w *world) arrives(channel inbox.Channel, edit ...func(*store.Inbound)) inbox.EpisodeRef {
	w.t.Helper()
	return refOf(w.writes(channel, store.NewID(), edit...))
}

func refOf(receipt store.Receipt) inbox.EpisodeRef {
	return inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}
}

// takes tells the workflow's step of a message of the contact.
func (w *world) takes(ref inbox.EpisodeRef, messageID string) activities.Taken {
	w.t.Helper()
	return must(w.TakeMessage(w.t.Context(), activities.TakeMessageInput{Ref: ref, MessageID: messageID}))(w.t)
}

// answers stores an answer to the contact.
func (w *world) answers(ref inbox.EpisodeRef, author inbox.Author) string {
	w.t.Helper()
	message, _, err := w.Store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: ref.ConversationID, Author: author, Text: "Try another bulb.", CreatedAt: noon,
	})
	require.NoError(w.t, err)
	return message.ID
}

func (w *world) byAgent() inbox.Author {
	return inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}
}

// assigns asks for an assignment under a new key.
func (w *world) assigns(ref inbox.EpisodeRef, cause inbox.AssignmentCause) activities.Assigned {
	w.t.Helper()
	return must(w.Assign(w.t.Context(), activities.AssignInput{Ref: ref, Key: store.NewID(), Cause: cause}))(w.t)
}

func (w *world) closes(ref inbox.EpisodeRef) {
	w.t.Helper()
	_, err := w.Store.CloseEpisode(w.t.Context(), ref, w.byAgent(), noon, activities.CloseByAgent)
	require.NoError(w.t, err)
}

func (w *world) is(agent inbox.Agent, availability inbox.Availability) {
	w.t.Helper()
	require.NoError(w.t, w.Store.SetAvailability(w.t.Context(), agent.ID, availability))
}

func (w *world) message(id string) inbox.Message {
	w.t.Helper()
	return must(w.Store.Message(w.t.Context(), id))(w.t)
}

func (w *world) conversation(ref inbox.EpisodeRef) inbox.Conversation {
	w.t.Helper()
	return must(w.Store.Conversation(w.t.Context(), ref.ConversationID))(w.t)
}

// count counts a conversation's events of a kind.
func (w *world) count(ref inbox.EpisodeRef, kind inbox.EventKind) int {
	w.t.Helper()
	events, _, err := w.Store.Timeline(w.t.Context(), ref.ConversationID, store.Page{Limit: 200})
	require.NoError(w.t, err)
	n := 0
	for _, event := range events {
		if event.Kind == kind {
			n++
		}
	}
	return n
}

// wantRefusal fails the test unless err is final and benign, under the code,
// and returns what travels with it.
func wantRefusal(t *testing.T, err error, code inbox.Code) activities.Refusal {
	t.Helper()
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	require.True(t, ok, "not an application error: %v", err)
	require.Equal(t, string(code), failure.Type())
	require.True(t, failure.NonRetryable(), "it would be tried again")
	require.Equal(t, temporal.ApplicationErrorCategoryBenign, failure.Category())
	require.NotEmpty(t, failure.Message())
	var refusal activities.Refusal
	require.NoError(t, failure.Details(&refusal))
	return refusal
}

// wantRetry fails the test unless Temporal tries again after err.
func wantRetry(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	require.False(t, ok && failure.NonRetryable(), "given up: %v", err)
}

// cancelled is a context in which no database answers.
func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
