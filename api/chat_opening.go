package api

import (
	"context"

	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/routing"
)

// opening is what the channel's active chatflow shows a visitor before he writes;
// nil when there is nothing to show, while he is in a conversation, and when he
// met the flow before. The widget takes the flow's language, unless it speaks the
// browser's (C12).
func (p *public) opening(ctx context.Context, channel *publicChannel, thread string) (*chat.WidgetOpening, error) {
	flow, err := p.store.ActiveChatflow(ctx, channel.ID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !channel.chat.BrowserLanguage && chat.HasLanguage(flow.Language) {
		channel.chat.Language = flow.Language
	}
	conversation, err := p.store.ConversationByThread(ctx, channel.ID, thread)
	isNew := inbox.CodeOf(err) == inbox.CodeNotFound
	if !isNew && (err != nil || conversation.Status != inbox.StatusClosed || !flow.Repeat) {
		return nil, err
	}
	if flow, err = channels.Worded(flow, &chat.Channel{}, channel.Channel); err != nil {
		return nil, err
	}
	line := routing.ChatflowOpening(flow)
	if line.Text == "" {
		return nil, nil
	}
	return &chat.WidgetOpening{Text: line.Text, QuickReplies: listed(line.QuickReplies)}, nil
}
