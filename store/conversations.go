package store

import (
	"context"
	"slices"
	"strings"

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

// condition is a part of a WHERE clause with its values.
type condition struct {
	columns []string
	values  []any
}

func (c condition) and(column string, value any) condition {
	return condition{append(slices.Clone(c.columns), column+" = ?"), append(slices.Clone(c.values), value)}
}

// condition is the filter but for InboxIDs and Q.
func (f ConversationFilter) condition() condition {
	var c condition
	if f.ChannelID != "" {
		c = c.and("channel_id", f.ChannelID)
	}
	if f.InboxID != "" {
		c = c.and("inbox_id", f.InboxID)
	}
	if f.AssigneeID != "" || f.Unassigned {
		c = c.and("assignee_id", f.AssigneeID)
	}
	if f.Status != "" {
		c = c.and("status", f.Status)
	}
	return c
}

// narrow applies the filter, but for Q, to a search.
func (f ConversationFilter) narrow(query *gorm.DB) *gorm.DB {
	if c := f.condition(); len(c.columns) > 0 {
		query = query.Where(strings.Join(c.columns, " AND "), c.values...)
	}
	if f.InboxIDs != nil {
		query = query.Where("inbox_id IN ?", f.InboxIDs)
	}
	return query
}
