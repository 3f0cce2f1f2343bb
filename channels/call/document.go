package call

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/twilio/twilio-go/twiml"

	"switchboard/inbox"
)

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

// Next carries out a step; attempt counts the phones that rang, with this one.
func (d Document) Next(step inbox.CallStep, phone string, attempt int) (string, error) {
	switch step.Action {
	case inbox.CallRing:
		return document(d.dial(phone, attempt))
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

// Goodbye ends a call in which a message was left.
func (d Document) Goodbye() (string, error) {
	return document(d.say(d.Settings.Goodbye), twiml.VoiceHangup{})
}

// Nothing does nothing: the caller is gone, or Twilio only told us something.
func Nothing() (string, error) { return document() }

// HangUp ends the call.
func HangUp() (string, error) { return document(twiml.VoiceHangup{}) }

// Reject is for a number that no channel answers.
func Reject() (string, error) { return document(twiml.VoiceReject{}) }

func (d Document) dial(phone string, attempt int) twiml.Element {
	which := url.Values{"attempt": {strconv.Itoa(attempt)}}
	return twiml.VoiceDial{
		Action: d.address(StepDialled, which), Method: "POST", Timeout: strconv.Itoa(d.Settings.RingSeconds),
		// Until somebody answers the caller hears it ring, and is not charged a second leg.
		AnswerOnBridge: "true",
		InnerElements: []twiml.Element{twiml.VoiceNumber{
			PhoneNumber: phone, StatusCallback: d.address(StepAnswered, which), StatusCallbackEvent: "answered",
			StatusCallbackMethod: "POST",
		}},
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
