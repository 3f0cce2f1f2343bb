package chat

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
)

var (
	//go:embed transcript.txt
	transcriptText string
	//go:embed transcript.html
	transcriptHTML string

	textTranscript = texttemplate.Must(texttemplate.New("transcript.txt").Funcs(texttemplate.FuncMap{"indent": indent}).Parse(transcriptText))
	htmlTranscript = htmltemplate.Must(htmltemplate.New("transcript.html").Parse(transcriptHTML))
)

// transcriptTime is understood in every language.
const transcriptTime = "2006-01-02 15:04"

// shownTranscript is what the templates see.
type shownTranscript struct {
	Language, Direction      string
	Subject, Intro, Why, Cut string
	Said                     []shownSaying
}

type shownSaying struct {
	ByContact bool
	Name, At  string
	Text      string
	Files     []string
}

// Transcript implements channels.Transcriber (C10).
func (*Channel) Transcript(of channels.Transcript) (channels.TranscriptMail, error) {
	settings, err := ReadSettings(of.Channel.Settings)
	if err != nil {
		return channels.TranscriptMail{}, err
	}
	if HasLanguage(of.Language) {
		settings.Language = of.Language
	}
	zone, err := settings.zone()
	if err != nil {
		return channels.TranscriptMail{}, err
	}
	shown := settings.transcript(of, zone)
	var text, html bytes.Buffer
	if err := textTranscript.Execute(&text, shown); err != nil {
		return channels.TranscriptMail{}, fmt.Errorf("render transcript: %w", err)
	}
	if err := htmlTranscript.Execute(&html, shown); err != nil {
		return channels.TranscriptMail{}, fmt.Errorf("render transcript: %w", err)
	}
	return channels.TranscriptMail{
		From: settings.TranscriptFrom.Address, FromName: cmp.Or(settings.TranscriptFrom.Name, settings.company(of)),
		Subject: shown.Subject, Text: text.String(), HTML: html.String(),
	}, nil
}

// TranscriptFrom implements channels.Transcriber.
func (*Channel) TranscriptFrom(channel inbox.Channel) (string, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.TranscriptFrom.Address, err
}

// Welcome implements channels.Transcriber.
func (*Channel) Welcome(channel inbox.Channel) (string, error) {
	settings, err := ReadSettings(channel.Settings)
	return settings.WelcomeMessage, err
}

// company is what the contact knows as the other side.
func (s Settings) company(of channels.Transcript) string {
	return cmp.Or(of.Company, s.Heading.Name, of.Channel.Name)
}

// zone is that of the operating hours, else UTC.
func (s Settings) zone() (*time.Location, error) {
	if s.Availability.Hours == nil {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(s.Availability.Hours.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("read the chat's time zone: %w", err)
	}
	return zone, nil
}

func (s Settings) transcript(of channels.Transcript, zone *time.Location) shownTranscript {
	words := texts[s.Language]
	company := s.company(of)
	fill := strings.NewReplacer("{company}", channels.CleanLine(company), "{zone}", zone.String())
	shown := shownTranscript{
		Language: s.Language, Direction: channels.Direction(s.Language),
		Subject: fill.Replace(words["transcript_subject"]), Intro: fill.Replace(words["transcript_intro"]),
		Why: words["transcript_why"],
	}
	if of.Cut {
		shown.Cut = words["transcript_cut"]
	}
	for _, said := range of.Said {
		name := cmp.Or(said.Name, company)
		if said.ByContact {
			name = cmp.Or(of.Contact, words["you"])
		}
		saying := shownSaying{ByContact: said.ByContact, Name: channels.CleanLine(name), Text: said.Text, Files: said.Files}
		if !said.At.IsZero() {
			saying.At = said.At.In(zone).Format(transcriptTime)
		}
		shown.Said = append(shown.Said, saying)
	}
	return shown
}

// indent keeps what somebody wrote from looking like what somebody else said.
func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }
