package whatsapp

import (
	"time"
	"unicode/utf8"

	"switchboard/inbox"
)

// maxCaption is the longest text beside a file, in characters.
const maxCaption = 1024

// megabyte is Twilio's and WhatsApp's.
const megabyte = 1_000_000

// media is what WhatsApp takes of a type of file.
type media struct {
	// most is its size in bytes.
	most int64
	// caption: a text is shown beside it.
	caption bool
}

// mediaTypes are the files that leave
// (twilio.com/docs/whatsapp/guidance-whatsapp-media-messages). WebP is for
// stickers alone. Twilio's pages do not agree on captions: where WhatsApp may drop
// the text, none leaves.
var mediaTypes = map[string]media{
	"image/jpeg": {5 * megabyte, true},
	"image/png":  {5 * megabyte, true},
	"video/mp4":  {16 * megabyte, true},

	"audio/3gpp": {16 * megabyte, false},
	"audio/aac":  {16 * megabyte, false},
	"audio/amr":  {16 * megabyte, false},
	"audio/mp4":  {16 * megabyte, false},
	"audio/mpeg": {16 * megabyte, false},
	"audio/ogg":  {16 * megabyte, false},

	"application/pdf":               {16 * megabyte, false},
	"application/msword":            {16 * megabyte, false},
	"application/vnd.ms-excel":      {16 * megabyte, false},
	"application/vnd.ms-powerpoint": {16 * megabyte, false},
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   {16 * megabyte, false},
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": {16 * megabyte, false},
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         {16 * megabyte, false},

	"text/vcard":   {16 * megabyte, false},
	"text/x-vcard": {16 * megabyte, false},
}

// checkFiles refuses the files that WhatsApp would. A message takes one: so it
// stays one message at Twilio, with one state.
func checkFiles(m inbox.Message) error {
	if len(m.Attachments) == 0 {
		return nil
	}
	if len(m.Attachments) > 1 {
		refusal := inbox.Invalid("attachments", "A WhatsApp message takes one file.")
		refusal.Remedy = "Send the files one by one."
		return refusal
	}
	file := m.Attachments[0]
	taken, known := mediaTypes[file.ContentType]
	switch {
	case !known:
		refusal := inbox.Errorf(inbox.CodeUnsupportedType, "WhatsApp does not take files of the type %s.", file.ContentType)
		refusal.Field = "attachments"
		refusal.Remedy = "Send a JPEG or PNG picture, an MP4 video, a recording, a PDF, an Office document, a contact card, or a link."
		return refusal
	case file.Size == 0:
		return inbox.Invalid("attachments", "The file is empty.")
	case file.Size > taken.most:
		refusal := inbox.Errorf(inbox.CodeTooLarge, "WhatsApp takes files of this type of at most %d MB.", taken.most/megabyte)
		refusal.Field, refusal.Remedy = "attachments", "Send a smaller one, or a link."
		return refusal
	case m.Text != "" && !taken.caption:
		refusal := inbox.Invalid("text", "WhatsApp shows no text beside a file of this type.")
		refusal.Remedy = "Send the text by itself."
		return refusal
	case utf8.RuneCountInString(m.Text) > maxCaption:
		refusal := inbox.Errorf(inbox.CodeTooLarge, "The text beside a file has at most %d characters.", maxCaption)
		refusal.Field, refusal.Remedy = "text", "Send the text by itself."
		return refusal
	}
	return nil
}

// mediaOf are the addresses at which Twilio fetches the message's files.
func (c *Channel) mediaOf(m inbox.Message) []string {
	var addresses []string
	for _, file := range m.Attachments {
		addresses = append(addresses, c.Media.Address(file.ID, time.Now()))
	}
	return addresses
}
