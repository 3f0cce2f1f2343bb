package store_test

import (
	"slices"
	"sync"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAVisitorWhoIdentifiesIsOneContactBeforeAndAfter(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, cookie, email := t.Context(), inbox.CookieIdentity("token"), inbox.EmailIdentity("ada@example.com")
		said := inbox.Sender{Name: "Ada", Identities: []inbox.Identity{cookie, email}}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := s.Identify(ctx, said); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		contact := must(s.ContactByIdentity(ctx, cookie))(t)
		if byEmail := must(s.ContactByIdentity(ctx, email))(t); byEmail.ID != contact.ID || contact.Name != "Ada" {
			t.Errorf("the cookie is %+v, the address %+v", contact, byEmail)
		}
		receipt := must(s.Receive(ctx, store.Inbound{
			Channel: newChannel(t, s), ThreadKey: "t", ProviderMessageID: "m",
			Sender: inbox.Sender{Identities: []inbox.Identity{cookie}}, At: noon,
		}))(t)
		resolved := must(s.ResolveContact(ctx, inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}))(t)
		if resolved.ContactID != contact.ID {
			t.Errorf("the visitor's message is another contact's")
		}
	})
}

func TestAVisitorCannotTakeSomebodyElsesAddress(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, cookie, email := t.Context(), inbox.CookieIdentity("token"), inbox.EmailIdentity("eve@example.com")
		if err := s.Identify(ctx, inbox.Sender{Name: "Eve", Identities: []inbox.Identity{email}}); err != nil {
			t.Fatal(err)
		}
		receipt := must(s.Receive(ctx, store.Inbound{
			Channel: newChannel(t, s), ThreadKey: "t", ProviderMessageID: "m",
			Sender: inbox.Sender{Identities: []inbox.Identity{cookie}}, At: noon,
		}))(t)
		visitor := must(s.ResolveContact(ctx, inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: 1}))(t)
		for range 2 {
			if err := s.Identify(ctx, inbox.Sender{Identities: []inbox.Identity{cookie, email}}); err != nil {
				t.Fatal(err)
			}
		}
		if owner := must(s.ContactByIdentity(ctx, email))(t); owner.ID == visitor.ContactID {
			t.Error("the address was moved")
		}
		events, _, err := s.Timeline(ctx, receipt.ConversationID, store.Page{})
		if err != nil {
			t.Fatal(err)
		}
		suggested := slices.DeleteFunc(events, func(e inbox.Event) bool { return e.Kind != inbox.EventMergeSuggested })
		if len(suggested) != 1 {
			t.Errorf("%d merges were suggested, want one", len(suggested))
		}
	})
}
