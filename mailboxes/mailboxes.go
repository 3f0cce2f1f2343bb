// Package mailboxes connects e-mail channels to mailboxes and opens them for
// reading and sending (E1, E2, E11): it has the providers, the keys, and what is
// stored.
package mailboxes

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/oauth2"

	"switchboard/channels/email/imap"
	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/secrets"
	"switchboard/store"
)

// Service is safe for concurrent use.
type Service struct {
	Store *store.Store
	// Keys keep credentials; without them nothing can be connected.
	Keys *secrets.Keyset
	// Google and Microsoft are nil where we are not registered.
	Google, Microsoft *oauth.Provider
	// GmailURL and GraphURL are the bases of their APIs; "" is the provider's own.
	GmailURL, GraphURL string
	// NotifyURL is where providers tell of new mail; "" is nowhere.
	NotifyURL string
	Log       *slog.Logger
	// Now returns the time, UTC.
	Now func() time.Time
}

// credentials are what opens a mailbox.
type credentials struct {
	Token *oauth2.Token  `json:"token,omitempty"`
	IMAP  *imap.Settings `json:"imap,omitempty"`
}

// owner is what a mailbox's sealed credentials belong to.
func owner(channelID string) string { return "mailbox:" + channelID }

func (s *Service) seal(channelID string, c credentials) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write credentials: %w", err)
	}
	return s.Keys.Seal(plain, owner(channelID))
}

func (s *Service) unseal(mailbox store.Mailbox) (credentials, error) {
	var c credentials
	if s.Keys == nil {
		return c, noKeys()
	}
	plain, err := s.Keys.Open(mailbox.Credentials, owner(mailbox.ChannelID))
	if err != nil {
		return c, fmt.Errorf("read credentials: %w", err)
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return c, fmt.Errorf("read credentials: %w", err)
	}
	return c, nil
}

// provider returns where the consent of a mailbox's owner is asked for.
func (s *Service) provider(name inbox.Provider) (*oauth.Provider, error) {
	found, variables := s.Google, "SWITCHBOARD_GOOGLE_CLIENT_ID and SWITCHBOARD_GOOGLE_CLIENT_SECRET"
	if name == inbox.ProviderOffice365 {
		found, variables = s.Microsoft, "SWITCHBOARD_MICROSOFT_CLIENT_ID and SWITCHBOARD_MICROSOFT_CLIENT_SECRET"
	}
	if found == nil {
		refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server is not registered with the provider %s.", name)
		refusal.Remedy = "Register an application as docs/email.md says, and set " + variables + "."
		return nil, refusal
	}
	return found, nil
}

func noKeys() error {
	refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server has no keys to encrypt a mailbox's credentials with.")
	refusal.Remedy = "Set SWITCHBOARD_SECRETS_KEYSET to what `switchboard admin keyset` prints."
	return refusal
}
