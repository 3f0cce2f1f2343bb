package inbox

import (
	"html"
	"strings"
	"time"
)

// CannedReply is a prepared answer, which an agent takes, edits and sends (B14).
type CannedReply struct {
	ID string
	// Name is the shortcut agents know it by, such as "refund".
	Name string
	// Text and HTML may hold placeholders; HTML may be "".
	Text string
	HTML string
	// InboxID is the inbox whose conversations it is for; "" is all of them.
	InboxID   string
	CreatedAt time.Time
}

// IsFor reports whether the reply may be taken in the inbox's conversations.
func (r CannedReply) IsFor(inboxID string) bool { return r.InboxID == "" || r.InboxID == inboxID }

// CheckPlaceholders refuses a text that FillIn would leave braces in: CodeInvalid
// naming text or html.
func (r CannedReply) CheckPlaceholders() error {
	const refusal = "The placeholders are {{contact.name}}, {{agent.name}} and {{agent.first_name}}."
	filler := placeholders("-", "-")
	switch {
	case strings.Contains(filler.Replace(r.Text), "{{"):
		return Invalid("text", refusal)
	case strings.Contains(filler.Replace(r.HTML), "{{"):
		return Invalid("html", refusal)
	default:
		return nil
	}
}

// FillIn returns the reply's text and HTML for the contact, as the agent's
// answer. A name that is not known is "".
func (r CannedReply) FillIn(contact Contact, agent Agent) (text, markup string) {
	text = placeholders(contact.Name, agent.Name).Replace(r.Text)
	markup = placeholders(html.EscapeString(contact.Name), html.EscapeString(agent.Name)).Replace(r.HTML)
	return text, markup
}

func placeholders(contactName, agentName string) *strings.Replacer {
	firstName, _, _ := strings.Cut(strings.TrimSpace(agentName), " ")
	return strings.NewReplacer(
		"{{contact.name}}", contactName,
		"{{agent.name}}", agentName,
		"{{agent.first_name}}", firstName,
	)
}
