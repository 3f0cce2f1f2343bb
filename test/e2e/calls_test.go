package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
	"switchboard/test/standins/fakevoice"
)

// hotline is a call channel of a running system, with agents whose phones are
// proved, and a Twilio that calls it.
type hotline struct {
	*system
	fake    *faketwilio.Server
	office  *office
	channel contract.Channel
	// phones are proved: two of the channel's team and one of the fallback team.
	// unproved is a member's of the channel's team.
	phones   []string
	unproved agent
	public   string
	calls    int
}

const (
	deskURL       = "https://desk.example.test"
	unprovedPhone = "+14155550119"
)

// twilioAt are the settings of a system with an account at a Twilio.
func twilioAt(fake *faketwilio.Server) []string {
	return []string{
		"SWITCHBOARD_TWILIO_ACCOUNT_SID=" + faketwilio.AccountSID, "SWITCHBOARD_TWILIO_AUTH_TOKEN=" + faketwilio.AuthToken,
		"SWITCHBOARD_TWILIO_API_URL=" + fake.URL,
	}
}

// opens makes the channel and its people.
func (h *hotline) opens(t *testing.T) {
	t.Helper()
	h.office = h.newOffice(t, "hotline", 2)
	fallback := h.office.newAgent(t, "hotline-fallback", settings{})
	h.unproved = h.office.newAgent(t, "hotline-unproved", settings{})
	change[contract.Team](t, h.admin, 200, "PATCH", "/api/v1/teams/"+h.office.team.ID,
		settings{"member_ids": []string{h.office.agents[0].ID, h.office.agents[1].ID, h.unproved.ID}})
	second := change[contract.Team](t, h.admin, 201, "POST", "/api/v1/teams", settings{"name": "hotline-fallback", "member_ids": []string{fallback.ID}})
	h.office.agents = append(h.office.agents, fallback)
	rule := h.office.teamRule()
	rule["fallback_team_id"] = second.ID
	h.channel = h.office.channel(t, "call", rule, settings{"number": "+14155550100", "ring_seconds": 5})
	for i, agent := range h.office.agents {
		h.phones = append(h.phones, fmt.Sprintf("+1415555011%d", i))
		h.proves(t, agent, h.phones[i])
	}
	h.asksForCode(t, h.unproved, unprovedPhone)
}

// devHotline is a hotline of one process.
type devHotline struct {
	*hotline
	process       *process
	data, address string
}

func newDevHotline(t *testing.T) *devHotline {
	t.Helper()
	h := &devHotline{hotline: &hotline{fake: faketwilio.Start(t), public: deskURL}, data: t.TempDir(), address: freeAddress(t)}
	h.startAgain(t)
	h.opens(t)
	return h
}

// startAgain starts it until the test ends.
func (h *devHotline) startAgain(t *testing.T) {
	t.Helper()
	d := startDevAt(t, h.address, h.data, append(twilioAt(h.fake), "SWITCHBOARD_PUBLIC_URL="+deskURL)...)
	h.system, h.process = d.system, d.process
}

var spokenCode = regexp.MustCompile(`\d(, \d)+`)

// proves gives an agent a phone, whose code is guessed four times before.
func (h *hotline) proves(t *testing.T, a agent, number string) {
	t.Helper()
	h.asksForCode(t, a, number)
	called := h.fake.Called()
	code := strings.ReplaceAll(spokenCode.FindString(called[len(called)-1].Get("Twiml")), ", ", "")
	for range 4 {
		a.refused(t, http.StatusUnprocessableEntity, withJSON("POST", "/api/v1/me/phone/verification", settings{"code": wrong(code)}))
	}
	change[contract.Agent](t, a.client, 200, "POST", "/api/v1/me/phone/verification", settings{"code": code})
}

func (h *hotline) asksForCode(t *testing.T, a agent, number string) {
	t.Helper()
	a.must(t, http.StatusAccepted, withJSON("PUT", "/api/v1/me/phone", settings{"number": number}))
}

func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// line is another call to the hotline; every webhook comes twice.
func (h *hotline) line(t *testing.T, edit func(*fakevoice.Line)) *fakevoice.Line {
	h.calls++
	l := &fakevoice.Line{
		Server: h.admin.base, Token: faketwilio.AuthToken, VoiceURL: h.public + "/webhooks/twilio/voice", Times: 2,
		CallSID: fmt.Sprintf("CA%032d", h.calls), From: fmt.Sprintf("+49309018%03d", h.calls), To: "+14155550100",
		Phones:       map[string]string{unprovedPhone: "completed"},
		RecordingURL: faketwilio.RecordingURL,
		Paused:       func() { h.decided(t) },
	}
	for _, phone := range h.phones {
		l.Phones[phone] = "no-answer"
	}
	edit(l)
	return l
}

// decided waits until it is known who is to have the last call after all who did
// not answer it. A real caller would ask meanwhile.
func (h *hotline) decided(t *testing.T) {
	t.Helper()
	eventually(t, func() error { return h.undecided(t) })
}

