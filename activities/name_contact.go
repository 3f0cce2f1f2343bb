package activities

import (
	"context"
	"fmt"

	"switchboard/channels"
	"switchboard/inbox"
)

// nameQueue is where a contact's name is asked for; "" is nowhere, or it is known.
func (a *Activities) nameQueue(ctx context.Context, c inbox.Conversation) (string, error) {
	namer, ok := a.Kinds[c.ChannelKind].(channels.Namer)
	if !ok || c.ContactID == "" || c.Status == inbox.StatusClosed {
		return "", nil
	}
	contact, err := a.Store.Contact(ctx, c.ContactID)
	if err != nil || contact.Name != "" {
		return "", err
	}
	channel, err := a.Store.Channel(ctx, c.ChannelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return "", nil
	}
	return namer.NameQueue(channel), err
}

// NameContact asks the provider what a conversation's contact is called, and gives
// the contact that name unless there is one already. Whoever was erased meanwhile
// stays nameless; who is not said to be anybody does, too (G9).
func (a *Activities) NameContact(ctx context.Context, ref inbox.EpisodeRef) error {
	c, err := a.Store.Conversation(ctx, ref.ConversationID)
	if err != nil {
		return final(fmt.Errorf("load conversation: %w", err))
	}
	if queue, err := a.nameQueue(ctx, c); err != nil || queue == "" {
		return final(err)
	}
	channel, err := a.Store.Channel(ctx, c.ChannelID)
	if err != nil {
		return final(fmt.Errorf("load channel: %w", err))
	}
	name, err := a.Kinds[c.ChannelKind].(channels.Namer).Name(ctx, channel, c)
	if err != nil {
		failure := failureOf(err)
		a.Log.WarnContext(ctx, "asking for a contact's name failed", "conversation_id", c.ID, "code", failure.Code, "outcome", failure.Outcome)
		if failure.Outcome == channels.Final {
			return nil
		}
		return tryAgain(failure)
	}
	if name == "" {
		return nil
	}
	return a.Store.NameContact(ctx, c.ID, c.ThreadKey, name)
}
