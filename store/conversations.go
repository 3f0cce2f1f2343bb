package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// ConversationFilter narrows a list of conversations; zero fields do not.
type ConversationFilter struct {
	// InboxIDs are the inboxes that may be seen (E10); nil is all of them.
	InboxIDs  []string
	InboxID   string
	ChannelID string
	Status    inbox.Status
	// AssigneeID and Unassigned exclude each other.
	AssigneeID string
	Unassigned bool
	// Q asks for whole words of the subject and of the sender's name and address.
	Q string
}

// Conversation returns one conversation.
func (s *Store) Conversation(ctx context.Context, id string) (inbox.Conversation, error) {
	row, err := take[conversationRow](s.reading(ctx).Where("id = ?", id), "conversation")
	return row.conversation(), err
}

// ConversationByThread returns a thread's conversation.
func (s *Store) ConversationByThread(ctx context.Context, channelID, threadKey string) (inbox.Conversation, error) {
	row, err := take[conversationRow](s.reading(ctx).
		Where("channel_id = ? AND thread_key = ?", channelID, threadKey), "conversation")
	return row.conversation(), err
}

// ConversationByIdentity returns a channel's conversation with the contact who has one
// of the identities. Of a contact with none or with several in the channel it is
// CodeNotFound: nobody knows which.
func (s *Store) ConversationByIdentity(ctx context.Context, channelID string, identities ...inbox.Identity) (inbox.Conversation, error) {
	t := &tx{DB: s.reading(ctx)}
	known, err := t.known(identities)
	if err != nil {
		return inbox.Conversation{}, err
	}
	contacts := convert(known, func(row identityRow) string { return row.ContactID })
	var rows []conversationRow
	if err := t.Where("contact_id IN ? AND channel_id = ?", contacts, channelID).Limit(2).Find(&rows).Error; err != nil {
		return inbox.Conversation{}, fmt.Errorf("find the contact's conversation: %w", err)
	}
	if len(rows) != 1 {
		return inbox.Conversation{}, inbox.NotFound("conversation")
	}
	return rows[0].conversation(), nil
}

// Conversations lists conversations, the one with the latest message first; a
// list with Q is newest conversation first. A page of a list with Q may hold
// fewer than the limit, even none, and still have a next cursor: each page
// looks at a bounded number of conversations, so that it takes the same time
// however many there are.
func (s *Store) Conversations(ctx context.Context, filter ConversationFilter, page Page) ([]inbox.Conversation, string, error) {
	filter, empty, err := s.resolveScope(ctx, filter)
	if err != nil {
		return nil, "", err
	}
	var rows []conversationRow
	var cursor string
	switch {
	case empty || filter.Unassigned && filter.AssigneeID != "":
		return []inbox.Conversation{}, "", nil
	case filter.Q != "":
		rows, cursor, err = search(s.reading(ctx), conversationWords, filter.Q, filter.narrow, page, conversationRow.id)
	default:
		rows, cursor, err = s.listConversations(ctx, filter, page)
	}
	return convert(rows, conversationRow.conversation), cursor, err
}

// resolveScope leaves the filter with one kind of scope: a channel, or an
// inbox, or the inboxes that may be seen, or nothing.
func (s *Store) resolveScope(ctx context.Context, filter ConversationFilter) (_ ConversationFilter, empty bool, err error) {
	visible := func(inboxID string) bool { return filter.InboxIDs == nil || slices.Contains(filter.InboxIDs, inboxID) }
	if filter.ChannelID != "" && (filter.InboxID != "" || filter.InboxIDs != nil) {
		channel, err := take[channelRow](s.reading(ctx).Where("id = ?", filter.ChannelID), "channel")
		if inbox.CodeOf(err) == inbox.CodeNotFound {
			return filter, true, nil
		}
		if err != nil {
			return filter, false, err
		}
		if filter.InboxID != "" && filter.InboxID != channel.InboxID || !visible(channel.InboxID) {
			return filter, true, nil
		}
		filter.InboxID, filter.InboxIDs = "", nil
	}
	if filter.InboxID != "" {
		empty = !visible(filter.InboxID)
		filter.InboxIDs = nil
	}
	return filter, empty || filter.InboxIDs != nil && len(filter.InboxIDs) == 0, nil
}

// narrow applies the filter, but for Q, to a search.
func (f ConversationFilter) narrow(query *gorm.DB) *gorm.DB {
	equal := map[string]any{}
	if f.ChannelID != "" {
		equal["channel_id"] = f.ChannelID
	}
	if f.InboxID != "" {
		equal["inbox_id"] = f.InboxID
	}
	if f.InboxIDs != nil {
		equal["inbox_id"] = f.InboxIDs
	}
	if f.AssigneeID != "" || f.Unassigned {
		equal["assignee_id"] = f.AssigneeID
	}
	if f.Status != "" {
		equal["status"] = f.Status
	}
	return query.Where(equal)
}
