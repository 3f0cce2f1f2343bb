// Package imap reads mailboxes over IMAP (RFC 9051, RFC 3501) and sends from
// them over SMTP (E11).
package imap

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
)

const (
	// commandTimeout bounds a command: servers that open a large folder for the
	// first time are slow.
	commandTimeout = 2 * time.Minute
	// bodyTimeout bounds the transfer of one message.
	bodyTimeout = 10 * time.Minute
	// farewellTimeout bounds how long Close waits for a polite end.
	farewellTimeout = 5 * time.Second
)

var (
	_ mailbox.Client = (*Client)(nil)
	_ mailbox.Waiter = (*Client)(nil)
)

// Client is one connection to a mailbox's server. When a call's context ends or
// the connection breaks, the connection is closed and the client of no more use.
type Client struct {
	settings Settings
	// conn is below TLS, so that closing it waits for nothing.
	conn net.Conn
	imap *imapclient.Client
	// arrived holds a token when the server said that the folder has grown.
	arrived chan struct{}
}

// Dial connects, logs in and opens the folder. Errors are those of
// mailbox.Client's Read, and *inbox.Error for settings that cannot be, with a
// field's name.
func Dial(ctx context.Context, settings Settings) (*Client, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	c := &Client{settings: settings, arrived: make(chan struct{}, 1)}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	if err := c.enter(ctx); err != nil {
		_ = c.conn.Close() // err tells more
		return nil, err
	}
	return c, nil
}

// connect ends with the server's greeting, under TLS.
func (c *Client) connect(ctx context.Context) error {
	server := c.settings.IMAP
	dialer := net.Dialer{Timeout: commandTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", server.address())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c.conn = conn
	err = c.do(ctx, "greet", commandTimeout, func(ctx context.Context) error {
		options := &imapclient.Options{
			TLSConfig: &tls.Config{ServerName: server.Host, RootCAs: c.settings.Roots},
			UnilateralDataHandler: &imapclient.UnilateralDataHandler{
				Mailbox: func(data *imapclient.UnilateralDataMailbox) { c.notice(data.NumMessages != nil) },
			},
		}
		switch server.TLS {
		case mail.TLSImplicit:
			secured := tls.Client(conn, options.TLSConfig)
			if err := secured.HandshakeContext(ctx); err != nil {
				return err
			}
			c.imap = imapclient.New(secured, options)
		case mail.TLSStart:
			if c.imap, err = imapclient.NewStartTLS(conn, options); err != nil {
				return err
			}
		default:
			c.imap = imapclient.New(conn, options)
		}
		return c.imap.WaitGreeting()
	})
	if err != nil {
		_ = conn.Close() // err tells more
	}
	return untrusted(err)
}

// enter logs in and opens the folder.
func (c *Client) enter(ctx context.Context) error {
	err := c.do(ctx, "log in", commandTimeout, func(context.Context) error {
		server := c.settings.IMAP
		// LOGIN has no way to say which characters a password is in.
		if c.imap.Caps().Has(imap.AuthCap(sasl.Plain)) {
			return c.imap.Authenticate(sasl.NewPlainClient("", server.Username, server.Password))
		}
		return c.imap.Login(server.Username, server.Password).Wait()
	})
	if err != nil {
		return loginRefused(err)
	}
	_, err = c.examine(ctx)
	return err
}

// folder is the state of the open folder.
type folder struct {
	validity uint32
	// last is the highest UID given so far; it may have been deleted.
	last imap.UID
}

// examine opens the folder for reading only, so that nothing is marked as seen,
// and learns of what others did to it.
func (c *Client) examine(ctx context.Context) (folder, error) {
	name := cmp.Or(c.settings.Folder, "INBOX")
	var found *imap.SelectData
	err := c.do(ctx, "open folder", commandTimeout, func(context.Context) (err error) {
		found, err = c.imap.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if _, refused := errors.AsType[*refusal](err); refused {
		return folder{}, c.whyClosed(ctx, name, err)
	}
	if err != nil {
		return folder{}, err
	}
	if found.UIDValidity == 0 || found.UIDNext == 0 {
		// Both are required (RFC 9051, 6.3.2).
		return folder{}, errors.New("open folder: the server has no lasting UIDs")
	}
	return folder{validity: found.UIDValidity, last: found.UIDNext - 1}, nil
}

// whyClosed finds out whether a folder that does not open is there: not every
// server says so by a code.
func (c *Client) whyClosed(ctx context.Context, name string, refused error) error {
	var listed []*imap.ListData
	err := c.do(ctx, "list folders", commandTimeout, func(context.Context) (err error) {
		listed, err = c.imap.List("", name, nil).Collect()
		return err
	})
	switch {
	case err != nil:
		return err
	case len(listed) == 0 || slices.Contains(listed[0].Attrs, imap.MailboxAttrNonExistent):
		return noFolder(refused)
	}
	return refused
}

// do runs one step of the protocol. The library's calls take no context: the
// connection is closed when ctx ends or the step takes too long.
func (c *Client) do(ctx context.Context, stage string, limit time.Duration, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stop()
	err := step(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", stage, ctx.Err())
	}
	return describe(stage, err)
}

// Close ends the connection. There is nothing left that could fail.
func (c *Client) Close() error {
	_ = c.do(context.Background(), "log out", farewellTimeout, func(context.Context) error {
		return c.imap.Logout().Wait()
	})
	_ = c.imap.Close()
	return nil
}
