package email

import (
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"

	"switchboard/channels"
	"switchboard/inbox"
)

// Signature ends what agents write (E5).
type Signature struct {
	// HTML "" is no signature. It is sanitised, and may have tokens such as
	// {{sender.full_name}} in its text.
	HTML string `json:"html"`
}

// senderTokens are what a signature says of the agent who sends. The first name
// is the first word, the last name the others.
var senderTokens = map[string]func(inbox.Agent) string{
	"sender.full_name":  func(a inbox.Agent) string { return a.Name },
	"sender.first_name": func(a inbox.Agent) string { first, _, _ := strings.Cut(a.Name, " "); return first },
	"sender.last_name":  func(a inbox.Agent) string { _, last, _ := strings.Cut(a.Name, " "); return last },
}

// signatureHTML is channels.SafeHTML's with what editors of rich text write to
// colour and place it.
var signatureHTML = signaturePolicy()

func signaturePolicy() *bluemonday.Policy {
	policy := bluemonday.UGCPolicy()
	policy.AllowStyles("color", "background-color", "font-family", "font-size", "font-style", "font-weight",
		"line-height", "text-align", "text-decoration", "vertical-align", "margin", "padding", "border", "width", "height").Globally()
	return policy
}

var senderToken = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// check sanitises the signature and refuses tokens that it could not fill in.
func (s *Signature) check() error {
	const field = "settings.signature.html"
	if len(s.HTML) > maxText {
		return inbox.Invalid(field, "The signature has at most %d bytes.", maxText)
	}
	s.HTML = strings.TrimSpace(signatureHTML.Sanitize(s.HTML))
	for _, found := range senderToken.FindAllStringSubmatch(s.HTML, -1) {
		if senderTokens[found[1]] == nil {
			return inbox.Invalid(field, "There is no token called %s; use {{sender.full_name}}, "+
				"{{sender.first_name}} or {{sender.last_name}}.", html.UnescapeString(found[0]))
		}
	}
	rest := senderToken.ReplaceAllString(s.HTML, "")
	switch {
	case strings.Contains(rest, "{{") || strings.Contains(rest, "}}"):
		return inbox.Invalid(field, "A token begins with {{ and ends with }}.")
	case strings.Contains(rest, "%7B%7B"):
		return inbox.Invalid(field, "A token stands in the text, not in the address of a link.")
	}
	return nil
}

// fill returns the signature of an agent.
func (s Signature) fill(agent inbox.Agent) string {
	agent.Name = channels.CleanLine(agent.Name)
	return senderToken.ReplaceAllStringFunc(s.HTML, func(found string) string {
		return html.EscapeString(senderTokens[senderToken.FindStringSubmatch(found)[1]](agent))
	})
}
