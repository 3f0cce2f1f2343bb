package inbox

import (
	"encoding/json"
	"time"
)

// EventKind names what happened to a conversation.
type EventKind string

const (
	EventOpened          EventKind = "conversation_opened"
	EventReopened        EventKind = "conversation_reopened"
	EventClosed          EventKind = "conversation_closed"
	EventSnoozed         EventKind = "conversation_snoozed"
	EventWoken           EventKind = "conversation_woken"
	EventMessageReceived EventKind = "message_received"
	EventReplyCreated    EventKind = "reply_created"
	EventReplyRefused    EventKind = "reply_refused"
	EventMessageState    EventKind = "message_state_changed"
	EventContactResolved EventKind = "contact_resolved"
	EventMergeSuggested  EventKind = "merge_suggested"
	EventMergeUndone     EventKind = "merge_undone"
	EventConsentAsked    EventKind = "consent_asked"
	EventConsentGiven    EventKind = "consent_given"
	EventConsentMissed   EventKind = "consent_missed"
	EventAssigned        EventKind = "assigned"
	EventWaiting         EventKind = "waiting"
	EventTriage          EventKind = "left_to_triage"
	EventUnanswered      EventKind = "not_answered_in_time"
	EventTicketCreated   EventKind = "ticket_created"
	EventTicketSkipped   EventKind = "ticket_skipped"
	EventNoticeSent      EventKind = "notice_sent"
	EventNoticeFailed    EventKind = "notice_failed"

	EventTranscriptSent   EventKind = "transcript_sent"
	EventTranscriptFailed EventKind = "transcript_failed"

	EventWindowOpened   EventKind = "window_opened"
	EventWindowRefused  EventKind = "window_refused"
	EventFileFetched    EventKind = "file_fetched"
	EventFileLost       EventKind = "file_lost"
	EventCallReceived   EventKind = "call_received"
	EventCallRinging    EventKind = "call_ringing"
	EventCallAnswered   EventKind = "call_answered"
	EventCallUnanswered EventKind = "call_unanswered"
	EventCallMissed     EventKind = "call_missed"
	EventCallEnded      EventKind = "call_ended"
	EventVoicemailLeft  EventKind = "voicemail_left"
	EventComment        EventKind = "comment_added"
	EventTagged         EventKind = "tags_changed"

	// EventTyping says that its actor is writing. It is told to who listens and not
	// kept: its ID is 0.
	EventTyping EventKind = "typing"
	// EventRead says that its actor, an agent, has read what the contact said.
	EventRead EventKind = "messages_read"

	EventChatflowStep     EventKind = "chatflow_step"
	EventChatflowFinished EventKind = "chatflow_finished"
)

// Event is one line of a conversation's timeline.
type Event struct {
	// ID grows in commit order: a listener that saw ID n has seen all below n.
	ID             int64
	ConversationID string
	InboxID        string
	// ThreadKey is the conversation's, for those who wait for a thread to begin. Only
	// events of all conversations have it.
	ThreadKey string
	Kind      EventKind
	Actor     Author
	// Data holds ids, codes and times, never names, addresses or text (B12).
	Data json.RawMessage
	At   time.Time
}
