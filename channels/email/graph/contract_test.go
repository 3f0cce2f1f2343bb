package graph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/graph"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/mailboxtest"
	"switchboard/test/standins/fakegraph"
)

func open(t *testing.T, server *fakegraph.Server) *graph.Client {
	t.Helper()
	client, err := graph.New(server.URL, server.Client())
	require.NoError(t, err)
	return client
}

func reject(server *fakegraph.Server) func(*testing.T) {
	return func(*testing.T) { server.Accept(func(string) bool { return false }) }
}

func TestClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	mailboxtest.Run(t, func(t *testing.T) mailboxtest.Mailbox {
		server := fakegraph.Start(t)
		server.PageSize(7)
		return mailboxtest.Mailbox{
			Client:   func(t *testing.T) mailbox.Client { return open(t, server) },
			Deliver:  func(_ *testing.T, raw []byte) { server.Deliver(raw) },
			Delete:   func(_ *testing.T, messageID string) { server.Delete(server.Find(messageID)) },
			Expire:   func(*testing.T) { server.Expire() },
			Reject:   reject(server),
			Throttle: func(_ *testing.T, after time.Duration) { server.Once("", fakegraph.Throttle(after)) },
		}
	})
}

func TestClientSendsByTheContract(t *testing.T) {
	t.Parallel()
	mailboxtest.RunSender(t, func(t *testing.T) mailboxtest.Outbox {
		server := fakegraph.Start(t)
		return mailboxtest.Outbox{
			Sender:  func(t *testing.T) mailbox.Sender { return open(t, server) },
			Deliver: func(_ *testing.T, raw []byte) { server.Deliver(raw) },
			Left: func(*testing.T) []mailboxtest.Left {
				var left []mailboxtest.Left
				for _, m := range server.Sent() {
					left = append(left, mailboxtest.Left{Raw: m.Raw, Thread: m.ConversationID})
				}
				return left
			},
			ThreadOf: func(_ *testing.T, messageID string) string {
				return server.Message(server.Find(messageID)).ConversationID
			},
			Answer: func(status int, header http.Header) {
				server.Once("/send", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
					for name := range header {
						w.Header().Set(name, header.Get(name))
					}
					fakegraph.Fail(status, "ErrorOfSomeKind")(w, r, api)
				})
			},
			Break:  func() { server.Once("/send", fakegraph.Drop()) },
			Reject: reject(server),
			Stop:   server.Stop,
		}
	})
}
