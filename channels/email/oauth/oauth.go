// Package oauth connects mailboxes of Google and Microsoft: the consent page, the
// tokens behind it (RFC 6749, PKCE of RFC 7636), and whose mailbox they open.
package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
	"switchboard/inbox"
)

// Provider is an application that we registered with a provider. It is safe for
// concurrent use.
type Provider struct {
	config oauth2.Config
	// asking are the parameters of the consent page beside the standard's.
	asking []oauth2.AuthCodeOption
	// indispensable are scopes that a person can leave out.
	indispensable []string
	address       func(context.Context, *http.Client) (string, error)
}

// Application is what the provider knows us by.
type Application struct {
	ClientID, ClientSecret string
	// RedirectURL is our callback, as registered.
	RedirectURL string
}

// NewVerifier returns a PKCE verifier.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// ConsentURL is the page on which a person lets us into a mailbox.
func (p *Provider) ConsentURL(state, verifier string) string {
	return p.config.AuthCodeURL(state, append(slices.Clone(p.asking), oauth2.S256ChallengeOption(verifier))...)
}

// timeout bounds one call for a token or an address.
const timeout = 30 * time.Second

// Exchange trades the callback's code for tokens. A code that is not valid, or a
// consent that leaves out what we need, is an *inbox.Error with CodeLoginRejected.
func (p *Provider) Exchange(ctx context.Context, code, verifier string) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	token, err := p.config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		err = rest.Unanswered(err)
		if errors.Is(err, mailbox.ErrRejected) {
			return nil, refusal("The provider did not accept the consent.").Because(err)
		}
		return nil, fmt.Errorf("exchange the code: %w", err)
	}
	granted := strings.Fields(fmt.Sprint(token.Extra("scope")))
	for _, scope := range p.indispensable {
		if !slices.Contains(granted, scope) {
			return nil, refusal("The consent does not cover reading and sending mail.")
		}
	}
	if token.RefreshToken == "" {
		return nil, refusal("The provider gave no lasting permission.")
	}
	return token, nil
}

func refusal(sentence string) *inbox.Error {
	refused := inbox.Errorf(inbox.CodeLoginRejected, "%s", sentence)
	refused.Remedy = "Connect the channel again, and agree to everything that is asked for."
	return refused
}

// Refresh returns a token that is valid for a while. Without a new refresh token
// the present one stays. A permission that was taken back is mailbox.ErrRejected.
func (p *Provider) Refresh(ctx context.Context, token *oauth2.Token) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	fresh, err := p.config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		return nil, rest.Unanswered(err)
	}
	return fresh, nil
}

// Address returns the address of the mailbox that a token opens, in lower case.
func (p *Provider) Address(ctx context.Context, token *oauth2.Token) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	address, err := p.address(ctx, oauth2.NewClient(ctx, oauth2.StaticTokenSource(token)))
	if err != nil {
		return "", fmt.Errorf("ask for the mailbox's address: %w", err)
	}
	if address == "" {
		return "", refusal("This account has no mailbox.")
	}
	return strings.ToLower(address), nil
}
