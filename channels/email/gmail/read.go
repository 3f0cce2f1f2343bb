package gmail

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

const (
	// recordsPerPage bounds how much history one Read looks at.
	recordsPerPage = 100
	// batchBytes is when a batch is full.
	batchBytes = 16 << 20
)

// record is users.history: what happened to the mailbox in one step.
type record struct {
	ID            string
	MessagesAdded []struct{ Message message }
	LabelsRemoved []struct {
		Message  message
		LabelIDs []string
	}
}

// arrivals are the messages that came in by the record: new ones, and those
// that somebody took out of spam or the trash.
func (r record) arrivals() []string {
	var ids []string
	for _, added := range r.MessagesAdded {
		// Labels may be missing here; fetch looks at them again.
		if incoming(added.Message.LabelIDs) {
			ids = append(ids, added.Message.ID)
		}
	}
	for _, removed := range r.LabelsRemoved {
		if slices.Contains(removed.LabelIDs, "SPAM") || slices.Contains(removed.LabelIDs, "TRASH") {
			ids = append(ids, removed.Message.ID)
		}
	}
	return ids
}

// Read implements mailbox.Client. The cursor is a history id, a string of
// digits that may be longer than any integer; during a resync it is the
// resync's state.
func (c *Client) Read(ctx context.Context, cursor string) (mailbox.Batch, error) {
	if cursor == "" {
		current, err := c.historyID(ctx)
		return mailbox.Batch{Cursor: current}, err
	}
	if at, ok := parseResync(cursor); ok {
		return c.resync(ctx, at)
	}
	records, next, err := c.history(ctx, cursor)
	if rest.HasStatus(err, http.StatusNotFound) {
		return c.startResync(ctx, cursor)
	}
	if err != nil {
		return mailbox.Batch{}, err
	}
	return c.collect(ctx, records, next)
}

// position is where reading goes on after a page of history.
type position struct {
	cursor string
	more   bool
}

// history lists what happened after the cursor, oldest first.
func (c *Client) history(ctx context.Context, cursor string) ([]record, position, error) {
	query := url.Values{
		"startHistoryId": {cursor},
		"historyTypes":   {"messageAdded", "labelRemoved"},
		"maxResults":     {strconv.Itoa(recordsPerPage)},
	}
	for {
		var page struct {
			History       []record
			NextPageToken string
			HistoryID     string
		}
		if err := c.get(ctx, "/history", query, &page); err != nil {
			return nil, position{}, err
		}
		switch {
		case page.NextPageToken == "":
			return page.History, position{cursor: page.HistoryID}, nil
		case len(page.History) > 0:
			// The last record's id leads to the next page as well, and unlike the
			// page's token does not expire soon.
			return page.History, position{page.History[len(page.History)-1].ID, true}, nil
		}
		query.Set("pageToken", page.NextPageToken)
	}
}

// collect fetches what came in by the records, until the batch is full. A
// failure on the way ends the batch early: the next Read meets it again.
func (c *Client) collect(ctx context.Context, records []record, end position) (mailbox.Batch, error) {
	var batch mailbox.Batch
	size := 0
	seen := map[string]bool{}
	for _, r := range records {
		for _, id := range r.arrivals() {
			if seen[id] {
				continue
			}
			seen[id] = true
			fetched, found, err := c.fetch(ctx, id)
			if err != nil && batch.Cursor != "" {
				return batch, nil
			}
			if err != nil {
				return mailbox.Batch{}, err
			}
			if found {
				batch.Messages = append(batch.Messages, fetched)
				size += len(fetched.Raw)
			}
		}
		batch.Cursor, batch.More = r.ID, true
		if size >= batchBytes {
			return batch, nil
		}
	}
	batch.Cursor, batch.More = end.cursor, end.more
	return batch, nil
}
