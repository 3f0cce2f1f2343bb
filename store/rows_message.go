package store

import "switchboard/inbox"

type messageRow struct {
	ID             string `gorm:"primaryKey"`
	ConversationID string
	ChannelID      string
	Episode        int
	// Opened is set on the message that began its episode.
	Opened     bool
	Direction  inbox.Direction
	AuthorKind inbox.AuthorKind
	AuthorID   string
	// Sender is set on messages in.
	Sender            jsonOf[*inbox.Sender]
	BodyText          string
	BodyHTML          string `gorm:"column:body_html"`
	BodyQuoted        string
	Automatic         bool
	Fields            jsonOf[[]inbox.SubmittedField]
	QuickReplies      jsonOf[[]inbox.QuickReply]
	Payload           string
	InReplyTo         string
	Template          jsonOf[*inbox.Template]
	Remote            jsonOf[[]inbox.RemoteFile]
	State             inbox.MessageState
	ErrorCode         string
	ErrorDetail       string
	ProviderMessageID string
	// ClientID makes a reply's POST idempotent; "" is none.
	ClientID string
	// Sealed is what the message says while it is held back, until SealedUntil (M8).
	Sealed       []byte
	SealedUntil  stamp
	CreatedAt    stamp
	DispatchedAt stamp
	// NextTryAt is when the sweep tells the workflow: the time of storing until a
	// try failed. Of an answer that the workflow has in hand it is when that tries it.
	NextTryAt stamp
}

func (messageRow) TableName() string { return "messages" }

func (r messageRow) message(attachments []attachmentRow) inbox.Message {
	m := inbox.Message{
		ID: r.ID, ConversationID: r.ConversationID, ChannelID: r.ChannelID, Direction: r.Direction,
		Author: inbox.Author{Kind: r.AuthorKind, ID: r.AuthorID}, Text: r.BodyText, HTML: r.BodyHTML,
		Quoted: r.BodyQuoted, Automatic: r.Automatic,
		Fields: r.Fields.V, QuickReplies: r.QuickReplies.V, Payload: r.Payload, InReplyTo: r.InReplyTo, Template: r.Template.V,
		Remote: r.Remote.V, State: r.State, ErrorCode: r.ErrorCode, ErrorDetail: r.ErrorDetail, ProviderMessageID: r.ProviderMessageID, ClientID: r.ClientID,
		CreatedAt: r.CreatedAt.Time, DispatchedAt: r.DispatchedAt.Time,
	}
	for _, attachment := range attachments {
		m.Attachments = append(m.Attachments, attachment.attachment())
	}
	return m
}

type attachmentRow struct {
	ID          string `gorm:"primaryKey"`
	MessageID   string
	Name        string
	ContentType string
	Size        int64
	ContentID   string
	Digest      string
}

func (attachmentRow) TableName() string { return "attachments" }

func (r attachmentRow) attachment() inbox.Attachment {
	return inbox.Attachment{ID: r.ID, Name: r.Name, ContentType: r.ContentType, Size: r.Size, ContentID: r.ContentID, Digest: r.Digest}
}

type blobRow struct {
	Digest string `gorm:"primaryKey"`
	Data   []byte
}

func (blobRow) TableName() string { return "blobs" }
