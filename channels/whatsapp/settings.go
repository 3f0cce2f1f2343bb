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
	// Templates are those that WhatsApp approved (W2).
	Templates []Template `json:"templates"`
	// Consent is what contacts have to agree to (M8). There is no button: its words
	// are written.
	Consent channels.ConsentSettings `json:"consent"`
}

// Template is an approved template as agents choose it.
type Template struct {
	// ID is Twilio's ContentSid.
	ID string `json:"id"`
	// Name and Language are for agents; Body is the template's text with
	// placeholders such as {{1}}.
	Name     string `json:"name"`
	Language string `json:"language"`
	Body     string `json:"body"`
}

const (
	maxTemplates = 250
	maxName      = 200
)

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
	if settings.Templates == nil {
		settings.Templates = []Template{}
	}
	if len(settings.Templates) > maxTemplates {
		return nil, inbox.Invalid("settings.templates", "A channel has at most %d templates.", maxTemplates)
	}
	for i := range settings.Templates {
		if err := settings.Templates[i].check(fmt.Sprintf("settings.templates.%d", i)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(settings)
}

func (t *Template) check(field string) error {
	t.Name = channels.CleanLine(t.Name)
	t.Body = channels.CleanText(t.Body)
	switch {
	case !contentSID.MatchString(t.ID):
		return inbox.Invalid(field+".id", "The template's id is Twilio's Content SID: HX and 32 digits or letters a to f.")
	case t.Name == "" || len(t.Name) > maxName:
		return inbox.Invalid(field+".name", "The template needs a name of at most %d bytes.", maxName)
	case t.Body == "" || len(t.Body) > maxText:
		return inbox.Invalid(field+".body", "The template needs its text, of at most %d bytes.", maxText)
	case len(t.Language) > 20:
		return inbox.Invalid(field+".language", "The language is a code such as en or pt_BR.")
	}
	return nil
}

// CheckChannel implements channels.ChannelChecker: the number is the channel's
// account, connected once only (G15).
func (*Channel) CheckChannel(_, after inbox.Channel) (inbox.Channel, error) {
	settings, err := ReadSettings(after.Settings)
	if err != nil {
		return inbox.Channel{}, err
	}
	after.Account = settings.Number
	return after, nil
}

// Templates implements channels.Templater.
func (*Channel) Templates(channel inbox.Channel) ([]channels.Template, error) {
	settings, err := ReadSettings(channel.Settings)
	if err != nil {
		return nil, err
	}
	templates := make([]channels.Template, len(settings.Templates))
	for i, t := range settings.Templates {
		templates[i] = channels.Template{
			ID: t.ID, Name: t.Name, Language: t.Language, Body: t.Body, Variables: channels.Placeholders(t.Body),
		}
	}
	return templates, nil
}

// Consent implements channels.Consenter.
func (*Channel) Consent(channel inbox.Channel) (inbox.ConsentRule, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.Consent.Rule(), err
}
