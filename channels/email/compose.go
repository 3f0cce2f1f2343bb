package email

import (
	"cmp"
	"fmt"
	"html"
	"strings"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

// recipient is who gets the answer, "" when nobody knows.
func recipient(out channels.Outgoing) string {
	return cmp.Or(out.Conversation.ReplyTo, out.Contact.Identity(inbox.IdentityEmail))
}

// compose writes the answer as it leaves. What came before is not quoted: mail
// programs show it by the thread.
func (c *Channel) compose(out channels.Outgoing) (mail.Mail, error) {
	settings, err := ReadSettings(out.Channel.Settings)
	if err != nil {
		return mail.Mail{}, err
	}
	m := mail.Mail{
		FromName:  settings.fromName(out),
		To:        recipient(out),
		Subject:   out.Conversation.Subject,
		MessageID: c.messageID(out.Message.ProviderMessageID),
		Automatic: out.Message.Author.Kind == inbox.AuthorAutomation,
	}
	m.From, m.ReplyTo, m.Bounces = c.addresses(out)
	if m.Text, m.HTML, err = settings.body(out); err != nil {
		return mail.Mail{}, err
	}
	for _, file := range out.Files {
		m.Attachments = append(m.Attachments, mail.Attachment(file))
	}
	for _, earlier := range out.References {
		m.InReplyTo = c.messageID(earlier)
		m.References = append(m.References, m.InReplyTo)
	}
	if m.InReplyTo != "" {
		m.Subject = mail.ReplySubject(m.Subject)
	}
	return m, nil
}

func (c *Channel) messageID(id string) string { return mail.MessageID(id, c.Domain) }

// addresses are where the answer comes from, where the contact's next message
// goes, "" for the same, and where bounces go. A connected mailbox gets them all
// itself. The team's own address is forwarded to us, which bounces may not
// survive. It is the channel's account: an address that is only in settings of
// before may be another channel's by now.
func (c *Channel) addresses(out channels.Outgoing) (from, replyTo, bounces string) {
	if out.Channel.Provider != inbox.ProviderNone {
		return out.Channel.Account, "", ""
	}
	reply := ReplyAddress(out.Channel.HostedToken, out.Conversation.ID, c.Domain)
	if out.Channel.Account != "" {
		return out.Channel.Account, "", reply
	}
	return HostedAddress(out.Channel.HostedToken, c.Domain), reply, reply
}

// fromName is "Ann Example at Acme" or "Acme" (E4); automation is the company's.
// Office 365 puts the mailbox's own.
func (s Settings) fromName(out channels.Outgoing) string {
	company := cmp.Or(out.Account.Name, out.Channel.Name)
	switch {
	case out.Channel.Provider == inbox.ProviderOffice365:
		return ""
	case s.FromName == FromCompany || out.Agent.Name == "":
		return company
	default:
		return out.Agent.Name + " at " + company
	}
}

// body is the message in both forms, with the signature below what an agent
// wrote (E5). HTML is "" when the plain text says it all.
func (s Settings) body(out channels.Outgoing) (text, rich string, err error) {
	text, rich = out.Message.Text, channels.SafeHTML(out.Message.HTML)
	if text == "" {
		if text, err = channels.PlainText(rich); err != nil {
			return "", "", err
		}
	}
	if s.Signature.HTML == "" || out.Message.Author.Kind != inbox.AuthorAgent {
		return text, rich, nil
	}
	signature := s.Signature.fill(out.Agent)
	plain, err := channels.PlainText(signature)
	if err != nil {
		return "", "", err
	}
	// The line before a signature: RFC 3676, 4.3.
	return text + "\n\n-- \n" + plain,
		fmt.Sprintf("<div>%s</div>\n<br>\n<div>%s</div>", cmp.Or(rich, textAsHTML(text)), signature), nil
}

func textAsHTML(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n")
}
