package store_test

import (
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// ticketing opens a channel that makes tickets in a new pipeline.
func ticketing(t testing.TB, s *store.Store, edit ...func(*inbox.TicketDefaults)) (inbox.Channel, inbox.Pipeline) {
	t.Helper()
	pipeline := must(s.CreatePipeline(t.Context(), inbox.Pipeline{
		Name: store.NewID(), Stages: []inbox.Stage{{ID: store.NewID(), Name: "New"}, {ID: store.NewID(), Name: "Done"}},
	}))(t)
	d := desk{Store: s}
	channel := d.open(t)
	channel.Tickets = inbox.TicketDefaults{
		Enabled: true, PipelineID: pipeline.ID, StageID: pipeline.Stages[1].ID, Priority: inbox.PriorityHigh,
		Properties: map[string]string{"product": "lamp"},
	}
	for _, edit := range edit {
		edit(&channel.Tickets)
	}
	return must(s.UpdateChannel(t.Context(), channel))(t), pipeline
}

// known receives the first message of a new conversation and resolves its
// contact.
func known(t testing.TB, s *store.Store, channel inbox.Channel) inbox.EpisodeRef {
	t.Helper()
	ref := writes(t, s, channel, "Grace", graceMail)
	must(s.ResolveContact(t.Context(), ref))(t)
	return ref
}

func TestAConversationGetsATicket(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		agent := newAgent(t, s)
		channel, pipeline := ticketing(t, s)
		receipt := must(s.Receive(t.Context(), store.Inbound{
			Channel: channel, ThreadKey: "1", ProviderMessageID: "1", Subject: "A form", Text: "All answers", At: noon,
			Fields: []inbox.SubmittedField{
				{Name: "a", Values: []string{"Broken lamp"}, MapsTo: inbox.MapsToTicketName},
				{Name: "b", Values: []string{"It does", "not shine"}, MapsTo: inbox.MapsToTicketDescription},
			},
		}))(t)
		ref := inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}
		contact := must(s.ResolveContact(t.Context(), ref))(t)
		must(s.AssignTo(t.Context(), ref.ConversationID, agent.ID, inbox.Author{}, noon))(t)
		got := must(s.OpenTicket(t.Context(), ref, noon, routing.Ticket))(t)
		ticket := must(s.Ticket(t.Context(), got.TicketID))(t)
		want := inbox.Ticket{
			ID: got.TicketID, ConversationID: ref.ConversationID, InboxID: channel.InboxID, ContactID: contact.ContactID,
			PipelineID: pipeline.ID, StageID: pipeline.Stages[1].ID, Priority: inbox.PriorityHigh, OwnerID: agent.ID,
			Name: "Broken lamp", Description: "It does, not shine",
		}
		if ticket.Properties["product"] != "lamp" || !ticket.CreatedAt.Equal(noon) {
			t.Errorf("ticket %+v", ticket)
		}
		ticket.Properties, ticket.CreatedAt, ticket.UpdatedAt = nil, want.CreatedAt, want.UpdatedAt
		if ticket.Name != want.Name || ticket.Description != want.Description || ticket.OwnerID != want.OwnerID ||
			ticket.PipelineID != want.PipelineID || ticket.StageID != want.StageID || ticket.Priority != want.Priority ||
			ticket.ContactID != want.ContactID || ticket.ConversationID != want.ConversationID || ticket.InboxID != want.InboxID {
			t.Errorf("ticket %+v, want %+v", ticket, want)
		}
		if c := must(s.Conversation(t.Context(), ref.ConversationID))(t); c.TicketID != got.TicketID {
			t.Errorf("conversation's ticket %q", c.TicketID)
		}
	})
}

func TestATicketIsNamedAfterTheSubjectOrTheFirstLine(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel, _ := ticketing(t, s)
		for subject, want := range map[string]string{"Lamp": "Lamp", "": "Hello there"} {
			receipt := must(s.Receive(t.Context(), store.Inbound{
				Channel: channel, ThreadKey: store.NewID(), ProviderMessageID: store.NewID(), Subject: subject,
				Text: "\n Hello there \nmore", At: noon,
			}))(t)
			ref := inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}
			must(s.ResolveContact(t.Context(), ref))(t)
			got := must(s.OpenTicket(t.Context(), ref, noon, routing.Ticket))(t)
			if ticket := must(s.Ticket(t.Context(), got.TicketID))(t); ticket.Name != want {
				t.Errorf("subject %q: ticket %q", subject, ticket.Name)
			}
		}
	})
}

