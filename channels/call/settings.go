package call

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

// Settings are a call channel's settings.
type Settings struct {
	// Number is the channel's, E.164; it becomes the channel's account (P4).
	Number string `json:"number"`
	// Greeting is said first, VoicemailGreeting before the tone, Goodbye after it.
	Greeting          string `json:"greeting"`
	VoicemailGreeting string `json:"voicemail_greeting"`
	Goodbye           string `json:"goodbye"`
	// Confirmation is what makes an agent's phone that was picked up one that
	// answered.
	Confirmation Confirmation `json:"confirmation"`
	// Announcement is what an agent hears who has to confirm, with CallerMark in the
	// place of who calls; HiddenCaller stands there when nobody knows.
	Announcement string `json:"announcement"`
	HiddenCaller string `json:"hidden_caller"`
	// Language is that of the texts, such as "en-GB"; Voice one of Twilio's that
	// speaks it, "" is Twilio's choice.
	Language string `json:"language"`
	Voice    string `json:"voice"`
	// RingSeconds is how long each agent's phone rings.
	RingSeconds int `json:"ring_seconds"`
	// VoicemailSeconds bounds a message.
	VoicemailSeconds int `json:"voicemail_seconds"`
}

// Confirmation says when an agent has taken a call.
type Confirmation string

const (
	// ConfirmByKey: when the agent pressed 1. Nothing else tells a person from the
	// person's mailbox, in which the caller would end.
	ConfirmByKey Confirmation = "key"
	// ConfirmNone: when the phone was picked up, by whatever.
	ConfirmNone Confirmation = "none"
)

// CallerMark is where an announcement names who calls.
const CallerMark = "{caller}"

const (
	maxText = 1000

	// Twilio rings for 5 to 600 seconds.
	minRing, defaultRing, maxRing = 5, 20, 60

	minVoicemail, defaultVoicemail, maxVoicemail = 10, 120, 600
)

// texts are the defaults.
var texts = Settings{
	Greeting:          "Thank you for calling. Please hold while we find somebody for you.",
	VoicemailGreeting: "Nobody can take your call right now. Please leave a message after the tone.",
	Goodbye:           "Thank you. Goodbye.",
	Announcement:      "You have a call from " + CallerMark + ". To take it, press 1.",
	HiddenCaller:      "a hidden number",
}

// each lists the texts with their names and defaults.
func (s *Settings) each() []text {
	return []text{
		{"greeting", &s.Greeting, texts.Greeting},
		{"voicemail_greeting", &s.VoicemailGreeting, texts.VoicemailGreeting},
		{"goodbye", &s.Goodbye, texts.Goodbye},
		{"announcement", &s.Announcement, texts.Announcement},
		{"hidden_caller", &s.HiddenCaller, texts.HiddenCaller},
	}
}

type text struct {
	name     string
	value    *string
	standard string
}

// fillIn gives what is not set its default.
func (s *Settings) fillIn() {
	for _, text := range s.each() {
		*text.value = cmp.Or(channels.CleanText(*text.value), text.standard)
	}
	s.Confirmation = cmp.Or(s.Confirmation, ConfirmByKey)
	s.Language = cmp.Or(strings.TrimSpace(s.Language), "en-US")
	s.RingSeconds = cmp.Or(s.RingSeconds, defaultRing)
	s.VoicemailSeconds = cmp.Or(s.VoicemailSeconds, defaultVoicemail)
}

var (
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	voiceName   = regexp.MustCompile(`^[A-Za-z0-9._-]{0,80}$`)
)

// ReadSettings returns stored settings, which CheckSettings let through; those that
// are younger than the channel have their defaults.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	var settings Settings
	if err := json.Unmarshal(raw, &settings); err != nil {
		return Settings{}, fmt.Errorf("read call settings: %w", err)
	}
	settings.fillIn()
	return settings, nil
}

// CheckSettings implements channels.Kind.
func (*Channel) CheckSettings(raw json.RawMessage) (json.RawMessage, error) {
	var s Settings
	if err := channels.DecodeSettings(raw, &s); err != nil {
		return nil, err
	}
	s.fillIn()
	for _, text := range s.each() {
		if len(*text.value) > maxText {
			return nil, inbox.Invalid("settings."+text.name, "This text has at most %d bytes.", maxText)
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func (s *Settings) check() error {
	if s.Number != "" {
		number, ok := channels.PhoneNumber(s.Number)
		if !ok {
			return inbox.Invalid("settings.number", "The number is written like +14155550100.")
		}
		s.Number = number
	}
	switch {
	case s.Confirmation != ConfirmByKey && s.Confirmation != ConfirmNone:
		return inbox.Invalid("settings.confirmation", "A call is confirmed by %q or %q.", ConfirmByKey, ConfirmNone)
	case !languageTag.MatchString(s.Language):
		return inbox.Invalid("settings.language", "The language is written like en-GB.")
	case !voiceName.MatchString(s.Voice):
		return inbox.Invalid("settings.voice", "The voice is one of Twilio's, such as Polly.Amy.")
	case s.RingSeconds < minRing || s.RingSeconds > maxRing:
		return inbox.Invalid("settings.ring_seconds", "A phone rings %d to %d seconds.", minRing, maxRing)
	case s.VoicemailSeconds < minVoicemail || s.VoicemailSeconds > maxVoicemail:
		return inbox.Invalid("settings.voicemail_seconds", "A message takes %d to %d seconds.", minVoicemail, maxVoicemail)
	}
	return nil
}

// CheckChannel implements channels.ChannelChecker: the number is the channel's
// account (G15).
func (*Channel) CheckChannel(_, after inbox.Channel) (inbox.Channel, error) {
	settings, err := ReadSettings(after.Settings)
	if err != nil {
		return inbox.Channel{}, err
	}
	after.Account = settings.Number
	return after, nil
}
