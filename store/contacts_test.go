package store_test

import (
	"fmt"
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

var (
	graceMail   = inbox.Identity{Kind: inbox.IdentityEmail, Value: "grace@home.test"}
	gracePhone  = inbox.Identity{Kind: inbox.IdentityPhone, Value: "+493012345"}
	graceCookie = inbox.Identity{Kind: inbox.IdentityCookie, Value: "c00c1e"}
)

func TestContactsAreFoundByWordsOfNameAddressAndNumber(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		grace := store.NewContact(t, s, inbox.Contact{
			Name: "Grace Brewster Hopper", Identities: []inbox.Identity{graceMail, gracePhone, graceCookie},
		})
		other := store.NewContact(t, s, inbox.Contact{Name: "Grace Kelly"})
		for q, want := range map[string][]string{
			"":                {other.ID, grace.ID},
			"grace":           {other.ID, grace.ID},
			"HOPPER grace":    {grace.ID},
			"grace@home.test": {grace.ID},
			"+49 3012345":     nil,
			"+493012345":      {grace.ID},
			"grac":            nil,
			"c00c1e":          nil,
			"...":             nil,
			"grace nobody":    nil,
		} {
			contacts, _, err := s.Contacts(t.Context(), store.Sight{}, q, store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, contact := range contacts {
				got = append(got, contact.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("q %q: %v, want %v", q, got, want)
			}
		}
	})
}

func TestAContactsNameAndOwnerCanBeEdited(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, agent := t.Context(), newAgent(t, s)
		contact := store.NewContact(t, s, inbox.Contact{Name: "Grace", Identities: []inbox.Identity{graceMail}})
		contact.Name, contact.OwnerID = "Rear Admiral", agent.ID
		must(s.UpdateContact(ctx, contact))(t)
		got := must(s.ContactByIdentity(ctx, graceMail))(t)
		if got.ID != contact.ID || got.Name != "Rear Admiral" || got.OwnerID != agent.ID || !slices.Equal(got.Identities, contact.Identities) {
			t.Errorf("got %+v", got)
		}
		for q, want := range map[string]int{"admiral": 1, "grace hopper": 0} {
			if contacts, _, err := s.Contacts(ctx, store.Sight{}, q, store.Page{}); err != nil || len(contacts) != want {
				t.Errorf("q %q: %d contacts, %v", q, len(contacts), err)
			}
		}
		contact.OwnerID = store.NewID()
		_, err := s.UpdateContact(ctx, contact)
		wantField(t, err, inbox.CodeInvalid, "owner_id")
		_, err = s.UpdateContact(ctx, inbox.Contact{ID: store.NewID()})
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.ContactByIdentity(ctx, gracePhone)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

// identifies says who somebody is, by the first of the identities.
func identifies(t *testing.T, s *store.Store, name string, identities ...inbox.Identity) {
	t.Helper()
	if err := s.Identify(t.Context(), inbox.Sender{Name: name, Identities: identities}); err != nil {
		t.Fatal(err)
	}
}

func TestAnIdentityThatNobodyHasIsAttached(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		visitor := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceCookie}})
		for range 2 {
			identifies(t, s, "Grace", graceCookie, graceMail)
		}
		got := must(s.Contact(ctx, visitor.ID))(t)
		if got.Name != "Grace" || !slices.Equal(got.Identities, []inbox.Identity{graceCookie, graceMail}) {
			t.Errorf("got %+v", got)
		}
		identifies(t, s, "Somebody else", graceCookie, gracePhone)
		if got := must(s.Contact(ctx, visitor.ID))(t); got.Name != "Grace" {
			t.Errorf("the name became %q", got.Name)
		}
	})
}

func TestAnIdentityOfAnotherContactIsNotMovedButSuggestsAMerge(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		known := store.NewContact(t, s, inbox.Contact{Name: "Grace", Identities: []inbox.Identity{graceMail}})
		visitor := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceCookie}})
		receipt := must(s.Receive(ctx, inbound(newChannel(t, s), "thread", "1")))(t)
		store.SetContact(t, s, receipt.ConversationID, visitor.ID)
		for range 2 {
			identifies(t, s, "", graceCookie, graceMail)
		}
		if got := must(s.ContactByIdentity(ctx, graceMail))(t); got.ID != known.ID {
			t.Errorf("the identity moved to %s", got.ID)
		}
		events, _, err := s.Timeline(ctx, receipt.ConversationID, store.Page{})
		if err != nil || len(events) != 3 || events[2].Kind != inbox.EventMergeSuggested {
			t.Fatalf("timeline %+v, %v", events, err)
		}
		sameJSON(t, events[2].Data, fmt.Appendf(nil, `{"contact_id":%q}`, known.ID))
	})
}

