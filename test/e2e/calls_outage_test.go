package e2e

import (
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
	"switchboard/test/standins/fakevoice"
)

func TestCallsGoOnWhenTheEngineIsKilled(t *testing.T) {
	fake := faketwilio.Start(t)
	p := startSmall(t, twilioAt(fake)...)
	h := &hotline{system: p.system, fake: fake, public: p.bases[0]}
	h.opens(t)

	p.engine.kill(t)
	hungUp := h.plays(t, h.line(t, func(l *fakevoice.Line) { l.Leaves = "Pause" }))
	h.wants(t, hungUp, "received", "missed", "ended")

	// The next caller still waits when the engine is back, and hears the first phone
	// ring when it is killed again.
	away, rings := true, 0
	answered := h.plays(t, h.line(t, func(l *fakevoice.Line) {
		l.HangUp = func(document string) bool {
			if !strings.Contains(document, "<Dial") {
				return false
			}
			if rings++; rings == 1 {
				p.engine.kill(t)
				away = true
				return false
			}
			for _, phone := range h.phones {
				l.Phones[phone] = "completed"
			}
			return false
		}
		l.Paused = func() {
			if away {
				p.startEngine(t)
				away = false
			}
			h.pauses(t)
		}
	}))
	h.wants(t, answered, "received", "ringing", "unanswered", "ringing", "answered", "ended")
	if got := h.awaitTicket(t, answered.ID); got.AssigneeID == nil || h.timeline(t, answered.ID).count(inbox.EventTicketCreated) != 1 {
		t.Errorf("it is %+v", got)
	}
	h.toldOnce(t, hungUp)
	h.wants(t, hungUp, "received", "missed", "ended")
}

// pauses lets the caller wait as long as our documents say, but not after it is
// decided who has the call.
func (h *hotline) pauses(t *testing.T) {
	t.Helper()
	over := time.After(2 * time.Second)
	for h.undecided(t) != nil {
		select {
		case <-over:
			return
		case <-time.After(25 * time.Millisecond):
		}
	}
}
