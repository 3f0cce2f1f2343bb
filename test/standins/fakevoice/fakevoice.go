// Package fakevoice calls a number as Twilio's voice engine does: it fetches the
// documents that say what to do with the caller and carries them out, with the
// webhooks that belong to it (twilio.com/docs/voice/twiml). It is strict: what
// Twilio does not know ends the call with an error.
package fakevoice

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"switchboard/channels/twilio/twiliotest"
)

// Line is one call to a number.
type Line struct {
	// Server is where webhooks are delivered; they are signed with Token for the
	// address that they were given.
	Server, Token string
	// VoiceURL is the number's webhook, for calls and for their end.
	VoiceURL string
	CallSID  string
	From, To string
	// Phones say what becomes of a dialled number: "completed", "busy", "no-answer",
	// "failed", or Mailbox. One that is not there fails.
	Phones map[string]string
	// Voicemail is how many seconds the caller speaks after the tone; 0 hangs up.
	Voicemail int
	// RecordingURL gives a recording's address; nil is a made-up one.
	RecordingURL func(recordingSID string) string
	// Leaves is the verb during which the caller hangs up: "Say", "Pause", "Dial" while
	// the phone rings, "Gather" while an agent hears of the call and takes it all the
	// same, or "Record" while speaking. "" is none.
	Leaves string
	// HangUp, when set, is asked before each document is carried out whether the
	// caller hangs up.
	HangUp func(document string) bool
	// Hears, when set, is told each document that is carried out on the side of who
	// was dialled.
	Hears func(document string)
	// Paused is called for each <Pause>, in place of waiting.
	Paused func()
	// Times is how often each webhook is delivered; the first answer counts. The others
	// must be the same, but for the question what to do next. 0 is once.
	Times int

	// Dialled are the numbers that rang, Said what the caller heard, Announced what
	// who picked up heard before, in order.
	Dialled   []string
	Said      []string
	Announced []string

	again func(context.Context) error
	// gone: the caller has hung up, of which Twilio told.
	gone bool
}

// Mailbox is a phone whose mailbox picks up: it hears everything out and presses
// nothing.
const Mailbox = "mailbox"

// element is a TwiML verb or noun.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, attr := range e.Attrs {
		if attr.Name.Local == name {
			return attr.Value
		}
	}
	return ""
}

// maxDocuments is more than any call needs.
const maxDocuments = 200

// twilio waits for an answer longer than Twilio, which does for 15 seconds
// (twilio.com/docs/usage/webhooks): the machine may be busy with other tests.
var twilio = &http.Client{Timeout: 2 * time.Minute}

// Call makes the call and returns when it is over.
func (l *Line) Call(ctx context.Context) error {
	address, parameters := l.VoiceURL, url.Values{"CallStatus": {"ringing"}, "Direction": {"inbound"}}
	for range maxDocuments {
		text, err := l.post(ctx, address, parameters)
		if err != nil {
			return err
		}
		if l.gone {
			return nil
		}
		if l.HangUp != nil && l.HangUp(text) {
			return l.over(ctx)
		}
		if address, parameters, err = l.carryOut(ctx, text); err != nil {
			return err
		}
		if address == "" {
			return l.over(ctx)
		}
	}
	return fmt.Errorf("the call did not end within %d documents", maxDocuments)
}

// carryOut returns where the next document is, "" when the call is over.
func (l *Line) carryOut(ctx context.Context, text string) (next string, parameters url.Values, err error) {
	var response element
	if err := xml.Unmarshal([]byte(text), &response); err != nil || response.XMLName.Local != "Response" {
		return "", nil, fmt.Errorf("not TwiML: %q (%v)", text, err)
	}
	for _, verb := range response.Children {
		switch verb.XMLName.Local {
		case "Say":
			l.Said = append(l.Said, verb.Text)
		case "Pause":
			if l.Paused != nil && l.Leaves != "Pause" {
				l.Paused()
			}
		case "Redirect":
			return strings.TrimSpace(verb.Text), url.Values{"CallStatus": {"in-progress"}}, nil
		case "Dial":
			return l.dial(ctx, verb)
		case "Record":
			if l.Voicemail > 0 {
				return l.record(ctx, verb)
			}
		case "Hangup", "Reject":
			return "", nil, nil
		default:
			return "", nil, fmt.Errorf("no verb of Twilio's is called <%s>", verb.XMLName.Local)
		}
		if verb.XMLName.Local == l.Leaves {
			return "", nil, nil
		}
	}
	return "", nil, nil
}

// leaves has the caller hang up during a verb of a webhook's, should it be that one.
// What the verb ends with is told all the same.
func (l *Line) leaves(ctx context.Context, verb string, parameters url.Values) error {
	if verb != l.Leaves || l.gone {
		return nil
	}
	l.gone = true
	parameters.Set("CallStatus", "completed")
	return l.over(ctx)
}

func (l *Line) dial(ctx context.Context, verb element) (string, url.Values, error) {
	if len(verb.Children) != 1 || verb.Children[0].XMLName.Local != "Number" || verb.attr("timeout") == "" {
		return "", nil, fmt.Errorf("this <Dial> is not one number for a time: %+v", verb)
	}
	number := verb.Children[0]
	l.Dialled = append(l.Dialled, number.Text)
	status := cmp.Or(l.Phones[number.Text], "failed")
	parameters := url.Values{"CallStatus": {"in-progress"}, "DialCallStatus": {status}, "DialCallSid": {l.CallSID + "b"}}
	if l.Leaves == "Dial" {
		parameters.Set("DialCallStatus", "canceled")
		return verb.attr("action"), parameters, l.leaves(ctx, "Dial", parameters)
	}
	if status == "completed" || status == Mailbox {
		// To Twilio both are a phone that was answered, also when its side hung up
		// before the two were connected.
		parameters.Set("DialCallStatus", "completed")
		parameters.Set("DialCallDuration", "42")
		if err := l.pickUp(ctx, number, parameters); err != nil {
			return "", nil, err
		}
	}
	return verb.attr("action"), parameters, nil
}

