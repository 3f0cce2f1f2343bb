package api

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// maxAttachments bounds the files of one message together, in bytes: what mail
// servers commonly take, base64 included, is 25 to 35 MB.
const maxAttachments = 20 << 20

// attachmentsIn decodes an agent's files.
func attachmentsIn(in *contract.AttachmentsCreate) ([]store.File, error) {
	var files []store.File
	total := 0
	for i, file := range given(in) {
		field := func(name string) string { return fmt.Sprintf("attachments.%d.%s", i, name) }
		name := channels.CleanFileName(file.Name)
		if name == "" {
			return nil, inbox.Invalid(field("name"), "A file needs a name.")
		}
		data, err := base64.StdEncoding.DecodeString(file.Data)
		if err != nil {
			return nil, inbox.Invalid(field("data"), "This is not base64.")
		}
		if total += len(data); total > maxAttachments {
			refusal := inbox.Errorf(inbox.CodeTooLarge, "The files are larger than %d bytes together.", maxAttachments)
			refusal.Field = "attachments"
			return nil, refusal
		}
		files = append(files, store.File{
			Name: name, ContentType: channels.ContentType(channels.CleanLine(given(file.ContentType)), data), Data: data,
		})
	}
	return files, nil
}

// sound is a type of file that can be played and nothing else.
var sound = regexp.MustCompile(`^audio/[a-z0-9.+-]+$`)

// download answers a file of a message. It is never shown, whatever its type
// says: a stranger may have sent it. Sound keeps its type, by which it is played.
func (p *public) download(c *gin.Context, message inbox.Message, attachmentID string) {
	for _, attachment := range message.Attachments {
		if attachment.ID != attachmentID {
			continue
		}
		giveBack, err := p.takeMemory(c, attachment.Size)
		if err != nil {
			refuse(c, err)
			return
		}
		defer giveBack()
		_, data, err := p.store.AttachmentData(c.Request.Context(), attachmentID)
		if err != nil {
			refuse(c, err)
			return
		}
		c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": attachment.Name}))
		c.Header("Content-Security-Policy", "sandbox; default-src 'none'")
		contentType := "application/octet-stream"
		if sound.MatchString(attachment.ContentType) {
			contentType = attachment.ContentType
		}
		_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(p.slowGrace + paced(attachment.Size)))
		c.Data(http.StatusOK, contentType, data)
		return
	}
	refuse(c, inbox.NotFound("attachment"))
}
