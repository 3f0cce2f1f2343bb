package whatsapp

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"switchboard/channels"
	"switchboard/inbox"
)

// Incoming is what a contact sent, as Twilio tells of it
// (twilio.com/docs/messaging/guides/webhook-request). Twilio does not say when it
// was written.
type Incoming struct {
	// MessageSID is Twilio's id of the message, the same whenever it is delivered.
	MessageSID string
	// Number is ours, E.164.
	Number string
	// IDs are WhatsApp's for the user, the one to write to first. The number may be
	// hidden, so one of them may be missing.
	IDs    []string
	Sender inbox.Sender
	Text   string
	// Payload is that of the button the contact pressed.
	Payload string
	// InReplyTo is Twilio's id of the message that the contact answered.
	InReplyTo string
	Files     []inbox.RemoteFile
}

var (
	messageSID = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)
	digits     = regexp.MustCompile(`^[0-9]{5,20}$`)
	// userID is the form of a user's id that is not a number:
	// "US.13491208655302741918".
	userID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$`)

	messageTypeName = regexp.MustCompile(`^[a-z_]{1,30}$`)
)

// maxMedia bounds how many files of a message are looked for.
const maxMedia = 50

// errors of Parse name what is wrong and nobody.
var (
	ErrNoMessageSID = errors.New("the message has no valid MessageSid")
	ErrNotWhatsApp  = errors.New("the message is not for a WhatsApp number")
	ErrNoSender     = errors.New("the message does not say who sent it")
	ErrEmpty        = errors.New("the message has no content that we know")
)

// Parse reads the body of a webhook. Parameters that we do not know are left
// alone: Twilio adds some without notice.
func Parse(body []byte) (Incoming, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Incoming{}, errors.New("the body is not an HTML form") // the cause may quote it
	}
	in := Incoming{MessageSID: cmp.Or(form.Get("MessageSid"), form.Get("SmsMessageSid"))}
	if !messageSID.MatchString(in.MessageSID) {
		return Incoming{}, ErrNoMessageSID
	}
	number, isWhatsApp := strings.CutPrefix(form.Get("To"), addressPrefix)
	if in.Number, isWhatsApp = e164If(isWhatsApp, number); !isWhatsApp {
		return in, ErrNotWhatsApp
	}
	if err := in.from(form); err != nil {
		return in, err
	}
	in.content(form)
	if in.Text == "" && len(in.Files) == 0 {
		return in, empty(form.Get("MessageType"))
	}
	return in, nil
}

// empty is ErrEmpty with what Twilio calls the message, such as "reaction".
func empty(messageType string) error {
	if !messageTypeName.MatchString(messageType) {
		return ErrEmpty
	}
	return fmt.Errorf("%w: Twilio calls it %q", ErrEmpty, messageType)
}

func e164If(is bool, number string) (string, bool) {
	if !is {
		return "", false
	}
	return channels.PhoneNumber(number)
}

// from reads who wrote. WhatsApp's ids come first: who hides the number has one,
// and a number alone does not make a contact.
func (in *Incoming) from(form url.Values) error {
	from := strings.TrimPrefix(form.Get("From"), addressPrefix)
	phone, visible := channels.PhoneNumber(from)
	waID := strings.TrimPrefix(form.Get("WaId"), "+")
	if waID == "" && visible {
		waID = phone[1:]
	}
	if digits.MatchString(waID) {
		in.IDs = append(in.IDs, waID)
	}
	// Twilio writes it with the prefix and without.
	external := strings.TrimPrefix(form.Get("ExternalUserId"), addressPrefix)
	if external == "" && !visible {
		external = from
	}
	if userID.MatchString(external) && external != waID {
		in.IDs = append(in.IDs, external)
	}
	if len(in.IDs) == 0 {
		return ErrNoSender
	}
	in.Sender.Name = channels.CleanName(form.Get("ProfileName"))
	for _, id := range in.IDs {
		in.Sender.Identities = append(in.Sender.Identities, inbox.Identity{Kind: inbox.IdentityWhatsApp, Value: id})
	}
	if visible {
		in.Sender.Identities = append(in.Sender.Identities, inbox.Identity{Kind: inbox.IdentityPhone, Value: phone})
	}
	return nil
}

// content reads what was said.
func (in *Incoming) content(form url.Values) {
	in.Text = channels.CleanText(cmp.Or(form.Get("Body"), form.Get("ButtonText")))
	in.Payload = cmp.Or(form.Get("ButtonPayload"), form.Get("ListId"))
	if sid := form.Get("OriginalRepliedMessageSid"); messageSID.MatchString(sid) {
		in.InReplyTo = sid
	}
	for i := range maxMedia {
		address := form.Get(fmt.Sprintf("MediaUrl%d", i))
		if address == "" {
			break
		}
		in.Files = append(in.Files, inbox.RemoteFile{URL: address, ContentType: form.Get(fmt.Sprintf("MediaContentType%d", i))})
	}
	if place := placeOf(form); place != "" {
		in.Text = strings.TrimSpace(in.Text + "\n\n" + place)
	}
}

// placeOf is a shared location as agents read it.
func placeOf(form url.Values) string {
	latitude, err := strconv.ParseFloat(form.Get("Latitude"), 64)
	if err != nil || !(math.Abs(latitude) <= 90) { // NaN is no place
		return ""
	}
	longitude, err := strconv.ParseFloat(form.Get("Longitude"), 64)
	if err != nil || !(math.Abs(longitude) <= 180) {
		return ""
	}
	var lines []string
	for _, name := range []string{"Label", "Address"} {
		if line := channels.CleanLine(form.Get(name)); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(append(lines, fmt.Sprintf("https://maps.google.com/?q=%.6f,%.6f", latitude, longitude)), "\n")
}

// ThreadKeys are those a message's conversation may have, the first for a new one.
func (in Incoming) ThreadKeys() []string {
	keys := make([]string, len(in.IDs))
	for i, id := range in.IDs {
		keys[i] = in.Number + ":" + id
	}
	return keys
}
