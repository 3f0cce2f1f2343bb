package api

import (
	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
)

// ListConsents lists what a contact agreed to or was told (M8).
func (s *server) ListConsents(c *gin.Context, id string) {
	if _, err := s.visibleContact(c, id); err != nil {
		refuse(c, err)
		return
	}
	consents, err := s.store.Consents(c.Request.Context(), id)
	answerPage(c, consents, "", err, consentOut)
}

func consentOut(consent inbox.Consent) contract.Consent {
	return contract.Consent{
		ID: consent.ID, ContactID: consent.ContactID, ChannelID: consent.ChannelID, ConversationID: consent.ConversationID,
		MessageID: optional(consent.MessageID), Mode: contract.ConsentMode(consent.Mode), Wording: consent.Wording,
		Text: consent.Text, At: consent.At,
	}
}

// checkConsent refuses to hold messages back where nothing can be sealed (M8).
func (s *server) checkConsent(channel inbox.Channel) error {
	consenter, ok := s.kinds[channel.Kind].(channels.Consenter)
	if !ok {
		return nil
	}
	rule, err := consenter.Consent(channel)
	if err != nil || rule.Mode != inbox.ConsentExplicit || s.mailboxes.Keys != nil {
		return err
	}
	refusal := inbox.Invalid("settings.consent.mode", "Without keys, messages cannot be kept until a contact agrees.")
	refusal.Remedy = "Set SWITCHBOARD_SECRETS_KEYSET, or choose the mode implicit."
	return refusal
}
