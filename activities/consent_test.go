package activities_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/secrets"
	"switchboard/store"
	"switchboard/workflows"
)

// consenting is a provider's kind that asks for consent.
type consenting struct {
	*provider
	rule inbox.ConsentRule
}

func (c *consenting) Consent(inbox.Channel) (inbox.ConsentRule, error) { return c.rule, nil }

// silent are workflows that nobody tells: the tests take their steps.
type silent struct{}

func (silent) Open(context.Context, workflows.ConversationInput) error    { return nil }
func (silent) Message(context.Context, workflows.ConversationInput) error { return nil }
func (silent) Nudge(context.Context, inbox.EpisodeRef) error              { return nil }
func (silent) Window(context.Context, inbox.EpisodeRef) error             { return nil }
func (silent) Call(context.Context, inbox.EpisodeRef, string) error       { return nil }
func (silent) Reply(context.Context, inbox.EpisodeRef, string) error      { return nil }
func (silent) Transcript(context.Context, string) error                   { return nil }
func (silent) TakeUp(context.Context, inbox.EpisodeRef) error             { return nil }

// asking is a world with a channel that asks for consent.
type asking struct {
	*world
	kind    *consenting
	intake  *intake.Service
	channel inbox.Channel
}

func newAsking(t *testing.T, w *world, mode inbox.ConsentMode) *asking {
	t.Helper()
	a := &asking{world: w, kind: &consenting{w.provider, inbox.ConsentRule{Mode: mode, Text: "We keep what you write.", Button: "I agree"}}}
	w.Kinds[inbox.KindMessenger] = a.kind
	keys := must(secrets.New())(t)
	w.Secrets, w.now = keys, time.Now().UTC()
	a.intake = intake.New(w.Store, silent{}, slog.New(slog.DiscardHandler)).Holding(w.Kinds, keys)
	a.channel = w.channel(inbox.KindMessenger)
	return a
}

// says receives what the contact writes or presses.
func (a *asking) says(t *testing.T, text, payload string) store.Receipt {
	t.Helper()
	visitor := inbox.Identity{Kind: inbox.IdentityMessenger, Value: "page:7"}
	return must(a.intake.Receive(t.Context(), store.Inbound{
		Channel: a.channel, ThreadKey: "page:7", ProviderMessageID: store.NewID(), Text: text, Payload: payload,
		Sender: inbox.Sender{Name: "Grace", Identities: []inbox.Identity{visitor}}, At: a.now, WindowExpires: a.now.Add(24 * time.Hour),
	}))(t)
}

func TestAContactWhoHasToAgreeIsAskedAndThenHeard(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ctx, a := t.Context(), newAsking(t, w, inbox.ConsentExplicit)
		first := a.says(t, "My lamp is broken.", "")
		ref := refOf(first)
		resolved := must(w.ResolveContact(ctx, ref))(t)
		require.True(t, resolved.AsksConsent)
		asked := must(w.Consent(ctx, ref))(t)
		require.True(t, asked.Waits)
		require.Equal(t, "provider", asked.Queue)
		require.WithinDuration(t, w.now.Add(24*time.Hour), asked.GiveUpAt, time.Minute)

		_, err := w.AllowReply(ctx, activities.AllowReplyInput{Ref: ref, MessageID: w.answers(ref, w.byAgent())})
		require.NotEmpty(t, wantRefusal(t, err, inbox.CodeConsentMissing).Remedy)
		_, err = w.AllowReply(ctx, activities.AllowReplyInput{Ref: ref, MessageID: w.answers(ref, automation)})
		wantRefusal(t, err, inbox.CodeConsentMissing)
		require.Equal(t, inbox.MessageSent, must(w.SendMessage(ctx, asked.MessageID))(t), "the question itself leaves")
		require.Contains(t, w.provider.tried, asked.MessageID)

		press := a.says(t, "i agree!", "")
		require.True(t, w.takes(ref, press.MessageID).AwaitsConsent)
		given := must(w.Consent(ctx, ref))(t)
		require.False(t, given.Waits)
		require.Equal(t, []string{first.MessageID, press.MessageID}, given.Restored)
		require.Equal(t, "My lamp is broken.", w.message(first.MessageID).Text)
		require.False(t, w.takes(ref, a.says(t, "Hello?", "").MessageID).AwaitsConsent)
		_, err = w.AllowReply(ctx, activities.AllowReplyInput{Ref: ref, MessageID: w.answers(ref, w.byAgent())})
		require.NoError(t, err)
	})
}

