// Package browser_test meets the chat widget and the form page as visitors do: in
// Debian's Chromium, on pages of other websites.
package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/channels/call"
	"switchboard/channels/chat"
	"switchboard/channels/form"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/mailboxes"
	"switchboard/routing"
	"switchboard/secrets"
	"switchboard/store"
	"switchboard/workflows"
)

// world is a Switchboard without an engine: what is received is stored and
// assigned to nobody, answers are sent at once.
type world struct {
	t       *testing.T
	store   *store.Store
	inbox   inbox.Inbox
	agent   inbox.Agent
	token   string
	channel inbox.Channel
	keys    *secrets.Keyset

	address string
	stop    func()
	// beside are pages that are served beside the API.
	beside map[string]http.Handler
}

// worlds counts: each has a loopback address of its own, so that no other takes its
// port while it restarts.
var worlds atomic.Int32

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	s := must(store.Open(ctx, "sqlite:"+t.TempDir()+"/x.db"))(t)
	check(t, s.Migrate(ctx))
	w := &world{t: t, store: s, keys: must(secrets.New())(t)}
	w.inbox = must(s.CreateInbox(ctx, inbox.Inbox{Name: "Support"}))(t)
	w.agent = must(s.CreateAgent(ctx, inbox.Agent{
		Name: "Ada Byron", Email: "ada@company.test", Admin: true, Seat: true, Availability: inbox.Available,
	}))(t)
	token, hash := api.NewToken()
	must(s.CreateToken(ctx, w.agent.ID, hash, "test"))(t)
	w.token = token
	w.channel = w.newChat(`{}`)
	w.start(fmt.Sprintf("127.0.0.%d:0", 1+worlds.Add(1)%250))
	t.Cleanup(func() { w.stop(); check(t, s.Close()) })
	return w
}

// listen waits for an address that a browser of another test still has: what begins as a
// copy of this process holds the server's listener until it is the browser.
func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return must(listener, err)(t)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			check(t, err)
		}
	}
}

// start serves, at the same address as before if there was one.
func (w *world) start(address string) {
	w.t.Helper()
	listener := listen(w.t, address)
	w.address = listener.Addr().String()
	log := slog.New(slog.DiscardHandler)
	hub := api.NewHub(w.store, log)
	w.store.OnCommit(hub.Wake)
	running, stopHub := context.WithCancel(context.Background())
	handler := must(api.New(api.Options{
		Store: w.store, Intake: storeOnly{w.store}, Conversations: sentAtOnce{w.store}, Hub: hub, Log: log,
		Kinds:     []channels.Kind{&form.Channel{}, &chat.Channel{CheckHours: routing.CheckHours}, &whatsapp.Channel{}, &call.Channel{}},
		Mailboxes: &mailboxes.Service{Store: w.store, Log: log, Now: time.Now, Keys: w.keys}, Readers: nobody{},
		PublicURL: "http://" + w.address, PublicRate: 1e6, PublicBurst: 1e6,
		TrustedProxies: []netip.Prefix{},
	}))(w.t)
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	for pattern, page := range w.beside {
		mux.Handle(pattern, page)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	serving.Go(func() { hub.Run(running) })
	w.stop = func() {
		stopHub()
		_ = server.Close()
		serving.Wait()
	}
}

// restart takes the server away; the returned function brings it back.
func (w *world) restart() (back func()) {
	w.stop()
	w.stop = func() {}
	return func() { w.start(w.address) }
}

func (w *world) newChat(settings string) inbox.Channel {
	w.t.Helper()
	return w.newChannel(&chat.Channel{CheckHours: routing.CheckHours}, settings)
}

func (w *world) newChannel(kind channels.Kind, settings string) inbox.Channel {
	w.t.Helper()
	return must(w.store.CreateChannel(w.t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: kind.Kind(), Name: "Website", Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
		Settings: must(kind.CheckSettings(json.RawMessage(settings)))(w.t),
	}))(w.t)
}

func (w *world) settings(settings string) {
	w.t.Helper()
	w.channel.Settings = must((&chat.Channel{CheckHours: routing.CheckHours}).CheckSettings(json.RawMessage(settings)))(w.t)
	w.channel = must(w.store.UpdateChannel(w.t.Context(), w.channel))(w.t)
}

func (w *world) available(is inbox.Availability) {
	w.t.Helper()
	check(w.t, w.store.SetAvailability(w.t.Context(), w.agent.ID, is))
}

// person is a further agent with a seat.
func (w *world) person(name string) inbox.Agent {
	w.t.Helper()
	return must(w.store.CreateAgent(w.t.Context(), inbox.Agent{
		Name: name, Email: store.NewID() + "@company.test", Seat: true, Availability: inbox.Available,
	}))(w.t)
}

// embed is what the channel's website pastes.
func (w *world) embed(channelID string) string {
	w.t.Helper()
	var embed struct {
		HTML string `json:"html"`
	}
	w.asAgent("GET", "/channels/"+channelID+"/embed", nil, &embed)
	return embed.HTML
}

