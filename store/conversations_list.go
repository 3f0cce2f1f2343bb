package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"switchboard/inbox"
)

// listConversations merges one range of an index for each inbox that may be
// seen and each status: a range that fixes every column before the order comes
// out of the index in order, so the page costs the same however many rows there
// are, also when there is no hit. A list of values in one condition would be
// sorted instead.
func (s *Store) listConversations(ctx context.Context, filter ConversationFilter, page Page) ([]conversationRow, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	key, err := page.key(2)
	if err != nil {
		return nil, "", err
	}
	const order = " ORDER BY last_message_at DESC, id DESC LIMIT ?"
	var ranges []string
	var values []any
	for _, c := range filter.ranges() {
		if key[0] != "" {
			last, err := time.Parse(stampFormat, key[0])
			if err != nil {
				return nil, "", badCursor()
			}
			c.columns = append(c.columns, "(last_message_at, id) < (?, ?)")
			c.values = append(c.values, stampOf(last), key[1])
		}
		where := strings.Join(c.columns, " AND ")
		ranges = append(ranges, "SELECT * FROM (SELECT * FROM conversations WHERE "+where+order+") part")
		values = append(append(values, c.values...), limit+1)
	}
	var rows []conversationRow
	query := "SELECT * FROM (" + strings.Join(ranges, " UNION ALL ") + ") merged" + order
	if err := s.reading(ctx).Raw(query, append(values, limit+1)...).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	rows, cursor := next(rows, limit, func(r conversationRow) string {
		return cursorOf(r.LastMessageAt.Format(stampFormat), r.ID)
	})
	return rows, cursor, nil
}

// ranges are the conditions of the index ranges that hold the filter's rows.
func (f ConversationFilter) ranges() []condition {
	ranges := []condition{f.condition()}
	if f.InboxIDs != nil {
		ranges = ranges[:0]
		for _, inboxID := range f.InboxIDs {
			ranges = append(ranges, f.condition().and("inbox_id", inboxID))
		}
	}
	if f.Status != "" {
		return ranges
	}
	var byStatus []condition
	for _, c := range ranges {
		for _, status := range []inbox.Status{
			inbox.StatusOpen, inbox.StatusWaiting, inbox.StatusSnoozed, inbox.StatusClosed,
		} {
			byStatus = append(byStatus, c.and("status", status))
		}
	}
	return byStatus
}
