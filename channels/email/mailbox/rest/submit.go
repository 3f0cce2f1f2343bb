package rest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
)

// Submit is JSON for the request that sends a message. Errors are
// *channels.SendError:
//
//   - Final when the provider refuses the message: 4xx;
//   - Retry when it refuses us or asks to wait, and when the request never left;
//   - Unknown when it may have acted: 5xx, or no answer that can be read.
func (a *API) Submit(ctx context.Context, r Request, into any) error {
	var left atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }})
	err := a.JSON(ctx, r, into)
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*StatusError](err); ok {
		switch {
		case answer.Status >= http.StatusInternalServerError:
			return unknown(err)
		case answer.Status == http.StatusUnauthorized, answer.Status == http.StatusRequestTimeout:
			return NotSent(err)
		}
		return &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: err}
	}
	if errors.Is(err, mailbox.ErrRejected) {
		return NotSent(err)
	}
	if _, throttled := errors.AsType[*mailbox.Throttled](err); throttled || !left.Load() {
		return NotSent(err)
	}
	return unknown(err)
}

// NotSent is the *channels.SendError of a failure before anything was sent.
func NotSent(err error) *channels.SendError {
	failed := &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: err}
	if throttled, ok := errors.AsType[*mailbox.Throttled](err); ok {
		failed.Code, failed.RetryAfter = inbox.CodeRateLimited, throttled.After
	}
	return failed
}

func unknown(err error) *channels.SendError {
	return &channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, Err: err}
}
