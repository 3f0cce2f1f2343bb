// Package form is the form channel (F1 to F7): a form's fields, the page that
// shows them, what a submission says, and the agent's answer by mail.
package form

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"switchboard/channels"
	"switchboard/inbox"
)

// Settings are a form channel's settings. Pipeline and stage are not among
// them: they come from the channel's ticket settings (F3).
type Settings struct {
	Title  string  `json:"title"`
	Intro  string  `json:"intro"`
	Fields []Field `json:"fields"`
	// SubmitLabel is the button's text, ThankYou what is said afterwards; "" is the
	// language's.
	SubmitLabel string `json:"submit_label"`
	ThankYou    string `json:"thank_you"`
	// Language is that of what the team wrote and of the page's own words, a BCP 47 tag
	// such as "en". Where there are no words in it they are English.
	Language string `json:"language"`
	// BrowserLanguage has the page's own words be in the visitor's language where it can.
	BrowserLanguage bool `json:"browser_language"`
	// AllowedOrigins are the websites that may embed the form or post to it
	// from a browser; none is every website.
	AllowedOrigins channels.Origins `json:"allowed_origins"`
	// Honeypot names a field that people do not see and robots fill.
	Honeypot string `json:"honeypot"`
	// From is the sender of the answers; without an address it is the
	// installation's own.
	From From `json:"from"`
}

// From is the sender of a form's answers.
type From struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Field is one question.
type Field struct {
	Name string `json:"name"`
	// Label "" is the language's word for what the field maps to, else the name.
	Label    string    `json:"label"`
	Type     FieldType `json:"type"`
	Required bool      `json:"required"`
	// Options are the choices of select, radio and checkbox. A checkbox without
	// options is one box to tick.
	Options     []Option           `json:"options,omitempty"`
	Default     string             `json:"default,omitempty"`
	Placeholder string             `json:"placeholder,omitempty"`
	MapsTo      inbox.FieldMapping `json:"maps_to"`
}

// Option is one choice.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// FieldType is how a field is asked and checked.
type FieldType string

const (
	TypeText     FieldType = "text"
	TypeEmail    FieldType = "email"
	TypePhone    FieldType = "phone"
	TypeNumber   FieldType = "number"
	TypeTextArea FieldType = "textarea"
	TypeSelect   FieldType = "select"
	TypeRadio    FieldType = "radio"
	TypeCheckbox FieldType = "checkbox"
	TypeDate     FieldType = "date"
	TypeFile     FieldType = "file"
	// TypeHidden is kept on the submission and not shown in it (F5).
	TypeHidden FieldType = "hidden"
)

// Names of values that accompany a submission without being a field.
const (
	VisitorTokenName = "visitor_token"
	PageURLName      = "page_url"
	SubmissionIDName = "submission_id"
)

const (
	maxFields   = 100
	maxOptions  = 300
	maxLabel    = 500
	maxPageText = 5000
)

var (
	fieldTypes = []FieldType{
		TypeText, TypeEmail, TypePhone, TypeNumber, TypeTextArea, TypeSelect,
		TypeRadio, TypeCheckbox, TypeDate, TypeFile, TypeHidden,
	}
	mappings = []inbox.FieldMapping{
		inbox.MapsToEmail, inbox.MapsToName, inbox.MapsToPhone, inbox.MapsToSubject,
		inbox.MapsToMessage, inbox.MapsToTicketName, inbox.MapsToTicketDescription,
	}
	// reservedNames are the accompanying values and what F3 takes from the
	// channel's ticket settings.
	reservedNames = []string{
		VisitorTokenName, PageURLName, SubmissionIDName,
		"pipeline", "pipeline_id", "stage", "stage_id",
	}
	fieldName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// ReadSettings returns stored settings, which CheckSettings let through.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	var settings Settings
	if err := json.Unmarshal(raw, &settings); err != nil {
		return Settings{}, fmt.Errorf("read form settings: %w", err)
	}
	// Forms saved before the page had words in other languages carry the English ones.
	english := texts[channels.DefaultLanguage]
	if settings.SubmitLabel == english["submit"] {
		settings.SubmitLabel = ""
	}
	if settings.ThankYou == english["thank_you"] {
		settings.ThankYou = ""
	}
	return settings, nil
}

