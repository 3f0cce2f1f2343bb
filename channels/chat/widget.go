package chat

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
)

// Widget is what the widget on a website shows now.
type Widget struct {
	// State is "open", "away" or "outside_hours".
	State string `json:"state"`
	// Hidden hides the widget with its launcher.
	Hidden bool `json:"hidden"`
	// Text is the away message, the return time or the reply time in words.
	Text string `json:"text"`
	// ReplyTime is the typical reply time when it is what Text says, else none.
	ReplyTime      ReplyTime         `json:"reply_time"`
	ReturnsAt      *time.Time        `json:"returns_at"`
	AccentColour   string            `json:"accent_colour"`
	Position       Position          `json:"position"`
	Heading        WidgetHeading     `json:"heading"`
	WelcomeMessage string            `json:"welcome_message"`
	Prompt         *WidgetPrompt     `json:"prompt"`
	Language       string            `json:"language"`
	Texts          map[string]string `json:"texts"`
	// Opening is nil without one.
	Opening *WidgetOpening `json:"opening"`
	// VerifyIdentity: an address that the visitor leaves is only a message.
	VerifyIdentity bool `json:"verify_identity"`
}

// WidgetOpening is what a chatflow shows before the visitor writes (C11).
type WidgetOpening struct {
	Text         string             `json:"text"`
	QuickReplies []inbox.QuickReply `json:"quick_replies"`
}

// WidgetHeading is the widget's head: at most three faces.
type WidgetHeading struct {
	Title string `json:"title"`
	Faces []Face `json:"faces"`
}

// WidgetPrompt pops open by itself; Widget.Prompt is nil without one.
type WidgetPrompt struct {
	Text         string `json:"text"`
	DelaySeconds int    `json:"delay_seconds"`
}

// Face is somebody who answers.
type Face struct {
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url,omitempty"`
}

// Presence is routing's answer to whether the chat is open, in its own words.
type Presence struct {
	State     string
	Hidden    bool
	Show      string
	ReturnsAt time.Time
}

// Presence's Show.
const (
	PresenceReplyTime  = "reply_time"
	PresenceMessage    = "message"
	PresenceReturnTime = "return_time"
)

// People are those a heading may show.
type People struct {
	// Company is the account's name.
	Company string
	// Visitor tells visitors apart, of whom each is shown the same faces every time.
	Visitor string
	// Owner is the visitor's, nil when unknown or unowned.
	Owner *Face
	// Chosen are the heading's agents and the members of its teams.
	Chosen []Face
}

const shownFaces = 3

// Show returns the widget for a visitor (C2 to C8).
func (s Settings) Show(presence Presence, people People) Widget {
	words := texts[s.Language]
	widget := Widget{
		State:          presence.State,
		Hidden:         presence.Hidden,
		ReplyTime:      ReplyNone,
		AccentColour:   colour(s.AccentColour),
		Position:       s.Position,
		Heading:        s.heading(people),
		WelcomeMessage: s.WelcomeMessage,
		Language:       s.Language,
		Texts:          maps.Clone(words),
		VerifyIdentity: s.VerifyIdentity,
	}
	switch presence.Show {
	case PresenceReplyTime:
		widget.ReplyTime = s.Availability.ReplyTime
		widget.Text = words[textReplyAfter+string(s.Availability.ReplyTime)]
	case PresenceReturnTime:
		widget.ReturnsAt = &presence.ReturnsAt
		widget.Text = strings.ReplaceAll(words[textReturns], "{time}", s.localTime(presence.ReturnsAt))
	case PresenceMessage:
		widget.Text = s.absence(presence.State)
	}
	if text := cmp.Or(s.Prompt.Text, s.WelcomeMessage); s.Prompt.Enabled && text != "" {
		widget.Prompt = &WidgetPrompt{Text: text, DelaySeconds: s.Prompt.DelaySeconds}
	}
	return widget
}

// OnlyVouched implements channels.Vouched.
func (*Channel) OnlyVouched(channel inbox.Channel) (bool, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.VerifyIdentity, err
}

// ReplyTime implements channels.Punctual.
func (*Channel) ReplyTime(channel inbox.Channel, language string) (string, error) {
	s, err := ReadSettings(channel.Settings)
	if !HasLanguage(language) {
		language = s.Language
	}
	return texts[language][textReplyAfter+string(s.Availability.ReplyTime)], err
}

func (s Settings) absence(state string) string {
	if state == "outside_hours" {
		return cmp.Or(s.Availability.Outside.Message, texts[s.Language][textOutside])
	}
	return cmp.Or(s.Availability.Away.Message, texts[s.Language][textAway])
}

// localTime is a time in the zone of the operating hours, without words where
// they would be in another language; the widget writes it in the visitor's way.
func (s Settings) localTime(at time.Time) string {
	if s.Availability.Hours != nil {
		if zone, err := time.LoadLocation(s.Availability.Hours.TimeZone); err == nil {
			at = at.In(zone)
		}
	}
	if s.Language != channels.DefaultLanguage {
		return at.Format("2006-01-02 15:04 MST")
	}
	return at.Format("Monday 2 January, 15:04 MST")
}

// heading shows the owner, else the chosen people, else the custom name (C3).
func (s Settings) heading(people People) WidgetHeading {
	custom := cmp.Or(s.Heading.Name, people.Company, texts[s.Language][textTitle])
	switch {
	case s.Heading.Mode == HeadingOwner && people.Owner != nil:
		return WidgetHeading{Title: people.Owner.Name, Faces: []Face{*people.Owner}}
	case s.Heading.Mode != HeadingCustom && len(people.Chosen) > 0:
		return WidgetHeading{Title: custom, Faces: someOf(people.Chosen, people.Visitor)}
	default:
		return WidgetHeading{Title: custom, Faces: []Face{{Name: custom, AvatarURL: s.Heading.AvatarURL}}}
	}
}

// someOf returns three at random of more (C3), and to a visitor the same ones again.
func someOf(faces []Face, visitor string) []Face {
	if len(faces) <= shownFaces {
		return faces
	}
	random := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(visitor))))
	some := make([]Face, shownFaces)
	for i, n := range random.Perm(len(faces))[:shownFaces] {
		some[i] = faces[n]
	}
	return some
}

// colour is a preset's hex value, or the hex value itself in six digits.
func colour(name string) string {
	if hex, ok := presets[name]; ok {
		return hex
	}
	if len(name) == len("#rgb") {
		return "#" + strings.Repeat(name[1:2], 2) + strings.Repeat(name[2:3], 2) + strings.Repeat(name[3:4], 2)
	}
	return name
}
