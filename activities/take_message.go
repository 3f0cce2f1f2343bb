package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// TakeMessageInput names a message that came in while the workflow ran.
type TakeMessageInput struct {
	Ref       inbox.EpisodeRef `json:"ref"`
	MessageID string           `json:"message_id"`
}

// Taken is what a message means for its conversation.
type Taken struct {
	// Episode is the conversation's current one: later than asked for when the
	// message reopened it.
	Episode int `json:"episode"`
	// Automatic is set when a program wrote it: nothing follows from it (B10).
	Automatic bool `json:"automatic,omitempty"`
	// Woken is set when the message ended a snooze.
	Woken bool `json:"woken,omitempty"`
	// AwaitsConsent: the contact has to agree first (M8).
	AwaitsConsent bool      `json:"awaits_consent,omitempty"`
	AnswerBy      time.Time `json:"answer_by,omitzero"`
	QuietAt       time.Time `json:"quiet_at,omitzero"`
	// WindowCloses is when the provider's window closes; zero without one.
	WindowCloses time.Time `json:"window_closes,omitzero"`
	// WarnAt is when to tell that the window closes soon; zero without one.
	WarnAt time.Time `json:"warn_at,omitzero"`
	// Fetching are the messages whose files are to be fetched from the provider.
	Fetching []Fetching `json:"fetching,omitempty"`
}

// TakeMessage confirms a message to the intake, wakes a snoozed conversation
// and reopens a closed one, so that no message is forgotten. An automatic one is
// confirmed only.
func (a *Activities) TakeMessage(ctx context.Context, in TakeMessageInput) (Taken, error) {
	now := a.Now()
	taken, err := a.Store.TakeMessage(ctx, in.Ref, in.MessageID, now)
	if err != nil {
		return Taken{}, final(fmt.Errorf("take message: %w", err))
	}
	if taken.Automatic {
		return Taken{Episode: taken.Episode, Automatic: true}, nil
	}
	quietAt, err := a.quietAt(ctx)
	if err != nil {
		return Taken{}, err
	}
	warnAt, _ := routing.WindowWarning(taken.Conversation, time.Time{}, now)
	fetching, err := a.fetching(ctx, taken.Conversation.ChannelKind, in.Ref.ConversationID)
	if err != nil {
		return Taken{}, err
	}
	return Taken{
		Episode:       taken.Episode,
		Woken:         taken.Woken,
		AwaitsConsent: taken.AwaitsConsent,
		AnswerBy:      answerBy(taken, now),
		QuietAt:       quietAt,
		WindowCloses:  taken.Conversation.Window.ClosesAt,
		Fetching:      fetching,
		WarnAt:        warnAt,
	}, nil
}

// answerBy is the deadline for the assignee, zero without one (B4).
func answerBy(taken store.Taken, now time.Time) time.Time {
	if taken.AssigneeID == "" || taken.AnswerWithin <= 0 {
		return time.Time{}
	}
	return now.Add(taken.AnswerWithin)
}
