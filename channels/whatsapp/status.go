package whatsapp

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"switchboard/channels/twilio"
	"switchboard/inbox"
)

// Status is Twilio's word about a message of ours
// (twilio.com/docs/messaging/guides/track-outbound-message-status).
type Status struct {
	MessageSID string
	// Number is ours, E.164.
	Number string
	// State is what the message became; "" is nothing that counts, such as queued.
	State inbox.MessageState
	// Code and Detail say why it failed.
	Code   inbox.Code
	Detail string
}

var states = map[string]inbox.MessageState{
	"sent": inbox.MessageSent, "delivered": inbox.MessageDelivered, "read": inbox.MessageRead,
	"undelivered": inbox.MessageFailed, "failed": inbox.MessageFailed, "canceled": inbox.MessageFailed,
}

// ParseStatus reads the body of a status callback.
func ParseStatus(body []byte) (Status, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Status{}, errors.New("the body is not an HTML form")
	}
	status := Status{MessageSID: form.Get("MessageSid"), State: states[form.Get("MessageStatus")]}
	if !messageSID.MatchString(status.MessageSID) {
		return Status{}, ErrNoMessageSID
	}
	number, isWhatsApp := strings.CutPrefix(form.Get("From"), addressPrefix)
	if status.Number, isWhatsApp = e164If(isWhatsApp, number); !isWhatsApp {
		return status, ErrNotWhatsApp
	}
	if status.State == inbox.MessageFailed {
		code, _ := strconv.Atoi(form.Get("ErrorCode")) // absent is 0, an unknown code
		failure := twilio.FailureOf(code)
		status.Code, status.Detail = failure.Code, twilio.Detail(code)
	}
	return status, nil
}
