package fakegraph

import (
	"bytes"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Well-known names of folders.
const (
	inboxFolder  = "inbox"
	draftsFolder = "drafts"
	sentFolder   = "sentitems"
	outboxFolder = "outbox"
)

// message is one item. Its fields change under the server's lock.
type message struct {
	id, conversationID, folder string
	internetMessageID          string
	// raw is without a Message-ID for what was composed here.
	raw             []byte
	composed        bool
	isDraft, isRead bool
	receivedAt      time.Time
	attachments     []Attachment
	// properties are single-value extended properties by id.
	properties map[string]string
}

func (s *Server) add(folder string, raw []byte) *message {
	m := &message{
		id: s.name("M"), conversationID: s.name("C"), folder: folder, raw: raw,
		receivedAt: s.now(), properties: map[string]string{},
	}
	s.messages[m.id] = m
	s.changed(m, "")
	return m
}

func (s *Server) remove(m *message) {
	delete(s.messages, m.id)
	s.changed(m, "deleted")
}

func (s *Server) move(m *message, folder string) {
	s.changed(m, "changed")
	m.folder = folder
	s.changed(m, "")
}

// in lists a folder's messages in the order of their receipt.
func (s *Server) in(folder string) []*message {
	var list []*message
	for _, m := range s.messages {
		if folder == "" || m.folder == folder {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *message) int { return a.receivedAt.Compare(b.receivedAt) })
	return list
}

func (m *message) header() mail.Header {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.raw))
	if err != nil {
		return mail.Header{}
	}
	return parsed.Header
}

// mime is the whole message.
func (m *message) mime() []byte {
	if !m.composed {
		return m.raw
	}
	return append([]byte("Message-ID: "+m.internetMessageID+"\r\n"), m.raw...)
}

func (m *message) shown() Message {
	return Message{ID: m.id, ConversationID: m.conversationID, Raw: m.mime(), Attachments: m.attachments}
}

// properties are what $select can name here (CSDL: microsoft.graph.message and
// outlookItem); value returns one.
func (m *message) value(property string) (value any, known bool) {
	switch property {
	case "id":
		return m.id, true
	case "receivedDateTime":
		return m.receivedAt.Format(time.RFC3339), true
	case "internetMessageId":
		return m.internetMessageID, true
	case "conversationId":
		return m.conversationID, true
	case "isDraft":
		return m.isDraft, true
	case "isRead":
		return m.isRead, true
	case "subject":
		return m.header().Get("Subject"), true
	}
	return nil, false
}

var (
	messageIDField = regexp.MustCompile(`(?mi)^message-id:.*\r?\n(?:[ \t].*\r?\n)*`)
	fromField      = regexp.MustCompile(`(?mi)^from:.*\r?\n(?:[ \t].*\r?\n)*`)
)

// compose makes a draft of a MIME message. Exchange gives it a Message-ID of its
// own (the documentation's examples of Create message), and the owner's name.
func (s *Server) compose(raw []byte) *message {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	head = messageIDField.ReplaceAll(append(head, "\r\n"...), nil)
	if from, err := mail.ParseAddress((&message{raw: raw}).header().Get("From")); err == nil && from.Name != Name {
		head = fromField.ReplaceAll(head, []byte("From: "+Name+" <"+from.Address+">\r\n"))
	}
	m := s.add(draftsFolder, append(append(head, "\r\n"...), body...))
	m.composed, m.isDraft, m.isRead = true, true, true
	m.internetMessageID = "<" + strings.Trim(s.name("I"), "=") + "@fake.prod.outlook.com>"
	return m
}
