package channels

import (
	"time"

	"switchboard/inbox"
)

// Transcriber is a kind whose conversations can be mailed as a copy (C10).
type Transcriber interface {
	// Transcript writes the copy, in the channel's language and from the sender
	// that its settings name.
	Transcript(of Transcript) (TranscriptMail, error)
}

// Transcript is what a copy of a conversation tells.
type Transcript struct {
	Company string
	// Contact is a name; "" is whoever reads it.
	Contact string
	Channel inbox.Channel
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
	At    time.Time
}

// TranscriptMail is a copy as it is mailed. From "" is the installation's own
// sender.
type TranscriptMail struct {
	From, FromName      string
	Subject, Text, HTML string
}
