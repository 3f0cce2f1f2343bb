package routing

import (
	"time"

	"switchboard/inbox"
)

// awayPeriod is how long a contact is not told again that nobody is there: a
// few days would be civil (RFC 3834, 2), but who writes tomorrow asks anew.
const awayPeriod = 24 * time.Hour

// AnswerAway reports whether a contact who wrote is told that nobody is there:
// once in a period, so that two programs that answer each other stop (B10), and
// only when a person wrote, and never a team of ours.
func AnswerAway(q inbox.AwayQuestion) bool {
	return q.ByPerson && !q.ToTeam && (q.LastAnswer.IsZero() || q.At.Sub(q.LastAnswer) >= awayPeriod)
}
