package store_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func undoable(inbox.Merge, time.Time) *inbox.Error { return nil }

// family is two contacts with a conversation each, of which one has a ticket, and
// the message that each wrote in the other's.
type family struct {
	grace, other   inbox.Contact
	graces, others store.Receipt
	guest          store.Receipt // Grace's message in the other's conversation
	channel        inbox.Channel
	pipeline       inbox.Pipeline
	agent          inbox.Agent
}

func newFamily(t *testing.T, s *store.Store) family {
	t.Helper()
	ctx := t.Context()
	f := family{channel: newChannel(t, s), agent: newAgent(t, s), pipeline: newPipeline(t, s)}
	f.grace = store.NewContact(t, s, inbox.Contact{Name: "Grace", OwnerID: f.agent.ID, Identities: []inbox.Identity{graceMail, gracePhone}})
	f.other = store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceCookie}})
	f.graces, f.others = f.write(t, s, f.grace, "hers", "1"), f.write(t, s, f.other, "other", "2")
	store.NewTicket(t, s, inbox.Ticket{
		ConversationID: f.graces.ConversationID, InboxID: f.channel.InboxID, ContactID: f.grace.ID,
		PipelineID: f.pipeline.ID, StageID: "new",
	})
	guest := joins(f.channel, f.others.ConversationID, graceMail.Value)
	f.guest = must(s.Receive(ctx, guest))(t)
	return f
}

// write begins a conversation of a contact.
func (f family) write(t *testing.T, s *store.Store, contact inbox.Contact, thread, id string) store.Receipt {
	t.Helper()
	in := inbound(f.channel, thread, id)
	in.Sender = inbox.Sender{Identities: contact.Identities}
	receipt := must(s.Receive(t.Context(), in))(t)
	must(s.ResolveContact(t.Context(), store.RefOf(receipt)))(t)
	return receipt
}

// merge merges Grace into the other contact.
func (f family) merge(t *testing.T, s *store.Store) inbox.Merge {
	t.Helper()
	if err := s.MergeContacts(t.Context(), f.grace.ID, f.other.ID, inbox.Author{Kind: inbox.AuthorAgent, ID: f.agent.ID}); err != nil {
		t.Fatal(err)
	}
	return must(s.Merges(t.Context(), f.other.ID))(t)[0]
}

func (f family) undo(t *testing.T, s *store.Store, merge inbox.Merge) inbox.Contact {
	t.Helper()
	by := inbox.Author{Kind: inbox.AuthorAgent, ID: f.agent.ID}
	return must(s.UndoMerge(t.Context(), merge.ContactID, merge.ID, by, time.Now(), undoable))(t)
}

func TestAMergeThatIsUndoneLeavesEverythingAsItWas(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, f := t.Context(), newFamily(t, s)
		before := store.Ownership(t, s)
		merge := f.merge(t, s)
		for what, contact := range store.Ownership(t, s) {
			if contact != f.other.ID {
				t.Errorf("after the merge %s is %s's", what, contact)
			}
		}
		if got := must(s.Contact(ctx, f.other.ID))(t); got.Name != "Grace" || got.OwnerID != f.agent.ID {
			t.Errorf("merged: %+v", got)
		}
		restored := f.undo(t, s, merge)
		if restored.ID != f.grace.ID || restored.Name != "Grace" || restored.OwnerID != f.agent.ID || len(restored.Identities) != 2 {
			t.Errorf("restored: %+v", restored)
		}
		if got := must(s.Contact(ctx, f.other.ID))(t); got.Name != "" || got.OwnerID != "" {
			t.Errorf("the other kept what was not its own: %+v", got)
		}
		if after := store.Ownership(t, s); !maps.Equal(before, after) {
			t.Errorf("before %v\nafter  %v", before, after)
		}
		events, _, err := s.Timeline(ctx, f.graces.ConversationID, store.Page{})
		if err != nil || events[len(events)-1].Kind != inbox.EventMergeUndone || events[len(events)-1].Actor.ID != f.agent.ID {
			t.Fatalf("timeline %+v, %v", events, err)
		}
		if data := string(events[len(events)-1].Data); !strings.Contains(data, merge.ID) || strings.Contains(data, "Grace") {
			t.Errorf("data %s", data)
		}
		if found, _, err := s.Contacts(ctx, store.Sight{}, "grace", store.Page{}); err != nil || len(found) != 1 || found[0].ID != f.grace.ID {
			t.Errorf("found %+v, %v", found, err)
		}
		if merges := must(s.Merges(ctx, f.other.ID))(t); len(merges) != 1 || merges[0].UndoneAt.IsZero() {
			t.Errorf("merges %+v", merges)
		}
	})
}

