package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"

	"switchboard/channels"
	"switchboard/inbox"
)

func final(err error) *channels.SendError {
	return &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: err}
}

func retry(stage string, err error) *channels.SendError {
	return &channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: describe(stage, err)}
}

// refused is an answer about the recipient or the content: 5xx stays so.
func refused(stage string, err error) *channels.SendError {
	if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 {
		return final(describe(stage, err))
	}
	return retry(stage, err)
}

// ended is what came after the end of the message. Without an answer nobody
// knows whether the server took it.
func ended(err error) error {
	if err == nil {
		return nil
	}
	if _, answered := errors.AsType[*textproto.Error](err); answered {
		return refused("content", err)
	}
	return &channels.SendError{
		Code:    inbox.CodeDeliveryUnknown,
		Outcome: channels.Unknown,
		Err:     describe("end of message", err),
	}
}

// enhancedCode is the machine-readable reason (RFC 3463) before the words.
var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// describe keeps a server's codes and drops its words.
func describe(stage string, err error) error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("%s: mail server answered %d %s", stage, answer.Code, enhancedCode.FindString(answer.Msg))
	}
	return fmt.Errorf("%s: %w", stage, err)
}
