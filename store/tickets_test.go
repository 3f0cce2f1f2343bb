package store_test

import (
	"maps"
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestTicketsAreListedByFilterNewestFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, other := t.Context(), newChannel(t, s), newChannel(t, s)
		pipeline, elsewhere := newPipeline(t, s), newPipeline(t, s)
		ticket := func(id string, channel inbox.Channel, edit func(*inbox.Ticket)) string {
			receipt := must(s.Receive(ctx, inbound(channel, id, id)))(t)
			ticket := inbox.Ticket{
				ConversationID: receipt.ConversationID, InboxID: channel.InboxID, PipelineID: pipeline.ID, StageID: "new",
			}
			edit(&ticket)
			return store.NewTicket(t, s, ticket).ID
		}
		a := ticket("a", channel, func(ticket *inbox.Ticket) { ticket.ContactID = "contact" })
		b := ticket("b", channel, func(ticket *inbox.Ticket) { ticket.OwnerID = "agent" })
		c := ticket("c", other, func(ticket *inbox.Ticket) { ticket.StageID = "done" })
		d := ticket("d", other, func(ticket *inbox.Ticket) { ticket.PipelineID = elsewhere.ID })
		for i, check := range []struct {
			filter store.TicketFilter
			want   []string
		}{
			{store.TicketFilter{}, []string{d, c, b, a}},
			{store.TicketFilter{InboxID: channel.InboxID}, []string{b, a}},
			{store.TicketFilter{InboxIDs: []string{other.InboxID}}, []string{d, c}},
			{store.TicketFilter{InboxIDs: []string{}}, nil},
			{store.TicketFilter{InboxIDs: []string{other.InboxID}, InboxID: channel.InboxID}, nil},
			{store.TicketFilter{ContactID: "contact"}, []string{a}},
			{store.TicketFilter{OwnerID: "agent"}, []string{b}},
			{store.TicketFilter{PipelineID: pipeline.ID, StageID: "done"}, []string{c}},
		} {
			tickets, _, err := s.Tickets(ctx, check.filter, store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, ticket := range tickets {
				got = append(got, ticket.ID)
			}
			if !slices.Equal(got, check.want) {
				t.Errorf("filter %d: %v, want %v", i, got, check.want)
			}
		}
	})
}

func TestATicketCanBeEdited(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, pipeline, agent := t.Context(), newChannel(t, s), newPipeline(t, s), newAgent(t, s)
		receipt := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		ticket := store.NewTicket(t, s, inbox.Ticket{
			ConversationID: receipt.ConversationID, InboxID: channel.InboxID, PipelineID: pipeline.ID, StageID: "new",
		})
		ticket.Name, ticket.Description, ticket.StageID = "Lamp", "It is dark.", "done"
		ticket.Priority, ticket.OwnerID = inbox.PriorityUrgent, agent.ID
		ticket.Properties = map[string]string{"room": "7"}
		must(s.UpdateTicket(ctx, ticket))(t)
		got := must(s.Ticket(ctx, ticket.ID))(t)
		if got.Name != "Lamp" || got.Description != "It is dark." || got.StageID != "done" ||
			got.Priority != inbox.PriorityUrgent || got.OwnerID != agent.ID || !maps.Equal(got.Properties, ticket.Properties) ||
			!got.UpdatedAt.After(ticket.UpdatedAt) || !got.CreatedAt.Equal(ticket.CreatedAt) {
			t.Errorf("got %+v", got)
		}
		for field, edit := range map[string]func(*inbox.Ticket){
			"owner_id":    func(ticket *inbox.Ticket) { ticket.OwnerID = store.NewID() },
			"pipeline_id": func(ticket *inbox.Ticket) { ticket.PipelineID = "" },
			"stage_id":    func(ticket *inbox.Ticket) { ticket.StageID = "other" },
		} {
			wrong := ticket
			edit(&wrong)
			_, err := s.UpdateTicket(ctx, wrong)
			wantField(t, err, inbox.CodeInvalid, field)
		}
		ticket.ID = store.NewID()
		_, err := s.UpdateTicket(ctx, ticket)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestAStageThatHoldsTicketsStays(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, pipeline := t.Context(), newChannel(t, s), newPipeline(t, s)
		receipt := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		store.NewTicket(t, s, inbox.Ticket{
			ConversationID: receipt.ConversationID, InboxID: channel.InboxID, PipelineID: pipeline.ID, StageID: "new",
		})
		without := pipeline
		without.Stages = pipeline.Stages[1:]
		_, err := s.UpdatePipeline(ctx, without)
		wantCode(t, err, inbox.CodeConflict)
		without.Stages = pipeline.Stages[:1]
		must(s.UpdatePipeline(ctx, without))(t)
		if got := must(s.Pipeline(ctx, pipeline.ID))(t); len(got.Stages) != 1 {
			t.Errorf("stages %+v", got.Stages)
		}
	})
}

func TestTheSameIsInQuarantineOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		item := store.QuarantineItem{Source: "email", ChannelID: "channel", Raw: []byte("From: nobody"), Error: "no sender"}
		first := must(s.AddQuarantine(t.Context(), item))(t)
		if again := must(s.AddQuarantine(t.Context(), item))(t); again.ID != first.ID {
			t.Errorf("it came twice and is %s and %s", first.ID, again.ID)
		}
		if err := s.MarkReprocessed(t.Context(), first.ID); err != nil {
			t.Fatal(err)
		}
		if again := must(s.AddQuarantine(t.Context(), item))(t); again.ID != first.ID {
			t.Error("what was understood after all is in quarantine again")
		}
		item.ChannelID = "other"
		if other := must(s.AddQuarantine(t.Context(), item))(t); other.ID == first.ID {
			t.Error("two channels share an item")
		}
	})
}

func TestQuarantinedItemsAreKeptAndListedUntilTheyAreReprocessed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first := must(s.AddQuarantine(ctx, store.QuarantineItem{Source: "smtp", Raw: []byte("\x00\xff"), Error: "no header"}))(t)
		second := must(s.AddQuarantine(ctx, store.QuarantineItem{Source: "graph", ChannelID: "channel"}))(t)
		items, _, err := s.Quarantined(ctx, store.Page{})
		if err != nil || len(items) != 2 || items[0].ID != second.ID || items[1].ID != first.ID {
			t.Fatalf("items %+v, %v", items, err)
		}
		got := must(s.QuarantineItem(ctx, first.ID))(t)
		if string(got.Raw) != "\x00\xff" || got.Source != "smtp" || got.Error != "no header" || got.CreatedAt.IsZero() {
			t.Errorf("item %+v", got)
		}
		if err := s.MarkReprocessed(ctx, first.ID); err != nil {
			t.Fatal(err)
		}
		if items, _, err := s.Quarantined(ctx, store.Page{}); err != nil || len(items) != 1 {
			t.Errorf("items %+v, %v", items, err)
		}
		if got := must(s.QuarantineItem(ctx, first.ID))(t); got.ReprocessedAt.IsZero() || len(got.Raw) != 0 {
			t.Error("not marked")
		}
		_, err = s.QuarantineItem(ctx, store.NewID())
		wantCode(t, err, inbox.CodeNotFound)
		wantCode(t, s.MarkReprocessed(ctx, store.NewID()), inbox.CodeNotFound)
	})
}
