package routing

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"switchboard/inbox"
)

const (
	// holdWithoutConsent is how long a message is kept for a contact who did not
	// agree yet (M8).
	holdWithoutConsent = 24 * time.Hour
	// askAgainAfter is how long an episode is not asked again (M8).
	askAgainAfter = 24 * time.Hour
)

// HeldUntil is when a message that came at a time is given up for want of consent
// (M8).
func HeldUntil(at time.Time) time.Time { return at.Add(holdWithoutConsent) }

// Consents reports whether what a contact agreed to on a channel is enough for its
// rule (M8). Who agreed explicitly needs no telling.
func Consents(rule inbox.ConsentRule, given []inbox.Consent) bool {
	return slices.ContainsFunc(given, func(c inbox.Consent) bool {
		return (c.Mode == inbox.ConsentExplicit || rule.Mode == inbox.ConsentImplicit) &&
			(!rule.AskAgain || c.Wording == rule.Wording())
	})
}

// Agrees reports whether a message agrees: by the button, or by its words alone,
// for who cannot press it (M8).
func Agrees(rule inbox.ConsentRule, payload, text string) bool {
	return payload == inbox.AgreePayload || rule.Button != "" && onlyWords(text) == onlyWords(rule.Button)
}

// onlyWords is a text in lower case without what is neither letter nor digit.
func onlyWords(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

// Consent decides whether an episode may go on (M8). An episode that began before
// the channel asked for consent goes on without; one whose channel does not ask any
// more need not wait.
func Consent(q inbox.ConsentQuestion) inbox.ConsentDecision {
	enough := Consents(q.Rule, q.Given)
	switch q.Rule.Mode {
	case inbox.ConsentImplicit:
		if enough {
			return inbox.ConsentDecision{Pass: true}
		}
		return inbox.ConsentDecision{Pass: true, Record: inbox.ConsentImplicit, Say: true}
	case inbox.ConsentExplicit:
		switch {
		case enough || !q.Awaits:
			return inbox.ConsentDecision{Pass: true}
		case q.AgreedBy != "":
			return inbox.ConsentDecision{Pass: true, Record: inbox.ConsentExplicit}
		}
		due := !q.AskedInEpisode || q.Now.Sub(q.LastAsked) >= askAgainAfter
		return inbox.ConsentDecision{Say: due && q.Held > 0}
	default:
		return inbox.ConsentDecision{Pass: true}
	}
}
