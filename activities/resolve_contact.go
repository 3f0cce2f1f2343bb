package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// Resolved is the episode as the workflow begins it.
type Resolved struct {
	InboxID     string            `json:"inbox_id"`
	ChannelID   string            `json:"channel_id"`
	ChannelKind inbox.ChannelKind `json:"channel_kind"`
	Status      inbox.Status      `json:"status"`
	// Episode is the conversation's current one; it may be later than the one
	// asked for.
	Episode   int    `json:"episode"`
	ContactID string `json:"contact_id,omitempty"`
	// CreatedContact is set when the sender was unknown (G9).
	CreatedContact bool `json:"created_contact,omitempty"`
	// AnswersAway: the channel's kind can tell the contact that nobody is there.
	AnswersAway bool `json:"answers_away,omitempty"`
	// Chatflow: the channel has a chatflow, or the episode waits in one.
	Chatflow bool `json:"chatflow,omitempty"`
	// AsksConsent: the contact may have to agree first (M8).
	AsksConsent bool `json:"asks_consent,omitempty"`
	// QuietAt is when the conversation closes if nobody writes; zero is never.
	QuietAt time.Time `json:"quiet_at,omitzero"`
	// SnoozedUntil is when it wakes; zero unless it is snoozed.
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	// WindowCloses is when the provider's window closes; zero without one.
	WindowCloses time.Time `json:"window_closes,omitzero"`
	// WarnAt is when to tell that the window closes soon; zero without one.
	WarnAt time.Time `json:"warn_at,omitzero"`
	// Fetching are the messages whose files are to be fetched from the provider.
	Fetching []Fetching `json:"fetching,omitempty"`
	// NameQueue is where the contact's name is asked for; "" is nowhere.
	NameQueue string `json:"name_queue,omitempty"`
	// UnderWay is what an earlier run may have left.
	UnderWay UnderWay `json:"under_way,omitzero"`
}

// ResolveContact finds who is writing, or creates the contact (G9), and
// confirms the message that began the episode.
func (a *Activities) ResolveContact(ctx context.Context, ref inbox.EpisodeRef) (Resolved, error) {
	contact, err := a.Store.ResolveContact(ctx, ref)
	if err != nil {
		return Resolved{}, final(fmt.Errorf("resolve contact: %w", err))
	}
	conversation := contact.Conversation
	warnAt, _ := routing.WindowWarning(conversation, time.Time{}, a.Now())
	fetching, err := a.fetching(ctx, conversation.ChannelKind, conversation.ID)
	if err != nil {
		return Resolved{}, err
	}
	nameQueue, err := a.nameQueue(ctx, conversation)
	if err != nil {
		return Resolved{}, fmt.Errorf("resolve contact: %w", err)
	}
	underWay, err := a.underWay(ctx, conversation)
	if err != nil {
		return Resolved{}, err
	}
	asks, err := a.asksConsent(ctx, conversation)
	if err != nil {
		return Resolved{}, final(err)
	}
	_, answersAway := a.Kinds[conversation.ChannelKind].(channels.Absent)
	chatflow := false
	if routing.HasChatflows(conversation.ChannelKind) {
		here := inbox.EpisodeRef{ConversationID: conversation.ID, Episode: conversation.Episode}
		if chatflow, err = a.Store.InChatflow(ctx, here, conversation.ChannelID); err != nil {
			return Resolved{}, err
		}
	}
	return Resolved{
		InboxID:        conversation.InboxID,
		ChannelID:      conversation.ChannelID,
		ChannelKind:    conversation.ChannelKind,
		Status:         conversation.Status,
		Episode:        conversation.Episode,
		ContactID:      conversation.ContactID,
		CreatedContact: contact.Created,
		AnswersAway:    answersAway,
		Chatflow:       chatflow,
		AsksConsent:    asks,
		QuietAt:        a.quietAfter(contact.CloseAfterQuiet),
		SnoozedUntil:   conversation.SnoozedUntil,
		WindowCloses:   conversation.Window.ClosesAt,
		Fetching:       fetching,
		WarnAt:         warnAt,
		NameQueue:      nameQueue,
		UnderWay:       underWay,
	}, nil
}

// quietAt is when a conversation that somebody wrote in just now closes by
// itself; zero when the account does not close quiet conversations.
func (a *Activities) quietAt(ctx context.Context) (time.Time, error) {
	account, err := a.Store.Account(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("load account: %w", err)
	}
	return a.quietAfter(account.CloseAfterQuiet), nil
}

// quietAfter is when so much time has passed; zero for no time.
func (a *Activities) quietAfter(quiet time.Duration) time.Time {
	if quiet <= 0 {
		return time.Time{}
	}
	return a.Now().Add(quiet)
}
