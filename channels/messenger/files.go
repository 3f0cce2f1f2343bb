package messenger

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"switchboard/channels"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
)

const (
	// maxFile is how large a file is at the most, maxImage a picture that is shown as
	// one, in bytes; a larger picture leaves as a file
	// (developers.facebook.com/docs/messenger-platform/send-messages/saving-assets).
	maxFile  = 25 << 20
	maxImage = 8 << 20
)

// shownAs are the types that people see or hear in Messenger; others are files to
// download.
var shownAs = map[string]string{
	"image/jpeg": "image", "image/png": "image", "image/gif": "image",
	"audio/mpeg": "audio", "audio/mp4": "audio", "audio/aac": "audio", "audio/wav": "audio", "audio/x-wav": "audio",
	"video/mp4": "video", "video/quicktime": "video", "video/webm": "video",
}

type attachment struct {
	Type    string            `json:"type"`
	Payload attachmentPayload `json:"payload"`
}

type attachmentPayload struct {
	ID string `json:"attachment_id,omitempty"`
	// Reusable lets another try of the same message use it.
	Reusable bool `json:"is_reusable,omitempty"`
}

// Parts implements channels.Divider: the text, then each file.
func (*Channel) Parts(m inbox.Message) []inbox.Message {
	files := m.Attachments
	var parts []inbox.Message
	if m.Text != "" {
		m.Attachments = nil
		parts = append(parts, m)
	}
	m.Text, m.QuickReplies = "", nil
	for _, file := range files {
		m.Attachments = []inbox.Attachment{file}
		parts = append(parts, m)
	}
	return parts
}

// partSeparator stands between our message id and the part in what comes back in the
// echo.
const partSeparator = "/"

// metadata is what Facebook keeps with a message for its echo.
func metadata(out channels.Outgoing) string {
	if out.Part == 0 {
		return out.Message.ID
	}
	return out.Message.ID + partSeparator + strconv.Itoa(out.Part)
}

// ReadMetadata returns the message that an echo is of, and which of its parts, from
// 1; 0 is the whole.
func ReadMetadata(metadata string) (messageID string, part int) {
	messageID, number, divided := strings.Cut(metadata, partSeparator)
	if !divided {
		return metadata, 0
	}
	part, err := strconv.Atoi(number)
	if err != nil || part < 1 {
		return metadata, 0
	}
	return messageID, part
}

func checkFiles(attachments []inbox.Attachment) error {
	for i, file := range attachments {
		if file.Size == 0 {
			return inbox.Invalid(fmt.Sprintf("attachments.%d", i), "Messenger takes no empty files.")
		}
		if file.Size > maxFile {
			refusal := inbox.Errorf(inbox.CodeTooLarge, "A file by Messenger has at most %d bytes.", maxFile)
			refusal.Field, refusal.Remedy = fmt.Sprintf("attachments.%d", i), "Send a link to the file."
			return refusal
		}
	}
	return nil
}

// upload hands a file to Facebook, which nobody sees before a message has it
// (developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api).
func (c *Channel) upload(ctx context.Context, page Page, file channels.File) (*attachment, error) {
	kind := kindOf(file)
	payload, contentType, err := uploadForm(kind, file)
	if err != nil {
		return nil, err
	}
	var answer attachmentPayload
	err = c.API.Do(ctx, graph.Call{
		Method: http.MethodPost, Path: []string{page.ID, "message_attachments"}, Token: page.Token,
		Payload: payload, ContentType: contentType,
	}, &answer)
	if err == nil && answer.ID == "" {
		err = errors.New("facebook gave the file no id")
	}
	return &attachment{Type: kind, Payload: attachmentPayload{ID: answer.ID}}, err
}

func kindOf(file channels.File) string {
	mediaType, _, _ := mime.ParseMediaType(file.ContentType)
	kind := shownAs[mediaType]
	if kind == "" || kind == "image" && len(file.Data) > maxImage {
		return "file"
	}
	return kind
}

func uploadForm(kind string, file channels.File) (payload []byte, contentType string, err error) {
	message, err := json.Marshal(map[string]attachment{"attachment": {Type: kind, Payload: attachmentPayload{Reusable: true}}})
	if err != nil {
		return nil, "", fmt.Errorf("write the upload: %w", err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("message", string(message)); err != nil {
		return nil, "", fmt.Errorf("write the upload: %w", err)
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("filedata", file.Name))
	header.Set("Content-Type", cmp.Or(file.ContentType, "application/octet-stream"))
	part, err := form.CreatePart(header)
	if err == nil {
		_, err = part.Write(file.Data)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return nil, "", fmt.Errorf("write the upload: %w", err)
	}
	return body.Bytes(), form.FormDataContentType(), nil
}

// notSent is failed for an upload: without an answer, certainly nothing was sent.
func notSent(err error) *channels.SendError {
	failure := failed(err)
	if failure.Outcome == channels.Unknown {
		failure.Code, failure.Outcome, failure.RetryAfter = inbox.CodeUnavailable, channels.Retry, 0
	}
	return failure
}
