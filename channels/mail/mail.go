// Package mail sends mail over SMTP: answers to forms, transcripts and notices
// to the company's own people.
package mail

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"switchboard/channels"
)

// Mail is one message to one recipient. Addresses are bare; names and subject
// may come from strangers and cannot add headers.
type Mail struct {
	// From is the author's address; "" is the sender's default.
	From     string
	FromName string
	To       string
	// ReplyTo is where answers go; "" is From.
	ReplyTo string
	// Bounces is where servers report failed deliveries; "" is From.
	Bounces string
	Subject string
	Text    string
	// HTML is the same as Text for clients that show it; may be "".
	HTML string
	// MessageID is set by the caller, so that every try of one message carries
	// the same. Message ids may be given with or without angle brackets.
	MessageID string
	InReplyTo string
	// References are the thread's earlier message ids, oldest first.
	References []string
	// Automatic mail is marked so that nothing answers it (B10, RFC 3834) and
	// has no envelope sender: it never bounces back.
	Automatic   bool
	Attachments []Attachment
}

// Attachment is one attached file.
type Attachment struct {
	Name string
	// ContentType is a media type; one that is not is sent as plain bytes.
	ContentType string
	Data        []byte
}

// EnvelopeFrom is where failed deliveries are reported; "", the null sender, is
// nowhere (RFC 5321, 4.5.5).
func (m Mail) EnvelopeFrom() string {
	if m.Automatic {
		return ""
	}
	return cmp.Or(m.Bounces, m.From)
}

// Raw is the whole MIME message as it goes over the wire, with the date of now;
// From must be set. An error is the caller's mistake and names no address.
func (m Mail) Raw() ([]byte, error) {
	msg, err := m.message()
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	return raw.Bytes(), nil
}

func (m Mail) message() (*gomail.Msg, error) {
	replyTo := cmp.Or(m.ReplyTo, m.From)
	for _, field := range []struct{ name, address string }{{"from", m.From}, {"to", m.To}, {"reply-to", replyTo}} {
		if !channels.ValidEmail(field.address) {
			return nil, fmt.Errorf("%s is not a mail address", field.name)
		}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&mail.Address{Name: channels.CleanLine(m.FromName), Address: m.From})
	msg.ToMailAddress(&mail.Address{Address: m.To})
	if replyTo != m.From {
		msg.ReplyToMailAddress(&mail.Address{Address: replyTo})
	}
	if err := m.setThread(msg); err != nil {
		return nil, err
	}
	msg.Subject(channels.CleanLine(m.Subject))
	if m.Automatic {
		m.markAutomatic(msg)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, file := range m.Attachments {
		if err := msg.AttachReader(channels.CleanFileName(file.Name), bytes.NewReader(file.Data),
			gomail.WithFileContentType(file.mediaType())); err != nil {
			return nil, fmt.Errorf("attach file: %w", err)
		}
	}
	return msg, nil
}

// setThread leaves out what is no message id among the earlier ones: they come
// from strangers, and an answer without them still arrives.
func (m Mail) setThread(msg *gomail.Msg) error {
	id, ok := messageID(m.MessageID)
	if !ok {
		return errors.New("the message id is missing or malformed")
	}
	msg.SetGenHeader(gomail.HeaderMessageID, id)
	if id, ok := messageID(m.InReplyTo); ok {
		msg.SetGenHeader(gomail.HeaderInReplyTo, id)
	}
	var references []string
	for _, reference := range m.References {
		if id, ok := messageID(reference); ok {
			references = append(references, id)
		}
	}
	if len(references) > 0 {
		msg.SetGenHeader(gomail.HeaderReferences, strings.Join(references, " "))
	}
	return nil
}

func (m Mail) markAutomatic(msg *gomail.Msg) {
	kind := "auto-generated"
	if m.InReplyTo != "" {
		kind = "auto-replied"
	}
	msg.SetGenHeader("Auto-Submitted", kind)
	// Exchange and older vacation programs do not know Auto-Submitted.
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader(gomail.HeaderPrecedence, "bulk")
}

// maxMessageID keeps an id within one line of a header (RFC 5322, 2.1.1).
const maxMessageID = 900

// messageID puts an id in angle brackets; false is what could end the header or
// the id.
func messageID(id string) (string, bool) {
	bare := strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	notAllowed := func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }
	if bare == "" || len(bare) > maxMessageID || strings.ContainsFunc(bare, notAllowed) {
		return "", false
	}
	return "<" + bare + ">", true
}

func (a Attachment) mediaType() gomail.ContentType {
	mediaType, _, err := mime.ParseMediaType(a.ContentType)
	if err != nil {
		return gomail.TypeAppOctetStream
	}
	return gomail.ContentType(mediaType)
}
