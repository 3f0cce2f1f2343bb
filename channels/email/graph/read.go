package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

const (
	// pageSize bounds a page whose messages are fetched and held at once,
	// walkPageSize one of the first walk, of which only ids are read.
	pageSize     = "odata.maxpagesize=5"
	walkPageSize = "odata.maxpagesize=500"
)

// page is an answer of message: delta.
type page struct {
	Value []struct {
		ID               string
		ReceivedDateTime time.Time
		Removed          json.RawMessage `json:"@removed"`
	}
	NextLink  string `json:"@odata.nextLink"`
	DeltaLink string `json:"@odata.deltaLink"`
}

// Read implements mailbox.Client. It follows message: delta of the inbox; mail
// that a rule files elsewhere is not seen
// (learn.microsoft.com/graph/delta-query-messages). The cursor is the link to
// the next changes. To begin with there is none: the first walk goes through the
// whole inbox by its ids, and reads only what arrives meanwhile. Messages that
// only changed come again, but never those from before the first walk.
func (c *Client) Read(ctx context.Context, cursor string) (mailbox.Batch, error) {
	if cursor != "" {
		return c.page(ctx, parsePlace(cursor))
	}
	newest, err := c.newest(ctx)
	if err != nil {
		return mailbox.Batch{}, err
	}
	return c.page(ctx, place{mode: first, newest: newest})
}

// newest is when the inbox's newest message came.
func (c *Client) newest(ctx context.Context) (time.Time, error) {
	var list page
	err := c.api.JSON(ctx, rest.Request{
		Method: http.MethodGet, Path: "/me/mailFolders/inbox/messages", Header: prefer(),
		Query: url.Values{"$select": {"receivedDateTime"}, "$orderby": {"receivedDateTime desc"}, "$top": {"1"}},
	}, &list)
	if err != nil || len(list.Value) == 0 {
		return time.Time{}, err
	}
	return list.Value[0].ReceivedDateTime, nil
}

// page reads one page. Once its link was forgotten, a walk begins: the same
// again, or a resync.
func (c *Client) page(ctx context.Context, at place) (mailbox.Batch, error) {
	size := pageSize
	if at.mode == first {
		size = walkPageSize
	}
	listed, err := c.delta(ctx, at.link, size)
	if at.link != "" && isForgotten(err) {
		if at.link = ""; at.mode == changes {
			at.mode = resync
		}
		return c.page(ctx, at)
	}
	if err != nil {
		return mailbox.Batch{}, err
	}
	messages, err := c.fetch(ctx, listed, at)
	if err != nil {
		return mailbox.Batch{}, err
	}
	batch := mailbox.Batch{Messages: messages, Resynced: at.mode == resync}
	if at.link, batch.More, err = listed.next(); err != nil {
		return mailbox.Batch{}, err
	}
	if !batch.More {
		at.mode = changes
	}
	batch.Cursor = at.String()
	return batch, nil
}

// delta reads a page of changes; link "" begins anew.
func (c *Client) delta(ctx context.Context, link, size string) (page, error) {
	request := rest.Request{Method: http.MethodGet, Header: prefer(size), Link: link}
	if link == "" {
		request.Path = "/me/mailFolders/inbox/messages/delta"
		request.Query = url.Values{"$select": {"receivedDateTime"}}
	}
	var listed page
	err := c.api.JSON(ctx, request, &listed)
	return listed, err
}

// isForgotten reports whether the provider no longer knows a link
// (learn.microsoft.com/graph/delta-query-overview#synchronization-reset).
func isForgotten(err error) bool {
	answer, ok := errors.AsType[*rest.StatusError](err)
	return ok && (answer.Status == http.StatusGone ||
		slices.Contains([]string{"syncStateNotFound", "SyncStateNotFound", "resyncRequired"}, answer.Reason))
}

// isBroken reports whether the provider has a message that it cannot hand out
// (learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode).
func isBroken(err error) bool {
	answer, ok := errors.AsType[*rest.StatusError](err)
	return ok && slices.Contains([]string{"ErrorMimeContentConversionFailed", "ErrorCorruptData"}, answer.Reason)
}

// next returns the link that comes after a page, and whether it leads to more
// right away.
func (p page) next() (link string, more bool, err error) {
	if p.NextLink != "" {
		return p.NextLink, true, nil
	}
	if p.DeltaLink == "" {
		return "", false, errors.New("a page of changes has no link to the next")
	}
	return p.DeltaLink, false, nil
}

// fetch reads those of the page's messages that its place brings, oldest first.
// What was deleted is passed over.
func (c *Client) fetch(ctx context.Context, listed page, at place) ([]mailbox.Message, error) {
	var messages []mailbox.Message
	known := map[string]bool{}
	for _, changed := range listed.Value {
		if changed.Removed != nil || known[changed.ID] || !at.brings(changed.ReceivedDateTime) {
			continue
		}
		known[changed.ID] = true
		raw, err := c.api.Do(ctx, rest.Request{
			Method: http.MethodGet, Path: messagePath(changed.ID) + "/$value", Header: prefer(), Limit: mailbox.MaxMessage,
		})
		if rest.HasStatus(err, http.StatusNotFound) {
			continue
		}
		message := mailbox.Message{ID: changed.ID, Raw: raw, ReceivedAt: changed.ReceivedDateTime.UTC()}
		switch {
		case errors.Is(err, rest.ErrTooLarge):
			message.Problem = mailbox.ProblemTooLarge
		case isBroken(err):
			message.Problem = mailbox.ProblemUnreadable
		case err != nil:
			return nil, err
		}
		messages = append(messages, message)
	}
	slices.SortStableFunc(messages, func(a, b mailbox.Message) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return messages, nil
}