func (w *world) script(channelID string) string {
	return fmt.Sprintf(`<script async src="http://%s/chat/%s/widget.js"></script>`, w.address, channelID)
}

// page serves a page of another website.
func (w *world) page(html string, headers ...string) string {
	w.t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i < len(headers); i += 2 {
			out.Header().Set(headers[i], headers[i+1])
		}
		_, _ = io.WriteString(out, html)
	}))
	w.t.Cleanup(site.Close)
	return site.URL
}

// shop is an ordinary page with the chat.
func (w *world) shop() string { return w.page(shopPage(w.script(w.channel.ID))) }

func shopPage(more string) string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lamps</title></head><body><main><h1>Lamps</h1><p>We sell lamps that do not flicker.</p></main>` + more + `</body></html>`
}

// conversation is the one there is; "" is none yet.
func (w *world) conversation() string {
	w.t.Helper()
	var list struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	w.asAgent("GET", "/conversations", nil, &list)
	if len(list.Items) == 0 {
		return ""
	}
	return list.Items[0].ID
}

type message struct{ ID, State, Text string }

// messages are a conversation's, oldest first, as agents see them.
func (w *world) messages(conversationID string) []message {
	w.t.Helper()
	var list struct {
		Items []message `json:"items"`
	}
	w.asAgent("GET", "/conversations/"+conversationID+"/messages", nil, &list)
	return list.Items
}

// said are the texts of a conversation, oldest first.
func (w *world) said(conversationID string) []string {
	w.t.Helper()
	var texts []string
	for _, message := range w.messages(conversationID) {
		texts = append(texts, message.Text)
	}
	return texts
}

// answer is an agent's reply over the contract.
func (w *world) answer(conversationID, text string) {
	w.t.Helper()
	w.asAgent("POST", "/conversations/"+conversationID+"/replies", map[string]any{"text": text}, nil)
}

// types is an agent who does: a visitor sees it for some seconds.
func (w *world) types(conversationID string) func() {
	return func() { w.asAgent("POST", "/conversations/"+conversationID+"/typing", nil, nil) }
}

func (w *world) asAgent(method, path string, body, into any) {
	w.t.Helper()
	request := must(http.NewRequestWithContext(w.t.Context(), method, "http://"+w.address+"/api/v1"+path, bytes.NewReader(must(json.Marshal(body))(w.t))))(w.t)
	request.Header.Set("Authorization", "Bearer "+w.token)
	request.Header.Set("Content-Type", "application/json")
	if body == nil {
		request.Body = http.NoBody
		request.Header.Del("Content-Type")
	}
	answer := must(http.DefaultClient.Do(request))(w.t)
	defer func() { _ = answer.Body.Close() }()
	raw := must(io.ReadAll(answer.Body))(w.t)
	if answer.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, raw)
	}
	if into != nil {
		check(w.t, json.Unmarshal(raw, into))
	}
}

type storeOnly struct{ store *store.Store }

func (s storeOnly) Transcript(ctx context.Context, transcript inbox.Transcript) (again time.Time, err error) {
	_, again, err = s.store.PlanTranscript(ctx, transcript, routing.MailTranscript)
	return again, err
}

// Receive stores what came in and has the channel's chatflow, if any, answer it, as
// the conversation's workflow does.
func (s storeOnly) Receive(ctx context.Context, in store.Inbound) (store.Receipt, error) {
	receipt, err := s.store.Receive(ctx, in)
	if err != nil {
		return receipt, err
	}
	ref := inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}
	turn, err := s.store.TakeTurn(ctx, ref, receipt.MessageID, time.Now(), func(q inbox.ChatflowQuestion) (inbox.ChatflowDecision, error) {
		return routing.NextChatflow(q), nil
	})
	for _, id := range turn.MessageIDs {
		if err := s.store.SetMessageState(ctx, id, inbox.MessageSent, "", time.Now()); err != nil {
			return receipt, err
		}
	}
	return receipt, err
}

// sentAtOnce does what the conversations' workflows do with an answer.
type sentAtOnce struct{ store *store.Store }

func (s sentAtOnce) Reply(ctx context.Context, _ inbox.EpisodeRef, messageID string) error {
	return s.store.SetMessageState(ctx, messageID, inbox.MessageSent, "", time.Now())
}

func (s sentAtOnce) Assign(context.Context, inbox.EpisodeRef, workflows.AssignTo, inbox.Author) error {
	return nil
}
func (s sentAtOnce) Close(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error {
	_, err := s.store.CloseEpisode(ctx, ref, actor, time.Now(), "closed_by_agent")
	return err
}
func (s sentAtOnce) Reopen(context.Context, inbox.EpisodeRef, inbox.Author) error { return nil }
func (s sentAtOnce) Snooze(context.Context, inbox.EpisodeRef, time.Time, inbox.Author) error {
	return nil
}
func (s sentAtOnce) AgentChanged(context.Context, string) error { return nil }

type nobody struct{}

func (nobody) MailboxChanged(context.Context, workflows.MailboxInput) error { return nil }
func (nobody) MailboxHint(context.Context, workflows.MailboxInput) error    { return nil }

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
