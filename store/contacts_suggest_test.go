package store_test

import (
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// sides are the ids of those who may be the same person, pointed ones first with a
// star.
func sides(t *testing.T, s *store.Store, contactID string) (contact inbox.MergeSide, others []string) {
	t.Helper()
	contact, found, err := s.MergeSides(t.Context(), contactID, asWritten)
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range found {
		if side.Pointed {
			side.Contact.ID += "*"
		}
		others = append(others, side.Contact.ID)
	}
	return contact, others
}

// asWritten takes a text as one address.
func asWritten(text string) []inbox.Identity { return []inbox.Identity{inbox.EmailIdentity(text)} }

func TestWhoGaveAnothersAddressAndNamesakesMayBeTheSame(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		known := store.NewContact(t, s, inbox.Contact{Name: "Dr Hopper", Identities: []inbox.Identity{graceMail}})
		visitor := store.NewContact(t, s, inbox.Contact{Name: "Grace Hopper", Identities: []inbox.Identity{graceCookie}})
		namesake := store.NewContact(t, s, inbox.Contact{Name: "grace hopper", Identities: []inbox.Identity{gracePhone}})
		store.NewContact(t, s, inbox.Contact{Name: "Grace Kelly"})
		identifies(t, s, "", graceCookie, graceMail)
		in := inbound(newChannel(t, s), "thread", "1")
		in.Sender.Identities, in.Text = []inbox.Identity{graceCookie}, "written@home.test"
		in.Fields = []inbox.SubmittedField{{Name: "mail", Values: []string{"field@home.test", "written@home.test"}}}
		must(s.ResolveContact(ctx, store.RefOf(must(s.Receive(ctx, in))(t))))(t)

		contact, others := sides(t, s, visitor.ID)
		if !slices.Equal(others, []string{known.ID + "*", namesake.ID}) {
			t.Errorf("others %v", others)
		}
		want := []inbox.Identity{inbox.EmailIdentity("written@home.test"), inbox.EmailIdentity("field@home.test")}
		if !slices.Equal(contact.Given, want) {
			t.Errorf("given %v", contact.Given)
		}
		if _, others := sides(t, s, known.ID); !slices.Equal(others, []string{visitor.ID + "*"}) {
			t.Errorf("the other way round %v", others)
		}
		_, _, err := s.MergeSides(ctx, store.NewID(), asWritten)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestASuggestionFollowsAMergeAndAnErasure(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		known := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		visitor := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceCookie}})
		third := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{gracePhone}})
		identifies(t, s, "", graceCookie, graceMail)
		if err := s.MergeContacts(ctx, known.ID, third.ID, inbox.Author{}); err != nil {
			t.Fatal(err)
		}
		if _, others := sides(t, s, visitor.ID); !slices.Equal(others, []string{third.ID + "*"}) {
			t.Errorf("after the merge %v", others)
		}
		if _, others := sides(t, s, third.ID); !slices.Equal(others, []string{visitor.ID + "*"}) {
			t.Errorf("after the merge the other way round %v", others)
		}
		merge := must(s.Merges(ctx, third.ID))(t)[0]
		must(s.UndoMerge(ctx, third.ID, merge.ID, inbox.Author{}, time.Now(), undoable))(t)
		if _, others := sides(t, s, visitor.ID); !slices.Equal(others, []string{known.ID + "*"}) {
			t.Errorf("after the undoing %v", others)
		}
		if err := s.MergeContacts(ctx, visitor.ID, known.ID, inbox.Author{}); err != nil {
			t.Fatal(err)
		}
		if _, others := sides(t, s, known.ID); len(others) != 0 {
			t.Errorf("one who was merged is suggested to itself: %v", others)
		}
		if err := s.EraseContact(ctx, known.ID); err != nil {
			t.Fatal(err)
		}
		if n := store.CountRows(t, s, "merge_suggestions"); n != 0 {
			t.Errorf("%d suggestions are left", n)
		}
	})
}