func TestAMergeMovesEverything(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, agent, pipeline := t.Context(), newAgent(t, s), newPipeline(t, s)
		into := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		from := store.NewContact(t, s, inbox.Contact{
			Name: "Grace", OwnerID: agent.ID, Identities: []inbox.Identity{graceCookie, gracePhone},
		})
		receipt := must(s.Receive(ctx, inbound(newChannel(t, s), "thread", "1")))(t)
		store.SetContact(t, s, receipt.ConversationID, from.ID)
		c := must(s.Conversation(ctx, receipt.ConversationID))(t)
		ticket := store.NewTicket(t, s, inbox.Ticket{
			ConversationID: c.ID, InboxID: c.InboxID, ContactID: from.ID, PipelineID: pipeline.ID, StageID: "new",
		})
		actor := inbox.Author{Kind: inbox.AuthorAgent, ID: agent.ID}
		if err := s.MergeContacts(ctx, from.ID, into.ID, actor); err != nil {
			t.Fatal(err)
		}
		_, err := s.Contact(ctx, from.ID)
		wantCode(t, err, inbox.CodeNotFound)
		got := must(s.Contact(ctx, into.ID))(t)
		if got.Name != "Grace" || got.OwnerID != agent.ID || len(got.Identities) != 3 {
			t.Errorf("contact %+v", got)
		}
		if c := must(s.Conversation(ctx, c.ID))(t); c.ContactID != into.ID {
			t.Errorf("conversation of %s", c.ContactID)
		}
		if m := must(s.Message(ctx, receipt.MessageID))(t); m.Author.ID != into.ID {
			t.Errorf("message of %s", m.Author.ID)
		}
		if ticket := must(s.Ticket(ctx, ticket.ID))(t); ticket.ContactID != into.ID {
			t.Errorf("ticket of %s", ticket.ContactID)
		}
		events, _, err := s.Timeline(ctx, c.ID, store.Page{})
		if err != nil || len(events) != 3 || events[2].Kind != inbox.EventContactResolved || events[2].Actor != actor {
			t.Errorf("timeline %+v, %v", events, err)
		}
		for _, q := range []string{"grace", "493012345"} {
			if contacts, _, err := s.Contacts(ctx, store.Sight{}, q, store.Page{}); err != nil || len(contacts) != 1 || contacts[0].ID != into.ID {
				t.Errorf("q %q: %+v, %v", q, contacts, err)
			}
		}
	})
}

func TestAMergeKeepsNameAndOwnerOfTheOneThatStays(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, one, two := t.Context(), newAgent(t, s), newAgent(t, s)
		into := store.NewContact(t, s, inbox.Contact{Name: "Grace", OwnerID: one.ID})
		from := store.NewContact(t, s, inbox.Contact{Name: "G. H.", OwnerID: two.ID})
		if err := s.MergeContacts(ctx, from.ID, into.ID, inbox.Author{}); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Contact(ctx, into.ID))(t); got.Name != "Grace" || got.OwnerID != one.ID {
			t.Errorf("got %+v", got)
		}
		wantField(t, s.MergeContacts(ctx, into.ID, into.ID, inbox.Author{}), inbox.CodeInvalid, "into_id")
		wantField(t, s.MergeContacts(ctx, into.ID, from.ID, inbox.Author{}), inbox.CodeInvalid, "into_id")
		wantCode(t, s.MergeContacts(ctx, from.ID, into.ID, inbox.Author{}), inbox.CodeNotFound)
	})
}

func newPipeline(t *testing.T, s *store.Store) inbox.Pipeline {
	t.Helper()
	return must(s.CreatePipeline(t.Context(), inbox.Pipeline{
		Name: store.NewID(), Stages: []inbox.Stage{{ID: "new", Name: "New"}, {ID: "done", Name: "Done"}},
	}))(t)
}

func TestASightHasTheContactsOfItsInboxes(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		support, sales := newInbox(t, s), newInbox(t, s)
		wroteTo := func(in inbox.Inbox, name string) string {
			receipt := must(s.Receive(ctx, store.Inbound{
				Channel: newChannel(t, s, func(c *inbox.Channel) { c.InboxID = in.ID }), ThreadKey: name, ProviderMessageID: name, Text: "Hello",
				Sender: inbox.Sender{Name: name, Identities: []inbox.Identity{inbox.EmailIdentity(name + "@home.test")}},
			}))(t)
			return must(s.ResolveContact(ctx, inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}))(t).ContactID
		}
		grace, henry := wroteTo(support, "Grace"), wroteTo(sales, "Henry")
		nowhere := store.NewContact(t, s, inbox.Contact{Name: "Iris"}).ID
		agent := newAgent(t, s)
		for name, c := range map[string]struct {
			sight store.Sight
			want  []string
		}{
			"everything": {store.Sight{}, []string{nowhere, henry, grace}},
			"support":    {store.Sight{InboxIDs: []string{support.ID}, AgentID: agent.ID}, []string{nowhere, grace}},
			"sales":      {store.Sight{InboxIDs: []string{sales.ID}}, []string{nowhere, henry}},
			"both":       {store.Sight{InboxIDs: []string{sales.ID, support.ID}}, []string{nowhere, henry, grace}},
			"none":       {store.Sight{InboxIDs: []string{}}, []string{nowhere}},
		} {
			contacts, _, err := s.Contacts(ctx, c.sight, "", store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, contact := range contacts {
				got = append(got, contact.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", name, got, c.want)
			}
		}
		limited := store.Sight{InboxIDs: []string{support.ID}, AgentID: agent.ID}
		if found, _, err := s.Contacts(ctx, limited, "henry", store.Page{}); err != nil || len(found) != 0 {
			t.Errorf("found %v, %v", found, err)
		}
		must(s.UpdateContact(ctx, inbox.Contact{ID: henry, Name: "Henry", OwnerID: agent.ID}))(t)
		if found, _, err := s.Contacts(ctx, limited, "henry", store.Page{}); err != nil || len(found) != 1 {
			t.Errorf("whom the agent owns: %v, %v", found, err)
		}
	})
}
