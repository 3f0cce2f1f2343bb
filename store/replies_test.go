package store_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// answers stores an agent's pending answer.
func (d desk) answers(t testing.TB, ref inbox.EpisodeRef, agentID, clientID string) inbox.Message {
	t.Helper()
	reply, duplicate, err := d.CreateReply(t.Context(), inbox.Message{
		ConversationID: ref.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: agentID},
		Text: "Try the switch.", ClientID: clientID, CreatedAt: noon.Add(time.Minute),
	})
	if err != nil || duplicate {
		t.Fatalf("duplicate %t, %v", duplicate, err)
	}
	return reply
}

func TestAReplyIsStoredOnce(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		d := newDesk(t, pair[0], []int{1})
		ref, _ := d.routes(t, noon)
		var stored atomic.Int32
		inParallel(pair, make([]int, 16), func(s *store.Store, _ int) {
			reply, duplicate, err := s.CreateReply(t.Context(), inbox.Message{
				ConversationID: ref.ConversationID, Author: byAda, Text: "Hi", ClientID: "1", CreatedAt: noon,
			})
			if err != nil || reply.ID == "" || reply.State != inbox.MessagePending || reply.ProviderMessageID == "" {
				t.Errorf("reply %+v, %v", reply, err)
			}
			if !duplicate {
				stored.Add(1)
			}
		})
		if stored.Load() != 1 || d.count(t, ref, inbox.EventReplyCreated) != 1 {
			t.Errorf("stored %d times, timeline %v", stored.Load(), d.timeline(t, ref))
		}
		first, second := d.answers(t, ref, "ada", ""), d.answers(t, ref, "ada", "")
		if first.ID == second.ID {
			t.Error("replies without a client id are one")
		}
	})
}

func TestAReplyIsLoadedWithWhatItsSendingDependsOn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref := writes(t, s, d.channel, "Grace", graceMail)
		contact := must(s.ResolveContact(t.Context(), ref))(t)
		agent := d.agents[0].ID
		sent, unsent := d.answers(t, ref, agent, ""), d.answers(t, ref, agent, "")
		if err := s.MarkSent(t.Context(), sent.ID, "provider-2", noon); err != nil {
			t.Fatal(err)
		}
		must(s.UpdateChannel(t.Context(), d.channel))(t) // not for this episode
		reply := d.answers(t, ref, agent, "")
		got := must(s.Reply(t.Context(), reply.ID))(t)
		if got.Message.ID != reply.ID || got.Conversation.ID != ref.ConversationID || got.Contact.ID != contact.ContactID ||
			got.Agent.ID != agent || got.Channel.ID != d.channel.ID || got.Channel.Revision != d.channel.Revision {
			t.Errorf("reply %+v", got)
		}
		if !got.Conversation.LastContactAt.Equal(noon) {
			t.Errorf("last contact at %v", got.Conversation.LastContactAt)
		}
		if len(got.References) != 2 || got.References[1] != "provider-2" || slices.Contains(got.References, unsent.ProviderMessageID) {
			t.Errorf("references %v", got.References)
		}
	})
}

func TestAnAnswerTakesAnUnassignedConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		d.is(t, d.agents[0].ID, inbox.Away)
		ref, _ := d.routes(t, noon)
		other := d.hire(t, 0).ID
		reply := d.answers(t, ref, other, "")
		for range 2 {
			c := must(s.TakeByAnswer(t.Context(), reply, noon))(t)
			if c.AssigneeID != other || c.Status != inbox.StatusOpen {
				t.Errorf("conversation %+v", c)
			}
		}
		if n := d.count(t, ref, inbox.EventAssigned); n != 1 {
			t.Errorf("assigned %d times", n)
		}
		if c := must(s.TakeByAnswer(t.Context(), d.answers(t, ref, d.agents[0].ID, ""), noon))(t); c.AssigneeID != other {
			t.Errorf("another's answer took it: %+v", c)
		}
	})
}

func TestAnAnswerReopensAClosedConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, _ := d.routes(t, noon)
		d.closes(t, ref)
		other := d.hire(t, 0).ID
		reply := d.answers(t, ref, other, "")
		automatic := reply
		automatic.Author = inbox.Author{Kind: inbox.AuthorAutomation}
		if c := must(s.TakeByAnswer(t.Context(), automatic, noon))(t); c.Status != inbox.StatusClosed {
			t.Errorf("automation reopened it: %+v", c)
		}
		c := must(s.TakeByAnswer(t.Context(), reply, noon))(t)
		if c.Status != inbox.StatusOpen || c.Episode != 2 || c.AssigneeID != other {
			t.Errorf("conversation %+v", c)
		}
	})
}

func TestAnAnswerDoesNotWakeAConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1}, func(rule *inbox.Assignment) { rule.Mode = inbox.AssignOff })
		ref, _ := d.routes(t, noon)
		until := noon.Add(time.Hour)
		must(s.Snooze(t.Context(), ref, until, byAda, noon))(t)
		c := must(s.TakeByAnswer(t.Context(), d.answers(t, ref, d.agents[0].ID, ""), noon))(t)
		if c.Status != inbox.StatusSnoozed || !c.SnoozedUntil.Equal(until) || c.AssigneeID != d.agents[0].ID {
			t.Errorf("conversation %+v", c)
		}
	})
}

func TestMessageStatesNeverGoBack(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, _ := d.routes(t, noon)
		const (
			pending, sending, sent, delivered = inbox.MessagePending, inbox.MessageSending, inbox.MessageSent, inbox.MessageDelivered
			read, failed, unknown             = inbox.MessageRead, inbox.MessageFailed, inbox.MessageUnknown
		)
		for _, story := range []struct {
			states []inbox.MessageState
			want   inbox.MessageState
			moves  int
		}{
			{[]inbox.MessageState{sending, sent, delivered, read}, read, 4},
			{[]inbox.MessageState{sending, sent, read, delivered, sent, sending, pending, failed}, read, 3},
			{[]inbox.MessageState{sending, pending, sending, sent}, sent, 4},
			{[]inbox.MessageState{failed, sent, delivered, pending}, failed, 1},
			{[]inbox.MessageState{sending, unknown, pending, sending, delivered}, delivered, 3},
			{[]inbox.MessageState{sending, sent, failed}, failed, 3},
			{[]inbox.MessageState{sending, sent, delivered, failed}, delivered, 3},
			{[]inbox.MessageState{sent, sent}, sent, 1},
		} {
			reply := d.answers(t, ref, "ada", "")
			before := d.count(t, ref, inbox.EventMessageState)
			for _, state := range story.states {
				code := inbox.Code("")
				if state == failed {
					code = inbox.CodeDeliveryFailed
				}
				if err := s.SetMessageState(t.Context(), reply.ID, state, code, noon); err != nil {
					t.Fatal(err)
				}
			}
			m := must(s.Message(t.Context(), reply.ID))(t)
			if m.State != story.want || (m.ErrorCode != "") != (story.want == failed) {
				t.Errorf("%v: state %s, code %q", story.states, m.State, m.ErrorCode)
			}
			if n := d.count(t, ref, inbox.EventMessageState) - before; n != story.moves {
				t.Errorf("%v: %d events, want %d", story.states, n, story.moves)
			}
		}
		wantCode(t, s.SetMessageState(t.Context(), "none", sent, "", noon), inbox.CodeNotFound)
	})
}

func TestAReplyWaitsForTheSweepUntilItIsBeingSent(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, _ := d.routes(t, noon)
		reply := d.answers(t, ref, "ada", "")
		due := func() bool {
			return slices.ContainsFunc(must(s.Undispatched(t.Context(), time.Now().Add(time.Hour), 10))(t),
				func(u store.Undispatched) bool { return u.MessageID == reply.ID })
		}
		if !due() {
			t.Error("a pending reply is not due")
		}
		if err := s.SetMessageState(t.Context(), reply.ID, inbox.MessageSending, "", noon); err != nil {
			t.Fatal(err)
		}
		if due() {
			t.Error("a reply that is being sent is due")
		}
	})
}

func TestAReplysFilesAreStoredOncePerContentAndLoadedForSending(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first := must(s.Receive(ctx, inbound(newChannel(t, s), "thread", "1")))(t)
		files := []store.File{
			{Name: "a.txt", ContentType: "text/plain", Data: []byte("same")}, {Name: "b.txt", Data: []byte("same")}, {Name: "empty"},
		}
		reply, _, err := s.CreateReply(ctx, inbox.Message{
			ConversationID: first.ConversationID, Author: byAda, Text: "Hello", ClientID: "once", CreatedAt: noon,
		}, files...)
		if err != nil || len(reply.Attachments) != 3 {
			t.Fatalf("reply %+v, %v", reply, err)
		}
		again, duplicate, err := s.CreateReply(ctx, inbox.Message{
			ConversationID: first.ConversationID, Author: byAda, Text: "Hello", ClientID: "once", CreatedAt: noon,
		}, files...)
		if err != nil || !duplicate || len(again.Attachments) != 3 || again.ID != reply.ID {
			t.Errorf("again %+v, %v", again, err)
		}
		if blobs, attachments := store.CountRows(t, s, "blobs"), store.CountRows(t, s, "attachments"); blobs != 2 || attachments != 3 {
			t.Errorf("%d contents of %d files", blobs, attachments)
		}
		loaded := must(s.Files(ctx, reply.ID))(t)
		if len(loaded) != 3 || loaded[0].Name != "a.txt" || loaded[0].ContentType != "text/plain" ||
			string(loaded[1].Data) != "same" || len(loaded[2].Data) != 0 {
			t.Errorf("files %+v", loaded)
		}
		if none := must(s.Files(ctx, first.MessageID))(t); len(none) != 0 {
			t.Errorf("files of a message without: %+v", none)
		}
	})
}
