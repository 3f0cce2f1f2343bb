package inbox

import "time"

// NoticeKind is a kind of mail about a conversation.
type NoticeKind string

const (
	// NoticeOffline tells an offline owner or assignee of a conversation (G6).
	NoticeOffline NoticeKind = "offline"
	// NoticeNobody tells a team that nobody is eligible (B5).
	NoticeNobody NoticeKind = "nobody_eligible"
	// NoticeWindow tells that the time to answer a contact ends soon (M7, W2).
	NoticeWindow NoticeKind = "window_closing"
	// NoticeTranscript is a copy of a conversation, to whoever asked for it (C10).
	NoticeTranscript NoticeKind = "transcript"
)

// NoticeState follows the mail server's answers.
type NoticeState string

const (
	NoticePending NoticeState = "pending"
	NoticeSending NoticeState = "sending"
	NoticeSent    NoticeState = "sent"
	NoticeFailed  NoticeState = "failed"
	// NoticeUnknown may have left: the process died while sending. It is not
	// sent again (G6: never twice).
	NoticeUnknown NoticeState = "unknown"
)

// Notice is one mail to one agent or team, once per episode and recipient, and for
// NoticeWindow once per window besides; a NoticeTranscript is one mail each time it
// is asked for.
type Notice struct {
	ID      string
	Kind    NoticeKind
	Episode EpisodeRef
	// AgentID or TeamID is the recipient; both "" is the admins.
	AgentID string
	TeamID  string
	// Address is a transcript's recipient instead, AskedBy the agent who asked for
	// it, "" the contact.
	Address, AskedBy string
	// About tells notices of one kind apart: the window's end, the transcript's own
	// id; "" for other kinds.
	About string
	State NoticeState
	// MessageID is the mail's Message-ID, fixed before the first try.
	MessageID string
	CreatedAt time.Time
}
