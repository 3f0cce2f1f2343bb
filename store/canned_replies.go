package store

import (
	"context"
	"strings"
	"time"

	"switchboard/inbox"
)

// CannedReplyFilter narrows a list of canned replies; zero fields do not.
// Replies for all inboxes belong to each.
type CannedReplyFilter struct {
	// InboxIDs are the inboxes that may be seen (E10); nil is all of them.
	InboxIDs []string
	InboxID  string
	// Q asks for a part of the name or the text, in whatever case.
	Q string
}

// CreateCannedReply stores a new canned reply under a new id. A name that
// another has, in whatever case, is CodeConflict.
func (s *Store) CreateCannedReply(ctx context.Context, reply inbox.CannedReply) (inbox.CannedReply, error) {
	row := cannedReplyRow{
		ID: NewID(), Name: reply.Name, BodyText: reply.Text, BodyHTML: reply.HTML, InboxID: reply.InboxID,
		Search: searchable(reply), CreatedAt: stampOf(time.Now()),
	}
	err := s.tx(ctx, func(t *tx) error {
		if err := refer[inboxRow](t, "inbox", "inbox_id", given(reply.InboxID)...); err != nil {
			return err
		}
		return t.Create(&row).Error
	})
	if err != nil {
		return inbox.CannedReply{}, cannedReplyError(err)
	}
	return row.cannedReply(), nil
}

// UpdateCannedReply replaces a canned reply but for its time of creation.
func (s *Store) UpdateCannedReply(ctx context.Context, reply inbox.CannedReply) (inbox.CannedReply, error) {
	err := s.tx(ctx, func(t *tx) error {
		if err := refer[inboxRow](t, "inbox", "inbox_id", given(reply.InboxID)...); err != nil {
			return err
		}
		update := t.Model(&cannedReplyRow{}).Where("id = ?", reply.ID).Updates(map[string]any{
			"name": reply.Name, "body_text": reply.Text, "body_html": reply.HTML, "inbox_id": reply.InboxID,
			"search": searchable(reply),
		})
		return changed(update, "canned reply")
	})
	if err != nil {
		return inbox.CannedReply{}, cannedReplyError(err)
	}
	return reply, nil
}

// searchable folds in Go: SQLite knows the case of ASCII letters only.
func searchable(reply inbox.CannedReply) string {
	return strings.ToLower(reply.Name + "\n" + reply.Text)
}

func cannedReplyError(err error) error {
	return unique(err, inbox.CodeConflict, "Another canned reply has this name.")
}

// DeleteCannedReply removes a canned reply.
func (s *Store) DeleteCannedReply(ctx context.Context, id string) error {
	return changed(s.write.WithContext(ctx).Delete(&cannedReplyRow{}, "id = ?", id), "canned reply")
}

// CannedReply returns one canned reply.
func (s *Store) CannedReply(ctx context.Context, id string) (inbox.CannedReply, error) {
	row, err := take[cannedReplyRow](s.reading(ctx).Where("id = ?", id), "canned reply")
	return row.cannedReply(), err
}

// CannedReplies lists canned replies, oldest first.
func (s *Store) CannedReplies(ctx context.Context, filter CannedReplyFilter, page Page) ([]inbox.CannedReply, string, error) {
	query := s.reading(ctx)
	if filter.InboxIDs != nil {
		query = query.Where("inbox_id IN ?", append([]string{""}, filter.InboxIDs...))
	}
	if filter.InboxID != "" {
		query = query.Where("inbox_id IN ?", []string{"", filter.InboxID})
	}
	if filter.Q != "" {
		query = query.Where(`search LIKE ? ESCAPE '\'`, "%"+likeLiteral.Replace(strings.ToLower(filter.Q))+"%")
	}
	rows, cursor, err := pageByID(query, page, oldestFirst, func(r cannedReplyRow) string { return r.ID })
	return convert(rows, cannedReplyRow.cannedReply), cursor, err
}

// likeLiteral takes the meaning from what LIKE would read as a pattern.
var likeLiteral = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
