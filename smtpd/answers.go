package smtpd

import "github.com/emersion/go-smtp"

// answer is a refusal and its name in metrics.
type answer struct {
	name string
	smtp *smtp.SMTPError
}

func refusal(name string, code int, enhanced smtp.EnhancedCode, message string) answer {
	return answer{name, &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: message}}
}

// The refusals; enhanced codes are RFC 3463's. A channel that is switched off is
// refused for now: it may be switched on again, and providers that forward mail
// stop doing so when they are refused for good.
var (
	otherDomain      = refusal("other_domain", 550, smtp.EnhancedCode{5, 7, 1}, "We take no mail for that domain and relay nothing.")
	unknownRecipient = refusal("unknown_recipient", 550, smtp.EnhancedCode{5, 1, 1}, "There is no such address here.")
	switchedOff      = refusal("switched_off", 450, smtp.EnhancedCode{4, 2, 1}, "This address takes no mail at the moment.")
	tooManyUnknown   = refusal("too_many_unknown", 450, smtp.EnhancedCode{4, 7, 0}, "Too many unknown recipients on this connection.")
	lookUpFailed     = refusal("lookup_failed", 451, smtp.EnhancedCode{4, 3, 0}, "We cannot look that address up at the moment.")
	nestedMail       = refusal("bad_sequence", 503, smtp.EnhancedCode{5, 5, 1}, "The sender was already given.")
	tooLarge         = answer{"too_large", smtp.ErrDataTooLarge}
	lineTooLong      = refusal("line_too_long", 554, smtp.EnhancedCode{5, 6, 0}, "The message has a line that is too long.")
	incomplete       = refusal("incomplete", 451, smtp.EnhancedCode{4, 4, 2}, "The message did not arrive completely.")
	noMemory         = refusal("no_memory", 452, smtp.EnhancedCode{4, 3, 1}, "Too much mail is coming in at the moment.")
	notStored        = refusal("not_stored", 451, smtp.EnhancedCode{4, 3, 0}, "The message could not be stored. Try again later.")
)

// accepted is the name of the one answer that is no refusal.
const accepted = "accepted"
