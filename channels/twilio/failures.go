package twilio

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
)

// lookUpAfter is when a message that Twilio may have accepted is certainly in
// Twilio's list.
const lookUpAfter = time.Minute

// Failure is what an error code of Twilio's means to us.
type Failure struct {
	Code inbox.Code
	// Words are for people.
	Words string
	// Passing: the same may work later.
	Passing bool
}

// failures are the codes that we know (twilio.com/docs/api/errors). They come in
// answers to calls, and late in status callbacks.
var failures = map[int]Failure{
	20003: {inbox.CodeProviderNotSetUp, "Twilio does not accept our account or its token.", true},
	20005: {inbox.CodeProviderNotSetUp, "Our account at Twilio is not active.", true},
	90010: {inbox.CodeProviderNotSetUp, "Our account at Twilio is not active.", true},
	20429: {inbox.CodeRateLimited, "Twilio asks for fewer requests.", true},
	14107: {inbox.CodeRateLimited, "Twilio asks for fewer messages.", true},
	30001: {inbox.CodeRateLimited, "Too many messages wait at Twilio.", true},
	63018: {inbox.CodeRateLimited, "The number may not send more messages for now.", true},

	63016: {inbox.CodeTemplateRequired, "More than 24 hours after the contact wrote, only an approved template may be sent.", false},

	21211: {inbox.CodeNoReplyAddress, "Twilio does not know the contact's number.", false},
	21214: {inbox.CodeNoReplyAddress, "Twilio cannot reach the contact's number.", false},
	21217: {inbox.CodeNoReplyAddress, "The contact's number is not valid.", false},
	21219: {inbox.CodeNoReplyAddress, "A trial account reaches verified numbers only.", false},
	21608: {inbox.CodeNoReplyAddress, "A trial account reaches verified numbers only.", false},
	21610: {inbox.CodeNoReplyAddress, "The contact asked for no more messages.", false},
	21614: {inbox.CodeNoReplyAddress, "The contact's number cannot receive messages.", false},
	30003: {inbox.CodeNoReplyAddress, "The contact's phone is off or out of reach.", false},
	30004: {inbox.CodeNoReplyAddress, "The contact blocked our messages.", false},
	30005: {inbox.CodeNoReplyAddress, "The contact's number is not in use any more.", false},
	30006: {inbox.CodeNoReplyAddress, "The contact's number is a landline.", false},
	63003: {inbox.CodeNoReplyAddress, "The contact's number is not on WhatsApp.", false},
	63015: {inbox.CodeNoReplyAddress, "The contact has not joined WhatsApp's sandbox of our account.", false},
	63024: {inbox.CodeNoReplyAddress, "WhatsApp does not deliver to the contact.", false},
	63032: {inbox.CodeNoReplyAddress, "WhatsApp does not deliver this message to the contact.", false},
	63049: {inbox.CodeDeliveryFailed, "WhatsApp chose not to deliver this marketing message.", false},

	21212: {inbox.CodeProviderNotSetUp, "The channel's number is not one of our account at Twilio.", false},
	21606: {inbox.CodeProviderNotSetUp, "The channel's number is not one of our account at Twilio.", false},
	63007: {inbox.CodeProviderNotSetUp, "The channel's number is not one of our account at Twilio.", false},
	63051: {inbox.CodeProviderNotSetUp, "WhatsApp locked the account of the channel's number.", false},
	21408: {inbox.CodeDeliveryFailed, "Our account may not send to the contact's country.", false},
	30007: {inbox.CodeDeliveryFailed, "The contact's network filtered the message as unwanted.", false},
	30008: {inbox.CodeDeliveryFailed, "The contact's network did not say why.", false},
	63001: {inbox.CodeProviderNotSetUp, "WhatsApp does not accept the account of the channel's number.", false},
	63005: {inbox.CodeDeliveryFailed, "WhatsApp did not accept the message.", false},
	63013: {inbox.CodeDeliveryFailed, "The message is against WhatsApp's policy.", false},

	21602: {inbox.CodeInvalid, "The message is empty.", false},
	21605: {inbox.CodeTooLarge, "The message is longer than 1600 characters.", false},
	21617: {inbox.CodeTooLarge, "The message is longer than 1600 characters.", false},
	21620: {inbox.CodeInvalid, "Twilio cannot fetch the file from us.", false},
	63019: {inbox.CodeInvalid, "Twilio could not fetch the file from us.", false},
	63034: {inbox.CodeTooLarge, "The file is larger than WhatsApp takes.", false},
	11751: {inbox.CodeTooLarge, "The file is larger than WhatsApp takes.", false},
	21623: {inbox.CodeInvalid, "WhatsApp takes one file with a message.", false},
	63021: {inbox.CodeInvalid, "WhatsApp does not take this kind of content.", false},
	12300: {inbox.CodeUnsupportedType, "WhatsApp does not take this kind of file.", false},
	21655: {inbox.CodeInvalid, "Twilio does not know the template.", false},
	21656: {inbox.CodeInvalid, "The template's variables are not right.", false},
	63027: {inbox.CodeInvalid, "The template is not approved in its language.", false},
	63028: {inbox.CodeInvalid, "The template has another number of variables.", false},
	63033: {inbox.CodeNoReplyAddress, "The contact asked for no more messages.", false},
	63038: {inbox.CodeRateLimited, "Our account reached its messages of the day.", false},
	63040: {inbox.CodeInvalid, "WhatsApp rejected the template.", false},
	63041: {inbox.CodeInvalid, "WhatsApp paused the template.", false},
	63042: {inbox.CodeInvalid, "WhatsApp disabled the template.", false},
}

