package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
)

// StatusError is an answer that is no success.
type StatusError struct {
	Status int
	// Reason is the provider's code for it; may be "".
	Reason string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the provider answered %d %s", e.Status, e.Reason)
}

// Is makes an unknown token (401) and a permission that was not given (403)
// mailbox.ErrRejected: for both somebody has to connect the mailbox again.
func (e *StatusError) Is(target error) bool {
	return target == mailbox.ErrRejected &&
		(e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// HasStatus reports whether err is an answer with the status.
func HasStatus(err error, status int) bool {
	answer, ok := errors.AsType[*StatusError](err)
	return ok && answer.Status == status
}

// limits are the reasons of a 403 that mean too many requests
// (developers.google.com/workspace/gmail/api/guides/handle-errors).
var limits = []string{"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded"}

// refused reads an unsuccessful answer.
func refused(answer *http.Response, body []byte) error {
	reason := reasonOf(body)
	after := channels.RetryAfter(answer.Header, time.Now())
	switch {
	case answer.StatusCode == http.StatusTooManyRequests,
		answer.StatusCode == http.StatusForbidden && slices.Contains(limits, reason),
		// learn.microsoft.com/graph/throttling and RFC 9110, 15.6.4.
		answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
		return &mailbox.Throttled{After: after}
	}
	return &StatusError{Status: answer.StatusCode, Reason: reason}
}

// code is what a machine-readable reason looks like; anything else may be words
// about somebody.
var code = regexp.MustCompile(`^[A-Za-z0-9_.]{1,64}$`)

// reasonOf reads Google's error.errors[].reason and Microsoft's error.code.
func reasonOf(body []byte) string {
	var answer struct {
		Error struct {
			Code   any
			Errors []struct{ Reason string }
		}
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	reason, _ := answer.Error.Code.(string)
	if len(answer.Error.Errors) > 0 {
		reason = answer.Error.Errors[0].Reason
	}
	if !code.MatchString(reason) {
		return ""
	}
	return reason
}

// lost are the answers of a token endpoint after which only a person can help
// (RFC 6749, 5.2; learn.microsoft.com/entra/identity-platform/reference-error-codes).
var lost = []string{"invalid_grant", "interaction_required", "consent_required", "login_required"}

// Unanswered reads the error of a request that got no answer, for want of a token
// or of a server: mailbox.ErrRejected when only a person can help, and never the
// provider's words, which name accounts (B12).
func Unanswered(err error) error {
	if retrieve, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		if slices.Contains(lost, retrieve.ErrorCode) {
			return fmt.Errorf("%w: %s", mailbox.ErrRejected, retrieve.ErrorCode)
		}
		reason := retrieve.ErrorCode
		if !code.MatchString(reason) {
			reason = "no token"
		}
		// The error would quote the answer, which may name the account.
		return fmt.Errorf("get a token: %s", reason)
	}
	return unaddressed(err)
}

// unaddressed takes the address off an error: it may hold ids from mail.
func unaddressed(err error) error {
	if addressed, ok := errors.AsType[*url.Error](err); ok {
		return addressed.Err
	}
	return err
}