// CheckSettings implements channels.Kind.
func (*Channel) CheckSettings(raw json.RawMessage) (json.RawMessage, error) {
	var settings Settings
	if err := channels.DecodeSettings(raw, &settings); err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	return json.Marshal(settings)
}

// check validates the settings and fills in defaults.
func (s *Settings) check() error {
	s.fillIn()
	var err error
	if s.AllowedOrigins, err = s.AllowedOrigins.Check(); err != nil {
		return err
	}
	switch {
	case !languageTag.MatchString(s.Language):
		return inbox.Invalid("settings.language", "The language is a tag such as en or pt-BR.")
	case !fieldName.MatchString(s.Honeypot) || slices.Contains(reservedNames, s.Honeypot):
		return inbox.Invalid("settings.honeypot", "The honeypot needs a name of letters, digits, '_', '-' or '.'.")
	case s.From.Address != "" && !channels.ValidEmail(s.From.Address):
		return inbox.Invalid("settings.from.address", "The sender is not an e-mail address.")
	case strings.ContainsFunc(s.From.Name, unicode.IsControl):
		return inbox.Invalid("settings.from.name", "The sender's name is one line.")
	case len(s.Fields) > maxFields:
		return inbox.Invalid("settings.fields", "A form has at most %d fields.", maxFields)
	}
	for _, text := range []struct{ name, value string }{
		{"title", s.Title}, {"intro", s.Intro}, {"submit_label", s.SubmitLabel}, {"thank_you", s.ThankYou}, {"from.name", s.From.Name},
	} {
		if len(text.value) > maxPageText {
			return inbox.Invalid("settings."+text.name, "This text has at most %d bytes.", maxPageText)
		}
	}
	return s.checkFields()
}

func (s *Settings) fillIn() {
	s.Title = strings.TrimSpace(s.Title)
	s.SubmitLabel = strings.TrimSpace(s.SubmitLabel)
	s.ThankYou = strings.TrimSpace(s.ThankYou)
	s.Language = cmp.Or(s.Language, channels.DefaultLanguage)
	// Not a name that browsers fill in by themselves: that would lose what
	// people wrote.
	s.Honeypot = cmp.Or(s.Honeypot, "extra_note")
	s.From.Address = strings.TrimSpace(s.From.Address)
	if len(s.Fields) == 0 {
		s.Fields = defaultFields()
	}
	for i := range s.Fields {
		s.Fields[i].fillIn()
	}
	s.mapEmail()
}

// defaultFields are a new form's (F1).
func defaultFields() []Field {
	return []Field{
		{Name: "name", Type: TypeText, MapsTo: inbox.MapsToName},
		{Name: "email", Type: TypeEmail, Required: true, MapsTo: inbox.MapsToEmail},
		{Name: "subject", Type: TypeText, MapsTo: inbox.MapsToSubject},
		{Name: "message", Type: TypeTextArea, Required: true, MapsTo: inbox.MapsToMessage},
	}
}

// mapEmail takes the first e-mail field as the submitter's address when no
// field was chosen, so that answers have somewhere to go (F2).
func (s *Settings) mapEmail() {
	chosen := slices.ContainsFunc(s.Fields, func(f Field) bool { return f.MapsTo == inbox.MapsToEmail })
	first := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Type == TypeEmail && f.MapsTo == "" })
	if !chosen && first >= 0 {
		s.Fields[first].MapsTo = inbox.MapsToEmail
	}
}

func (f *Field) fillIn() {
	f.Name = strings.TrimSpace(f.Name)
	f.Label = strings.TrimSpace(f.Label)
	for i := range f.Options {
		f.Options[i].Label = cmp.Or(strings.TrimSpace(f.Options[i].Label), f.Options[i].Value)
	}
}
