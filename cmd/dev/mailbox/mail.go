package mailbox

import (
	"bytes"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"switchboard/cmd/dev/journal"
)

// Mail is one message as it was sent.
type Mail struct {
	// From is the author's bare address, or the envelope's when there is none.
	From string `json:"from"`
	// To are the envelope's recipients, joined with ", ".
	To        string    `json:"to"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HTML      string    `json:"html,omitempty"`
	MessageID string    `json:"message_id"`
	At        time.Time `json:"at"`
	// Headers are decoded; the values of a repeated one are joined with a
	// newline.
	Headers map[string]string `json:"headers"`
}

// parse keeps what cannot be understood as text.
func parse(raw []byte, from string, to []string) Mail {
	m := Mail{From: from, To: strings.Join(to, ", "), At: time.Now().UTC(), Headers: map[string]string{}}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		m.Text = string(raw)
		return m
	}
	for _, key := range envelope.GetHeaderKeys() {
		m.Headers[key] = strings.Join(envelope.GetHeaderValues(key), "\n")
	}
	if author, err := mail.ParseAddress(envelope.GetHeader("From")); err == nil {
		m.From = author.Address
	}
	m.Subject = envelope.GetHeader("Subject")
	m.MessageID = envelope.GetHeader("Message-Id")
	m.Text, m.HTML = envelope.Text, envelope.HTML
	return m
}

func (m Mail) isFor(address string) bool {
	return slices.ContainsFunc(strings.Split(m.To, ", "), func(to string) bool {
		return strings.EqualFold(to, address)
	})
}

// mails is what was caught.
type mails struct{ *journal.Journal[Mail] }

// to returns the mail for an address, oldest first; "" is everybody.
func (m mails) to(address string) []Mail {
	found := m.Entries()
	if address != "" {
		found = slices.DeleteFunc(found, func(mail Mail) bool { return !mail.isFor(address) })
	}
	return found
}
