package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
	"switchboard/test/standins/fakevoice"
)

func TestCallsAndWindowsGoOnWhenTheEngineIsKilled(t *testing.T) {
	fake := faketwilio.Start(t)
	p := startSmall(t, twilioAt(fake)...)
	h := &hotline{system: p.system, fake: fake, public: p.bases[0]}
	h.opens(t)

	written, tooLate := h.answersByWhatsApp(t)

	p.engine.kill(t)
	tooLate()
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
				openDatabase(t, p.databaseFile).callersWait(t)
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
	closed := fmt.Sprintf("WorkflowId = 'conversation:%s' AND SwitchboardWindowClosesAt < '%s'", written, time.Now().UTC().Format(time.RFC3339))
	engine := h.dialTemporal(t)
	eventually(t, func() error {
		if found := workflows(t, engine, closed); len(found) != 1 {
			return fmt.Errorf("%s finds %v", closed, found)
		}
		return nil
	})
}

// answersByWhatsApp has a message answered, and returns its conversation and what
// tells that the answer came too late: it closes the window without a message.
func (h *hotline) answersByWhatsApp(t *testing.T) (id string, tooLate func()) {
	t.Helper()
	channel := h.office.channel(t, "whatsapp", h.office.teamRule(), settings{"number": "+12025550109"})
	tells := func(status int, address string, form url.Values) {
		form.Set("AccountSid", faketwilio.AccountSID)
		h.system.public().must(t, status, signedByTwilio(t, address, faketwilio.AuthToken, form))
	}
	tells(http.StatusOK, h.public+"/webhooks/twilio/messages", url.Values{
		"MessageSid": {"SMf0000000000000000000000000000001"}, "From": {"whatsapp:+12025550121"}, "To": {"whatsapp:+12025550109"},
		"WaId": {"12025550121"}, "Body": {"Is it ready? " + personal}, "NumMedia": {"0"},
	})
	c := h.awaitRouted(t, channel, 1)[0]
	message := h.admin.replies(t, c.ID, "late", settings{"text": "late " + personal})
	h.awaitState(t, c.ID, message.ID, "sent")
	sent := h.fake.Sent()[0]
	callback, _, _ := strings.Cut(sent.Form.Get("StatusCallback"), "#")
	return c.ID, func() {
		tells(http.StatusNoContent, callback, url.Values{
			"MessageSid": {sent.SID}, "MessageStatus": {"failed"}, "ErrorCode": {"63016"},
			"From": {"whatsapp:+12025550109"}, "To": {"whatsapp:+12025550121"},
		})
	}
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
