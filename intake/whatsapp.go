package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// QuarantinedWhatsApp is the source of WhatsApp messages in quarantine.
const QuarantinedWhatsApp = "twilio/messages"

// WhatsApp is the way in for what Twilio sends of WhatsApp, with its signature
// checked.
type WhatsApp struct{ service *Service }

// WhatsApp returns the way in for WhatsApp.
func (s *Service) WhatsApp() *WhatsApp { return &WhatsApp{s} }

// ReceiveMessage keeps a webhook's message, or the webhook in quarantine. When it
// returns without an error that is durable; the same webhook again changes nothing
// (B8).
func (w *WhatsApp) ReceiveMessage(ctx context.Context, body []byte) error {
	channelID, err := w.keep(ctx, body, time.Now())
	refusal, ok := errors.AsType[*unopened](err)
	if !ok {
		return err
	}
	if channelID != "" {
		channel, err := w.service.store.Channel(ctx, channelID)
		if err != nil {
			return fmt.Errorf("load channel: %w", err)
		}
		body = w.service.quarantinable(channel, body)
	}
	item, err := w.service.store.AddQuarantine(ctx, store.QuarantineItem{
		ChannelID: channelID, Source: QuarantinedWhatsApp, Raw: body, Error: refusal.Error(),
	})
	if err != nil {
		return fmt.Errorf("keep WhatsApp message in quarantine: %w", err)
	}
	w.service.log.WarnContext(ctx, "message in quarantine", "channel_id", channelID, "quarantine_id", item.ID)
	return nil
}

// Reprocess reads a webhook from quarantine once more. What still cannot be kept
// is CodeInvalid.
func (w *WhatsApp) Reprocess(ctx context.Context, item store.QuarantineItem) error {
	_, err := w.keep(ctx, item.Raw, item.CreatedAt)
	if refusal, ok := errors.AsType[*unopened](err); ok {
		return inbox.Errorf(inbox.CodeInvalid, "The message still cannot be taken in: %s.", refusal.reason)
	}
	return err
}

// keep stores a message that came at a time. It is *unopened when the webhook
// cannot be understood or has no channel that takes it.
func (w *WhatsApp) keep(ctx context.Context, body []byte, at time.Time) (channelID string, err error) {
	in, err := whatsapp.Parse(body)
	if err != nil && in.Number == "" {
		return "", &unopened{err.Error()}
	}
	channel, lookUp := w.service.store.ChannelByAccount(ctx, inbox.KindWhatsApp, in.Number)
	switch {
	case inbox.CodeOf(lookUp) == inbox.CodeNotFound:
		return "", &unopened{"the number is not connected to a channel"}
	case lookUp != nil:
		return "", fmt.Errorf("look up the number's channel: %w", lookUp)
	case err != nil:
		return channel.ID, &unopened{err.Error()}
	case !channel.Enabled:
		return channel.ID, &unopened{"the channel is switched off"}
	}
	threadKey, err := w.threadKey(ctx, channel.ID, in)
	if err != nil {
		return channel.ID, err
	}
	receipt, err := w.service.Receive(ctx, store.Inbound{
		Channel: channel, ThreadKey: threadKey, ProviderMessageID: in.MessageSID, Subject: channel.Name, Sender: in.Sender,
		Text: in.Text, Payload: in.Payload, InReplyTo: in.InReplyTo, Remote: in.Files,
		WindowExpires: routing.WindowExpires(inbox.KindWhatsApp, at), At: at,
	})
	if err != nil {
		return channel.ID, err
	}
	if receipt.Duplicate {
		return channel.ID, nil // it tells nothing new, and the contact may have been erased since
	}
	if err := w.learn(ctx, receipt.ConversationID, threadKey, in.Sender); err != nil {
		// The message is kept: the next one says it again.
		w.service.log.WarnContext(ctx, "contact not completed", "conversation_id", receipt.ConversationID, "error", err)
	}
	return channel.ID, nil
}

// learn completes a conversation's contact by what a later message tells of him: who
// hides the number, or no longer does, is known by both ids when he wrote with both.
// What the first message tells is the workflow's.
func (w *WhatsApp) learn(ctx context.Context, conversationID, threadKey string, sender inbox.Sender) error {
	c, err := w.service.store.Conversation(ctx, conversationID)
	if err != nil || c.ContactID == "" {
		return err
	}
	contact, err := w.service.store.Contact(ctx, c.ContactID)
	if err != nil {
		return err
	}
	unknown := slices.DeleteFunc(slices.Clone(sender.Identities), func(identity inbox.Identity) bool {
		return slices.Contains(contact.Identities, identity)
	})
	if len(unknown) == 0 {
		return nil
	}
	return w.service.store.LearnIdentities(ctx, conversationID, threadKey, unknown)
}

// threadKey finds the contact's conversation, also when it began under the other of the
// user's ids. Who hides or shows the number later may write with the other id alone: it
// is known from a message that had both.
func (w *WhatsApp) threadKey(ctx context.Context, channelID string, in whatsapp.Incoming) (string, error) {
	keys := in.ThreadKeys()
	for _, key := range keys {
		_, err := w.service.store.ConversationByThread(ctx, channelID, key)
		if err == nil {
			return key, nil
		}
		if inbox.CodeOf(err) != inbox.CodeNotFound {
			return "", fmt.Errorf("look up the thread: %w", err)
		}
	}
	ids := slices.DeleteFunc(slices.Clone(in.Sender.Identities), func(identity inbox.Identity) bool {
		return identity.Kind != inbox.IdentityWhatsApp
	})
	c, err := w.service.store.ConversationByIdentity(ctx, channelID, ids...)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound:
		return keys[0], nil
	case err != nil:
		return "", fmt.Errorf("look up the contact's thread: %w", err)
	default:
		return c.ThreadKey, nil
	}
}

// ReceiveStatus follows Twilio's word about a message of ours; messageID is the id
// that we gave Twilio for its callbacks, which may be faster than Twilio's answer
// to our call, "" when there is none, and part which of the answer's messages it is,
// 0 for its only one. What is about no message of ours changes nothing.
func (w *WhatsApp) ReceiveStatus(ctx context.Context, messageID string, part int, body []byte) error {
	status, err := whatsapp.ParseStatus(body)
	if err != nil {
		w.service.log.WarnContext(ctx, "status callback not understood", "message_id", messageID, "error", err)
		return nil
	}
	channel, err := w.service.store.ChannelByAccount(ctx, inbox.KindWhatsApp, status.Number)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up the number's channel: %w", err)
	}
	known, err := w.service.store.FollowMessage(ctx, store.Verdict{
		ChannelID: channel.ID, MessageID: messageID, Part: part, ProviderMessageID: status.MessageSID,
		State: status.State, Code: status.Code, Detail: status.Detail, At: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("follow a status callback: %w", err)
	}
	if !known {
		w.service.log.InfoContext(ctx, "status callback of no message of ours", "channel_id", channel.ID)
	}
	return nil
}
