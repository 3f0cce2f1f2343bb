package mailboxes

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"switchboard/channels/email/oauth"
	"switchboard/inbox"
	"switchboard/store"
)

// consentWithin is how long a person has to agree on the provider's page.
const consentWithin = 10 * time.Minute

// AskConsent returns the provider's page on which a person lets us into a mailbox
// for a channel, and until when the answer is taken. A server that is not set
// up for it is CodeProviderNotSetUp.
func (s *Service) AskConsent(ctx context.Context, channelID, agentID string, name inbox.Provider) (page string, until time.Time, err error) {
	provider, err := s.provider(name)
	if err != nil {
		return "", time.Time{}, err
	}
	if s.Keys == nil {
		return "", time.Time{}, noKeys()
	}
	state, hash := newState()
	verifier := oauth.NewVerifier()
	sealed, err := s.Keys.Seal([]byte(verifier), stateOwner(hash))
	if err != nil {
		return "", time.Time{}, err
	}
	until = s.Now().Add(consentWithin)
	err = s.Store.CreateOAuthState(ctx, store.OAuthState{
		Hash: hash, ChannelID: channelID, AgentID: agentID, Provider: name, Verifier: sealed, ExpiresAt: until,
	})
	return provider.ConsentURL(state, verifier), until, err
}

// TakeConsent connects the channel that the consent was asked for, with what the
// provider sent the person back with (RFC 6749, 4.1.2): our state, a code, or its
// own error code instead. Errors are
// *inbox.Error where a person can do something: CodeNotFound for a state that is
// unknown, used or too old, CodeForbidden for a person who said no or is no
// admin any more, CodeLoginRejected, and those of store.ConnectMailbox.
func (s *Service) TakeConsent(ctx context.Context, name inbox.Provider, state, code, failure string) (inbox.Channel, error) {
	asked, err := s.asked(ctx, name, state)
	if err != nil {
		return inbox.Channel{}, err
	}
	if code == "" {
		// access_denied is a person's; what else there is tells of our registration.
		s.Log.WarnContext(ctx, "no consent", "channel_id", asked.ChannelID, "access_denied", failure == "access_denied")
		return inbox.Channel{}, inbox.Errorf(inbox.CodeForbidden, "The provider was not allowed to let Switchboard into the mailbox.")
	}
	provider, err := s.provider(name)
	if err != nil {
		return inbox.Channel{}, err
	}
	verifier, err := s.Keys.Open(asked.Verifier, stateOwner(asked.Hash))
	if err != nil {
		return inbox.Channel{}, fmt.Errorf("read the verifier: %w", err)
	}
	token, err := provider.Exchange(ctx, code, string(verifier))
	if err != nil {
		return inbox.Channel{}, err
	}
	address, err := provider.Address(ctx, token)
	if err != nil {
		return inbox.Channel{}, err
	}
	return s.connect(ctx, credentials{Token: token}, store.Mailbox{
		ChannelID: asked.ChannelID, Provider: name, Address: address, ConnectedBy: asked.AgentID,
	})
}

// asked returns what was asked for. Whoever asked must still be an admin.
func (s *Service) asked(ctx context.Context, name inbox.Provider, state string) (store.OAuthState, error) {
	if s.Keys == nil {
		return store.OAuthState{}, noKeys()
	}
	asked, err := s.Store.TakeOAuthState(ctx, hashOf(state), s.Now())
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && asked.Provider != name {
		return store.OAuthState{}, inbox.Errorf(inbox.CodeNotFound, "This link was used before, or it is too old.")
	}
	if err != nil {
		return store.OAuthState{}, err
	}
	agent, err := s.Store.Agent(ctx, asked.AgentID)
	if err != nil {
		return store.OAuthState{}, err
	}
	if !agent.Admin {
		return store.OAuthState{}, inbox.Errorf(inbox.CodeForbidden, "Only admins may connect a channel.")
	}
	return asked, nil
}

// connect seals the credentials and connects the channel.
func (s *Service) connect(ctx context.Context, c credentials, mailbox store.Mailbox) (inbox.Channel, error) {
	var err error
	if mailbox.Credentials, err = s.seal(mailbox.ChannelID, c); err != nil {
		return inbox.Channel{}, err
	}
	mailbox.ConnectedAt = s.Now()
	channel, err := s.Store.ConnectMailbox(ctx, mailbox)
	if err != nil {
		return inbox.Channel{}, err
	}
	if err := s.begin(ctx, channel.ID); err != nil {
		s.Log.WarnContext(ctx, "the first look is left to the mailbox's workflow", "channel_id", channel.ID, "error", err)
	}
	return channel, nil
}

// begin notes where a mailbox is at the moment it is connected: what comes in
// before its workflow looks for the first time is not lost.
func (s *Service) begin(ctx context.Context, channelID string) error {
	loaded, err := s.Store.Mailbox(ctx, channelID)
	if err != nil || loaded.Cursor != "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	client, err := s.Open(ctx, loaded)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // nothing was written
	batch, err := client.Read(ctx, "")
	if err != nil || len(batch.Messages) > 0 {
		return err
	}
	return s.Store.SaveCursor(ctx, loaded, batch.Cursor)
}

// newState returns a state that nobody guesses and the hash under which the store
// knows it.
func newState() (state, hash string) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	state = base64.RawURLEncoding.EncodeToString(secret[:])
	return state, hashOf(state)
}

func hashOf(state string) string {
	digest := sha256.Sum256([]byte(state))
	return hex.EncodeToString(digest[:])
}

// stateOwner is what a state's sealed verifier belongs to.
func stateOwner(hash string) string { return "oauth:" + hash }