func TestOneTicketHoweverOftenItIsAskedFor(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		s := pair[0]
		channel, _ := ticketing(t, s)
		ref := known(t, s, channel)
		inParallel(pair, make([]int, 16), func(s *store.Store, _ int) {
			got, err := s.OpenTicket(t.Context(), ref, noon, routing.Ticket)
			if err != nil || !got.Create || got.Reason != inbox.ReasonTicketCreated || got.TicketID == "" {
				t.Errorf("decision %+v, %v", got, err)
			}
		})
		if n := store.CountRows(t, s, "tickets"); n != 1 {
			t.Errorf("%d tickets", n)
		}

		must(s.CloseEpisode(t.Context(), ref, inbox.Author{}, noon, ""))(t)
		ref = must(s.Reopen(t.Context(), ref.ConversationID, inbox.Author{}, noon))(t)
		if got := must(s.OpenTicket(t.Context(), ref, noon, routing.Ticket))(t); got.Create || got.Reason != inbox.ReasonTicketExists {
			t.Errorf("in a later episode: %+v", got)
		}
	})
}

func TestAContactNeverHasMoreTicketsThanTheLimit(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		s := pair[0]
		account := must(s.Account(t.Context()))(t)
		account.TicketsPerContact = 3
		if err := s.SaveAccount(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		channel, _ := ticketing(t, s)
		var refs []inbox.EpisodeRef
		for range 16 {
			refs = append(refs, known(t, s, channel))
		}
		for range 2 { // repeated, as after lost answers
			inParallel(pair, refs, func(s *store.Store, ref inbox.EpisodeRef) {
				if _, err := s.OpenTicket(t.Context(), ref, noon, routing.Ticket); err != nil {
					t.Error(err)
				}
			})
		}
		if n := store.CountRows(t, s, "tickets"); n != 3 {
			t.Errorf("%d tickets", n)
		}
		var created, skipped int
		for _, kind := range eventKinds(t, s) {
			switch kind {
			case inbox.EventTicketCreated:
				created++
			case inbox.EventTicketSkipped:
				skipped++
			}
		}
		if created != 3 || skipped != 13 {
			t.Errorf("%d created, %d skipped in the timelines", created, skipped)
		}
	})
}

func TestAChannelWithoutTicketsSaysNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel, _ := ticketing(t, s, func(defaults *inbox.TicketDefaults) { defaults.Enabled = false })
		ref := known(t, s, channel)
		if got := must(s.OpenTicket(t.Context(), ref, noon, routing.Ticket))(t); got.Reason != inbox.ReasonTicketsOff {
			t.Errorf("decision %+v", got)
		}
		if kinds := eventKinds(t, s); slices.Contains(kinds, inbox.EventTicketSkipped) {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestATicketFollowsToTheAssigneeWhoIsFoundLater(t *testing.T) {
	cases := map[string]struct {
		owner inbox.TicketOwner
		given bool
		want  bool
	}{
		"assigned automatically":         {inbox.TicketOwnerAssignee, false, true},
		"assigned by the default":        {"", false, true},
		"assigned by hand":               {inbox.TicketOwnerAssignee, true, true},
		"not when nobody is to own it":   {inbox.TicketOwnerNone, false, false},
		"nor by hand, when nobody is to": {inbox.TicketOwnerNone, true, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, s *store.Store) {
				channel, _ := ticketing(t, s, func(defaults *inbox.TicketDefaults) { defaults.Owner = tc.owner })
				d := desk{Store: s}
				agent := d.hire(t, 1)
				ref := known(t, s, channel)
				got := must(s.OpenTicket(t.Context(), ref, noon, routing.Ticket))(t)
				if tc.given {
					must(s.AssignTo(t.Context(), ref.ConversationID, agent.ID, inbox.Author{}, noon))(t)
				} else {
					team := must(s.CreateTeam(t.Context(), inbox.Team{Name: store.NewID(), MemberIDs: []string{agent.ID}}))(t)
					must(s.AssignToTeam(t.Context(), ref.ConversationID, team.ID, inbox.Author{}, noon))(t)
					d.assigns(t, ref, inbox.CauseTeam, noon)
				}
				owner := must(s.Ticket(t.Context(), got.TicketID))(t).OwnerID
				if owned := owner == agent.ID; owned != tc.want {
					t.Errorf("the ticket's owner is %q", owner)
				}
			})
		})
	}
}
