package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/channels/email"
	"switchboard/channels/form"
	"switchboard/channels/twilio"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/mailboxes"
	"switchboard/routing"
	"switchboard/store"
	"switchboard/store/storetest"
	"switchboard/workflows"
)

// world is a server over a store of its own, with a workflow side that does at
// once what workflows would do.
type world struct {
	store         *store.Store
	hub           *api.Hub
	conversations *conversations
	readers       *readers
	approving     *approving
	mailer        *mailer
	log           *logged
	url           string
	// inbox has a chat channel; admin and agent have a seat and see everything.
	inbox   inbox.Inbox
	channel inbox.Channel
	admin   person
	agent   person
}

// media is where Twilio fetches files.
var media = twilio.NewMedia("https://desk.example.com", twilioToken)

// person is an agent with a token.
type person struct {
	inbox.Agent
	token string
}

func newWorld(t *testing.T, edit ...func(*api.Options)) *world {
	t.Helper()
	return newWorldOn(t, storetest.SQLite(t), edit...)
}

func newWorldOn(t *testing.T, s *store.Store, edit ...func(*api.Options)) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{store: s, conversations: &conversations{store: s}, readers: &readers{}, approving: &approving{store: s}, mailer: &mailer{}, log: &logged{}}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.hub = api.NewHub(s, log)
	s.OnCommit(w.hub.Wake)
	running, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { w.hub.Run(running); close(done) }()
	options := api.Options{
		Store: s, Intake: storeOnly{s}, Conversations: w.conversations, Hub: w.hub, Log: log,
		Kinds:     []channels.Kind{&form.Channel{}, &email.Channel{Domain: "in.example.com"}, &chat.Channel{CheckHours: routing.CheckHours}, &whatsapp.Channel{}},
		Mailboxes: &mailboxes.Service{Store: s, Log: log, Now: func() time.Time { return time.Now().UTC() }}, Readers: w.readers, Templates: w.approving, Mail: w.mailer,
		Twilio: twilio.NewSignatures("https://desk.example.com", twilioToken, "new"+twilioToken), WhatsApp: intake.New(s, untold{}, log).WhatsApp(),
		Media:     media,
		PublicURL: "https://desk.example.com", PublicRate: 1e6, PublicBurst: 1e6,
	}
	for _, edit := range edit {
		edit(&options)
	}
	server := httptest.NewServer(must(api.New(options))(t))
	t.Cleanup(func() { stop(); <-done; server.Close() })
	w.url = server.URL
	w.inbox = must(s.CreateInbox(ctx, inbox.Inbox{Name: "Support"}))(t)
	w.channel = must(s.CreateChannel(ctx, inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindChat, Name: "Website", Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
		Settings: must((&chat.Channel{CheckHours: routing.CheckHours}).CheckSettings(nil))(t),
	}))(t)
	w.admin = w.person(t, inbox.Agent{Name: "Root", Admin: true, Seat: true})
	w.agent = w.person(t, inbox.Agent{Name: "Ada", Seat: true})
	return w
}

// person stores an agent and gives them a token.
func (w *world) person(t *testing.T, agent inbox.Agent) person {
	t.Helper()
	agent.Email = store.NewID() + "@company.test"
	agent.Availability = inbox.Away
	agent = must(w.store.CreateAgent(t.Context(), agent))(t)
	token, hash := api.NewToken()
	must(w.store.CreateToken(t.Context(), agent.ID, hash, "test"))(t)
	return person{agent, token}
}

// conversation receives a contact's message in a thread of its own.
func (w *world) conversation(t *testing.T, text string, files ...store.File) store.Receipt {
	t.Helper()
	return w.conversationOn(t, w.channel, text, files...)
}

func (w *world) conversationOn(t *testing.T, channel inbox.Channel, text string, files ...store.File) store.Receipt {
	t.Helper()
	id := store.NewID()
	return must(w.store.Receive(t.Context(), store.Inbound{
		Channel: channel, ThreadKey: id, ProviderMessageID: id, Subject: "About " + text, Text: text, Files: files,
		Sender: inbox.Sender{Name: "Grace", Identities: []inbox.Identity{inbox.EmailIdentity(id + "@contact.test")}},
	}))(t)
}

// contact receives a message of a known contact and returns both.
func (w *world) contact(t *testing.T) (contactID, conversationID string) {
	t.Helper()
	receipt := w.conversation(t, "pumps")
	resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{
		ConversationID: receipt.ConversationID, Episode: receipt.Episode,
	}))(t)
	return resolved.ContactID, receipt.ConversationID
}

// storeOnly takes messages in without telling a workflow.
type storeOnly struct{ store *store.Store }

