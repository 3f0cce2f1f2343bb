package routing

import (
	"time"

	"switchboard/inbox"
)

const (
	// customerWindow is how long after the contact wrote anything may be sent:
	// Messenger's standard messaging window (M7) and WhatsApp's customer-service
	// window (W2).
	customerWindow = 24 * time.Hour
	// humanAgentWindow is how long after the contact's last message a person may
	// answer by hand with Messenger's HUMAN_AGENT tag (M7).
	humanAgentWindow = 7 * 24 * time.Hour
)

// WindowExpires returns when a window that the contact opens at a moment
// expires; zero for a kind without one. It is to be stored when the contact
// writes: Messenger opens windows by more than messages, some of them longer.
func WindowExpires(kind inbox.ChannelKind, contactAt time.Time) time.Time {
	switch kind {
	case inbox.KindMessenger, inbox.KindWhatsApp:
		return contactAt.Add(customerWindow)
	default:
		return time.Time{}
	}
}

// Window returns the messaging window as of a moment, from when the stored
// window expires and when the contact last wrote (M7, W2). Each state ends at
// ClosesAt: at that very moment the next one holds. A window that does not
// change by itself has no ClosesAt.
func Window(kind inbox.ChannelKind, expiresAt, lastContactAt, at time.Time) inbox.Window {
	humanUntil := lastContactAt.Add(humanAgentWindow)
	switch {
	case kind != inbox.KindMessenger && kind != inbox.KindWhatsApp:
		return inbox.Window{State: inbox.WindowNone}
	case at.Before(expiresAt):
		return inbox.Window{State: inbox.WindowOpen, ClosesAt: expiresAt}
	case kind == inbox.KindMessenger && at.Before(humanUntil):
		return inbox.Window{State: inbox.WindowHumanAgent, ClosesAt: humanUntil}
	default:
		return inbox.Window{State: inbox.WindowClosed}
	}
}

// WindowOf returns a stored conversation's messaging window as of a moment.
func WindowOf(c inbox.Conversation, at time.Time) inbox.Window {
	return Window(c.ChannelKind, c.Window.ClosesAt, c.LastContactAt, at)
}

// windowWarning is how long before a window closes the agent is told.
const windowWarning = time.Hour

// WindowWarning returns when to tell that the time to answer ends soon, and when
// it ends: the next such moment after one at which nobody was told yet. On
// Messenger it is the standard window, then the time for a person's answer. Both are
// zero when nothing is left to tell of. A moment that has passed while the window
// still holds is due.
func WindowWarning(c inbox.Conversation, told, at time.Time) (warnAt, closesAt time.Time) {
	ends := []time.Time{c.Window.ClosesAt}
	if c.ChannelKind == inbox.KindMessenger {
		ends = append(ends, c.LastContactAt.Add(humanAgentWindow))
	}
	for _, end := range ends {
		if WindowOf(c, at).State != inbox.WindowNone && end.After(at) && end.After(told) {
			return end.Add(-windowWarning), end
		}
	}
	return time.Time{}, time.Time{}
}

// WindowRefused returns when the window expires and when the contact last wrote as
// they are to be stored after the provider refused a message for the window that
// we thought held: the provider knows better. What it refused is over; a refusal
// of what anybody may send leaves the time for a person's answer, a refusal of that
// one ends it, too. Times never grow.
func WindowRefused(refused inbox.WindowState, expiresAt, lastContactAt, at time.Time) (expires, lastContact time.Time) {
	expires, lastContact = expiresAt, lastContactAt
	if at.Before(expires) {
		expires = at
	}
	if over := at.Add(-humanAgentWindow); refused == inbox.WindowHumanAgent && over.Before(lastContact) {
		lastContact = over
	}
	return expires, lastContact
}

// MaySend returns nil when the author may send free content in the window, else
// the refusal with its remedy: human_agent_only, template_required (WhatsApp) or
// window_closed. It is asked again at the moment of sending (B11). Only an agent
// is human; everybody else is automation (M7).
func MaySend(w inbox.Window, kind inbox.ChannelKind, author inbox.AuthorKind) *inbox.Error {
	switch {
	case w.State == inbox.WindowNone, w.State == inbox.WindowOpen:
		return nil
	case w.State == inbox.WindowHumanAgent && author == inbox.AuthorAgent:
		return nil
	case w.State == inbox.WindowHumanAgent:
		return outside(w, inbox.CodeHumanAgentOnly,
			"More than 24 hours after the contact wrote, only a person may answer, until "+w.ClosesAt.UTC().Format(spoken)+".",
			"Let an agent write the answer.")
	case kind == inbox.KindWhatsApp:
		return outside(w, inbox.CodeTemplateRequired,
			"More than 24 hours after the contact wrote, only an approved template may be sent.",
			"Send an approved template, or wait until the contact writes again.")
	default:
		return outside(w, inbox.CodeWindowClosed,
			"The time in which the contact may be answered on this channel is over.",
			"Wait until the contact writes again, or use another channel.")
	}
}

// MaySendTemplate is MaySend for an approved template in place of free content: on
// WhatsApp it may leave at any time (W2), elsewhere nobody approves any.
func MaySendTemplate(kind inbox.ChannelKind) *inbox.Error {
	if kind == inbox.KindWhatsApp {
		return nil
	}
	return refusal(inbox.CodeInvalid, "This channel has no templates.", "Write the answer yourself.")
}

// spoken is a moment in a sentence.
const spoken = "2 January 2006 at 15:04:05 UTC"

func outside(w inbox.Window, code inbox.Code, detail, remedy string) *inbox.Error {
	refused := refusal(code, detail, remedy)
	refused.Window = w
	return refused
}

func refusal(code inbox.Code, detail, remedy string) *inbox.Error {
	return &inbox.Error{Code: code, Detail: detail, Remedy: remedy}
}
