package gmail

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

// messagesPerPage bounds one page of a resync, which is held as a whole.
const messagesPerPage = 5

// resync is how far a walk through the mailbox has come. Google keeps history
// for about a week
// (developers.google.com/workspace/gmail/api/guides/sync#limitations).
type resync struct {
	// since is the cursor that expired: a message that came later was last
	// changed later too.
	since string
	// until was the mailbox's history when the walk began, and is the cursor
	// after it.
	until string
	// page is the next page's token; "" is the first page.
	page string
}

// String is the cursor that carries the walk.
func (r resync) String() string {
	return url.Values{"resync": {r.since}, "until": {r.until}, "page": {r.page}}.Encode()
}

func parseResync(cursor string) (resync, bool) {
	values, err := url.ParseQuery(cursor)
	if err != nil || !values.Has("resync") {
		return resync{}, false
	}
	return resync{since: values.Get("resync"), until: values.Get("until"), page: values.Get("page")}, true
}

func (c *Client) startResync(ctx context.Context, expired string) (mailbox.Batch, error) {
	current, err := c.historyID(ctx)
	if err != nil {
		return mailbox.Batch{}, err
	}
	if laterID(expired, current) {
		// Not this mailbox's, or the mailbox began to count anew: nothing can be
		// told from it.
		expired = "0"
	}
	return c.resync(ctx, resync{since: expired, until: current})
}

// resync reads one page of the walk, which goes from the newest message to the
// oldest.
func (c *Client) resync(ctx context.Context, at resync) (mailbox.Batch, error) {
	query := url.Values{"maxResults": {strconv.Itoa(messagesPerPage)}}
	if at.page != "" {
		query.Set("pageToken", at.page)
	}
	var page struct {
		Messages      []message
		NextPageToken string
	}
	err := c.get(ctx, "/messages", query, &page)
	if at.page != "" && rest.HasStatus(err, http.StatusBadRequest) {
		// The page's token has expired.
		return c.resync(ctx, resync{since: at.since, until: at.until})
	}
	if err != nil {
		return mailbox.Batch{}, err
	}
	batch := mailbox.Batch{Cursor: at.until, More: true, Resynced: true}
	if page.NextPageToken != "" {
		batch.Cursor = resync{at.since, at.until, page.NextPageToken}.String()
	}
	for _, listed := range slices.Backward(page.Messages) {
		fetched, found, err := c.fetchChanged(ctx, listed.ID, at.since)
		if err != nil {
			return mailbox.Batch{}, err
		}
		if found {
			batch.Messages = append(batch.Messages, fetched)
		}
	}
	return batch, nil
}

// fetchChanged is fetch for a message that changed after since.
func (c *Client) fetchChanged(ctx context.Context, id, since string) (mailbox.Message, bool, error) {
	m, found, err := c.message(ctx, id, url.Values{"format": {"minimal"}})
	if err != nil || !found || !incoming(m.LabelIDs) || !laterID(m.HistoryID, since) {
		return mailbox.Message{}, false, err
	}
	return c.fetch(ctx, id)
}

// laterID compares two history ids, which are decimal numbers of any length.
func laterID(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}
