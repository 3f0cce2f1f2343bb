package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// Why an episode was closed.
const (
	CloseByAgent    = "closed_by_agent"
	CloseByChatflow = "chatflow"
	CloseQuiet      = "quiet"
)

// CloseInput closes an episode; Reason is one of the Close constants.
type CloseInput struct {
	Ref    inbox.EpisodeRef `json:"ref"`
	Actor  inbox.Author     `json:"actor"`
	Reason string           `json:"reason"`
}

// Close ends the episode and returns the agent who got a place free.
func (a *Activities) Close(ctx context.Context, in CloseInput) (string, error) {
	freed, err := a.Store.CloseEpisode(ctx, in.Ref, in.Actor, a.Now(), in.Reason)
	if err != nil {
		return "", final(fmt.Errorf("close: %w", err))
	}
	return freed, nil
}

// SnoozeInput puts a conversation to sleep until a time.
type SnoozeInput struct {
	Ref   inbox.EpisodeRef `json:"ref"`
	Until time.Time        `json:"until"`
	Actor inbox.Author     `json:"actor"`
}

// Snooze puts the conversation to sleep and returns the agent who got a place
// free.
func (a *Activities) Snooze(ctx context.Context, in SnoozeInput) (string, error) {
	freed, err := a.Store.Snooze(ctx, in.Ref, in.Until, in.Actor, a.Now())
	if err != nil {
		return "", final(fmt.Errorf("snooze: %w", err))
	}
	return freed, nil
}

// Wake ends a snooze whose time has come.
func (a *Activities) Wake(ctx context.Context, ref inbox.EpisodeRef) error {
	if err := a.Store.Wake(ctx, ref, a.Now()); err != nil {
		return final(fmt.Errorf("wake: %w", err))
	}
	return nil
}

// ReopenInput reopens a closed conversation.
type ReopenInput struct {
	ConversationID string       `json:"conversation_id"`
	Actor          inbox.Author `json:"actor"`
}

// Reopen begins a new episode by an agent's hand and returns it.
func (a *Activities) Reopen(ctx context.Context, in ReopenInput) (inbox.EpisodeRef, error) {
	ref, err := a.Store.Reopen(ctx, in.ConversationID, in.Actor, a.Now())
	if err != nil {
		return inbox.EpisodeRef{}, final(fmt.Errorf("reopen: %w", err))
	}
	return ref, nil
}
