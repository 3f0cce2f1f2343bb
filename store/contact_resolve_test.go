package store_test

import (
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

// writes receives the first message of a new conversation by a sender.
func writes(t testing.TB, s *store.Store, channel inbox.Channel, name string, identities ...inbox.Identity) inbox.EpisodeRef {
	t.Helper()
	receipt := must(s.Receive(t.Context(), store.Inbound{
		Channel: channel, ThreadKey: store.NewID(), ProviderMessageID: store.NewID(), Text: "Hello", At: noon,
		Sender: inbox.Sender{Name: name, Identities: identities},
	}))(t)
	return inbox.EpisodeRef{ConversationID: receipt.ConversationID, Episode: receipt.Episode}
}

func TestAnUnknownSenderBecomesAContact(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		ref := writes(t, s, channel, "Grace", graceMail, graceCookie)
		got := must(s.ResolveContact(t.Context(), ref))(t)
		if !got.Created || got.ContactID == "" {
			t.Fatalf("resolved %+v", got)
		}
		contact := must(s.Contact(t.Context(), got.ContactID))(t)
		if contact.Name != "Grace" || contact.Identity(inbox.IdentityEmail) != graceMail.Value || contact.Identity(inbox.IdentityCookie) != graceCookie.Value {
			t.Errorf("contact %+v", contact)
		}
		if found := must2(s.Contacts(t.Context(), store.Sight{}, "grace@home.test", store.Page{}))(t); len(found) != 1 {
			t.Errorf("found %d by address", len(found))
		}
		if c := must(s.Conversation(t.Context(), ref.ConversationID))(t); c.ContactID != got.ContactID {
			t.Errorf("conversation of %q", c.ContactID)
		}
		for _, m := range must2(s.Messages(t.Context(), ref.ConversationID, store.Page{}))(t) {
			if m.Author.ID != got.ContactID {
				t.Errorf("message by %q", m.Author.ID)
			}
		}
		events := len(eventKinds(t, s))
		if again := must(s.ResolveContact(t.Context(), ref))(t); again.ContactID != got.ContactID || !again.Created {
			t.Errorf("repeated: %+v", again)
		}
		if n := len(eventKinds(t, s)); n != events {
			t.Errorf("%d events more", n-events)
		}
	})
}

func TestAKnownSenderIsTheSameContact(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		known := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		got := must(s.ResolveContact(t.Context(), writes(t, s, channel, "Grace", graceCookie, graceMail)))(t)
		if got.ContactID != known.ID || got.Created || len(got.SuggestedContactIDs) != 0 {
			t.Fatalf("resolved %+v", got)
		}
		contact := must(s.Contact(t.Context(), known.ID))(t)
		// Who types an address in has not proved that it is his: the browser stays a
		// stranger's.
		if contact.Name != "Grace" || contact.Identity(inbox.IdentityCookie) != "" {
			t.Errorf("contact %+v", contact)
		}
		// A name that is known stays.
		got = must(s.ResolveContact(t.Context(), writes(t, s, channel, "Somebody", graceMail)))(t)
		if contact = must(s.Contact(t.Context(), known.ID))(t); got.ContactID != known.ID || contact.Name != "Grace" {
			t.Errorf("resolved %+v, contact %+v", got, contact)
		}
	})
}

func TestTheStrongestIdentityCountsAndTheOthersSuggestAMerge(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		byMail := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		byPhone := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{gracePhone}})
		ref := writes(t, s, channel, "Grace", gracePhone, graceMail)
		got := must(s.ResolveContact(t.Context(), ref))(t)
		if got.ContactID != byPhone.ID || !slices.Equal(got.SuggestedContactIDs, []string{byMail.ID}) {
			t.Fatalf("resolved %+v", got)
		}
		if c := must(s.ContactByIdentity(t.Context(), graceMail))(t); c.ID != byMail.ID {
			t.Error("the address was moved to another contact")
		}
		if kinds := eventKinds(t, s); !slices.Contains(kinds, inbox.EventMergeSuggested) {
			t.Errorf("events %v", kinds)
		}
		if again := must(s.ResolveContact(t.Context(), ref))(t); !slices.Equal(again.SuggestedContactIDs, got.SuggestedContactIDs) {
			t.Errorf("repeated: %+v", again)
		}
	})
}

func TestAReopenedConversationKeepsItsContact(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ref := writes(t, s, newChannel(t, s), "Grace", graceMail)
		first := must(s.ResolveContact(t.Context(), ref))(t)
		must(s.CloseEpisode(t.Context(), ref, inbox.Author{}, noon, ""))(t)
		ref = must(s.Reopen(t.Context(), ref.ConversationID, inbox.Author{}, noon))(t)
		if got := must(s.ResolveContact(t.Context(), ref))(t); got.ContactID != first.ContactID || got.Created {
			t.Errorf("resolved %+v", got)
		}
	})
}

func TestASenderWithoutIdentitiesIsANewContact(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		first := must(s.ResolveContact(t.Context(), writes(t, s, channel, "")))(t)
		second := must(s.ResolveContact(t.Context(), writes(t, s, channel, "")))(t)
		if !first.Created || !second.Created || first.ContactID == second.ContactID {
			t.Errorf("resolved %+v and %+v", first, second)
		}
	})
}

func TestANewAddressIsOneContactHoweverManyMessagesComeAtOnce(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		s := pair[0]
		channel := newChannel(t, s)
		for round := range 5 {
			address := inbox.EmailIdentity(store.NewID() + "@home.test")
			var refs []inbox.EpisodeRef
			for i := range 32 {
				identities := []inbox.Identity{address, {Kind: inbox.IdentityPhone, Value: store.NewID()}}
				if i%2 == 0 {
					slices.Reverse(identities)
				}
				refs = append(refs, writes(t, s, channel, "Grace", identities...))
			}
			inParallel(pair, refs, func(s *store.Store, ref inbox.EpisodeRef) {
				if _, err := s.ResolveContact(t.Context(), ref); err != nil {
					t.Error(err)
				}
			})
			if n := store.CountRows(t, s, "contacts"); n != int64(round+1) {
				t.Fatalf("%d contacts after round %d", n, round+1)
			}
			if n := len(must(s.ContactByIdentity(t.Context(), address))(t).Identities); n != 33 {
				t.Errorf("%d identities", n)
			}
		}
	})
}
