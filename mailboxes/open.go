package mailboxes

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"switchboard/channels/email/gmail"
	"switchboard/channels/email/graph"
	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
	"switchboard/store"
)

// Open opens a connected mailbox as it was loaded, for as long as ctx lasts; the
// caller closes it. Errors are mailbox.ErrRejected, *mailbox.Throttled, or
// something that may pass.
func (s *Service) Open(ctx context.Context, loaded store.Mailbox) (mailbox.Client, error) {
	c, err := s.unseal(loaded)
	if err != nil {
		return nil, err
	}
	switch {
	case loaded.Provider == inbox.ProviderIMAP && c.IMAP != nil:
		return imap.Dial(ctx, *c.IMAP)
	case c.Token != nil:
		return s.openAPI(ctx, loaded, c.Token)
	default:
		return nil, fmt.Errorf("a mailbox of %s has no credentials", loaded.Provider)
	}
}

// api is a mailbox behind a provider's API, which also sends.
type api interface {
	mailbox.Client
	mailbox.Sender
}

func (s *Service) openAPI(ctx context.Context, loaded store.Mailbox, token *oauth2.Token) (api, error) {
	client, err := s.authorized(ctx, loaded, token)
	if err != nil {
		return nil, err
	}
	if loaded.Provider == inbox.ProviderOffice365 {
		return graph.New(s.GraphURL, client)
	}
	return gmail.New(s.GmailURL, client)
}

// authorized returns a client whose requests carry the mailbox's token.
func (s *Service) authorized(ctx context.Context, loaded store.Mailbox, token *oauth2.Token) (*http.Client, error) {
	provider, err := s.provider(loaded.Provider)
	if err != nil {
		return nil, err
	}
	return oauth2.NewClient(ctx, &tokens{service: s, provider: provider, ctx: ctx, loaded: loaded, token: token}), nil
}

// SenderFor returns the way out of a channel's mailbox; nil is SMTP. Errors are
// Open's.
func (s *Service) SenderFor(ctx context.Context, channelID string) (mailbox.Sender, error) {
	loaded, err := s.Store.Mailbox(ctx, channelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if loaded.Problem == inbox.ConnectionRejected {
		return nil, mailbox.ErrRejected
	}
	c, err := s.unseal(loaded)
	switch {
	case err != nil:
		return nil, err
	case loaded.Provider == inbox.ProviderIMAP && c.IMAP != nil:
		return imap.NewSender(*c.IMAP)
	case c.Token != nil:
		return s.openAPI(ctx, loaded, c.Token)
	default:
		return nil, fmt.Errorf("a mailbox of %s has no credentials", loaded.Provider)
	}
}
