package fakemessenger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Sent is a message that Facebook accepted.
type Sent struct {
	ID, PageID, Recipient, Type, Tag, Text, Metadata string
	// FileType and File are of an attachment, FileName what it is called.
	FileType, FileName string
	File               []byte
	QuickReplies       []QuickReply
}

// QuickReply is a button below a message.
type QuickReply struct{ Title, Payload string }

const (
	// maxText is in UTF-16 units, maxFile in bytes.
	maxText = 2000
	maxFile = 25 << 20
	// textsPerSecond is a page's rate.
	textsPerSecond = 300
)

// Wrote tells Facebook that a person wrote to a page: the window opens.
func (s *Server) Wrote(pageID, contactID string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrote[pageID+":"+contactID] = at
}

// Sent are the messages that were accepted.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// rate is how many calls a page may make in a time.
type rate struct {
	calls  int
	within time.Duration
	made   []time.Time
}

// Limit has a page send so many messages in a time; more are refused with code 613.
func (s *Server) Limit(pageID string, calls int, within time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rates[pageID] = &rate{calls: calls, within: within}
}

// exceeded counts a call.
func (s *Server) exceeded(pageID string) bool {
	limit := s.rates[pageID]
	if limit == nil {
		limit = &rate{calls: textsPerSecond, within: time.Second}
		s.rates[pageID] = limit
	}
	now := time.Now()
	limit.made = slices.DeleteFunc(limit.made, func(at time.Time) bool { return now.Sub(at) >= limit.within })
	if len(limit.made) >= limit.calls {
		return true
	}
	limit.made = append(limit.made, now)
	return false
}

type upload struct {
	kind, name string
	data       []byte
}

type attachment struct {
	Type    string `json:"type"`
	Payload struct {
		ID       string `json:"attachment_id"`
		Reusable bool   `json:"is_reusable"`
	} `json:"payload"`
}

// serveUpload keeps a file, typed as the request says and as its kind allows.
func (s *Server) serveUpload(r *http.Request, _ Page) (any, Failure) {
	bad := Failure{Status: http.StatusBadRequest, Code: 100, Subcode: 2018074}
	var message struct{ Attachment attachment }
	file, header, err := r.FormFile("filedata")
	if err != nil || json.Unmarshal([]byte(r.FormValue("message")), &message) != nil || !message.Attachment.Payload.Reusable {
		return nil, bad
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	contentType, _, typeErr := mime.ParseMediaType(header.Header.Get("Content-Type"))
	if err != nil || typeErr != nil || len(data) == 0 || len(data) > maxFile {
		return nil, bad
	}
	switch kind := message.Attachment.Type; kind {
	case "image", "audio", "video":
		if !strings.HasPrefix(contentType, kind+"/") {
			return nil, bad
		}
	case "file":
	default:
		return nil, bad
	}
	id := fmt.Sprintf("90000000000%d", len(s.uploads)+1)
	s.uploads[id] = upload{message.Attachment.Type, header.Filename, bytes.Clone(data)}
	return map[string]string{"attachment_id": id}, Failure{}
}

func (s *Server) serveMessage(r *http.Request, page Page) (any, Failure) {
	bad := Failure{Status: http.StatusBadRequest, Code: 100}
	var body struct {
		Recipient     struct{ ID string }
		MessagingType string `json:"messaging_type"`
		Tag           string
		Message       struct {
			Text, Metadata string
			Attachment     *attachment
			QuickReplies   []QuickReply `json:"quick_replies"`
		}
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || (body.Message.Text == "") == (body.Message.Attachment == nil) ||
		len(utf16.Encode([]rune(body.Message.Text))) >= maxText || len(body.Message.Metadata) > 1000 {
		return nil, bad
	}
	wrote, known := s.wrote[page.ID+":"+body.Recipient.ID]
	since := s.now().Sub(wrote)
	switch {
	case !known:
		return nil, Failure{Status: http.StatusBadRequest, Code: 100, Subcode: 2018001}
	case body.MessagingType == "MESSAGE_TAG" && body.Tag != "HUMAN_AGENT", body.MessagingType != "MESSAGE_TAG" && body.MessagingType != "RESPONSE":
		return nil, bad
	case body.MessagingType == "RESPONSE" && since >= 24*time.Hour, since >= 7*24*time.Hour:
		return nil, Failure{Status: http.StatusForbidden, Code: 10, Subcode: 2018278}
	case s.exceeded(page.ID):
		return nil, Failure{Status: http.StatusBadRequest, Code: 613}
	}
	sent := Sent{
		ID: fmt.Sprintf("m_out_%d", len(s.sent)+1), PageID: page.ID, Recipient: body.Recipient.ID,
		Type: body.MessagingType, Tag: body.Tag, Text: body.Message.Text, Metadata: body.Message.Metadata,
	}
	sent.QuickReplies = body.Message.QuickReplies
	if file := body.Message.Attachment; file != nil {
		kept, uploaded := s.uploads[file.Payload.ID]
		if !uploaded || kept.kind != file.Type {
			return nil, bad
		}
		sent.FileType, sent.FileName, sent.File = kept.kind, kept.name, kept.data
	}
	s.sent = append(s.sent, sent)
	s.deliverSent(sent)
	return map[string]string{"recipient_id": sent.Recipient, "message_id": sent.ID}, Failure{}
}
