package inbox

import (
	"errors"
	"fmt"
)

// Code is a stable name for what went wrong; api maps it to HTTP in one table.
type Code string

const (
	CodeInvalid           Code = "invalid"
	CodeNotFound          Code = "not_found"
	CodeMethodNotAllowed  Code = "method_not_allowed"
	CodeUnauthorized      Code = "unauthorized"
	CodeForbidden         Code = "forbidden"
	CodeConflict          Code = "conflict"
	CodeTooLarge          Code = "too_large"
	CodeRateLimited       Code = "rate_limited"
	CodeUnsupportedType   Code = "unsupported_media_type"
	CodeTooSlow           Code = "too_slow"
	CodeUnavailable       Code = "unavailable"
	CodeInternal          Code = "internal"
	CodeChannelDisabled   Code = "channel_disabled"
	CodeOriginNotAllowed  Code = "origin_not_allowed"
	CodeIdentityUnproved  Code = "identity_unverified"
	CodeSeatRequired      Code = "seat_required"
	CodeConversationDone  Code = "conversation_closed"
	CodeConversationOpen  Code = "conversation_open"
	CodeWindowClosed      Code = "window_closed"
	CodeHumanAgentOnly    Code = "human_agent_only"
	CodeTemplateRequired  Code = "template_required"
	CodeConsentMissing    Code = "consent_missing"
	CodeNoReplyAddress    Code = "no_reply_address"
	CodeDeliveryFailed    Code = "delivery_failed"
	CodeDeliveryUnknown   Code = "delivery_unknown"
	CodeAlreadyConnected  Code = "already_connected"
	CodeNothingToConnect  Code = "nothing_to_connect"
	CodeChannelNotOffered Code = "channel_kind_not_offered"
	CodeCannotAnswerHere  Code = "cannot_answer_here"
	CodeCannotCompose     Code = "cannot_compose"
	CodePersonalMailbox   Code = "personal_mailbox"
	CodeProviderNotSetUp  Code = "provider_not_set_up"
	CodeMergeExpired      Code = "merge_expired"
	CodeLoginRejected     Code = "login_rejected"
	// Why a provider refused a message: the contact takes none, our application may
	// not send it, another application answers in this thread.
	CodeContactUnreachable Code = "contact_unreachable"
	CodePermissionMissing  Code = "permission_missing"
	CodeOtherApp           Code = "other_app"
	// A contact's file at the provider: too large for us, gone, or at an address
	// that we do not go to.
	CodeFileTooLarge    Code = "file_too_large"
	CodeFileUnavailable Code = "file_unavailable"
	CodeFileRefused     Code = "file_refused"
)

// Error is a failure a user can understand and act on.
type Error struct {
	Code Code
	// Detail is a clear sentence without personal data.
	Detail string
	// Field is the input's field in snake_case, "" when none is to blame.
	Field string
	// Remedy says what the user can do; may be "".
	Remedy string
	// Window is what the provider allows at the moment, when that is the reason;
	// else zero.
	Window Window
	cause  error
}

// Errorf returns an Error; a wrapped %w cause is kept for errors.Is but is not
// shown to users.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Detail: err.Error(), cause: errors.Unwrap(err)}
}

// Invalid returns CodeInvalid naming the field.
func Invalid(field, format string, args ...any) *Error {
	e := Errorf(CodeInvalid, format, args...)
	e.Field = field
	return e
}

// NotFound returns CodeNotFound for a noun such as "conversation".
func NotFound(noun string) *Error { return Errorf(CodeNotFound, "There is no such %s.", noun) }

// Because keeps what led to the error for errors.Is and for logs; users are not
// shown it.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Detail }

func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of the first *Error in err's chain, CodeInternal for
// any other error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
