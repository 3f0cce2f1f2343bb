package store_test

import (
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func composed(channel inbox.Channel, agent inbox.Agent) store.Composed {
	return store.Composed{
		Channel: channel, Email: "Grace@Home.test", Name: "Grace", Subject: "Your lamp", Text: "It is ready.",
		Files: []store.File{{Name: "bill.pdf", ContentType: "application/pdf", Data: []byte("%PDF")}}, AgentID: agent.ID,
	}
}

func TestAnAgentBeginsAConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, agent := t.Context(), newChannel(t, s, email), newAgent(t, s)
		c, m, err := s.Compose(ctx, composed(channel, agent))
		if err != nil {
			t.Fatal(err)
		}
		contact := must(s.ContactByIdentity(ctx, inbox.EmailIdentity("grace@home.test")))(t)
		if c.ContactID != contact.ID || contact.Name != "Grace" || c.AssigneeID != agent.ID || c.Status != inbox.StatusOpen ||
			c.InboxID != channel.InboxID || c.ChannelID != channel.ID || c.ReplyTo != "Grace@Home.test" || c.Subject != "Your lamp" {
			t.Errorf("conversation %+v of %+v", c, contact)
		}
		if m.ConversationID != c.ID || m.Direction != inbox.DirectionOut || m.State != inbox.MessagePending ||
			m.Author != (inbox.Author{Kind: inbox.AuthorAgent, ID: agent.ID}) || len(m.Attachments) != 1 {
			t.Errorf("message %+v", m)
		}
		want := []inbox.EventKind{inbox.EventOpened, inbox.EventAssigned, inbox.EventReplyCreated}
		if kinds := eventKinds(t, s); !slices.Equal(kinds, want) {
			t.Errorf("events %v", kinds)
		}
		if found := must2(s.Conversations(ctx, store.ConversationFilter{Q: "grace@home.test lamp"}, store.Page{}))(t); len(found) != 1 {
			t.Errorf("found %d", len(found))
		}
		// What its workflow does first.
		ref := inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}
		if resolved := must(s.ResolveContact(ctx, ref))(t); resolved.ContactID != contact.ID || resolved.Created {
			t.Errorf("resolved %+v", resolved)
		}
		assigned := must(s.Assign(ctx, store.AssignRequest{Ref: ref, Key: "1/1", Cause: inbox.CauseRetry, At: noon}, routing.Assign))(t)
		if assigned.Decision.AssigneeID != agent.ID || assigned.Status != inbox.StatusOpen {
			t.Errorf("assigned %+v", assigned)
		}
	})
}

func TestAComposedConversationStaysItsAgentsWhateverTheRule(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		agent, other := newAgent(t, s), newAgent(t, s)
		channel := newChannel(t, s, email, func(c *inbox.Channel) {
			c.Assignment.Mode, c.Assignment.AgentIDs = inbox.AssignSpecific, []string{other.ID}
		})
		c, _, err := s.Compose(t.Context(), composed(channel, agent))
		if err != nil {
			t.Fatal(err)
		}
		ref := inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}
		assigned := must(s.Assign(t.Context(), store.AssignRequest{Ref: ref, Key: "1/1", Cause: inbox.CauseRetry, At: noon}, routing.Assign))(t)
		if assigned.Decision.AssigneeID != agent.ID || !assigned.AnswerBy.IsZero() {
			t.Errorf("assigned %+v", assigned)
		}
	})
}

func TestComposingAgainUnderTheSameClientIDChangesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel, agent := newChannel(t, s, email), newAgent(t, s)
		in := composed(channel, agent)
		in.ClientID = "once"
		var ids, messages [32]string
		together(func(i int) {
			c, m, err := s.Compose(t.Context(), in)
			if err != nil {
				t.Error(err)
			}
			ids[i], messages[i] = c.ID, m.ID
		})
		if len(slices.Compact(ids[:])) != 1 || len(slices.Compact(messages[:])) != 1 || ids[0] == "" {
			t.Errorf("conversations %v, messages %v", ids, messages)
		}
		for _, table := range []string{"conversations", "messages", "contacts", "attachments"} {
			if n := store.CountRows(t, s, table); n != 1 {
				t.Errorf("%d %s", n, table)
			}
		}
		for name, another := range map[string]func(*store.Composed){
			"another agent's":   func(c *store.Composed) { c.AgentID = newAgent(t, s).ID },
			"another channel's": func(c *store.Composed) { c.Channel = newChannel(t, s, email) },
			"none":              func(c *store.Composed) { c.ClientID = "" },
		} {
			fresh := in
			another(&fresh)
			if c, _, err := s.Compose(t.Context(), fresh); err != nil || c.ID == ids[0] {
				t.Errorf("%s: conversation %q, %v", name, c.ID, err)
			}
		}
	})
}

func TestTheAnswerToAComposedMailJoinsItAndFromThenOnThereMayBeATicket(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, agent := t.Context(), newAgent(t, s)
		channel, _ := ticketing(t, s)
		c, m, err := s.Compose(ctx, composed(channel, agent))
		if err != nil {
			t.Fatal(err)
		}
		ref := inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}
		if got := must(s.OpenTicket(ctx, ref, noon, routing.Ticket))(t); got.Create || got.Reason != inbox.ReasonTicketUnwritten {
			t.Errorf("ticket decision %+v", got)
		}
		thread := must(s.ThreadOf(ctx, channel.InboxID, []string{m.ID + "@company.test"}))(t)
		away := joins(channel, thread, "grace@home.test")
		away.Automatic = true
		must(s.Receive(ctx, away))(t)
		if got := must(s.OpenTicket(ctx, ref, noon, routing.Ticket))(t); got.Create {
			t.Errorf("a ticket of an automatic answer: %+v", got)
		}
		answer := must(s.Receive(ctx, joins(channel, thread, "grace@home.test")))(t)
		if author := must(s.Message(ctx, answer.MessageID))(t).Author.ID; answer.ConversationID != c.ID || author != c.ContactID {
			t.Errorf("the answer is by %q in %q, want %q in %q", author, answer.ConversationID, c.ContactID, c.ID)
		}
		if got := must(s.OpenTicket(ctx, ref, noon, routing.Ticket))(t); !got.Create {
			t.Errorf("ticket decision %+v", got)
		}
	})
}
