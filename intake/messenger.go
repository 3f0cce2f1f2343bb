package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"switchboard/channels/messenger"
	"switchboard/channels/messenger/webhook"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// QuarantinedMessenger is the source of Messenger's items in quarantine.
const QuarantinedMessenger = "messenger"

// tellBatchWithin bounds how long Facebook waits for workflows to be told of a
// whole batch; it has to be answered within 20 seconds.
const tellBatchWithin = 5 * time.Second

// Messenger is the way in for what Facebook delivers about pages.
type Messenger struct {
	service *Service
	appID   string
}

// Messenger returns the way in for what Facebook delivers; appID is our
// application's, to know its echoes.
func (s *Service) Messenger(appID string) *Messenger { return &Messenger{service: s, appID: appID} }

// Deliver keeps every item of a verified body. When it returns without an error
// all of them are durable and may be acknowledged; the same again changes nothing
// (B8). What is not understood, or is nobody's, is in quarantine (B9).
func (m *Messenger) Deliver(ctx context.Context, body []byte) error {
	items, err := webhook.Parse(body)
	if err != nil {
		return m.quarantine(ctx, "", body, err.Error())
	}
	// Facebook delivers in any order: what is about a conversation comes after what
	// begins it.
	slices.SortStableFunc(items, func(a, b webhook.Item) int { return rank(a) - rank(b) })
	channels := map[string]inbox.Channel{}
	var receipts []store.Receipt
	var windows []inbox.EpisodeRef
	for _, item := range items {
		channel, known := channels[item.PageID]
		if !known {
			if channel, err = m.channel(ctx, item.PageID); err != nil {
				return err
			}
			channels[item.PageID] = channel
		}
		kept, err := m.keep(ctx, channel, item)
		if misfit, ok := errors.AsType[*misfit](err); ok {
			err = m.quarantine(ctx, channel.ID, m.service.quarantinable(channel, item.Raw), misfit.reason)
		}
		if err != nil {
			return err
		}
		if kept.receipt.MessageID != "" {
			receipts = append(receipts, kept.receipt)
		}
		if kept.window.ConversationID != "" && !slices.Contains(windows, kept.window) {
			windows = append(windows, kept.window)
		}
	}
	until := time.Now().Add(m.service.tellBatchWithin)
	m.service.tellAll(ctx, m.service.tellBatchWithin, receipts...)
	m.service.tellWindows(ctx, time.Until(until), windows...)
	return nil
}

// rank puts messages first.
func rank(item webhook.Item) int {
	if item.Message != nil && !item.Standby {
		return 0
	}
	return 1
}

// Reprocess takes an item from quarantine in once more. One that still does not fit
// is CodeInvalid.
func (m *Messenger) Reprocess(ctx context.Context, quarantined store.QuarantineItem) error {
	items, err := webhook.Parse(quarantined.Raw)
	if err != nil {
		return inbox.Errorf(inbox.CodeInvalid, "The delivery still cannot be read.").Because(err)
	}
	for _, item := range items {
		channel, err := m.channel(ctx, item.PageID)
		if err != nil {
			return err
		}
		kept, err := m.keep(ctx, channel, item)
		if misfit, ok := errors.AsType[*misfit](err); ok {
			return inbox.Errorf(inbox.CodeInvalid, "The item still does not fit: %s.", misfit.reason)
		}
		if err != nil {
			return err
		}
		if kept.receipt.MessageID != "" {
			m.service.tellAll(ctx, m.service.tellWithin, kept.receipt)
		}
		if kept.window.ConversationID != "" {
			m.service.tellWindows(ctx, m.service.tellWithin, kept.window)
		}
	}
	return nil
}

// channel returns the channel of a page; the zero channel is nobody's page.
func (m *Messenger) channel(ctx context.Context, pageID string) (inbox.Channel, error) {
	channel, err := m.service.store.ChannelByAccount(ctx, inbox.KindMessenger, pageID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.Channel{}, nil
	}
	return channel, err
}

// misfit is why an item goes to quarantine.
type misfit struct{ reason string }

func (m *misfit) Error() string { return m.reason }

// kept is what a workflow is to be told of: a message, a window that moved, or neither.
type kept struct {
	receipt store.Receipt
	window  inbox.EpisodeRef
}

