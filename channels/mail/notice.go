package mail

import (
	"bytes"
	_ "embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"switchboard/channels"
	"switchboard/inbox"
)

// A notice shows the beginning of a message, not all of it.
const (
	excerptLines = 5
	excerptRunes = 400
)

var (
	//go:embed notice.txt
	noticeText string
	//go:embed notice.html
	noticeHTML string

	textNotice = texttemplate.Must(texttemplate.New("notice.txt").Parse(noticeText))
	htmlNotice = htmltemplate.Must(htmltemplate.New("notice.html").Parse(noticeHTML))
)

// Notice is what a mail to the company's own people says of a conversation.
type Notice struct {
	Kind inbox.NoticeKind
	// Company and Inbox are names.
	Company string
	Inbox   string
	// Contact is who wrote or called; "" when nobody knows.
	Contact string
	// Called: it is a call, which has no subject.
	Called bool
	// Subject is the conversation's; may be "".
	Subject string
	// Text is the message that led to the notice; its first lines are shown.
	Text string
	// Link opens the conversation in the agent's tool; "" leaves it out.
	Link string
}

// Rendered is a notice ready to be sent.
type Rendered struct {
	Subject, Text, HTML string
}

// Render writes the notice: G6 for an offline owner, B5 when nobody is eligible.
func (n Notice) Render() (Rendered, error) {
	shown := n.shown()
	var text, html bytes.Buffer
	if err := textNotice.Execute(&text, shown); err != nil {
		return Rendered{}, fmt.Errorf("render notice: %w", err)
	}
	if err := htmlNotice.Execute(&html, shown); err != nil {
		return Rendered{}, fmt.Errorf("render notice: %w", err)
	}
	return Rendered{Subject: shown.Title, Text: text.String(), HTML: html.String()}, nil
}

// shownNotice is what the templates see.
type shownNotice struct {
	Notice
	Title, Explanation, Excerpt string
}

func (n Notice) shown() shownNotice {
	n.Contact, n.Subject = channels.CleanLine(n.Contact), channels.CleanLine(n.Subject)
	if n.Contact == "" {
		n.Contact = "Somebody"
	}
	wrote := "wrote to"
	if n.Called {
		wrote, n.Subject = "called", ""
	}
	shown := shownNotice{Notice: n, Excerpt: excerpt(n.Text)}
	switch {
	case n.Kind == inbox.NoticeNobody:
		shown.Title = "Nobody is available for " + n.Contact
		shown.Explanation = fmt.Sprintf("%s %s %s, and nobody who could answer is available. "+
			"The conversation waits and goes to the first who is.", n.Contact, wrote, n.Inbox)
	case n.Kind == inbox.NoticeWindow:
		shown.Title = n.Contact + " can soon be answered no more"
		shown.Explanation = fmt.Sprintf("%s wrote to %s and has no answer yet. Within an hour the provider will allow less than now: "+
			"then nothing, or a person's answer or a template only.", n.Contact, n.Inbox)
	case n.Called:
		shown.Title = "Missed call from " + n.Contact
		shown.Explanation = fmt.Sprintf("%s called %s and reached nobody.", n.Contact, n.Inbox)
	default:
		shown.Title = n.Contact + " wrote while you were away"
		shown.Explanation = fmt.Sprintf("%s wrote to %s while you were away.", n.Contact, n.Inbox)
	}
	if n.Subject != "" {
		shown.Title += ": " + n.Subject
	}
	return shown
}

// excerpt is the beginning of a message.
func excerpt(text string) string {
	text = channels.CleanText(text)
	lines := strings.SplitN(text, "\n", excerptLines+1)
	short := strings.Join(lines[:min(len(lines), excerptLines)], "\n")
	if utf8.RuneCountInString(short) > excerptRunes {
		short = string([]rune(short)[:excerptRunes])
	}
	if short = strings.TrimSpace(short); short != text {
		short += " …"
	}
	return short
}
