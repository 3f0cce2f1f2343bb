package twilio_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

const account = "AC00000000000000000000000000000001"

func TestCallsGoToTheConfiguredBase(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 1)
	client := at(t, "/base", func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		_ = r.ParseForm()
		_, _ = io.WriteString(w, `{"sid": "SM1", "status": "queued"}`)
	})
	message, err := client.API(t.Context()).CreateMessage(text("whatsapp:+15550001111", "hi & bye"))
	require.NoError(t, err)
	require.Equal(t, "SM1", *message.Sid)
	got := <-requests
	require.Equal(t, "/base/2010-04-01/Accounts/"+account+"/Messages.json", got.URL.Path)
	require.Equal(t, "hi & bye", got.PostForm.Get("Body"))
	user, password, _ := got.BasicAuth()
	require.Equal(t, []string{account, "secret"}, []string{user, password})
}

func TestCallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := at(t, "", func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // before, the server does not see that the client hangs up
		cancel()
		<-r.Context().Done()
	})
	_, err := client.API(ctx).CreateMessage(text("whatsapp:+15550001111", "hi"))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, channels.Unknown, twilio.Failed(err, channels.Unknown).Outcome, "it may have arrived")
}

func TestFailuresSayWhetherTheMessageMayHaveLeft(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		outcome channels.Outcome
		code    inbox.Code
		after   time.Duration
	}{
		"too many requests":      {answer(429, `{"code": 20429, "message": "Too Many Requests"}`), channels.Retry, inbox.CodeRateLimited, 7 * time.Second},
		"too many, without code": {answer(429, ``), channels.Retry, inbox.CodeRateLimited, 7 * time.Second},
		"the number's rate":      {answer(400, `{"code": 63018}`), channels.Retry, inbox.CodeRateLimited, 7 * time.Second},
		"wrong token":            {answer(401, `{"code": 20003}`), channels.Retry, inbox.CodeProviderNotSetUp, 7 * time.Second},
		"window closed":          {answer(400, `{"code": 63016}`), channels.Final, inbox.CodeTemplateRequired, 7 * time.Second},
		"no such number":         {answer(400, `{"code": 21211, "message": "+15550001111 is not valid"}`), channels.Final, inbox.CodeNoReplyAddress, 7 * time.Second},
		"asked for no more":      {answer(400, `{"code": 21610}`), channels.Final, inbox.CodeNoReplyAddress, 7 * time.Second},
		"an unknown code":        {answer(400, `{"code": 99999}`), channels.Final, inbox.CodeDeliveryFailed, 7 * time.Second},
		"broken server":          {answer(500, `{"code": 20500}`), channels.Unknown, inbox.CodeDeliveryUnknown, time.Minute},
		"a proxy's page":         {answer(503, `<html>`), channels.Unknown, inbox.CodeDeliveryUnknown, time.Minute},
		"a lost answer":          {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, channels.Unknown, inbox.CodeDeliveryUnknown, time.Minute},
		"half an answer":         {answer(201, `{"sid": `), channels.Unknown, inbox.CodeDeliveryUnknown, time.Minute},
		"a redirect":             {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusTemporaryRedirect) }, channels.Final, inbox.CodeDeliveryFailed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := at(t, "", c.handler).API(t.Context()).CreateMessage(text("whatsapp:+15550001111", "hi"))
			require.Error(t, err)
			failure := twilio.Failed(err, channels.Unknown)
			require.Equal(t, c.outcome, failure.Outcome)
			require.Equal(t, c.code, failure.Code)
			require.Equal(t, c.after, failure.RetryAfter)
			require.NotContains(t, failure.Error(), "5550001111", "errors are logged (B12)")
		})
	}
}

func TestNothingWasSentWithoutAConnection(t *testing.T) {
	t.Parallel()
	client, err := twilio.New(account, "secret", "http://127.0.0.1:1")
	require.NoError(t, err)
	_, err = client.API(t.Context()).CreateMessage(text("whatsapp:+15550001111", "hi"))
	require.Error(t, err)
	require.Equal(t, channels.Retry, twilio.Failed(err, channels.Unknown).Outcome)
}

func TestLostAnswerToALookUpIsWorthAnother(t *testing.T) {
	t.Parallel()
	failure := twilio.Failed(&url.Error{Op: "Get", URL: "https://api.twilio.com/?To=%2B15550001111", Err: errors.New("reset")}, channels.Retry)
	require.Equal(t, channels.Retry, failure.Outcome)
	require.NotContains(t, failure.Error(), "5550001111")
}

func at(t *testing.T, path string, handler http.HandlerFunc) *twilio.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := twilio.New(account, "secret", server.URL+path)
	require.NoError(t, err)
	return client
}

func text(to, body string) *api.CreateMessageParams {
	return (&api.CreateMessageParams{}).SetTo(to).SetFrom("whatsapp:+15550002222").SetBody(body)
}
