package call

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
)

// Step says which of a call's webhooks it is: the query parameter "step" of the
// addresses that our documents name.
type Step string

const (
	// StepCome is the number's own webhook: a call came in, or is over.
	StepCome Step = ""
	// StepNext asks what to do now.
	StepNext Step = "next"
	// StepAnswered says that an agent's phone was picked up, which takes the call
	// when nothing has to be confirmed.
	StepAnswered Step = "answered"
	// StepAnnounce asks what an agent who picked up hears, StepTake what the agent
	// pressed then.
	StepAnnounce Step = "announce"
	StepTake     Step = "take"
	// StepDialled says what became of a ring.
	StepDialled Step = "dialled"
	// StepRecorded ends a recording, StepRecording says where it is.
	StepRecorded  Step = "recorded"
	StepRecording Step = "recording"
)

// Webhook is one request of Twilio's about a call.
type Webhook struct {
	Step Step
	// Attempt counts the phones that rang, with the steps of one phone.
	Attempt int
	// CallID is Twilio's CallSid of the caller's call, whichever call the webhook
	// is about.
	CallID string
	// From and To are E.164; From is "" when the caller hides the number.
	From, To string
	// Taken: the agent pressed the key that takes the call, with StepTake.
	Taken bool
	// Over: the caller's call has ended.
	Over bool
	// Result is what became of a ring, with StepDialled.
	Result inbox.CallResult
	// Recording is what the caller said, with StepRecording; nil when nothing was.
	Recording *Recording
}

// Recording is a recording at Twilio.
type Recording struct {
	ID     string
	URL    string
	Length time.Duration
}

// sid is how Twilio's ids are written; those of stand-ins are longer or shorter.
var sid = regexp.MustCompile(`^[A-Za-z0-9]{2,64}$`)

// Parse reads a webhook from its query and its form
// (twilio.com/docs/voice/twiml). Parameters that it does not know are left. An
// error is CodeInvalid and names the parameter.
func Parse(query, form url.Values) (Webhook, error) {
	w := Webhook{Step: Step(query.Get("step")), CallID: form.Get("CallSid")}
	if w.Step.agents() {
		w.CallID = form.Get("ParentCallSid")
	}
	if !sid.MatchString(w.CallID) {
		return Webhook{}, inbox.Invalid("CallSid", "There is no id of a call.")
	}
	w.From = callerOf(form.Get("From"))
	w.To, _ = channels.PhoneNumber(form.Get("To"))
	w.Over = over(form.Get("CallStatus"))
	var err error
	switch w.Step {
	case StepCome:
		if w.To == "" {
			return Webhook{}, inbox.Invalid("To", "There is no number that was called.")
		}
	case StepNext, StepRecorded:
	case StepAnswered, StepAnnounce, StepTake, StepDialled:
		if w.Attempt, err = strconv.Atoi(query.Get("attempt")); err != nil || w.Attempt < 1 {
			return Webhook{}, inbox.Invalid("attempt", "It does not say which phone rang.")
		}
		w.Over = w.Over && !w.Step.agents()
		w.Taken = w.Step == StepTake && form.Get("Digits") == takingKey
		w.Result = result(w.Attempt, query.Get(confirmParameter) != "", form)
	case StepRecording:
		w.Recording, err = recording(form)
	default:
		return Webhook{}, inbox.Invalid("step", "There is no such step of a call.")
	}
	return w, err
}

// agents reports whether a step's webhook is about the call to an agent, of which
// the caller's is the parent.
func (s Step) agents() bool { return s == StepAnswered || s == StepAnnounce || s == StepTake }

// confirmParameter of StepDialled's address says that picking up the phone was not
// yet taking the call, takingKey was.
const (
	confirmParameter = "confirm"
	takingKey        = "1"
)

// hidden are the numbers that stand where there is none: what networks say instead,
// spelled on a telephone's keys (Twilio's support, "Why am I getting calls from these
// strange numbers?").
var hidden = map[string]bool{
	"+266696687":   true, // ANONYMOUS
	"+86282452253": true, // UNAVAILABLE
	"+7378742833":  true, // RESTRICTED
	"+2562533":     true, // BLOCKED
	"+8566696":     true, // UNKNOWN
}

// callerOf is the number of who calls, "" when it is hidden.
func callerOf(from string) string {
	number, ok := channels.PhoneNumber(from)
	if !ok || hidden[number] {
		return ""
	}
	return number
}

// over reports whether a call has ended (twilio.com/docs/voice/api/call-resource,
// "Call status values").
func over(status string) bool {
	switch status {
	case "completed", "busy", "failed", "no-answer", "canceled":
		return true
	default:
		return false
	}
}

// dialCodes are what Twilio says of a phone that nobody answered.
var dialCodes = map[string]bool{"busy": true, "no-answer": true, "failed": true, "canceled": true}

// result is what became of a ring. To Twilio a phone was answered, too, whose agent
// or mailbox did not take the call.
func result(attempt int, confirm bool, form url.Values) inbox.CallResult {
	status := form.Get("DialCallStatus")
	pickedUp := status == "completed" || status == "answered"
	r := inbox.CallResult{Attempt: attempt, Answered: pickedUp && !confirm, Code: "unknown"}
	switch {
	case pickedUp:
		r.Talked, r.Code = seconds(form.Get("DialCallDuration")), ""
		if confirm {
			r.Code = inbox.CallNotTaken
		}
	case dialCodes[status]:
		r.Code = status
	}
	return r
}

func recording(form url.Values) (*Recording, error) {
	r := &Recording{ID: form.Get("RecordingSid"), URL: form.Get("RecordingUrl"), Length: seconds(form.Get("RecordingDuration"))}
	if form.Get("RecordingStatus") != "completed" || r.Length == 0 {
		return nil, nil
	}
	address, err := url.Parse(r.URL)
	switch {
	case !sid.MatchString(r.ID):
		return nil, inbox.Invalid("RecordingSid", "There is no id of the recording.")
	case err != nil || address.Host == "":
		return nil, inbox.Invalid("RecordingUrl", "There is no address of the recording.")
	}
	return r, nil
}

// mp3 ends the address of a recording as MP3.
const mp3 = ".mp3"

// File is the recording as MP3, a tenth of what Twilio sends otherwise. What is fetched
// gives the name its ending.
func (r Recording) File() inbox.RemoteFile {
	return inbox.RemoteFile{URL: strings.TrimSuffix(r.URL, mp3) + mp3, Name: "voicemail", ContentType: "audio/mpeg"}
}

// maxSeconds is longer than any call.
const maxSeconds = 7 * 24 * 60 * 60

func seconds(text string) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxSeconds {
		return 0
	}
	return time.Duration(n) * time.Second
}

// Sender is who calls: the number, if it is not hidden, and the name that the
// network knows.
func (w Webhook) Sender(form url.Values) inbox.Sender {
	sender := inbox.Sender{Name: channels.CleanName(form.Get("CallerName"))}
	if w.From != "" {
		sender.Identities = []inbox.Identity{{Kind: inbox.IdentityPhone, Value: w.From}}
	}
	return sender
}
