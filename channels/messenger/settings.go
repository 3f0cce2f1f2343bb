package messenger

import (
	"bytes"
	"encoding/json"
	"fmt"

	"switchboard/channels"
	"switchboard/inbox"
)

// Settings are a Messenger channel's settings. Its greeting and instant reply are
// those of the active chatflow (M2 to M4).
type Settings struct {
	AwayMessage AwayMessage `json:"away_message"`
	// Consent is what contacts have to agree to (M8).
	Consent channels.ConsentSettings `json:"consent"`
}

// AwayMessage is the automatic answer when nobody is available (B10).
type AwayMessage struct {
	// Text "" sends none.
	Text string `json:"text"`
}

// ReadSettings returns stored settings, which CheckSettings let through.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	var settings Settings
	if len(bytes.TrimSpace(raw)) == 0 {
		return settings, nil
	}
	if err := json.Unmarshal(raw, &settings); err != nil {
		return Settings{}, fmt.Errorf("read Messenger settings: %w", err)
	}
	return settings, nil
}

// CheckSettings implements channels.Kind.
func (*Channel) CheckSettings(raw json.RawMessage) (json.RawMessage, error) {
	var settings Settings
	if err := channels.DecodeSettings(raw, &settings); err != nil {
		return nil, err
	}
	settings.AwayMessage.Text = channels.CleanText(settings.AwayMessage.Text)
	var err error
	if settings.Consent, err = settings.Consent.Check(); err != nil {
		return nil, err
	}
	if length(settings.AwayMessage.Text) > maxText {
		return nil, inbox.Invalid("settings.away_message.text", "This text has at most %d characters.", maxText)
	}
	return json.Marshal(settings)
}

// CheckChannel implements channels.ChannelChecker. A greeting and the like that were
// set here, as they were before chatflows had them, go.
func (*Channel) CheckChannel(_, after inbox.Channel) (inbox.Channel, error) {
	settings, err := ReadSettings(after.Settings)
	if err != nil {
		return inbox.Channel{}, err
	}
	if after.Settings, err = json.Marshal(settings); err != nil {
		return inbox.Channel{}, fmt.Errorf("write Messenger settings: %w", err)
	}
	return after, nil
}

// AwayMessage implements channels.Absent.
func (*Channel) AwayMessage(channel inbox.Channel) (string, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.AwayMessage.Text, err
}

// Consent implements channels.Consenter.
func (*Channel) Consent(channel inbox.Channel) (inbox.ConsentRule, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.Consent.Rule(), err
}