func (s storeOnly) Receive(ctx context.Context, in store.Inbound) (store.Receipt, error) {
	return s.store.Receive(ctx, in)
}

func (s storeOnly) Transcript(ctx context.Context, transcript inbox.Transcript) (time.Time, error) {
	return intake.New(s.store, untold{}, slog.New(slog.DiscardHandler)).Transcript(ctx, transcript)
}

// conversations does what workflows do, or refuses everything.
type conversations struct {
	store *store.Store

	mu      sync.Mutex
	refusal error
	changed []string
	replies []string
}

func (c *conversations) refuse(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusal = err
}

func (c *conversations) refused() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refusal
}

// drained returns the agents whose backlog was drained since the last call.
func (c *conversations) drained() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := c.changed
	c.changed = nil
	return changed
}

func (c *conversations) Reply(ctx context.Context, _ inbox.EpisodeRef, messageID string) error {
	if err := c.refused(); err != nil {
		return err
	}
	c.mu.Lock()
	c.replies = append(c.replies, messageID)
	c.mu.Unlock()
	return c.store.SetMessageState(ctx, messageID, inbox.MessageSent, "", time.Now())
}

func (c *conversations) Assign(ctx context.Context, ref inbox.EpisodeRef, to workflows.AssignTo, actor inbox.Author) error {
	err := c.refused()
	switch {
	case err != nil:
	case to.AgentID != "":
		_, err = c.store.AssignTo(ctx, ref.ConversationID, to.AgentID, actor, time.Now())
	case to.TeamID != "":
		_, err = c.store.AssignToTeam(ctx, ref.ConversationID, to.TeamID, actor, time.Now())
	default:
		_, err = c.store.Unassign(ctx, ref.ConversationID, actor, time.Now())
	}
	return err
}

func (c *conversations) Close(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error {
	if err := c.refused(); err != nil {
		return err
	}
	_, err := c.store.CloseEpisode(ctx, ref, actor, time.Now(), "closed_by_agent")
	return err
}

func (c *conversations) Reopen(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error {
	if err := c.refused(); err != nil {
		return err
	}
	_, err := c.store.Reopen(ctx, ref.ConversationID, actor, time.Now())
	return err
}

func (c *conversations) Snooze(ctx context.Context, ref inbox.EpisodeRef, until time.Time, actor inbox.Author) error {
	if err := c.refused(); err != nil {
		return err
	}
	if !until.After(time.Now()) {
		return inbox.Invalid("until", "Snooze until a time in the future.")
	}
	_, err := c.store.Snooze(ctx, ref, until, actor, time.Now())
	return err
}

func (c *conversations) AgentChanged(_ context.Context, agentID string) error {
	if err := c.refused(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = append(c.changed, agentID)
	return nil
}

// approving is a provider that approves templates; nil cannot be asked.
type approving struct {
	store     *store.Store
	templates []inbox.ApprovedTemplate
}

func (a *approving) RefreshTemplates(ctx context.Context, kind inbox.ChannelKind, queue string) error {
	if a.templates == nil {
		return inbox.Errorf(inbox.CodeUnavailable, "Temporal is away.")
	}
	if queue != whatsapp.Queue {
		return errors.New("asked for on another provider's queue")
	}
	now := time.Now()
	return a.store.KeepTemplates(ctx, kind, a.templates, now, now)
}

// readers remembers the channels whose mailbox changed.
type readers struct {
	mu   sync.Mutex
	told []string
}

func (r *readers) MailboxChanged(_ context.Context, mailbox workflows.MailboxInput) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, mailbox.ChannelID)
	return nil
}

func (r *readers) MailboxHint(_ context.Context, mailbox workflows.MailboxInput) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, "hint "+mailbox.ChannelID)
	return nil
}

// heard returns the channels whose mailbox changed since the last call.
func (r *readers) heard() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told
	r.told = nil
	return told
}

// logged keeps what was logged.
type logged struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// must returns v, or fails the test when err is not nil.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// object is a JSON object.
type object = map[string]any

func TestMain(m *testing.M) {
	api.SetHeartbeat(20 * time.Millisecond)
	code := m.Run()
	if code == 0 && everyTestRan() {
		if missing := unexercised(); len(missing) > 0 {
			_, _ = os.Stderr.WriteString("operations no test exercised:\n" + strings.Join(missing, "\n") + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// unreachable is Temporal being away.
func unreachable() error {
	return inbox.Errorf(inbox.CodeUnavailable, "The workflow engine did not answer in time.")
}

func decodeJSON[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(errors.Join(err, errors.New(string(raw))))
	}
	return v
}
