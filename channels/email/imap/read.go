package imap

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"

	"switchboard/channels/email/mailbox"
)

const (
	// pageMessages and pageBytes bound a page; one message is always in it.
	pageMessages = 50
	pageBytes    = mailbox.MaxMessage
)

// Read implements mailbox.Client. Messages are listed by UID, never by date, and
// stay unread. Their ids are "<UIDVALIDITY>/<UID>", so that those of a resync are
// new: what the caller has already it knows by Message-ID.
//
// A message that is too large or that the server does not hand out is in the
// batch with its Problem; it does not hold up those after it.
func (c *Client) Read(ctx context.Context, cursor string) (mailbox.Batch, error) {
	c.forget()
	now, err := c.examine(ctx)
	if err != nil {
		return mailbox.Batch{}, err
	}
	if cursor == "" {
		return mailbox.Batch{Cursor: position{validity: now.validity, last: now.last}.String()}, nil
	}
	at := parsePosition(cursor)
	resynced := at.until != 0
	if at.validity != now.validity {
		at, resynced = position{validity: now.validity, until: now.last}, true
	}
	batch, err := c.page(ctx, &at)
	if err != nil {
		return mailbox.Batch{}, err
	}
	if !batch.More && at.until != 0 {
		at.last, at.until = at.until, 0
	}
	batch.Cursor, batch.Resynced = at.String(), resynced
	return batch, nil
}

// page reads what follows a position and moves it on.
func (c *Client) page(ctx context.Context, at *position) (mailbox.Batch, error) {
	uids, more, err := c.listAfter(ctx, *at)
	if err != nil || len(uids) == 0 {
		return mailbox.Batch{}, err
	}
	sizes, err := c.sizes(ctx, uids)
	if err != nil {
		return mailbox.Batch{}, err
	}
	batch := mailbox.Batch{More: more}
	var total int64
	for _, uid := range uids {
		total += min(sizes[uid], mailbox.MaxMessage)
		if total > pageBytes && len(batch.Messages) > 0 {
			batch.More = true
			break
		}
		message, found, err := c.message(ctx, uid, sizes[uid])
		if err != nil {
			return mailbox.Batch{}, err
		}
		if found {
			message.ID = fmt.Sprintf("%d/%d", at.validity, uid)
			batch.Messages = append(batch.Messages, message)
		}
		at.last = uid
	}
	return batch, nil
}

// listAfter returns the UIDs of a page's worth of messages after a position, in
// order, and whether there are more.
func (c *Client) listAfter(ctx context.Context, at position) (uids []imap.UID, more bool, err error) {
	var wanted imap.UIDSet
	wanted.AddRange(at.last+1, at.until) // until 0 is "*", the highest UID there is
	listed, err := c.search(ctx, wanted)
	if err != nil {
		return nil, false, err
	}
	// Range by range: a server may claim to have four billion messages.
	for _, r := range listed {
		// "n:*" names the last message even when its UID is below n
		// (RFC 9051, 9, seq-range).
		for uid := max(r.Start, at.last+1); uid != 0 && uid <= r.Stop; uid++ {
			if len(uids) == pageMessages {
				return uids, true, nil
			}
			uids = append(uids, uid)
		}
	}
	return uids, false, nil
}

// message reads one message; found is false when it was deleted.
func (c *Client) message(ctx context.Context, uid imap.UID, size int64) (read mailbox.Message, found bool, err error) {
	part := wholeMessage
	if size > mailbox.MaxMessage {
		read.Problem, part = mailbox.ProblemTooLarge, headerOnly
	}
	// Twice: an answer about the message's flags alone, which another client
	// changed, may come in place of the content.
	for range 2 {
		got, err := c.fetch(ctx, uid, part)
		if err != nil {
			return mailbox.Message{}, false, err
		}
		if got.tooLarge && read.Problem == "" {
			// Some servers only estimate sizes beforehand.
			return c.message(ctx, uid, mailbox.MaxMessage+1)
		}
		read.Raw, read.ReceivedAt = got.bytes, got.receivedAt
		if got.found {
			return read, true, nil
		}
		if exists, err := c.exists(ctx, uid); err != nil || !exists {
			return mailbox.Message{}, false, err
		}
	}
	if read.Problem == "" {
		read.Problem = mailbox.ProblemUnreadable
	}
	return read, true, nil
}
