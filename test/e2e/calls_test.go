package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
	"switchboard/test/standins/fakevoice"
)

// hotline is a call channel of a running dev, with two agents whose phones are
// proved, and a Twilio that calls it.
type hotline struct {
	*dev
	t       *testing.T
	fake    *faketwilio.Server
	office  *office
	channel contract.Channel
	phones  []string
	data    string
	address string
	calls   int
}

const deskURL = "https://desk.example.test"

func newHotline(t *testing.T) *hotline {
	h := &hotline{t: t, fake: faketwilio.Start(t), data: t.TempDir(), address: freeAddress(t)}
	h.startAgain()
	h.office = h.newOffice(t, "hotline", 2)
	h.channel = h.office.channel(t, "call", h.office.teamRule(), settings{"number": "+14155550100", "ring_seconds": 5})
	for i, agent := range h.office.agents {
		h.phones = append(h.phones, fmt.Sprintf("+1415555011%d", i))
		h.proves(t, agent, h.phones[i])
	}
	return h
}

// startAgain starts it until all statements are looked at.
func (h *hotline) startAgain() {
	h.dev = startDevAt(h.t, h.address, h.data, "SWITCHBOARD_TWILIO_ACCOUNT_SID="+faketwilio.AccountSID,
		"SWITCHBOARD_TWILIO_AUTH_TOKEN="+faketwilio.AuthToken, "SWITCHBOARD_TWILIO_API_URL="+h.fake.URL, "SWITCHBOARD_PUBLIC_URL="+deskURL)
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
func (h *hotline) line(edit func(*fakevoice.Line)) *fakevoice.Line {
	h.calls++
	l := &fakevoice.Line{
		Server: h.info.APIURL, Token: faketwilio.AuthToken, VoiceURL: deskURL + "/webhooks/twilio/voice", Times: 2,
		CallSID: fmt.Sprintf("CA%032d", h.calls), From: fmt.Sprintf("+49309018%03d", h.calls), To: "+14155550100", Phones: map[string]string{},
		RecordingURL: faketwilio.RecordingURL,
		// Another process decides meanwhile; a real caller waits longer.
		Paused: func() { time.Sleep(300 * time.Millisecond) },
	}
	for _, phone := range h.phones {
		l.Phones[phone] = "no-answer"
	}
	edit(l)
	return l
}

// plays makes a call, and returns its conversation.
func (h *hotline) plays(t *testing.T, l *fakevoice.Line) contract.Conversation {
	t.Helper()
	if err := l.Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h.conversations(t, h.channel)[0]
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

func TestCallsOfARunningHotline(t *testing.T) {
	h := newHotline(t)
	for _, statement := range []struct {
		says  string
		holds func(*testing.T)
	}{
		{"a caller passes a mailbox and comes to an agent", h.passesAMailbox},
		{"a code cannot be guessed", h.codeCannotBeGuessed},
		{"voicemail survives a kill while it is fetched, and is told once", h.voicemailSurvives},
		{"a recording that is gone is noted", h.recordingIsGone},
		{"outside the hours no phone rings", h.closedHours},
	} {
		t.Run(statement.says, statement.holds)
	}
}

func (h *hotline) passesAMailbox(t *testing.T) {
	picked := 0
	l := h.line(func(l *fakevoice.Line) {
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
}

func (h *hotline) codeCannotBeGuessed(t *testing.T) {
	a := h.office.newAgent(t, "guesser", settings{})
	h.asksForCode(t, a, "+14155550119")
	called := h.fake.Called()
	code := strings.ReplaceAll(spokenCode.FindString(called[len(called)-1].Get("Twiml")), ", ", "")
	for range 5 {
		a.refused(t, http.StatusUnprocessableEntity, withJSON("POST", "/api/v1/me/phone/verification", settings{"code": wrong(code)}))
	}
	a.refused(t, http.StatusUnprocessableEntity, withJSON("POST", "/api/v1/me/phone/verification", settings{"code": code}))
	a.refused(t, http.StatusTooManyRequests, withJSON("PUT", "/api/v1/me/phone", settings{"number": "+14155550119"}))
}

func (h *hotline) voicemailSurvives(t *testing.T) {
	l := h.line(func(l *fakevoice.Line) { l.Voicemail = 9 })
	sound := append([]byte("ID3\x03\x00\x00\x00\x00\x00\x00"), strings.Repeat("\xff\xfb\x90\x64voice", 500)...)
	asked := make(chan struct{})
	h.fake.Record(l.RecordingSID(), faketwilio.Recording{Status: "processing", Asked: asked})
	c := h.plays(t, l)
	<-asked // it is not ready yet, and the process dies while it asks
	h.kill(t)
	h.fake.Record(l.RecordingSID(), faketwilio.Recording{Status: "completed", Data: sound})
	h.startAgain()
	for range 2 { // Twilio tells once more
		if err := l.RecordingAgain(t.Context()); err != nil {
			t.Error(err)
		}
	}
	// A try that nobody ended is over after two minutes.
	within(t, mailPatience, func() error {
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
	h.wants(t, c, "received", "ringing", "unanswered", "ringing", "unanswered", "missed", "voicemail_left", "ended")
	if got := h.timeline(t, c.ID); got.count(inbox.EventTicketCreated) != 1 {
		t.Errorf("the timeline has %v", got.kinds())
	}
	told := 0
	h.awaitEvents(t, c.ID, inbox.EventNoticeSent, 1)
	for _, a := range h.office.agents {
		told += len(h.mailTo(t, a.Email))
	}
	if told != 1 {
		t.Errorf("%d mails to the agents tell of the missed call", told)
	}
}

func (h *hotline) recordingIsGone(t *testing.T) {
	c := h.plays(t, h.line(func(l *fakevoice.Line) { l.Voicemail = 3 }))
	h.awaitEvents(t, c.ID, inbox.EventFileLost, 1)
	h.wants(t, c, "received", "ringing", "unanswered", "ringing", "unanswered", "missed", "voicemail_left", "ended")
}

func (h *hotline) closedHours(t *testing.T) {
	rule := h.office.teamRule()
	rule["hours"] = settings{"time_zone": "UTC", "ranges": []settings{}}
	change[contract.Channel](t, h.admin, 200, "PATCH", "/api/v1/channels/"+h.channel.ID, settings{"assignment": rule})
	l := h.line(func(l *fakevoice.Line) { l.Voicemail = 3 })
	c := h.plays(t, l)
	h.wants(t, c, "received", "missed", "voicemail_left", "ended")
	if len(l.Dialled) > 0 {
		t.Errorf("%v rang", l.Dialled)
	}
}
