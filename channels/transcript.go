package channels

import (
	"time"

	"switchboard/inbox"
)

// Transcriber is a kind whose conversations can be mailed as a copy (C10).
type Transcriber interface {
	// Transcript writes the copy, from the sender that its channel's settings name.
	Transcript(of Transcript) (TranscriptMail, error)
	// TranscriptFrom is that sender's address, "" for the installation's own.
	TranscriptFrom(channel inbox.Channel) (string, error)
	// Welcome is what the channel shows before anybody writes, "" for nothing.
	Welcome(channel inbox.Channel) (string, error)
}

// Transcript is what a copy of a conversation tells.
type Transcript struct {
	Company string
	// Contact is a name; "" is whoever reads it.
	Contact string
	Channel inbox.Channel
	// Language is that which the channel spoke to the contact; one that it does not
	// speak is the channel's own.
	Language string
	// Said is what both sides said, oldest first.
	Said []Saying
	// Cut: there was more before.
	Cut bool
}

// Saying is one message of a Transcript.
type Saying struct {
	// ByContact: else Name, an agent, or the company for "".
	ByContact bool
	Name      string
	Text      string
	// Files are the names of the files that belong to it.
	Files []string
	// At is zero of what was shown before anything was said: nobody knows when.
	At time.Time
}

// TranscriptMail is a copy as it is mailed. From "" is the installation's own
// sender.
type TranscriptMail struct {
	From, FromName      string
	Subject, Text, HTML string
}
