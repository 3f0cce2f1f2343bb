package imap

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"switchboard/channels/email/mailbox"
)

var (
	wholeMessage = &imap.FetchItemBodySection{Peek: true}
	headerOnly   = &imap.FetchItemBodySection{Peek: true, Specifier: imap.PartSpecifierHeader}
)

// search returns which of some UIDs there are, in order.
func (c *Client) search(ctx context.Context, wanted imap.UIDSet) (imap.UIDSet, error) {
	var found imap.UIDSet
	err := c.do(ctx, "list messages", commandTimeout, func(context.Context) error {
		data, err := c.imap.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{wanted}}, nil).Wait()
		if err != nil {
			return err
		}
		var ok bool
		if found, ok = data.All.(imap.UIDSet); !ok && data.All != nil {
			return errors.New("no UIDs")
		}
		return nil
	})
	return found, err
}

// exists reports whether a message is still there.
func (c *Client) exists(ctx context.Context, uid imap.UID) (bool, error) {
	// Servers tell of deletions when they are asked for nothing.
	if err := c.noop(ctx); err != nil {
		return false, err
	}
	found, err := c.search(ctx, imap.UIDSetNum(uid))
	return found.Contains(uid), err
}

func (c *Client) noop(ctx context.Context) error {
	return c.do(ctx, "noop", commandTimeout, func(context.Context) error { return c.imap.Noop().Wait() })
}

// sizes returns what the server says of messages' sizes; those it says nothing
// of are missing.
func (c *Client) sizes(ctx context.Context, uids []imap.UID) (map[imap.UID]int64, error) {
	found := make(map[imap.UID]int64, len(uids))
	err := c.do(ctx, "ask for sizes", commandTimeout, func(context.Context) error {
		options := &imap.FetchOptions{UID: true, RFC822Size: true}
		messages, err := c.imap.Fetch(imap.UIDSetNum(uids...), options).Collect()
		for _, m := range messages {
			found[m.UID] = m.RFC822Size
		}
		return err
	})
	return found, orRefused(err)
}

// content is what the server handed out of a message.
type content struct {
	bytes           []byte
	receivedAt      time.Time
	found, tooLarge bool
}

// fetch reads a message or a part of it. What is larger than the limit passes by
// without being kept.
func (c *Client) fetch(ctx context.Context, uid imap.UID, part *imap.FetchItemBodySection) (content, error) {
	var got content
	options := &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{part}}
	err := c.do(ctx, "fetch message", bodyTimeout, func(context.Context) error {
		command := c.imap.Fetch(imap.UIDSetNum(uid), options)
		var failed error
		for message := command.Next(); message != nil; message = command.Next() {
			for item := message.Next(); item != nil; item = message.Next() {
				failed = errors.Join(failed, got.take(item))
			}
		}
		return errors.Join(failed, command.Close())
	})
	return got, orRefused(err)
}

func (c *content) take(item imapclient.FetchItemData) (err error) {
	switch item := item.(type) {
	case imapclient.FetchItemDataInternalDate:
		c.receivedAt = item.Time
	case imapclient.FetchItemDataBodySection:
		if item.Literal == nil {
			return nil
		}
		if c.tooLarge = item.Literal.Size() > mailbox.MaxMessage; c.tooLarge {
			return nil
		}
		c.bytes, err = io.ReadAll(item.Literal)
		c.found = err == nil
	}
	return err
}

// orRefused passes over a refusal: messages it is about are missing in the
// answer.
func orRefused(err error) error {
	if _, refused := errors.AsType[*refusal](err); refused {
		return nil
	}
	return err
}
