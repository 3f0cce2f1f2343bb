package chat

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

const (
	maxText  = 2000
	maxName  = 200
	maxURL   = 2000
	maxFaces = 100
	maxDelay = 600
)

// presets are the accent colours offered by name (C2); white text on each is
// readable (WCAG 2.2, 1.4.3).
var presets = map[string]string{
	"blue": "#14599d", "teal": "#0b6b6b", "green": "#1d6b34", "orange": "#a84a00",
	"red": "#b3261e", "pink": "#a8215f", "purple": "#6a3fa0", "grey": "#48545f",
}

var hexColour = regexp.MustCompile(`^#([0-9a-f]{3}|[0-9a-f]{6})$`)

// CheckSettings implements channels.Kind.
func (c *Channel) CheckSettings(raw json.RawMessage) (json.RawMessage, error) {
	var s Settings
	if err := channels.DecodeSettings(raw, &s); err != nil {
		return nil, err
	}
	s.fillIn()
	var err error
	if s.AllowedOrigins, err = s.AllowedOrigins.Check(); err != nil {
		return nil, err
	}
	for _, check := range []func() error{s.checkLook, s.checkTexts, s.Heading.check, s.Availability.check} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if err := c.checkHours(s.Availability); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func (s *Settings) fillIn() {
	s.AccentColour = cmp.Or(strings.ToLower(strings.TrimSpace(s.AccentColour)), "blue")
	s.Position = cmp.Or(s.Position, Right)
	s.Language = cmp.Or(s.Language, channels.DefaultLanguage)
	s.WelcomeMessage = channels.CleanText(s.WelcomeMessage)
	s.Heading.Mode = cmp.Or(s.Heading.Mode, HeadingCustom)
	s.Heading.AgentIDs = append([]string{}, s.Heading.AgentIDs...)
	s.Heading.TeamIDs = append([]string{}, s.Heading.TeamIDs...)
	s.Heading.Name = channels.CleanLine(s.Heading.Name)
	s.TranscriptFrom.Name = channels.CleanLine(s.TranscriptFrom.Name)
	s.TranscriptFrom.Address = inbox.EmailIdentity(s.TranscriptFrom.Address).Value
	s.Availability.Mode = cmp.Or(s.Availability.Mode, ByTeam)
	s.Availability.ReplyTime = cmp.Or(s.Availability.ReplyTime, ReplyNone)
	s.Availability.Away.Behaviour = cmp.Or(s.Availability.Away.Behaviour, ShowMessage)
	s.Availability.Outside.Behaviour = cmp.Or(s.Availability.Outside.Behaviour, ShowMessage)
}

func (s *Settings) checkLook() error {
	switch {
	case presets[s.AccentColour] == "" && !hexColour.MatchString(s.AccentColour):
		return inbox.Invalid("settings.accent_colour", "The accent colour is a hex value such as #14599d, or a preset.")
	case s.Position != Left && s.Position != Right:
		return inbox.Invalid("settings.position", "The widget's position is left or right.")
	case texts[s.Language] == nil:
		return inbox.Invalid("settings.language", "The widget speaks %s.", strings.Join(Languages(), ", "))
	case s.TranscriptFrom.Address != "" && !channels.ValidEmail(s.TranscriptFrom.Address):
		return inbox.Invalid("settings.transcript_from.address", "The sender is not an e-mail address.")
	case s.Prompt.DelaySeconds < 0 || s.Prompt.DelaySeconds > maxDelay:
		return inbox.Invalid("settings.prompt.delay_seconds", "The prompt waits 0 to %d seconds.", maxDelay)
	}
	return nil
}

func (s *Settings) checkTexts() error {
	for _, text := range []struct {
		name, value string
		most        int
	}{
		{"welcome_message", s.WelcomeMessage, maxText},
		{"prompt.text", s.Prompt.Text, maxText},
		{"heading.name", s.Heading.Name, maxName},
		{"transcript_from.name", s.TranscriptFrom.Name, maxName},
		{"availability.away.message", s.Availability.Away.Message, maxText},
		{"availability.outside.message", s.Availability.Outside.Message, maxText},
	} {
		if len(text.value) > text.most {
			return inbox.Invalid("settings."+text.name, "This text has at most %d bytes.", text.most)
		}
	}
	return nil
}

func (h Heading) check() error {
	switch {
	case !slices.Contains([]HeadingMode{HeadingSpecific, HeadingCustom, HeadingOwner}, h.Mode):
		return inbox.Invalid("settings.heading.mode", "The heading is specific, custom or contact_owner.")
	case h.Mode == HeadingSpecific && len(h.AgentIDs)+len(h.TeamIDs) == 0:
		return inbox.Invalid("settings.heading.agent_ids", "Choose the agents or teams to show.")
	case len(h.AgentIDs) > maxFaces:
		return inbox.Invalid("settings.heading.agent_ids", "Choose at most %d agents.", maxFaces)
	case len(h.TeamIDs) > maxFaces:
		return inbox.Invalid("settings.heading.team_ids", "Choose at most %d teams.", maxFaces)
	case h.AvatarURL != "" && !validImage(h.AvatarURL):
		return inbox.Invalid("settings.heading.avatar_url", "The avatar is an https address.")
	}
	return nil
}

func validImage(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && parsed.Scheme == "https" && parsed.Host != "" && len(address) <= maxURL
}

// check lets through the behaviours each mode offers (C6, C7).
func (a Availability) check() error {
	away := []Behaviour{ShowMessage, Hide}
	if a.Mode == ByHours {
		away = append(away, ShowReplyTime)
	}
	outside := []Behaviour{ShowMessage, ShowReturnTime, Hide}
	const at = "settings.availability."
	switch {
	case !slices.Contains([]Mode{ByTeam, ByHours, Always}, a.Mode):
		return inbox.Invalid(at+"mode", "Availability follows the team, hours or is always.")
	case !slices.Contains([]ReplyTime{ReplyNone, ReplyMinutes, ReplyHours, ReplyDay}, a.ReplyTime):
		return inbox.Invalid(at+"reply_time", "The reply time is none, minutes, hours or day.")
	case !slices.Contains(away, a.Away.Behaviour):
		return inbox.Invalid(at+"away.behaviour", "With this availability mode it is message or hide, and with hours also reply_time.")
	case !slices.Contains(outside, a.Outside.Behaviour):
		return inbox.Invalid(at+"outside.behaviour", "It is message, return_time or hide.")
	case a.Mode == ByHours && a.Hours == nil:
		return inbox.Invalid(at+"hours", "Say which hours the chat is open.")
	}
	return nil
}

func (c *Channel) checkHours(a Availability) error {
	err := c.CheckHours(a.Hours)
	if invalid, ok := errors.AsType[*inbox.Error](err); ok {
		named := *invalid
		named.Field = "settings.availability.hours." + invalid.Field
		return &named
	}
	return err
}
