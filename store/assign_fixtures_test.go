package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
	"switchboard/store/pgtest"
)

// desk is a channel whose rule leads to agents.
type desk struct {
	*store.Store
	channel inbox.Channel
	agents  []inbox.Agent
}

// newDesk stores an agent for each capacity and a channel whose rule names them,
// after edit changed it.
func newDesk(t testing.TB, s *store.Store, capacities []int, edit ...func(*inbox.Assignment)) desk {
	t.Helper()
	d := desk{Store: s}
	for _, capacity := range capacities {
		d.agents = append(d.agents, d.hire(t, capacity))
	}
	d.channel = d.open(t, append([]func(*inbox.Assignment){func(rule *inbox.Assignment) { rule.AgentIDs = d.ids() }}, edit...)...)
	return d
}

// hire stores an agent with a seat who is available.
func (d desk) hire(t testing.TB, capacity int) inbox.Agent {
	t.Helper()
	agent, err := d.CreateAgent(context.Background(), inbox.Agent{
		Name: "Ada", Email: store.NewID() + "@company.test", Seat: true, Availability: inbox.Available, Capacity: capacity,
	})
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

// open stores a channel in an inbox of its own.
func (d desk) open(t testing.TB, edit ...func(*inbox.Assignment)) inbox.Channel {
	t.Helper()
	home := must(d.CreateInbox(t.Context(), inbox.Inbox{Name: "Support"}))(t)
	rule := inbox.DefaultAssignment()
	rule.Mode = inbox.AssignSpecific
	for _, edit := range edit {
		edit(&rule)
	}
	return must(d.CreateChannel(t.Context(), inbox.Channel{
		InboxID: home.ID, Kind: inbox.KindChat, Name: "Website", Enabled: true, State: inbox.ChannelConnected,
		Assignment: rule, Tickets: inbox.DefaultTickets(),
	}))(t)
}

func (d desk) ids() []string {
	var ids []string
	for _, agent := range d.agents {
		ids = append(ids, agent.ID)
	}
	return ids
}

// arrives receives the first message of a new conversation.
func (d desk) arrives(t testing.TB, channel inbox.Channel, at time.Time) inbox.EpisodeRef {
	t.Helper()
	receipt := must(d.Receive(t.Context(), store.Inbound{
		Channel: channel, ThreadKey: store.NewID(), ProviderMessageID: store.NewID(), Text: "Hello", At: at,
		Sender: inbox.Sender{Identities: []inbox.Identity{{Kind: inbox.IdentityCookie, Value: store.NewID()}}},
	}))(t)
	return inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}
}

// assigns asks for an assignment under a new key.
func (d desk) assigns(t testing.TB, ref inbox.EpisodeRef, cause inbox.AssignmentCause, at time.Time) store.Assigned {
	t.Helper()
	return must(d.Assign(t.Context(), store.AssignRequest{Ref: ref, Key: store.NewID(), Cause: cause, At: at}, routing.Assign))(t)
}

// routes receives a new conversation and asks for its assignment.
func (d desk) routes(t testing.TB, at time.Time) (inbox.EpisodeRef, store.Assigned) {
	t.Helper()
	ref := d.arrives(t, d.channel, at)
	return ref, d.assigns(t, ref, inbox.CauseNew, at)
}

func (d desk) drains(t testing.TB, agentID string, at time.Time) []inbox.EpisodeRef {
	t.Helper()
	return must(d.Drain(t.Context(), agentID, at, routing.Assign))(t)
}

func (d desk) closes(t testing.TB, ref inbox.EpisodeRef) string {
	t.Helper()
	return must(d.CloseEpisode(t.Context(), ref, inbox.Author{Kind: inbox.AuthorAutomation}, noon, "test"))(t)
}

func (d desk) is(t testing.TB, id string, availability inbox.Availability) {
	t.Helper()
	if err := d.SetAvailability(t.Context(), id, availability); err != nil {
		t.Fatal(err)
	}
}

func (d desk) conversation(t testing.TB, ref inbox.EpisodeRef) inbox.Conversation {
	t.Helper()
	return must(d.Conversation(t.Context(), ref.ConversationID))(t)
}

// holds returns the agent's active conversations, oldest first.
func (d desk) holds(t testing.TB, agentID string) []inbox.Conversation {
	t.Helper()
	var active []inbox.Conversation
	for _, c := range must2(d.Conversations(t.Context(), store.ConversationFilter{AssigneeID: agentID}, store.Page{Limit: 200}))(t) {
		if c.Status.Active() {
			active = append(active, c)
		}
	}
	slices.Reverse(active)
	return active
}

// timeline returns the kinds of a conversation's events.
func (d desk) timeline(t testing.TB, ref inbox.EpisodeRef) []inbox.EventKind {
	t.Helper()
	var kinds []inbox.EventKind
	for _, event := range must2(d.Timeline(t.Context(), ref.ConversationID, store.Page{Limit: 200}))(t) {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

func (d desk) count(t testing.TB, ref inbox.EpisodeRef, kind inbox.EventKind) int {
	t.Helper()
	n := 0
	for _, k := range d.timeline(t, ref) {
		if k == kind {
			n++
		}
	}
	return n
}

// must2 is must for a page of a list.
func must2[T any](v T, _ string, err error) func(testing.TB) T { return must(v, err) }

func verdict(decision inbox.AssignmentDecision, agentID string) inbox.Reason {
	for _, v := range decision.Candidates {
		if v.AgentID == agentID {
			return v.Reason
		}
	}
	return ""
}

// forEachPair runs a test on two stores of one fresh database, as two processes
// have it.
func forEachPair(t *testing.T, test func(*testing.T, [2]*store.Store)) {
	t.Helper()
	t.Parallel()
	migrate := func(url string) error {
		s, err := store.Open(context.Background(), url)
		if err != nil {
			return err
		}
		return errors.Join(s.Migrate(context.Background()), s.Close())
	}
	for name, database := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string {
			url := "sqlite:" + filepath.Join(t.TempDir(), "switchboard.db")
			if err := migrate(url); err != nil {
				t.Fatal(err)
			}
			return url
		},
		"postgres": func(t *testing.T) string { return pgtest.Migrated(t, migrate) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			var pair [2]*store.Store
			for i := range pair {
				pair[i] = must(store.Open(t.Context(), url))(t)
				t.Cleanup(func() {
					if err := pair[i].Close(); err != nil {
						t.Error(err)
					}
				})
			}
			test(t, pair)
		})
	}
}
