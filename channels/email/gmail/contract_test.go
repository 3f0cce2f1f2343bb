package gmail_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/mailboxtest"
)

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	mailboxtest.Run(t, func(t *testing.T) mailboxtest.Mailbox {
		a := connect(t)
		return mailboxtest.Mailbox{
			Client:  func(t *testing.T) mailbox.Client { return a.client(t) },
			Deliver: func(t *testing.T, raw []byte) { a.deliver(t, raw, "INBOX", "UNREAD") },
			Delete: func(t *testing.T, messageID string) {
				a.call(t, http.MethodDelete, "/gmail/v1/users/me/messages/"+a.find(t, messageID).ID, nil, nil)
			},
			Expire: a.expire,
			Reject: a.revoke,
			Throttle: func(_ *testing.T, after time.Duration) {
				a.once("", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
					w.Header().Set("Retry-After", fmt.Sprint(int(after.Seconds())))
					googleError(w, http.StatusTooManyRequests, "rateLimitExceeded")
				})
			},
		}
	})
}

func TestClientSendsByTheContract(t *testing.T) {
	t.Parallel()
	mailboxtest.RunSender(t, func(t *testing.T) mailboxtest.Outbox {
		a := connect(t)
		return mailboxtest.Outbox{
			Sender:   func(t *testing.T) mailbox.Sender { return a.client(t) },
			Deliver:  func(t *testing.T, raw []byte) { a.deliver(t, raw, "INBOX", "UNREAD") },
			Left:     a.sent,
			ThreadOf: func(t *testing.T, messageID string) string { return a.find(t, messageID).ThreadID },
			Answer: func(status int, header http.Header) {
				a.once("/messages/send", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
					maps.Copy(w.Header(), header)
					googleError(w, status, "aReason")
				})
			},
			Break: func() {
				a.once("/messages/send", func(_ http.ResponseWriter, r *http.Request, standin http.Handler) {
					standin.ServeHTTP(httptest.NewRecorder(), r)
					panic(http.ErrAbortHandler)
				})
			},
			Reject: a.revoke,
			Stop:   a.server.Stop,
		}
	})
}
