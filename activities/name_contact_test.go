package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// naming is a provider that says who people are.
type naming struct {
	*provider
	name func() (string, error)
}

func (n *naming) Name(context.Context, inbox.Channel, inbox.Conversation) (string, error) {
	return n.name()
}

func (*naming) NameQueue(inbox.Channel) string { return "people" }

// stranger writes to a page, which knows an id of hers only.
func (w *world) stranger(n *naming) (inbox.EpisodeRef, activities.Resolved) {
	w.t.Helper()
	n.provider = w.provider
	w.Kinds[inbox.KindMessenger] = n
	ref := w.arrives(w.channel(inbox.KindMessenger), func(in *store.Inbound) {
		in.Sender = inbox.Sender{Identities: []inbox.Identity{{Kind: inbox.IdentityMessenger, Value: in.ThreadKey}}}
	})
	return ref, must(w.ResolveContact(w.t.Context(), ref))(w.t)
}

func (w *world) called(contactID string) string {
	w.t.Helper()
	return must(w.Store.Contact(w.t.Context(), contactID))(w.t).Name
}

func TestAStrangerGetsTheNameThatTheProviderSays(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		asked := 0
		ref, resolved := w.stranger(&naming{name: func() (string, error) { asked++; return "Grace Hopper", nil }})
		require.Equal(t, "people", resolved.NameQueue)
		require.NoError(t, w.NameContact(t.Context(), ref))
		require.Equal(t, "Grace Hopper", w.called(resolved.ContactID))
		found, _, err := w.Store.Contacts(t.Context(), store.Sight{}, "hopper", store.Page{})
		require.NoError(t, err)
		require.Len(t, found, 1, "agents find her by it")

		require.NoError(t, w.NameContact(t.Context(), ref))
		require.Equal(t, 1, asked, "there is nothing to ask any more")
		require.Empty(t, must(w.ResolveContact(t.Context(), ref))(t).NameQueue)
	})
}

func TestANameThatAnAgentGaveStays(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		n := &naming{}
		ref, resolved := w.stranger(n)
		n.name = func() (string, error) {
			_, err := w.Store.UpdateContact(t.Context(), inbox.Contact{ID: resolved.ContactID, Name: "Mrs Hopper"})
			return "Grace", err
		}
		require.NoError(t, w.NameContact(t.Context(), ref))
		require.Equal(t, "Mrs Hopper", w.called(resolved.ContactID))
	})
}

func TestWhoIsErasedWhileTheProviderIsAskedStaysNameless(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		n := &naming{}
		ref, resolved := w.stranger(n)
		n.name = func() (string, error) { return "Grace", w.Store.EraseContact(t.Context(), resolved.ContactID) }
		require.NoError(t, w.NameContact(t.Context(), ref))
		require.Empty(t, w.called(resolved.ContactID))
	})
}

func TestAProviderThatDoesNotSayWhoSomebodyIsHoldsNothingUp(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		n := &naming{}
		ref, resolved := w.stranger(n)
		for outcome, retried := range map[channels.Outcome]bool{channels.Final: false, channels.Retry: true} {
			n.name = func() (string, error) {
				return "", &channels.SendError{Code: inbox.CodeUnavailable, Outcome: outcome, Err: errors.New("away")}
			}
			err := w.NameContact(t.Context(), ref)
			if retried {
				wantRetry(t, err)
			} else {
				require.NoError(t, err)
			}
		}
		n.name = func() (string, error) { return "", nil }
		require.NoError(t, w.NameContact(t.Context(), ref))
		require.Empty(t, w.called(resolved.ContactID))
	})
}