func (h *hotline) undecided(t *testing.T) error {
	t.Helper()
	l := h.timeline(t, h.newest(t, h.channel).ID)
	if l.count(inbox.EventAssigned)+l.count(inbox.EventWaiting) > l.count(inbox.EventCallUnanswered) {
		return nil
	}
	return fmt.Errorf("not decided: %v", l.kinds())
}

// plays makes a call, and returns its conversation. The phone that nobody proved
// never rings.
func (h *hotline) plays(t *testing.T, l *fakevoice.Line) contract.Conversation {
	t.Helper()
	if err := l.Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(l.Dialled, unprovedPhone) {
		t.Errorf("%v rang", l.Dialled)
	}
	return h.newest(t, h.channel)
}

// callEvents are what the timeline tells of a call, in order.
func (h *hotline) callEvents(t *testing.T, id string) (kinds []string) {
	t.Helper()
	for _, kind := range h.timeline(t, id).kinds() {
		if strings.HasPrefix(string(kind), "call_") || kind == inbox.EventVoicemailLeft {
			kinds = append(kinds, strings.TrimPrefix(string(kind), "call_"))
		}
	}
	return kinds
}

func (h *hotline) wants(t *testing.T, c contract.Conversation, want ...string) {
	t.Helper()
	if got := h.callEvents(t, c.ID); !slices.Equal(got, want) {
		t.Errorf("the timeline says %v, want %v", got, want)
	}
}

// toldOnce waits until an agent was told of a call that was missed, and finds one
// mail and one ticket.
func (h *hotline) toldOnce(t *testing.T, c contract.Conversation) {
	t.Helper()
	h.awaitTicket(t, c.ID)
	eventually(t, func() error {
		mails := 0
		for _, a := range h.office.agents {
			for _, mail := range h.mailTo(t, a.Email) {
				if strings.Contains(mail.Text, c.ID) {
					mails++
				}
			}
		}
		if mails > 1 {
			t.Errorf("%d mails to the agents tell of the missed call", mails)
		} else if mails == 0 {
			return fmt.Errorf("no agent was told: %v", h.timeline(t, c.ID).kinds())
		}
		return nil
	})
	if got := h.timeline(t, c.ID); got.count(inbox.EventTicketCreated) != 1 {
		t.Errorf("the timeline has %v", got.kinds())
	}
}

func TestCallsOfARunningHotline(t *testing.T) {
	h := newDevHotline(t)
	t.Run("a code cannot be guessed", h.codeCannotBeGuessed)
	t.Run("a caller passes a mailbox and comes to an agent", h.passesAMailbox)
	var left []contract.Conversation
	for _, c := range []struct {
		during, verb string
		events       []string
	}{
		{"the greeting", "Say", []string{"received", "missed", "ended"}},
		{"the ringing", "Dial", []string{"received", "ringing", "missed", "ended"}},
		{"the announcement", "Gather", []string{"received", "ringing", "missed", "ended"}},
		{"the message", "Record", []string{"received", "ringing", "unanswered", "ringing", "unanswered", "ringing", "unanswered", "missed", "ended", "voicemail_left"}},
	} {
		t.Run("a caller who hangs up during "+c.during+" was missed", func(t *testing.T) {
			left = append(left, h.leaves(t, c.verb, c.events))
		})
	}
	h.survives(t)
	t.Run("a recording that is gone is noted", h.recordingIsGone)
	t.Run("outside the hours no phone rings", h.closedHours)
	for _, c := range left {
		h.toldOnce(t, c)
	}
	nothingPersonalIsKept(t, h.system)
}

func (h *hotline) passesAMailbox(t *testing.T) {
	picked := 0
	l := h.line(t, func(l *fakevoice.Line) {
		l.From = "anonymous"
		l.Phones[h.phones[0]], l.Phones[h.phones[1]] = fakevoice.Mailbox, fakevoice.Mailbox
		l.Hears = func(string) {
			if picked++; picked == 1 { // who is dialled next is a person
				l.Phones[h.phones[0]], l.Phones[h.phones[1]] = "completed", "completed"
				l.Phones[l.Dialled[0]] = fakevoice.Mailbox
			}
		}
	})
	c := h.plays(t, l)
	h.wants(t, c, "received", "ringing", "unanswered", "ringing", "answered", "ended")
	if len(l.Announced) != 2 || !strings.Contains(l.Announced[0], "a hidden number") || !strings.HasPrefix(l.Said[0], "Thank you for calling") {
		t.Errorf("the caller heard %q, the agents %q", l.Said, l.Announced)
	}
	skipped := slices.ContainsFunc(h.timeline(t, c.ID).decisions(t, inbox.EventAssigned)[0].Candidates, func(c inbox.Verdict) bool {
		return c.AgentID == h.unproved.ID && c.Reason == inbox.ReasonNoPhone
	})
	if !skipped {
		t.Error("nobody says why the member without a proved phone is passed over")
	}
}