func TestAContactIsToldOnceWhereNobodyHasToAgree(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ctx, a := t.Context(), newAsking(t, w, inbox.ConsentImplicit)
		first := a.says(t, "My lamp is broken.", "")
		require.Equal(t, "My lamp is broken.", w.message(first.MessageID).Text)
		resolved := must(w.ResolveContact(ctx, refOf(first)))(t)
		told := must(w.Consent(ctx, refOf(first)))(t)
		require.False(t, told.Waits)
		require.Empty(t, w.message(told.MessageID).QuickReplies)
		require.Equal(t, told, must(w.Consent(ctx, refOf(first)))(t), "a repeated step says the same")
		require.Equal(t, inbox.MessageSent, must(w.SendMessage(ctx, told.MessageID))(t))
		w.closes(refOf(first))
		again := a.says(t, "And another one.", "")
		require.Empty(t, must(w.Consent(ctx, refOf(again)))(t).MessageID)
		consents := must(w.Store.Consents(ctx, resolved.ContactID))(t)
		require.Len(t, consents, 1)
		require.Equal(t, inbox.ConsentImplicit, consents[0].Mode)
	})
}

func TestAChannelThatStopsAskingKeepsNobodyWaiting(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ctx, a := t.Context(), newAsking(t, w, inbox.ConsentExplicit)
		first := a.says(t, "My lamp is broken.", "")
		must(w.ResolveContact(ctx, refOf(first)))(t)
		require.True(t, must(w.Consent(ctx, refOf(first)))(t).Waits)
		a.kind.rule.Mode = inbox.ConsentNone
		require.False(t, must(w.Consent(ctx, refOf(first)))(t).Waits)
		require.Equal(t, "My lamp is broken.", w.message(first.MessageID).Text)
	})
}

func TestWithoutKeysNothingIsTakenInThatHasToBeHeldBack(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		a := newAsking(t, w, inbox.ConsentExplicit)
		a.intake.Holding(w.Kinds, nil)
		_, err := a.intake.Receive(t.Context(), store.Inbound{Channel: a.channel, ThreadKey: "t", ProviderMessageID: "1", Text: "Hello"})
		require.Equal(t, inbox.CodeUnavailable, inbox.CodeOf(err))
		require.NotContains(t, strings.ToLower(err.Error()), "hello")
	})
}

func TestTheSweepGivesUpWhatIsHeldTooLong(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ctx, a := t.Context(), newAsking(t, w, inbox.ConsentExplicit)
		first := a.says(t, "My lamp is broken.", "")
		must(w.ResolveContact(ctx, refOf(first)))(t)
		w.Sweeper = a.intake
		require.Zero(t, sweep(t, w).GivenUp)
		w.now = w.now.Add(24*time.Hour + time.Minute)
		require.Equal(t, 1, sweep(t, w).GivenUp)
		require.Equal(t, inbox.MessageDropped, w.message(first.MessageID).State)
		require.Equal(t, 1, w.count(refOf(first), inbox.EventConsentMissed))
	})
}

func sweep(t *testing.T, w *world) activities.Swept {
	t.Helper()
	var swept activities.Swept
	result := must(w.worker().ExecuteActivity(w.Sweep))(t)
	require.NoError(t, result.Get(&swept))
	return swept
}
