package imap

import (
	"context"
	"errors"
	"time"

	"github.com/emersion/go-imap/v2"
)

// askAgainAfter is how often a server is asked that cannot tell by itself.
const askAgainAfter = 30 * time.Second

// Wait implements mailbox.Waiter: by IDLE (RFC 2177), or by asking now and then
// where the server has no IDLE.
func (c *Client) Wait(ctx context.Context, timeout time.Duration) error {
	over := time.NewTimer(timeout)
	defer over.Stop()
	if c.imap.Caps().Has(imap.CapIdle) {
		return c.idle(ctx, over.C)
	}
	for {
		if err := c.noop(ctx); err != nil {
			return err
		}
		select {
		case <-c.arrived:
			return nil
		case <-over.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askAgainAfter):
		}
	}
}

func (c *Client) idle(ctx context.Context, over <-chan time.Time) error {
	var stop func() error
	err := c.do(ctx, "start idle", commandTimeout, func(context.Context) error {
		command, err := c.imap.Idle()
		if err != nil {
			return err
		}
		stop = func() error { return errors.Join(command.Close(), command.Wait()) }
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case <-c.arrived:
	case <-over:
	case <-ctx.Done():
	case <-c.imap.Closed():
	}
	return c.do(ctx, "stop idle", commandTimeout, func(context.Context) error { return stop() })
}

// notice keeps in mind that something came in.
func (c *Client) notice(grown bool) {
	if !grown {
		return
	}
	select {
	case c.arrived <- struct{}{}:
	default:
	}
}

// forget is for what is about to be read anyway.
func (c *Client) forget() {
	select {
	case <-c.arrived:
	default:
	}
}
