package routing

import (
	"time"

	"switchboard/inbox"
)

// A contact may have a copy of a conversation mailed anywhere, also to an address
// that is not theirs: so often at the most in a period, for one conversation and
// to one address.
const (
	transcriptPeriod = 24 * time.Hour
	transcriptsMost  = 5
)

// MailTranscript returns the zero time when a transcript is mailed now, else when
// it may be asked for again (C10, B10). It is CodeConflict before an agent has
// answered: else anybody could have words of their own mailed to anybody. Agents
// answer for what they send.
func MailTranscript(q inbox.TranscriptQuestion) (again time.Time, err error) {
	if q.ByAgent {
		return time.Time{}, nil
	}
	if !q.Answered {
		return time.Time{}, inbox.Errorf(inbox.CodeConflict, "Nobody has answered yet: there is nothing to copy.")
	}
	for _, asked := range [][]time.Time{q.OfConversation, q.ToAddress} {
		if len(asked) < transcriptsMost {
			continue
		}
		free := asked[transcriptsMost-1].Add(transcriptPeriod)
		if free.After(q.At) && free.After(again) {
			again = free
		}
	}
	return again, nil
}
