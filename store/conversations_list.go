package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// listedColumns are what a list shows; a decision with its reasons would be most
// of a row.
const listedColumns = `id, inbox_id, channel_id, channel_kind, status, subject, contact_id, assignee_id, team_id, ticket_id,
	episode, channel_revision, priority_rank, window_state, window_closes_at, last_contact_at, tags, created_at, last_message_at, waiting_since,
	snoozed_until, closed_at, awaits_consent`

// listed are the row's fields in the order of listedColumns.
func (r *conversationRow) listed() []any {
	return []any{
		&r.ID, &r.InboxID, &r.ChannelID, &r.ChannelKind, &r.Status, &r.Subject, &r.ContactID, &r.AssigneeID, &r.TeamID, &r.TicketID,
		&r.Episode, &r.ChannelRevision, &r.PriorityRank, &r.WindowState, &r.WindowClosesAt, &r.LastContactAt, &r.Tags, &r.CreatedAt, &r.LastMessageAt,
		&r.WaitingSince, &r.SnoozedUntil, &r.ClosedAt, &r.AwaitsConsent,
	}
}

// scanListed reads rows without GORM, whose reflection would cost more than
// finding them.
func scanListed(query *gorm.DB) (listed []conversationRow, err error) {
	rows, err := query.Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row conversationRow
		if err := rows.Scan(row.listed()...); err != nil {
			return nil, err
		}
		listed = append(listed, row)
	}
	return listed, rows.Err()
}

// listConversations lists conversations without a search, the one with the
// latest message first.
func (s *Store) listConversations(ctx context.Context, filter ConversationFilter, page Page) ([]conversationRow, string, error) {
	limit, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	query, values, err := filter.list(page, limit+1, s.postgres)
	if err != nil {
		return nil, "", err
	}
	rows, err := scanListed(s.reading(ctx).Raw(query, values...))
	if err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	rows, cursor := next(rows, limit, func(r conversationRow) string {
		return cursorOf(r.LastMessageAt.Format(stampFormat), r.ID)
	})
	return rows, cursor, nil
}

// list merges one range of an index for each inbox that may be seen and each
// status: a range that fixes everything before the order comes out of the index
// in order, so a page costs the same however many rows there are, also when
// there is no hit. A list of values in one condition would be sorted instead.
// PostgreSQL sorts what it merges unless each range is limited; SQLite merges as
// it reads, but would copy ranges that are limited.
func (f ConversationFilter) list(page Page, limit int, limited bool) (query string, values []any, err error) {
	key, err := page.key(2)
	if err != nil {
		return "", nil, err
	}
	const order = " ORDER BY last_message_at DESC, id DESC LIMIT ?"
	var parts []string
	for _, c := range f.ranges() {
		part := "SELECT " + listedColumns + " FROM conversations WHERE " + strings.Join(c.columns, " || '/' || ") + " = ?"
		values = append(values, strings.Join(c.values, "/"))
		if key[0] != "" {
			last, err := time.Parse(stampFormat, key[0])
			if err != nil {
				return "", nil, badCursor()
			}
			part += " AND (last_message_at, id) < (?, ?)"
			values = append(values, stampOf(last), key[1])
		}
		if limited {
			part = "(" + part + order + ")"
			values = append(values, limit)
		}
		parts = append(parts, part)
	}
	return "SELECT * FROM (" + strings.Join(parts, " UNION ALL ") + ") merged" + order, append(values, limit), nil
}

// ranges are the index ranges that hold the filter's rows.
func (f ConversationFilter) ranges() []condition {
	var ranges []condition
	for _, scope := range f.scopes() {
		if f.AssigneeID != "" || f.Unassigned {
			scope = scope.and("assignee_id", f.AssigneeID)
		}
		if f.Status != "" {
			ranges = append(ranges, scope.and("status", string(f.Status)))
			continue
		}
		for _, status := range []inbox.Status{
			inbox.StatusOpen, inbox.StatusWaiting, inbox.StatusSnoozed, inbox.StatusClosed,
		} {
			ranges = append(ranges, scope.and("status", string(status)))
		}
	}
	return ranges
}

// scopes are the channel, or the inboxes, or everything.
func (f ConversationFilter) scopes() []condition {
	switch {
	case f.ChannelID != "":
		return []condition{condition{}.and("channel_id", f.ChannelID)}
	case f.InboxID != "":
		return []condition{condition{}.and("inbox_id", f.InboxID)}
	case f.InboxIDs != nil:
		return convert(f.InboxIDs, func(id string) condition { return condition{}.and("inbox_id", id) })
	default:
		return []condition{{}}
	}
}

// condition says which columns have which values.
type condition struct{ columns, values []string }

func (c condition) and(column, value string) condition {
	return condition{append(slices.Clone(c.columns), column), append(slices.Clone(c.values), value)}
}
