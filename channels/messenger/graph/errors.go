package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"switchboard/channels"
)

// Error is a refusal, by the numbers Facebook gives it
// (developers.facebook.com/docs/messenger-platform/error-codes). Its words are
// not kept: they may name people.
type Error struct {
	Status int
	// Code and Subcode are 0 when Facebook gave none: then somebody on the way
	// refused.
	Code, Subcode int
	// After is when to try again, as asked for; zero is not said.
	After time.Duration
}

func (e *Error) Error() string {
	return fmt.Sprintf("facebook answered %d, code %d/%d", e.Status, e.Code, e.Subcode)
}

// TokenRejected reports whether the page's token is valid no longer: somebody has
// to connect the page again.
func (e *Error) TokenRejected() bool { return e.Code == 190 }

// Throttled reports whether we asked too often: of the application (4), of the
// page (32), of one call (613), or of the page's Messenger (80006).
func (e *Error) Throttled() bool {
	switch e.Code {
	case 4, 32, 613, 80006:
		return true
	default:
		return e.Status == http.StatusTooManyRequests
	}
}

func refused(answer *http.Response, body []byte) error {
	var said struct {
		Error struct {
			Code    int `json:"code"`
			Subcode int `json:"error_subcode"`
		} `json:"error"`
	}
	// What is no JSON is not Facebook's: it has no code.
	_ = json.Unmarshal(body, &said)
	return &Error{
		Status: answer.StatusCode, Code: said.Error.Code, Subcode: said.Error.Subcode,
		After: channels.RetryAfter(answer.Header, time.Now()),
	}
}
