package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/oauth"
	"switchboard/store"
)

// tokens are the access tokens of one mailbox for the time it is open. Refreshed
// ones are stored for the next time and for other processes, which may refresh
// at the same moment: whoever stores first gives to the others.
type tokens struct {
	service  *Service
	provider *oauth.Provider
	// ctx ends with the use of the mailbox; oauth2.TokenSource takes none.
	ctx context.Context

	mu     sync.Mutex
	loaded store.Mailbox
	token  *oauth2.Token
}

// renewals bound how often a token is asked for: another process's may have
// expired, too.
const renewals = 3

// Token implements oauth2.TokenSource. Errors are mailbox.ErrRejected, or
// something that may pass.
func (t *tokens) Token() (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range renewals {
		if t.token.Valid() {
			return t.token, nil
		}
		if err := t.renew(); err != nil {
			return nil, err
		}
	}
	if !t.token.Valid() {
		return nil, errors.New("the provider's tokens expire at once")
	}
	return t.token, nil
}

func (t *tokens) renew() error {
	fresh, err := t.provider.Refresh(t.ctx, t.token)
	if errors.Is(err, mailbox.ErrRejected) {
		// Another process may have stored a newer one. Neither provider withdraws a
		// refresh token because it was used
		// (learn.microsoft.com/entra/identity-platform/refresh-tokens).
		return t.takeOthers(err)
	}
	if err != nil {
		return err
	}
	sealed, err := t.service.seal(t.loaded.ChannelID, credentials{Token: fresh})
	if err != nil {
		return err
	}
	ctx, cancel := t.outliving()
	defer cancel()
	err = t.service.Store.SaveCredentials(ctx, t.loaded, sealed)
	if errors.Is(err, store.ErrMailboxChanged) {
		return t.takeOthers(err)
	}
	if err != nil {
		return err
	}
	t.loaded.Version++
	t.token = fresh
	return nil
}

// takeOthers goes on with what another process stored; without that it is err.
func (t *tokens) takeOthers(err error) error {
	ctx, cancel := t.outliving()
	defer cancel()
	stored, loadErr := t.service.Store.Mailbox(ctx, t.loaded.ChannelID)
	if loadErr != nil {
		return loadErr
	}
	if stored.Version == t.loaded.Version || stored.ConnectionID != t.loaded.ConnectionID {
		return err
	}
	c, readErr := t.service.unseal(stored)
	if readErr != nil {
		return readErr
	}
	if c.Token == nil {
		return fmt.Errorf("a mailbox of %s has no token", stored.Provider)
	}
	t.loaded, t.token = stored, c.Token
	return nil
}

// outliving is for what must not be lost with the request that needed it: the
// refresh token before it may be of no more use.
func (t *tokens) outliving() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(t.ctx), 10*time.Second)
}
