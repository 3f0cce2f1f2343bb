package incoming

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What is read of a message. Beyond maxHeader, maxParts and maxNesting it is
// ErrTooComplex; beyond the others the rest is kept as a file.
const (
	// maxHeader bounds the header of a message or of one of its parts, in bytes.
	maxHeader = 256 << 10
	// maxParts bounds the parts of a message, those of attached messages included.
	maxParts = 1000
	// maxNesting bounds multiparts within multiparts.
	maxNesting = 30
	// maxAttached bounds messages attached to messages attached to messages.
	maxAttached = 5
	// maxText bounds the text, in bytes; HTML may be markupFactor times as long.
	maxText      = 1 << 20
	markupFactor = 4
)

var (
	// ErrNoSender is returned for a message that names nobody who could be
	// answered. It cannot become a conversation.
	ErrNoSender = errors.New("the message has no usable sender")
	// ErrTooComplex is returned for a message with more or deeper parts, or a
	// longer header, than mail that people write.
	ErrTooComplex = errors.New("the message has too many or too deeply nested parts, or too long a header")
)

// Read reads a message as it came over the wire, tolerantly: what is wrong and
// can be lived with becomes one of the Mail's Flaws. Errors carry no personal
// data; raw is then for the quarantine (B9). The Mail's files may share raw's
// memory.
func Read(raw []byte) (mail Mail, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			mail, err = Mail{}, fmt.Errorf("read mail: the reader panicked with a %T", problem)
		}
	}()
	if mail, err = (&reader{parts: new(int)}).read(raw); err != nil {
		return Mail{}, fmt.Errorf("read mail: %w", err)
	}
	return mail, nil
}

// WithEnvelope returns the mail with what the envelope's sender, MAIL FROM,
// tells: null, given as "" or "<>", is a program's (RFC 5321, 4.5.5).
func (m Mail) WithEnvelope(from string) Mail {
	if from == "" || from == "<>" {
		m.Automatic = AutomaticReply
	}
	return m
}

// reader reads one message.
type reader struct {
	// parts counts over the message and those attached to it.
	parts *int
	// attached is how many messages this one is within.
	attached int
	// text is how much of maxText is used up.
	text int
	mail Mail
}

func (r *reader) read(raw []byte) (Mail, error) {
	root, err := r.part(raw, "text/plain", 0)
	if err != nil {
		return Mail{}, err
	}
	m, head := &r.mail, root.header
	m.MessageID = messageID(head, raw)
	m.InReplyTo, m.References = ids(head["in-reply-to"]), ids(head["references"])
	m.From = r.sender(head)
	m.ReplyTo = first(addresses(head["reply-to"]))
	m.To, m.Cc = addresses(head["to"]), addresses(head["cc"])
	m.DeliveredTo = deliveredTo(head)
	m.Subject = head.text("subject")
	if m.At, err = date(head.first("date")); err != nil {
		r.flaw("the date is missing or unreadable")
	}
	body, err := r.body(root)
	if err != nil {
		return Mail{}, err
	}
	m.Bounce = bounce(root, m.InReplyTo)
	m.Automatic = automatic(root, *m)
	if m.From == (Address{}) && m.Bounce == nil {
		return Mail{}, ErrNoSender
	}
	m.Confirmation = confirmation(*m, body)
	m.Text, m.Quoted = body.text, ""
	if m.Bounce == nil {
		m.Text, m.Quoted = separate(body.text, m.Subject, len(m.InReplyTo)+len(m.References) > 0)
	}
	return *m, nil
}

// messageID returns the message's own id, or one made from its bytes. No other
// message can have it: .invalid is nobody's (RFC 2606), and a header that
// claims it is not believed.
func messageID(head header, raw []byte) string {
	const madeUp = "@made-up.invalid"
	for _, id := range ids(head["message-id"]) {
		if !strings.HasSuffix(id, madeUp) {
			return id
		}
	}
	sum := sha256.Sum256(raw)
	return "sha256-" + hex.EncodeToString(sum[:]) + madeUp
}

// flaw notes what was wrong, each once.
func (r *reader) flaw(what string) {
	if !slices.Contains(r.mail.Flaws, what) {
		r.mail.Flaws = append(r.mail.Flaws, what)
	}
}
