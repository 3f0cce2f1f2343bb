package whatsapp

import (
	"fmt"
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

// Parts implements channels.Divider: Twilio takes one file with a WhatsApp message.
// The text is the first file's caption where one is shown, and leaves before the
// files where none is.
func (*Channel) Parts(m inbox.Message) []inbox.Message {
	files := m.Attachments
	if len(files) == 0 || m.Template != nil {
		return []inbox.Message{m}
	}
	var parts []inbox.Message
	if m.Text != "" && !captioned(m.Text, files[0]) {
		m.Attachments = nil
		parts = append(parts, m)
		m.Text = ""
	}
	for _, file := range files {
		m.Attachments = []inbox.Attachment{file}
		parts = append(parts, m)
		m.Text = ""
	}
	return parts
}

func captioned(text string, file inbox.Attachment) bool {
	return mediaTypes[file.ContentType].caption && utf8.RuneCountInString(text) <= maxCaption
}

// checkFiles refuses the files that WhatsApp would.
func checkFiles(files []inbox.Attachment) error {
	for i, file := range files {
		if refusal := checkFile(file); refusal != nil {
			refusal.Field = fmt.Sprintf("attachments.%d", i)
			return refusal
		}
	}
	return nil
}

func checkFile(file inbox.Attachment) *inbox.Error {
	taken, known := mediaTypes[file.ContentType]
	switch {
	case !known:
		refusal := inbox.Errorf(inbox.CodeUnsupportedType, "WhatsApp does not take files of the type %s.", file.ContentType)
		refusal.Remedy = "Send a JPEG or PNG picture, an MP4 video, a recording, a PDF, an Office document, a contact card, or a link."
		return refusal
	case file.Size == 0:
		return inbox.Errorf(inbox.CodeInvalid, "The file is empty.")
	case file.Size > taken.most:
		refusal := inbox.Errorf(inbox.CodeTooLarge, "WhatsApp takes files of this type of at most %d MB.", taken.most/megabyte)
		refusal.Remedy = "Send a smaller one, or a link."
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
