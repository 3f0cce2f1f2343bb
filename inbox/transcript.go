package inbox

import "time"

// Transcript is a copy of a conversation that is to be mailed (C10).
type Transcript struct {
	Episode EpisodeRef
	// Address is where it goes.
	Address string
	// AskedBy is the agent who asked for it; "" is the contact.
	AskedBy string
	At      time.Time
}

// TranscriptQuestion asks whether a transcript is mailed now (C10, B10).
type TranscriptQuestion struct {
	At time.Time
	// ByAgent: an agent asks, not a contact.
	ByAgent bool
	// Answered: an agent has answered in the conversation.
	Answered bool
	// OfConversation are the times at which contacts asked for the conversation's
	// transcripts before, ToAddress those at which they asked for any to the
	// address; newest first.
	OfConversation, ToAddress []time.Time
}