// leaves has a caller hang up during a verb, whom each agent would answer but for a
// message, and returns the conversation.
func (h *hotline) leaves(t *testing.T, verb string, events []string) contract.Conversation {
	l := h.line(t, func(l *fakevoice.Line) {
		l.Leaves, l.Voicemail = verb, 2
		for _, phone := range h.phones {
			if verb != "Record" {
				l.Phones[phone] = "completed"
			}
		}
	})
	c := h.plays(t, l)
	h.wants(t, c, events...)
	return c
}

func (h *hotline) codeCannotBeGuessed(t *testing.T) {
	called := h.fake.Called()
	code := strings.ReplaceAll(spokenCode.FindString(called[len(called)-1].Get("Twiml")), ", ", "")
	for range 5 {
		h.unproved.refused(t, http.StatusUnprocessableEntity, withJSON("POST", "/api/v1/me/phone/verification", settings{"code": wrong(code)}))
	}
	h.unproved.refused(t, http.StatusUnprocessableEntity, withJSON("POST", "/api/v1/me/phone/verification", settings{"code": code}))
	// The minute in which nobody may ask for another may be over.
	eventually(t, func() error {
		a, err := h.unproved.do(t, withJSON("PUT", "/api/v1/me/phone", settings{"number": unprovedPhone}))
		if err == nil && a.status != http.StatusTooManyRequests {
			err = fmt.Errorf("asked for another code, it is answered %d", a.status)
		}
		return err
	})
}

// survives kills it while a phone rings and while a voicemail is fetched. It is no
// subtest: what it starts again goes on after it.
func (h *devHotline) survives(t *testing.T) {
	t.Helper()
	l := h.line(t, func(l *fakevoice.Line) {
		l.Voicemail = 9
		killed := false
		l.HangUp = func(document string) bool {
			if strings.Contains(document, "<Dial") && !killed {
				killed = true
				h.process.kill(t)
				openDatabase(t, filepath.Join(h.data, "switchboard.db")).callersWait(t)
				h.startAgain(t)
			}
			return false
		}
	})
	sound := append([]byte("ID3\x03\x00\x00\x00\x00\x00\x00"), strings.Repeat("\xff\xfb\x90\x64voice", 500)...)
	h.fake.Record(l.RecordingSID(), faketwilio.Recording{Status: "processing"})
	c := h.plays(t, l)
	h.toldOnce(t, c)
	asked := make(chan struct{})
	h.fake.Record(l.RecordingSID(), faketwilio.Recording{Status: "processing", Asked: asked})
	<-asked // it is not ready yet, and the process dies while it asks
	h.process.kill(t)
	h.fake.Record(l.RecordingSID(), faketwilio.Recording{Status: "completed", Data: sound})
	h.startAgain(t)
	for range 2 { // Twilio tells once more
		if err := l.RecordingAgain(t.Context()); err != nil {
			t.Error(err)
		}
	}
	// A try that nobody ended is over after two minutes. Until then the other tests may
	// run.
	t.Parallel()
	within(t, longPatience, func() error {
		if l := h.timeline(t, c.ID); l.count(inbox.EventFileFetched) != 1 {
			return fmt.Errorf("the recording is not there: %v", l.kinds())
		}
		return nil
	})
	messages := all[contract.Message](t, h.admin, conversationsPath+c.ID+"/messages", url.Values{})
	files := 0
	for _, message := range messages {
		for _, file := range message.Attachments {
			files++
			got := h.admin.must(t, http.StatusOK, request{method: "GET", path: conversationsPath + c.ID + "/messages/" + message.ID + "/attachments/" + file.ID})
			if file.ContentType != "audio/mpeg" || got.header.Get("Content-Type") != "audio/mpeg" || string(got.body) != string(sound) {
				t.Errorf("the voicemail is %+v, %s, %d bytes of %d", file, got.header.Get("Content-Type"), len(got.body), len(sound))
			}
		}
	}
	if len(messages) != 2 || files != 1 {
		t.Errorf("%d messages with %d files", len(messages), files)
	}
	h.wants(t, c, "received", "ringing", "unanswered", "ringing", "unanswered", "ringing", "unanswered", "missed", "voicemail_left", "ended")
	if last := l.Dialled[len(l.Dialled)-1]; len(l.Dialled) != 3 || last != h.phones[2] {
		t.Errorf("%v rang, the fallback team's last", l.Dialled)
	}
	h.toldOnce(t, c)
}

func (h *hotline) recordingIsGone(t *testing.T) {
	c := h.plays(t, h.line(t, func(l *fakevoice.Line) { l.Voicemail = 3 }))
	h.awaitEvents(t, c.ID, inbox.EventFileLost, 1)
}

func (h *hotline) closedHours(t *testing.T) {
	rule := h.office.teamRule()
	rule["hours"] = settings{"time_zone": "UTC", "ranges": []settings{}}
	change[contract.Channel](t, h.admin, 200, "PATCH", "/api/v1/channels/"+h.channel.ID, settings{"assignment": rule})
	l := h.line(t, func(l *fakevoice.Line) { l.Voicemail = 3 })
	c := h.plays(t, l)
	h.wants(t, c, "received", "missed", "voicemail_left", "ended")
	if len(l.Dialled) > 0 {
		t.Errorf("%v rang", l.Dialled)
	}
}