// FailureOf says what an error code of Twilio's means; an unknown one is
// CodeDeliveryFailed.
func FailureOf(code int) Failure {
	if failure, known := failures[code]; known {
		return failure
	}
	return Failure{Code: inbox.CodeDeliveryFailed, Words: "Twilio could not deliver the message."}
}

// Detail is why Twilio did not deliver a message, in words and with Twilio's code.
func Detail(code int) string {
	words := FailureOf(code).Words
	if code == 0 {
		return words
	}
	return fmt.Sprintf("%s (Twilio %d)", words, code)
}

// Failed is the one table from a failed call to a failed try:
//
//   - a code that we know is final unless it is passing;
//   - 401 and 429 certainly did nothing and may work later, any other 4xx is
//     final;
//   - without a connection nothing was sent;
//   - everything else, 5xx and lost answers, is the outcome given: Unknown for
//     what changes something at Twilio, Retry for what only reads.
func Failed(err error, otherwise channels.Outcome) *channels.SendError {
	if addressed, ok := errors.AsType[*url.Error](err); ok {
		err = addressed.Err // the address may hold numbers
	}
	refusal, refused := errors.AsType[*Error](err)
	dial, undialed := errors.AsType[*net.OpError](err)
	switch {
	case refused && refusal.Status >= http.StatusInternalServerError:
	case refused:
		return refusedTry(refusal)
	case undialed && dial.Op == "dial":
		return &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: err}
	}
	if otherwise == channels.Unknown {
		return &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, RetryAfter: lookUpAfter, Err: err}
	}
	return &channels.SendError{Code: inbox.CodeUnavailable, Outcome: otherwise, Err: err}
}

func refusedTry(refusal *Error) *channels.SendError {
	failure, known := failures[refusal.Code]
	switch {
	case known:
	case refusal.Status == http.StatusUnauthorized:
		failure = failures[20003]
	case refusal.Status == http.StatusTooManyRequests:
		failure = failures[20429]
	default:
		failure = FailureOf(refusal.Code)
	}
	try := &channels.SendError{Code: failure.Code, Detail: Detail(refusal.Code), Outcome: channels.Final, RetryAfter: refusal.RetryAfter, Err: refusal}
	if failure.Passing {
		try.Outcome = channels.Retry
	}
	return try
}