// keep does with an item what it is for.
func (m *Messenger) keep(ctx context.Context, channel inbox.Channel, item webhook.Item) (kept kept, err error) {
	switch {
	case channel.ID == "":
		return kept, &misfit{"no channel is connected to the page"}
	case !channel.Enabled:
		return kept, &misfit{"the channel is switched off"}
	}
	now := time.Now().UTC()
	if item.At.IsZero() || item.At.After(now) {
		item.At = now
	}
	thread := messenger.ThreadKey(item.PageID, item.ContactID)
	switch {
	case item.Message != nil:
		kept, err = m.receive(ctx, channel, thread, item)
	case item.Echo != nil:
		err = m.echoed(ctx, channel, thread, item)
	case item.Reaction != nil && item.Reaction.Removed:
	case item.Reaction != nil, item.Referral != nil:
		kept.window, err = m.openWindow(ctx, channel, thread, item.At)
	case item.Delivered != nil:
		err = m.delivered(ctx, channel, thread, item)
	case item.Read != nil:
		err = m.service.store.AdvanceThread(ctx, channel.ID, thread, item.Read.Watermark, inbox.MessageRead, item.At)
	default:
		err = &misfit{"an item of an unknown kind"}
	}
	return kept, err
}

// receive stores what a contact wrote. While another application has the thread
// it only joins a conversation of ours: nothing follows from it but the window.
func (m *Messenger) receive(ctx context.Context, channel inbox.Channel, thread string, item webhook.Item) (kept, error) {
	receipt, err := m.service.keep(ctx, store.Inbound{
		Channel: channel, ThreadKey: thread, ProviderMessageID: item.Message.ID,
		Sender: inbox.Sender{Identities: []inbox.Identity{messenger.Identity(item.PageID, item.ContactID)}},
		Text:   item.Message.Text, Payload: item.Message.Payload, InReplyTo: item.Message.InReplyTo, Remote: item.Message.Files,
		Standby: item.Standby, At: item.At, WindowExpires: routing.WindowExpires(channel.Kind, item.At),
	})
	if item.Standby && inbox.CodeOf(err) == inbox.CodeNotFound {
		return kept{}, &misfit{"another application answers in a thread that has no conversation here"}
	}
	now := kept{receipt: receipt}
	if item.Standby && !receipt.Duplicate {
		now.window = receipt.Ref()
	}
	return now, err
}

// echoed takes in what left from the page: by us, by another application, or by a
// person in the page's own inbox.
func (m *Messenger) echoed(ctx context.Context, channel inbox.Channel, thread string, item webhook.Item) error {
	echo := store.Echo{
		ChannelID: channel.ID, ThreadKey: thread, ProviderMessageID: item.Echo.ID,
		Text: textOf(item.Echo.Message), InReplyTo: item.Echo.InReplyTo, At: item.At,
	}
	if m.appID == "" || item.Echo.AppID == m.appID {
		echo.MessageID, echo.Part = messenger.ReadMetadata(item.Echo.Metadata)
	}
	err := m.service.store.KeepEcho(ctx, echo)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return &misfit{"others wrote in a thread that has no conversation here"}
	}
	return err
}

// textOf is a message of the page in words: its files stay where they are.
func textOf(message webhook.Message) string {
	lines := []string{}
	if message.Text != "" {
		lines = append(lines, message.Text)
	}
	for _, file := range message.Files {
		lines = append(lines, file.URL)
	}
	return strings.Join(lines, "\n")
}

// openWindow notes that a contact did something that lets us answer. Without a
// conversation there is nothing to answer. Whose window moved is to be told.
func (m *Messenger) openWindow(ctx context.Context, channel inbox.Channel, thread string, at time.Time) (inbox.EpisodeRef, error) {
	moved, err := m.service.store.OpenWindow(ctx, store.WindowOpening{
		ChannelID: channel.ID, ThreadKey: thread, At: at, Expires: routing.WindowExpires(channel.Kind, at),
	})
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.EpisodeRef{}, nil
	}
	return moved, err
}

func (m *Messenger) delivered(ctx context.Context, channel inbox.Channel, thread string, item webhook.Item) error {
	for _, id := range item.Delivered.MessageIDs {
		_, err := m.service.store.AdvanceMessage(ctx, channel.ID, id, inbox.MessageDelivered, "", item.At)
		if err != nil {
			return err
		}
	}
	if item.Delivered.Watermark.IsZero() {
		return nil
	}
	return m.service.store.AdvanceThread(ctx, channel.ID, thread, item.Delivered.Watermark, inbox.MessageDelivered, item.At)
}

func (m *Messenger) quarantine(ctx context.Context, channelID string, raw []byte, reason string) error {
	item, err := m.service.store.AddQuarantine(ctx, store.QuarantineItem{
		ChannelID: channelID, Source: QuarantinedMessenger, Raw: raw, Error: reason,
	})
	if err != nil {
		return fmt.Errorf("keep item in quarantine: %w", err)
	}
	m.service.log.WarnContext(ctx, "messenger item in quarantine", "channel_id", channelID, "quarantine_id", item.ID)
	return nil
}
