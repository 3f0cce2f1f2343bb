package call

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/twilio/twilio-go/twiml"

	"switchboard/inbox"
)

// patience is how long an agent may think about a call in seconds.
const patience = "8"

// pause is how long a caller waits in seconds before Twilio asks again what to do.
const pause = "2"

// Document is what Twilio does with a caller next, in TwiML
// (twilio.com/docs/voice/twiml).
type Document struct {
	// URL is the webhook's address, without a query.
	URL      string
	Settings Settings
}

// Greet says the greeting, while somebody is looked for.
func (d Document) Greet() (string, error) {
	return document(d.say(d.Settings.Greeting), d.redirect())
}

// Proceed asks what to do, and says nothing before.
func (d Document) Proceed() (string, error) { return document(d.redirect()) }

// Ring is a phone that is to ring.
type Ring struct {
	// Phone is the agent's verified number, From the caller's, "" when it is hidden.
	Phone, From string
	// Attempt counts the phones that rang for the call, with this one.
	Attempt int
}

// Next carries out a step; the ring is CallRing's.
func (d Document) Next(step inbox.CallStep, ring Ring) (string, error) {
	switch step.Action {
	case inbox.CallRing:
		return document(d.dial(ring))
	case inbox.CallVoice:
		return d.voicemail()
	case inbox.CallHangUp:
		return HangUp()
	default:
		return d.Wait()
	}
}

// Wait lets the caller wait, and asks again.
func (d Document) Wait() (string, error) {
	return document(twiml.VoicePause{Length: pause}, d.redirect())
}

// Announce tells an agent who picked up that there is a call, and hangs up unless
// the agent presses a key: a mailbox does not. The caller hears it ring.
func (d Document) Announce(caller string, attempt int) (string, error) {
	text := strings.ReplaceAll(d.Settings.Announcement, CallerMark, cmp.Or(caller, d.Settings.HiddenCaller))
	return document(
		twiml.VoiceGather{
			Input: "dtmf", NumDigits: "1", Timeout: patience, Method: "POST",
			Action:        d.address(StepTake, url.Values{"attempt": {strconv.Itoa(attempt)}}),
			InnerElements: []twiml.Element{d.say(text)},
		},
		twiml.VoiceHangup{},
	)
}

// Spoken is a number as it is said, digit by digit.
func Spoken(number string) string {
	return strings.Join(strings.Split(strings.TrimPrefix(number, "+"), ""), " ")
}

// Goodbye ends a call in which a message was left.
func (d Document) Goodbye() (string, error) {
	return document(d.say(d.Settings.Goodbye), twiml.VoiceHangup{})
}

// Nothing does nothing: the caller is gone, Twilio only told us something, or an
// agent is now put through to the caller.
func Nothing() (string, error) { return document() }

// HangUp ends the call.
func HangUp() (string, error) { return document(twiml.VoiceHangup{}) }

// Apologise ends a call that we can do nothing with.
func Apologise() (string, error) {
	return document(
		twiml.VoiceSay{Message: "We cannot take your call right now. Please call again later.", Language: "en-US"},
		twiml.VoiceHangup{},
	)
}

// Reject is for a number that no channel answers.
func Reject() (string, error) { return document(twiml.VoiceReject{}) }

func (d Document) dial(ring Ring) twiml.Element {
	which := url.Values{"attempt": {strconv.Itoa(ring.Attempt)}}
	number := twiml.VoiceNumber{PhoneNumber: ring.Phone}
	if d.Settings.Confirmation == ConfirmNone {
		number.StatusCallback, number.StatusCallbackMethod = d.address(StepAnswered, which), "POST"
		number.StatusCallbackEvent = "answered"
	} else {
		number.Url, number.Method = d.address(StepAnnounce, which), "POST"
		which.Set(confirmParameter, string(ConfirmByKey))
	}
	// The agent sees who calls; a hidden number is none that Twilio could show.
	callerID := ""
	if ring.From == "" {
		callerID = d.Settings.Number
	}
	return twiml.VoiceDial{
		Action: d.address(StepDialled, which), Method: "POST", Timeout: strconv.Itoa(d.Settings.RingSeconds),
		// Until somebody answers the caller hears it ring, and is not charged a second leg.
		AnswerOnBridge: "true",
		CallerId:       callerID,
		InnerElements:  []twiml.Element{number},
	}
}

func (d Document) voicemail() (string, error) {
	return document(
		d.say(d.Settings.VoicemailGreeting),
		twiml.VoiceRecord{
			Action: d.address(StepRecorded, nil), Method: "POST", MaxLength: strconv.Itoa(d.Settings.VoicemailSeconds),
			PlayBeep: "true", FinishOnKey: "#",
			RecordingStatusCallback: d.address(StepRecording, nil), RecordingStatusCallbackMethod: "POST",
			RecordingStatusCallbackEvent: "completed",
		},
		// Twilio goes on here when the caller said nothing.
		d.say(d.Settings.Goodbye),
		twiml.VoiceHangup{},
	)
}

func (d Document) say(text string) twiml.Element {
	return twiml.VoiceSay{Message: text, Language: d.Settings.Language, Voice: d.Settings.Voice}
}

func (d Document) redirect() twiml.Element {
	return twiml.VoiceRedirect{Url: d.address(StepNext, nil), Method: "POST"}
}

func (d Document) address(step Step, query url.Values) string {
	all := url.Values{"step": {string(step)}}
	for name, values := range query {
		all[name] = values
	}
	return d.URL + "?" + all.Encode()
}

func document(verbs ...twiml.Element) (string, error) {
	text, err := twiml.Voice(verbs)
	if err != nil {
		return "", fmt.Errorf("write TwiML: %w", err)
	}
	return text, nil
}