func TestWhatCameAfterTheMergeStaysButFollowsItsConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, f := t.Context(), newFamily(t, s)
		merge := f.merge(t, s)
		identifies(t, s, "", graceCookie, inbox.EmailIdentity("new@home.test"))
		in := inbound(f.channel, "hers", "later")
		in.Sender.Identities = []inbox.Identity{gracePhone}
		later := must(s.Receive(ctx, in))(t)
		own := f.write(t, s, f.other, "own", "own")
		must(s.UpdateContact(ctx, inbox.Contact{ID: f.other.ID, Name: "Grace's sister", OwnerID: f.agent.ID}))(t)
		f.undo(t, s, merge)
		if later.ConversationID != f.graces.ConversationID {
			t.Fatalf("the message is in %s", later.ConversationID)
		}
		if m := must(s.Message(ctx, later.MessageID))(t); m.Author.ID != f.grace.ID {
			t.Errorf("the message of the conversation is %s's", m.Author.ID)
		}
		if c := must(s.Conversation(ctx, own.ConversationID))(t); c.ContactID != f.other.ID {
			t.Errorf("the new conversation is %s's", c.ContactID)
		}
		if m := must(s.Message(ctx, own.MessageID))(t); m.Author.ID != f.other.ID {
			t.Errorf("the new message is %s's", m.Author.ID)
		}
		got := must(s.Contact(ctx, f.other.ID))(t)
		if got.Name != "Grace's sister" || len(got.Identities) != 2 || got.Identity(inbox.IdentityEmail) != "new@home.test" {
			t.Errorf("the other is %+v", got)
		}
	})
}

func TestMergesOneAfterTheOtherAreUndoneInAnyOrder(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, by := t.Context(), inbox.Author{Kind: inbox.AuthorAgent}
		for _, firstFirst := range []bool{true, false} {
			address := func(name string) inbox.Identity { return inbox.EmailIdentity(store.NewID() + name + "@home.test") }
			a := store.NewContact(t, s, inbox.Contact{Name: "A", Identities: []inbox.Identity{address("a")}})
			b := store.NewContact(t, s, inbox.Contact{Name: "B", Identities: []inbox.Identity{address("b")}})
			c := store.NewContact(t, s, inbox.Contact{Name: "C", Identities: []inbox.Identity{address("c")}})
			err := errors.Join(s.MergeContacts(ctx, a.ID, b.ID, by), s.MergeContacts(ctx, b.ID, c.ID, by))
			merges := must(s.Merges(ctx, c.ID))(t)
			if err != nil || len(merges) != 2 || merges[0].MergedID != b.ID || merges[1].MergedID != a.ID {
				t.Fatalf("merges %+v, %v", merges, err)
			}
			if !firstFirst {
				must(s.UndoMerge(ctx, c.ID, merges[0].ID, by, time.Now(), undoable))(t)
				must(s.UndoMerge(ctx, b.ID, merges[1].ID, by, time.Now(), undoable))(t)
			} else {
				must(s.UndoMerge(ctx, c.ID, merges[1].ID, by, time.Now(), undoable))(t)
				must(s.UndoMerge(ctx, c.ID, merges[0].ID, by, time.Now(), undoable))(t)
			}
			for _, contact := range []inbox.Contact{a, b, c} {
				if got := must(s.Contact(ctx, contact.ID))(t); got.Name != contact.Name || !slices.Equal(got.Identities, contact.Identities) {
					t.Errorf("first first %v: %+v, was %+v", firstFirst, got, contact)
				}
			}
		}
	})
}

func TestAnUndoThatIsRefusedChangesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, f := t.Context(), newFamily(t, s)
		merge := f.merge(t, s)
		_, err := s.UndoMerge(ctx, f.other.ID, merge.ID, inbox.Author{}, noon, func(m inbox.Merge, at time.Time) *inbox.Error {
			if m.ID != merge.ID || at != noon {
				t.Errorf("asked about %+v at %v", m, at)
			}
			return inbox.Errorf(inbox.CodeMergeExpired, "Too late.")
		})
		wantCode(t, err, inbox.CodeMergeExpired)
		_, err = s.UndoMerge(ctx, f.other.ID, store.NewID(), inbox.Author{}, noon, undoable)
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.UndoMerge(ctx, f.grace.ID, merge.ID, inbox.Author{}, noon, undoable)
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.Contact(ctx, f.grace.ID)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestErasingAContactErasesWhatItsMergesRemember(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, f := t.Context(), newFamily(t, s)
		merge := f.merge(t, s)
		if err := s.EraseContact(ctx, f.other.ID); err != nil {
			t.Fatal(err)
		}
		_, err := s.UndoMerge(ctx, f.other.ID, merge.ID, inbox.Author{}, time.Now(), undoable)
		wantCode(t, err, inbox.CodeNotFound)
		for table, dump := range store.Dump(t, s) {
			for _, secret := range []string{"Grace", graceMail.Value, gracePhone.Value} {
				if strings.Contains(dump, secret) {
					t.Errorf("%s still holds %s: %s", table, secret, dump)
				}
			}
		}
	})
}

func TestErasingAContactThatIsBackErasesItsMergeToo(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		f := newFamily(t, s)
		f.undo(t, s, f.merge(t, s))
		if err := s.EraseContact(t.Context(), f.grace.ID); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"merges", "merge_parts"} {
			if n := store.CountRows(t, s, table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

func TestMessagesThatComeWhileContactsAreMergedAndPartedBelongToSomebody(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, f := t.Context(), newFamily(t, s)
		var senders sync.WaitGroup
		for i := range 8 {
			senders.Go(func() {
				for n := range 5 {
					id := string(rune('a'+i)) + string(rune('a'+n))
					in := inbound(f.channel, "hers", id) // her thread
					if i%2 == 1 {
						in = joins(f.channel, f.others.ConversationID, graceMail.Value) // as a guest
						in.ProviderMessageID = id
					}
					if _, err := s.Receive(ctx, in); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 4 {
			f.undo(t, s, f.merge(t, s))
		}
		senders.Wait()
		for what, contact := range store.Ownership(t, s) {
			if contact != f.grace.ID && contact != f.other.ID {
				t.Errorf("%s is %s's", what, contact)
			}
		}
		merge := f.merge(t, s)
		for what, contact := range store.Ownership(t, s) {
			if contact != f.other.ID {
				t.Errorf("%s was left behind with %s", what, contact)
			}
		}
		f.undo(t, s, merge)
		if c := must(s.Conversation(ctx, f.graces.ConversationID))(t); c.ContactID != f.grace.ID {
			t.Errorf("her conversation is %s's", c.ContactID)
		}
	})
}

func TestWorkflowsOfMovedConversationsAreNudged(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		f := newFamily(t, s)
		store.SetStatus(t, s, f.others.ConversationID, inbox.StatusClosed)
		merge := f.merge(t, s)
		due := must(s.NudgesDue(t.Context(), time.Now().Add(time.Second), 10))(t)
		if !slices.Equal(due, []inbox.EpisodeRef{store.RefOf(f.graces)}) {
			t.Errorf("due are %v", due)
		}
		request := store.AssignRequest{Ref: store.RefOf(f.graces), Key: "1", Cause: inbox.CauseRetry, At: noon}
		if assigned := must(s.Assign(t.Context(), request, leaveIt))(t); assigned.ContactID != f.other.ID {
			t.Errorf("the workflow is told of contact %s", assigned.ContactID)
		}
		f.undo(t, s, merge)
		if due := must(s.NudgesDue(t.Context(), time.Now().Add(time.Second), 10))(t); len(due) != 1 {
			t.Errorf("after the undoing due are %v", due)
		}
	})
}

func leaveIt(inbox.AssignmentQuestion) inbox.AssignmentDecision {
	return inbox.AssignmentDecision{Outcome: inbox.OutcomeTriage, Reason: inbox.ReasonNotRouted}
}
