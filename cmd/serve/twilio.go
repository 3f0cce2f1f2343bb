package serve

import (
	"fmt"
	"strings"

	"switchboard/channels/twilio"
	"switchboard/channels/whatsapp"
	"switchboard/config"
)

// signaturesOf returns what tells Twilio's webhooks from others.
func signaturesOf(cfg config.Config) *twilio.Signatures {
	return twilio.NewSignatures(cfg.PublicURL, tokensOf(cfg)...)
}

// mediaOf returns where Twilio fetches files.
func mediaOf(cfg config.Config) *twilio.Media {
	return twilio.NewMedia(cfg.PublicURL, tokensOf(cfg)...)
}

// tokensOf are those of our account; without an account there are none.
func tokensOf(cfg config.Config) []string {
	if cfg.Twilio.AccountSID == "" {
		return nil
	}
	return []string{cfg.Twilio.AuthToken, cfg.Twilio.SecondAuthToken}
}

// twilioOf returns our account at Twilio; nil is none.
func twilioOf(cfg config.Config) (*twilio.Client, error) {
	if cfg.Twilio.AccountSID == "" {
		return nil, nil
	}
	client, err := twilio.New(cfg.Twilio.AccountSID, cfg.Twilio.AuthToken, cfg.Twilio.APIURL)
	if err != nil {
		return nil, fmt.Errorf("SWITCHBOARD_TWILIO_API_URL: %w", err)
	}
	return client, nil
}

// whatsAppOf returns the WhatsApp kind, which without an account takes settings
// alone.
func whatsAppOf(cfg config.Config) (*whatsapp.Channel, error) {
	client, err := twilioOf(cfg)
	if err != nil {
		return nil, err
	}
	return &whatsapp.Channel{
		Twilio: client, StatusURL: strings.TrimSuffix(cfg.PublicURL, "/") + "/webhooks/twilio/status",
		Media: mediaOf(cfg),
	}, nil
}
