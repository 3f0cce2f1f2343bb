package whatsapp

import (
	"encoding/json"
	"fmt"
	"regexp"

	"switchboard/channels"
	"switchboard/inbox"
)

// Settings are a WhatsApp channel's settings.
type Settings struct {
	// Number is the company's number at Twilio, E.164 (W1).
	Number string `json:"number"`
	// Consent is what contacts have to agree to (M8). There is no button: its words
	// are written.
	Consent channels.ConsentSettings `json:"consent"`
}

var contentSID = regexp.MustCompile(`^HX[0-9a-fA-F]{32}$`)

// ReadSettings returns stored settings, which CheckSettings let through.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	var settings Settings
	if len(raw) == 0 {
		return settings, nil
	}
	if err := json.Unmarshal(raw, &settings); err != nil {
		return Settings{}, fmt.Errorf("read WhatsApp settings: %w", err)
	}
	return settings, nil
}

// CheckSettings implements channels.Kind.
func (*Channel) CheckSettings(raw json.RawMessage) (json.RawMessage, error) {
	var settings Settings
	if err := channels.DecodeSettings(raw, &settings); err != nil {
		return nil, err
	}
	number, ok := channels.PhoneNumber(settings.Number)
	if !ok {
		return nil, inbox.Invalid("settings.number", "Enter the number with its country, such as +15551234567.")
	}
	settings.Number = number
	var err error
	if settings.Consent, err = settings.Consent.Check(); err != nil {
		return nil, err
	}
	return json.Marshal(settings)
}

// CheckChannel implements channels.ChannelChecker: the number is the channel's
// account, connected once only (G15). Templates that were listed by hand, as they
// were before Twilio was asked for them, go.
func (*Channel) CheckChannel(_, after inbox.Channel) (inbox.Channel, error) {
	settings, err := ReadSettings(after.Settings)
	if err != nil {
		return inbox.Channel{}, err
	}
	after.Account = settings.Number
	if after.Settings, err = json.Marshal(settings); err != nil {
		return inbox.Channel{}, fmt.Errorf("write WhatsApp settings: %w", err)
	}
	return after, nil
}

// Consent implements channels.Consenter.
func (*Channel) Consent(channel inbox.Channel) (inbox.ConsentRule, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.Consent.Rule(), err
}
