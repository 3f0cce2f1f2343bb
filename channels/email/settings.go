package email

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

// Settings are an e-mail channel's settings.
type Settings struct {
	// Address is the team's own address, in lower case, which forwards its mail
	// to the hosted one; "" is none: mail leaves from the hosted address. A
	// connected mailbox has its address in inbox.Channel.Account.
	Address string `json:"address"`
	// FromName is whose name contacts see; "" where it cannot be chosen (E4).
	FromName  FromName  `json:"from_name,omitempty"`
	Signature Signature `json:"signature"`
	// OriginalSender logs a message that was forwarded by hand on the contact who
	// wrote it, not on who forwarded it (E8).
	OriginalSender bool        `json:"original_sender"`
	AwayMessage    AwayMessage `json:"away_message"`
}

// FromName is whose name answers carry (E4).
type FromName string

const (
	// FromAgentAndCompany is "Ann Example at Acme".
	FromAgentAndCompany FromName = "agent_and_company"
	// FromCompany is "Acme".
	FromCompany FromName = "company"
)

// AwayMessage is the automatic answer when nobody is available (B10).
type AwayMessage struct {
	// Text "" sends none.
	Text string `json:"text"`
}

// maxText bounds the away message and the signature, in bytes.
const maxText = 20_000

// ReadSettings returns stored settings, which CheckSettings let through.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	settings := Settings{OriginalSender: true}
	if len(bytes.TrimSpace(raw)) == 0 {
		return settings, nil
	}
	if err := json.Unmarshal(raw, &settings); err != nil {
		return Settings{}, fmt.Errorf("read e-mail settings: %w", err)
	}
	return settings, nil
}

// AwayMessage implements channels.Absent.
func (*Channel) AwayMessage(channel inbox.Channel) (string, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.AwayMessage.Text, err
}

// CheckSettings implements channels.Kind. The default From name depends on the
// mailbox: CheckChannel fills it in.
func (*Channel) CheckSettings(raw json.RawMessage) (json.RawMessage, error) {
	settings := Settings{OriginalSender: true}
	if err := channels.DecodeSettings(raw, &settings); err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	return json.Marshal(settings)
}

// check validates the settings and normalises them.
func (s *Settings) check() error {
	s.Address = strings.ToLower(strings.TrimSpace(s.Address))
	s.AwayMessage.Text = channels.CleanText(s.AwayMessage.Text)
	switch {
	case s.Address != "" && !channels.ValidEmail(s.Address):
		return inbox.Invalid("settings.address", "The team's address is not an e-mail address.")
	case s.FromName != "" && !slices.Contains([]FromName{FromAgentAndCompany, FromCompany}, s.FromName):
		return inbox.Invalid("settings.from_name", "The From name is agent_and_company or company.")
	case len(s.AwayMessage.Text) > maxText:
		return inbox.Invalid("settings.away_message.text", "This text has at most %d bytes.", maxText)
	}
	return s.Signature.check()
}

// CheckChannel implements channels.ChannelChecker. The team's address becomes
// the channel's account (G15). A connected mailbox has an address of its own,
// and at Office 365 also a From name that cannot be changed (E4): what was set
// before it was connected goes, and asking for it afterwards is refused.
func (*Channel) CheckChannel(before, after inbox.Channel) (inbox.Channel, error) {
	was, err := ReadSettings(before.Settings)
	if err != nil {
		return inbox.Channel{}, err
	}
	wanted, err := ReadSettings(after.Settings)
	if err != nil {
		return inbox.Channel{}, err
	}
	connected, named := after.Provider != inbox.ProviderNone, after.Provider == inbox.ProviderOffice365
	switch {
	case connected && wanted.Address != "" && wanted.Address != was.Address:
		return inbox.Channel{}, inbox.Invalid("settings.address", "A connected mailbox sends from its own address.")
	case named && wanted.FromName != "" && wanted.FromName != was.FromName:
		return inbox.Channel{}, inbox.Invalid("settings.from_name",
			"Office 365 sends under the mailbox's own name; it cannot be chosen here.")
	}
	if connected {
		wanted.Address = ""
	} else {
		after.Account = wanted.Address
	}
	if named {
		wanted.FromName = ""
	} else {
		wanted.FromName = cmp.Or(wanted.FromName, FromAgentAndCompany)
	}
	if after.Settings, err = json.Marshal(wanted); err != nil {
		return inbox.Channel{}, fmt.Errorf("write e-mail settings: %w", err)
	}
	return after, nil
}
