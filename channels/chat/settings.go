// Package chat is the chat channel (C1 to C12): its settings, who a visitor is
// and what the widget shows. Its answers have no provider: the visitor's event
// stream delivers them.
package chat

import (
	"encoding/json"
	"fmt"

	"switchboard/channels"
	"switchboard/inbox"
)

// Channel is the chat kind.
type Channel struct {
	// CheckHours validates operating hours; its errors name the field below
	// them. It is routing's.
	CheckHours func(*inbox.Hours) error
}

// Kind implements channels.Kind.
func (*Channel) Kind() inbox.ChannelKind { return inbox.KindChat }

// Settings are a chat channel's settings.
type Settings struct {
	// AccentColour is a preset's name or "#rrggbb" (C2).
	AccentColour   string       `json:"accent_colour"`
	Position       Position     `json:"position"`
	Heading        Heading      `json:"heading"`
	WelcomeMessage string       `json:"welcome_message"`
	Prompt         Prompt       `json:"prompt"`
	Availability   Availability `json:"availability"`
	// Language is that of the widget's own words (C12).
	Language string `json:"language"`
	// BrowserLanguage has the widget speak the visitor's language where it can.
	BrowserLanguage bool `json:"browser_language"`
	// TranscriptFrom is the sender of mailed transcripts (C10); without an
	// address it is the installation's own.
	TranscriptFrom From `json:"transcript_from"`
	// AllowedOrigins are the websites that may embed the widget; none is every
	// website.
	AllowedOrigins channels.Origins `json:"allowed_origins"`
	// VerifyIdentity: only the website says who visitors are, with a hash.
	VerifyIdentity bool `json:"verify_identity"`
}

// Position is the side of the page the widget is on (C2).
type Position string

const (
	Left  Position = "left"
	Right Position = "right"
)

// Heading says who seems to answer (C3).
type Heading struct {
	Mode HeadingMode `json:"mode"`
	// AgentIDs and TeamIDs are shown with HeadingSpecific, and with
	// HeadingOwner to visitors without an owner.
	AgentIDs []string `json:"agent_ids"`
	TeamIDs  []string `json:"team_ids"`
	// Name and AvatarURL are shown with HeadingCustom, and wherever there is
	// nobody else to show.
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url"`
}

// HeadingMode is a kind of heading.
type HeadingMode string

const (
	HeadingSpecific HeadingMode = "specific"
	HeadingCustom   HeadingMode = "custom"
	HeadingOwner    HeadingMode = "contact_owner"
)

// Prompt pops open by itself when the page loads (C4).
type Prompt struct {
	Enabled bool `json:"enabled"`
	// Text "" is the welcome message.
	Text         string `json:"text"`
	DelaySeconds int    `json:"delay_seconds"`
}

// Availability is when the chat is open and what it shows (C6 to C8).
type Availability struct {
	Mode Mode `json:"mode"`
	// Hours are the operating hours of ByHours.
	Hours     *inbox.Hours `json:"hours"`
	ReplyTime ReplyTime    `json:"reply_time"`
	// Away is for when all agents are away.
	Away Absence `json:"away"`
	// Outside is for when it is outside operating hours.
	Outside Absence `json:"outside"`
}

// Mode is what a chat's availability follows.
type Mode string

const (
	ByTeam  Mode = "team"
	ByHours Mode = "hours"
	Always  Mode = "always"
)

// Absence is what a widget does while nobody is there.
type Absence struct {
	Behaviour Behaviour `json:"behaviour"`
	// Message is shown with ShowMessage; "" is the language's.
	Message string `json:"message"`
}

// Behaviour is a way to say that nobody is there.
type Behaviour string

const (
	ShowMessage    Behaviour = "message"
	ShowReturnTime Behaviour = "return_time"
	ShowReplyTime  Behaviour = "reply_time"
	Hide           Behaviour = "hide"
)

// ReplyTime is the typical time to an answer.
type ReplyTime string

const (
	ReplyNone    ReplyTime = "none"
	ReplyMinutes ReplyTime = "minutes"
	ReplyHours   ReplyTime = "hours"
	ReplyDay     ReplyTime = "day"
)

// From is the sender of transcripts.
type From struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// ReadSettings returns stored settings, which CheckSettings let through.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	var settings Settings
	if err := json.Unmarshal(raw, &settings); err != nil {
		return Settings{}, fmt.Errorf("read chat settings: %w", err)
	}
	return settings, nil
}
