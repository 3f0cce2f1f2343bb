package webhook

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"switchboard/inbox"
)

type rawAttachment struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Payload *struct {
		URL         string `json:"url"`
		Title       string `json:"title"`
		Coordinates *struct {
			Latitude  float64 `json:"lat"`
			Longitude float64 `json:"long"`
		} `json:"coordinates"`
	} `json:"payload"`
}

// files are the types of attachments whose address is the file itself; those of
// others lead to pages.
var files = map[string]bool{"image": true, "audio": true, "video": true, "file": true}

// messageOf reads a message. Attachments that are no files are told in its text.
func messageOf(in rawMessage) Message {
	message := Message{ID: in.ID}
	lines := []string{}
	if in.Text != "" {
		lines = append(lines, in.Text)
	}
	for _, attachment := range in.Attachments {
		if address := attachment.address(); files[attachment.Type] && address != "" {
			message.Files = append(message.Files, inbox.RemoteFile{URL: address, Name: nameOf(address)})
		} else if told := attachment.told(); told != "" {
			lines = append(lines, told)
		}
	}
	if len(lines) == 0 && len(message.Files) == 0 {
		lines = append(lines, notPassedOn)
	}
	message.Text = strings.Join(lines, "\n")
	if in.QuickReply != nil {
		message.Payload = in.QuickReply.Payload
	}
	if in.ReplyTo != nil {
		message.InReplyTo = in.ReplyTo.ID
	}
	return message
}

func (a rawAttachment) address() string {
	if a.Payload != nil && a.Payload.URL != "" {
		return a.Payload.URL
	}
	return a.URL
}

// told is an attachment in words: a link, a place, a shared post.
func (a rawAttachment) told() string {
	if a.Payload != nil && a.Payload.Coordinates != nil {
		at := a.Payload.Coordinates
		return strings.TrimSpace(fmt.Sprintf("%s %g, %g", a.Title, at.Latitude, at.Longitude))
	}
	title := a.Title
	if title == "" && a.Payload != nil {
		title = a.Payload.Title
	}
	return strings.TrimSpace(title + " " + a.address())
}

// nameOf is what a file is called at its address; "" is nothing that tells.
func nameOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	name := path.Base(parsed.Path)
	if !strings.Contains(name, ".") || name == "." || name == ".." {
		return ""
	}
	return name
}