// pickUp tells that the phone was picked up, and carries out what its side hears
// before it is connected. What is told of the caller after that are parameters.
func (l *Line) pickUp(ctx context.Context, number element, parameters url.Values) error {
	leg := url.Values{"CallSid": {l.CallSID + "b"}, "ParentCallSid": {l.CallSID}, "CallStatus": {"in-progress"}}
	if callback := number.attr("statusCallback"); callback != "" {
		if _, err := l.post(ctx, callback, leg); err != nil {
			return err
		}
	}
	address := number.attr("url")
	for address != "" {
		text, err := l.post(ctx, address, leg)
		if err != nil {
			return err
		}
		var response element
		if err := xml.Unmarshal([]byte(text), &response); err != nil || response.XMLName.Local != "Response" {
			return fmt.Errorf("not TwiML: %q (%v)", text, err)
		}
		if l.Hears != nil {
			l.Hears(text)
		}
		if address, err = l.hear(response, l.Phones[number.Text] == "completed"); err != nil {
			return err
		}
		if err := l.leaves(ctx, "Gather", parameters); err != nil {
			return err
		}
		leg.Set("Digits", "1")
	}
	return nil
}

// hear carries out a document on the side of who picked up and presses 1, or not; it
// returns where the key is told.
func (l *Line) hear(response element, presses bool) (next string, err error) {
	for _, verb := range response.Children {
		switch verb.XMLName.Local {
		case "Gather":
			for _, said := range verb.Children {
				if said.XMLName.Local != "Say" {
					return "", fmt.Errorf("nobody says <%s> before a key", said.XMLName.Local)
				}
				l.Announced = append(l.Announced, said.Text)
			}
			if presses {
				return verb.attr("action"), nil
			}
		case "Hangup":
			return "", nil
		default:
			return "", fmt.Errorf("on the side of who was dialled there is no <%s>", verb.XMLName.Local)
		}
	}
	return "", nil
}

func (l *Line) record(ctx context.Context, verb element) (string, url.Values, error) {
	address := "https://api.twilio.com/Recordings/" + l.RecordingSID()
	if l.RecordingURL != nil {
		address = l.RecordingURL(l.RecordingSID())
	}
	recording := url.Values{
		"RecordingSid": {l.RecordingSID()}, "RecordingUrl": {address},
		"RecordingDuration": {fmt.Sprint(l.Voicemail)}, "CallStatus": {"in-progress"},
	}
	if err := l.leaves(ctx, "Record", recording); err != nil {
		return "", nil, err
	}
	done := maps.Clone(recording)
	done.Set("RecordingStatus", "completed")
	done.Del("CallStatus")
	l.again = func(ctx context.Context) error {
		_, err := l.post(ctx, verb.attr("recordingStatusCallback"), done)
		return err
	}
	if err := l.again(ctx); err != nil {
		return "", nil, err
	}
	return verb.attr("action"), recording, nil
}

// RecordingSID names what the caller said.
func (l *Line) RecordingSID() string { return "RE" + strings.TrimPrefix(l.CallSID, "CA") }

// RecordingAgain tells once more that the recording is there.
func (l *Line) RecordingAgain(ctx context.Context) error { return l.again(ctx) }

// over tells that the call has ended.
func (l *Line) over(ctx context.Context) error {
	_, err := l.post(ctx, l.VoiceURL, url.Values{"CallStatus": {"completed"}, "CallDuration": {"60"}})
	return err
}

// post delivers a webhook, signed for its public address.
func (l *Line) post(ctx context.Context, address string, parameters url.Values) (string, error) {
	form := url.Values{"CallSid": {l.CallSID}, "AccountSid": {"AC1"}, "From": {l.From}, "To": {l.To}}
	maps.Copy(form, parameters)
	public, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("webhook: %w", err)
	}
	var first string
	for i := range max(l.Times, 1) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.Server+public.RequestURI(), strings.NewReader(form.Encode()))
		if err != nil {
			return "", fmt.Errorf("webhook: %w", err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("X-Twilio-Signature", twiliotest.Sign(l.Token, address, form))
		response, err := twilio.Do(request)
		if err != nil {
			return "", fmt.Errorf("webhook: %w", err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			return "", fmt.Errorf("webhook %s answered %d: %s (%v)", public.RequestURI(), response.StatusCode, body, err)
		}
		if i == 0 {
			first = string(body)
		} else if !strings.Contains(address, "step=next") && shape(first) != shape(string(body)) {
			return "", fmt.Errorf("webhook %s, again, answered %s after %s", public.RequestURI(), body, first)
		}
	}
	return first, nil
}

// shape is a document without the order of attributes, which means nothing.
func shape(text string) string {
	var e element
	_ = xml.Unmarshal([]byte(text), &e) // what is no document is refused when it is carried out
	return render(e)
}

func render(e element) string {
	attrs := map[string]string{}
	for _, attr := range e.Attrs {
		attrs[attr.Name.Local] = attr.Value
	}
	text := fmt.Sprint(e.XMLName.Local, attrs, e.Text)
	for _, child := range e.Children {
		text += "/" + render(child)
	}
	return text
}
