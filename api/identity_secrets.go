package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

// Sealer keeps secrets unreadable at rest; *secrets.Keyset is one.
type Sealer interface {
	Seal(plain []byte, owner string) ([]byte, error)
	Open(sealed []byte, owner string) ([]byte, error)
}

func secretOwner(channelID string) string { return "identity:" + channelID }

func noKeys() error {
	refusal := inbox.Errorf(inbox.CodeProviderNotSetUp, "This server has no keys to encrypt a secret with.")
	refusal.Remedy = "Set SWITCHBOARD_SECRETS_KEYSET to what `switchboard admin keyset` prints."
	return refusal
}

// ListIdentitySecrets lists a chat's secrets without showing them.
func (s *server) ListIdentitySecrets(c *gin.Context, id string) {
	channel, err := s.visibleChat(c, id)
	var secrets []store.IdentitySecret
	if err == nil {
		secrets, err = s.store.IdentitySecrets(c.Request.Context(), channel.ID)
	}
	answer(c, http.StatusOK, secrets, err, func(secrets []store.IdentitySecret) contract.IdentitySecretList {
		return contract.IdentitySecretList{Items: each(secrets, func(secret store.IdentitySecret) contract.IdentitySecret {
			return contract.IdentitySecret{ID: secret.ID, CreatedAt: secret.CreatedAt}
		})}
	})
}

// CreateIdentitySecret makes a secret and shows it, once.
func (s *server) CreateIdentitySecret(c *gin.Context, id string) {
	channel, err := s.visibleChat(c, id)
	if err == nil && s.sealer == nil {
		err = noKeys()
	}
	if err != nil {
		refuse(c, err)
		return
	}
	plain := chat.NewIdentitySecret()
	secret := store.IdentitySecret{ID: store.NewID(), ChannelID: channel.ID, CreatedAt: time.Now().UTC()}
	if secret.Sealed, err = s.sealer.Seal([]byte(plain), secretOwner(channel.ID)); err == nil {
		err = s.store.CreateIdentitySecret(c.Request.Context(), secret)
	}
	answer(c, http.StatusCreated, secret, err, func(secret store.IdentitySecret) contract.IdentitySecretCreated {
		return contract.IdentitySecretCreated{ID: secret.ID, CreatedAt: secret.CreatedAt, Secret: plain}
	})
}

// DeleteIdentitySecret ends a secret.
func (s *server) DeleteIdentitySecret(c *gin.Context, id, secretID string) {
	channel, err := s.visibleChat(c, id)
	if err == nil {
		err = s.store.DeleteIdentitySecret(c.Request.Context(), channel.ID, secretID)
	}
	answerDone(c, err)
}

// visibleChat is a chat that the caller sees.
func (s *server) visibleChat(c *gin.Context, id string) (inbox.Channel, error) {
	channel, err := s.visibleChannel(c, id)
	if err == nil && channel.Kind != inbox.KindChat {
		err = inbox.NotFound("chat")
	}
	return channel, err
}
