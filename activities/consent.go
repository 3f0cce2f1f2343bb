package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// Opener opens what intake sealed; *secrets.Keyset is one.
type Opener interface {
	Open(sealed []byte, owner string) ([]byte, error)
}

// Consented is what the consent of an episode has come to.
type Consented struct {
	// Waits: the contact has not agreed yet.
	Waits bool `json:"waits,omitempty"`
	// GiveUpAt is when a message that is held back is given up; zero is never.
	GiveUpAt time.Time `json:"give_up_at,omitzero"`
	// MessageID asks or tells the contact and is on its way; Queue is the provider's
	// task queue.
	MessageID string `json:"message_id,omitempty"`
	Queue     string `json:"queue,omitempty"`
	// Restored are messages that were held back and count now.
	Restored []string `json:"restored,omitempty"`
	// Fetching are those whose files are to be fetched from the provider.
	Fetching []Fetching `json:"fetching,omitempty"`
}

// Consent asks the contact for consent, or notes that it was given and restores
// what was held back (M8).
func (a *Activities) Consent(ctx context.Context, ref inbox.EpisodeRef) (Consented, error) {
	conversation, err := a.Store.Conversation(ctx, ref.ConversationID)
	if err != nil {
		return Consented{}, final(fmt.Errorf("load conversation: %w", err))
	}
	rule, err := a.consentRule(ctx, conversation)
	if err != nil {
		return Consented{}, final(err)
	}
	consented, err := a.Store.Consent(ctx, ref, rule, a.Now(), routing.Consent, a.open)
	if err != nil {
		return Consented{}, final(err)
	}
	for _, id := range consented.Unreadable {
		a.Log.ErrorContext(ctx, "a message that was held back cannot be read", "message_id", id)
	}
	out := Consented{Waits: consented.Waits, GiveUpAt: consented.GiveUpAt, Restored: consented.Restored}
	if !out.Waits {
		if out.Fetching, err = a.fetching(ctx, conversation.ChannelKind, conversation.ID); err != nil {
			return Consented{}, err
		}
	}
	if consented.Say == "" {
		return out, nil
	}
	reply, err := a.Store.Reply(ctx, consented.Say)
	if err != nil {
		return Consented{}, final(fmt.Errorf("load the question: %w", err))
	}
	out.Queue, err = a.deliverOrQueue(ctx, reply, a.Now())
	if out.Queue != "" {
		out.MessageID = consented.Say
	}
	return out, err
}

var errNoKeys = errors.New("there are no keys to open what was held back")

func (a *Activities) open(sealed []byte, owner string) ([]byte, error) {
	if a.Secrets == nil {
		return nil, errNoKeys
	}
	return a.Secrets.Open(sealed, owner)
}

// consentRule is the channel's as it is now: one that asks for less than when the
// episode began keeps nobody waiting.
func (a *Activities) consentRule(ctx context.Context, conversation inbox.Conversation) (inbox.ConsentRule, error) {
	consenter, ok := a.Kinds[conversation.ChannelKind].(channels.Consenter)
	if !ok {
		return inbox.ConsentRule{}, nil
	}
	channel, err := a.Store.Channel(ctx, conversation.ChannelID)
	if err != nil {
		return inbox.ConsentRule{}, fmt.Errorf("load channel: %w", err)
	}
	return consenter.Consent(channel)
}

// asksConsent reports whether the episode goes through Consent.
func (a *Activities) asksConsent(ctx context.Context, conversation inbox.Conversation) (bool, error) {
	rule, err := a.consentRule(ctx, conversation)
	asks := rule.Mode == inbox.ConsentExplicit || rule.Mode == inbox.ConsentImplicit
	return asks || conversation.AwaitsConsent, err
}

// GiveUpHeld deletes messages for which nobody agreed in time, and returns when
// the next ones are due, zero for never (M8).
func (a *Activities) GiveUpHeld(ctx context.Context, ref inbox.EpisodeRef) (time.Time, error) {
	next, err := a.Store.GiveUpHeld(ctx, ref.ConversationID, a.Now())
	if err != nil {
		return time.Time{}, final(err)
	}
	return next, nil
}

// heldAtOnce is how many conversations one sweep looks at.
const heldAtOnce = 500

// giveUpForgotten deletes what workflows did not, because Temporal was away.
func (a *Activities) giveUpForgotten(ctx context.Context) (conversations int, err error) {
	ids, err := a.Store.HeldTooLong(ctx, a.Now(), heldAtOnce)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := a.Store.GiveUpHeld(ctx, id, a.Now()); err != nil {
			return conversations, err
		}
		conversations++
	}
	return conversations, nil
}

func consentMissing() *inbox.Error {
	refusal := inbox.Errorf(inbox.CodeConsentMissing, "The contact has not agreed to the channel's consent text yet.")
	refusal.Remedy = "Wait until they do: they were asked, and are asked again with what they write after a day."
	return refusal
}
