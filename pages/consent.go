package pages

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/store"
)

const (
	// consentWithin is how long a person has to agree on Facebook's page.
	consentWithin = 10 * time.Minute
	// chooseWithin is how long the pages are on offer afterwards.
	chooseWithin = time.Hour

	scopes = "pages_messaging,pages_manage_metadata,pages_show_list"
)

// AskConsent returns Facebook's page on which a person lets us into pages for a
// channel, and until when the answer is taken. A server that is not set up for it is
// CodeProviderNotSetUp.
func (s *Service) AskConsent(ctx context.Context, channelID, agentID string) (page string, until time.Time, err error) {
	if s.AppID == "" {
		refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server has no application at Facebook.")
		refusal.Remedy = "Register one as docs/messenger.md says, and set SWITCHBOARD_MESSENGER_APP_ID."
		return "", time.Time{}, refusal
	}
	if s.Keys == nil {
		return "", time.Time{}, noKeys()
	}
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	state := base64.RawURLEncoding.EncodeToString(secret[:])
	until = s.Now().Add(consentWithin)
	err = s.Store.CreateOAuthState(ctx, store.OAuthState{
		Hash: hashOf(state), ChannelID: channelID, AgentID: agentID, Provider: inbox.ProviderFacebook, Verifier: []byte{}, ExpiresAt: until,
	})
	query := url.Values{
		"client_id": {s.AppID}, "redirect_uri": {s.RedirectURL}, "state": {state}, "response_type": {"code"}, "scope": {scopes},
	}
	return s.DialogURL + "?" + query.Encode(), until, err
}

// Consented is what a consent led to: a channel that is connected to the only page,
// or one for which one of Pages is still to be chosen.
type Consented struct {
	Channel inbox.Channel
	Page    string
	// Pages is how many there are.
	Pages int
}

// TakeConsent takes in what Facebook sent a person back with. Errors are
// *inbox.Error where a person can do something: CodeNotFound for a state that is
// unknown, used or too old, CodeForbidden for a person who said no or is no admin
// any more, CodeLoginRejected, and those of Choose.
func (s *Service) TakeConsent(ctx context.Context, state, code string) (Consented, error) {
	asked, err := s.asked(ctx, state)
	if err != nil {
		return Consented{}, err
	}
	if code == "" {
		return Consented{}, inbox.Errorf(inbox.CodeForbidden, "Facebook was not allowed to let Switchboard into a page.")
	}
	token, err := s.API.UserToken(ctx, s.AppID, s.RedirectURL, code)
	if err != nil {
		return Consented{}, loginRejected(err)
	}
	found, err := s.API.Pages(ctx, token)
	if err != nil {
		return Consented{}, loginRejected(err)
	}
	if len(found) == 0 {
		refusal := inbox.Errorf(inbox.CodeLoginRejected, "Switchboard was let into no page that you are an admin of.")
		refusal.Remedy = "Choose the page on Facebook's screen, or ask for full control of it."
		return Consented{}, refusal
	}
	if len(found) == 1 {
		channel, err := s.connect(ctx, asked.ChannelID, asked.AgentID, found[0])
		return Consented{Channel: channel, Page: found[0].Name, Pages: 1}, err
	}
	plain, err := json.Marshal(found)
	if err != nil {
		return Consented{}, fmt.Errorf("write offered pages: %w", err)
	}
	sealed, err := s.Keys.Seal(plain, owner(asked.ChannelID))
	if err != nil {
		return Consented{}, err
	}
	return Consented{Pages: len(found)}, s.Store.SavePageOffer(ctx, store.PageOffer{
		ChannelID: asked.ChannelID, AgentID: asked.AgentID, Pages: sealed, ExpiresAt: s.Now().Add(chooseWithin),
	})
}

// asked returns what was asked for. Whoever asked must still be an admin.
func (s *Service) asked(ctx context.Context, state string) (store.OAuthState, error) {
	if s.Keys == nil {
		return store.OAuthState{}, noKeys()
	}
	asked, err := s.Store.TakeOAuthState(ctx, hashOf(state), s.Now())
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && asked.Provider != inbox.ProviderFacebook {
		return store.OAuthState{}, inbox.Errorf(inbox.CodeNotFound, "This link was used before, or it is too old.")
	}
	if err != nil {
		return store.OAuthState{}, err
	}
	agent, err := s.Store.Agent(ctx, asked.AgentID)
	if err == nil && !agent.Admin {
		err = inbox.Errorf(inbox.CodeForbidden, "Only admins may connect a channel.")
	}
	return asked, err
}

// Offered returns the pages one of which may be chosen for a channel; none is
// CodeNotFound.
func (s *Service) Offered(ctx context.Context, channelID string) ([]graph.Page, error) {
	offer, err := s.Store.PageOffer(ctx, channelID, s.Now())
	if err != nil {
		return nil, err
	}
	if s.Keys == nil {
		return nil, noKeys()
	}
	plain, err := s.Keys.Open(offer.Pages, owner(channelID))
	if err != nil {
		return nil, fmt.Errorf("read offered pages: %w", err)
	}
	var pages []graph.Page
	if err := json.Unmarshal(plain, &pages); err != nil {
		return nil, fmt.Errorf("read offered pages: %w", err)
	}
	return pages, nil
}

// Choose connects a channel to one of the pages on offer. A page that is not on
// offer is CodeInvalid, another channel's CodeAlreadyConnected (M1).
func (s *Service) Choose(ctx context.Context, channelID, agentID, pageID string) (inbox.Channel, error) {
	offered, err := s.Offered(ctx, channelID)
	if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
		return inbox.Channel{}, err
	}
	for _, page := range offered {
		if page.ID == pageID {
			return s.connect(ctx, channelID, agentID, page)
		}
	}
	refusal := inbox.Invalid("page_id", "Nobody let Switchboard into this page within the last hour.")
	refusal.Remedy = "Ask for the consent once more."
	return inbox.Channel{}, refusal
}

func loginRejected(err error) error {
	if _, refused := errors.AsType[*graph.Error](err); refused {
		return inbox.Errorf(inbox.CodeLoginRejected, "Facebook did not let Switchboard in.").Because(err)
	}
	return inbox.Errorf(inbox.CodeUnavailable, "Facebook does not answer; try again.").Because(err)
}

func hashOf(state string) string {
	digest := sha256.Sum256([]byte(state))
	return hex.EncodeToString(digest[:])
}
