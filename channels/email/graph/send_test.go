package graph_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/test/standins/fakegraph"
)

func answer() mailbox.Outgoing {
	return mailbox.Outgoing{
		From: "team@example.com", To: "grace@example.com", MessageID: "o'answer@switchboard.example", ComposedAt: time.Now(),
		Raw: []byte("From: Team <team@example.com>\r\nTo: grace@example.com\r\n" +
			"Message-ID: <o'answer@switchboard.example>\r\nSubject: A lamp\r\n\r\nText\r\n"),
	}
}

func TestAMessageGoesOutUnderOurMessageID(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	accepted, err := open(t, server).Send(t.Context(), answer())
	require.NoError(t, err)
	require.Equal(t, "o'answer@switchboard.example", accepted.MessageID)
	require.Equal(t, server.Find("o'answer@switchboard.example"), accepted.ID)
}

func TestTheNextTryTakesTheDraftOfTheLast(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	server.Once("/send", fakegraph.Throttle(time.Second))
	_, err := open(t, server).Send(t.Context(), answer())
	require.Error(t, err)
	require.Len(t, server.Drafts(), 1)

	_, found, err := open(t, server).Sent(t.Context(), answer())
	require.NoError(t, err)
	require.False(t, found, "a draft is not sent")

	_, err = open(t, server).Send(t.Context(), answer())
	require.NoError(t, err)
	require.Empty(t, server.Drafts())
	require.Len(t, server.Sent(), 1)
}

func TestAMessageOnItsWayIsSent(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	server.Hold()
	accepted, err := open(t, server).Send(t.Context(), answer())
	require.NoError(t, err)
	again, found, err := open(t, server).Sent(t.Context(), answer())
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, accepted, again)
}

func TestNoDraftStaysThatWillNotBeSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, code string
		status     int
		want       channels.Outcome
	}{
		"refused":        {path: "/send", status: http.StatusForbidden, code: "ErrorSendAsDenied", want: channels.Final},
		"cannot be kept": {path: "/messages", status: http.StatusInternalServerError, code: "ErrorInternalServerError", want: channels.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := fakegraph.Start(t)
			if c.path == "/messages" {
				// The first request looks for an earlier draft.
				server.Once(c.path, func(w http.ResponseWriter, r *http.Request, api http.Handler) {
					server.Once(c.path, fakegraph.Fail(c.status, c.code))
					api.ServeHTTP(w, r)
				})
			} else {
				server.Once(c.path, fakegraph.Fail(c.status, c.code))
			}
			_, err := open(t, server).Send(t.Context(), answer())
			failed, ok := errors.AsType[*channels.SendError](err)
			require.True(t, ok)
			require.Equal(t, c.want, failed.Outcome)
			require.NotContains(t, err.Error(), "example.com")
			require.Empty(t, server.Drafts())
			require.Empty(t, server.Sent())
		})
	}
}

func TestADraftThatCannotBeMarkedIsTakenBack(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	server.Once("/me/messages", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		api.ServeHTTP(w, r)
		server.Once(server.Drafts()[0].ID, fakegraph.Fail(http.StatusServiceUnavailable, "ServiceUnavailable"))
	})
	_, err := open(t, server).Send(t.Context(), answer())
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Retry, failed.Outcome)
	require.Empty(t, server.Drafts())
}

func TestADraftThatSomebodyDeletedIsMadeAgain(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	server.Once("/send", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		server.Delete(server.Drafts()[0].ID)
		api.ServeHTTP(w, r)
	})
	_, err := open(t, server).Send(t.Context(), answer())
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Retry, failed.Outcome)
	_, err = open(t, server).Send(t.Context(), answer())
	require.NoError(t, err)
	require.Len(t, server.Sent(), 1)
}

func TestATryThatWasGivenUpMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	ctx, giveUp := context.WithCancel(t.Context())
	server.Once("/send", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		giveUp()
		fakegraph.Wait(nil)(w, r, api)
	})
	_, err := open(t, server).Send(ctx, answer())
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Unknown, failed.Outcome)
}

func TestAMessageFromSomebodyElseIsRefusedForGood(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	out := answer()
	out.Raw = []byte("From: somebody@elsewhere.example\r\nTo: grace@example.com\r\n\r\nText\r\n")
	_, err := open(t, server).Send(t.Context(), out)
	failed, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok)
	require.Equal(t, channels.Final, failed.Outcome)
}
