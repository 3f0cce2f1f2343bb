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

// addressesOf are a contact's, as agents see them.
func addressesOf(t *testing.T, s *store.Store, known inbox.Identity) []string {
	t.Helper()
	var values []string
	for _, identity := range must(s.ContactByIdentity(t.Context(), known))(t).Identities {
		if identity.Kind == inbox.IdentityEmail {
			values = append(values, identity.Value)
		}
	}
	return values
}

func TestWhoCorrectsAnAddressIsNotKnownByTheOneBefore(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, cookie := t.Context(), inbox.CookieIdentity("token")
		claims := func(address string) []string {
			t.Helper()
			if err := s.Identify(ctx, inbox.Sender{Identities: []inbox.Identity{cookie, inbox.EmailIdentity(address)}}); err != nil {
				t.Fatal(err)
			}
			return addressesOf(t, s, cookie)
		}
		for _, address := range []string{"ana@example.com", "anna@example.com", "ana@example.com", "anna@example.com"} {
			if got := claims(address); !slices.Equal(got, []string{address}) {
				t.Errorf("who claims %s has %v", address, got)
			}
		}
		if found, _, err := s.Contacts(ctx, store.Sight{}, "ana@example.com", store.Page{}); err != nil || len(found) != 0 {
			t.Errorf("by the address before, %v is found (%v)", found, err)
		}

		// Whose address it is has nothing to do with the visitor.
		ana := must(s.Receive(ctx, store.Inbound{
			Channel: newChannel(t, s), ThreadKey: "t", ProviderMessageID: "m",
			Sender: inbox.Sender{Identities: []inbox.Identity{inbox.EmailIdentity("ana@example.com")}}, At: noon,
		}))(t)
		resolved := must(s.ResolveContact(ctx, inbox.EpisodeRef{ConversationID: ana.ConversationID, Episode: 1}))(t)
		if visitor := must(s.ContactByIdentity(ctx, cookie))(t); resolved.ContactID == visitor.ID {
			t.Error("the stranger is the visitor")
		}
		// The next address is somebody else's: the visitor is known by none.
		if got := claims("ana@example.com"); len(got) != 0 {
			t.Errorf("who claims a stranger's address has %v", got)
		}
	})
}

func TestAnAddressThatSomebodyWroteFromIsNotCorrectedAway(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, cookie, first := t.Context(), inbox.CookieIdentity("token"), inbox.EmailIdentity("anna@example.com")
		claims := func(address string) inbox.Contact {
			t.Helper()
			if err := s.Identify(ctx, inbox.Sender{Identities: []inbox.Identity{cookie, inbox.EmailIdentity(address)}}); err != nil {
				t.Fatal(err)
			}
			return must(s.ContactByIdentity(ctx, cookie))(t)
		}
		claims(first.Value)
		mail := must(s.Receive(ctx, store.Inbound{
			Channel: newChannel(t, s), ThreadKey: "t", ProviderMessageID: "m", Sender: inbox.Sender{Identities: []inbox.Identity{first}}, At: noon,
		}))(t)
		must(s.ResolveContact(ctx, inbox.EpisodeRef{ConversationID: mail.ConversationID, Episode: 1}))(t)
		contact := claims("anna@home.example")
		if got := addressesOf(t, s, cookie); !slices.Equal(got, []string{first.Value, "anna@home.example"}) {
			t.Errorf("the contact has %v", got)
		}
		if contact.Identity(inbox.IdentityEmail) != "anna@home.example" {
			t.Errorf("what was said last is answered at %s", contact.Identity(inbox.IdentityEmail))
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
