package gmail_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"switchboard/channels/email/gmail"
	"switchboard/channels/email/mailbox"
)

func TestOnlyMailToTheAddressComesIn(t *testing.T) {
	t.Parallel()
	a := connect(t)
	client := a.client(t)
	start, err := client.Read(t.Context(), "")
	require.NoError(t, err)

	var want []string
	for _, c := range []struct {
		labels []string
		comes  bool
	}{
		{[]string{"INBOX", "UNREAD"}, true},
		{[]string{"UNREAD"}, true}, // a filter archived it
		{nil, true},
		{[]string{"SENT"}, false},
		{[]string{"SENT", "INBOX"}, true}, // a website writes to its own account
		{[]string{"DRAFT"}, false},
		{[]string{"SPAM"}, false},
		{[]string{"TRASH"}, false},
	} {
		m := a.deliver(t, []byte("Subject: "+fmt.Sprint(c.labels)+"\r\n\r\nText\r\n"), c.labels...)
		if c.comes {
			want = append(want, m.ID)
		}
	}
	batch, err := client.Read(t.Context(), start.Cursor)
	require.NoError(t, err)
	require.Equal(t, want, ids(batch))
}

func TestMailThatIsTakenOutOfSpamComesInThen(t *testing.T) {
	t.Parallel()
	a := connect(t)
	client := a.client(t)
	batch, err := client.Read(t.Context(), "")
	require.NoError(t, err)
	m := a.deliver(t, []byte("Subject: A lamp\r\n\r\nText\r\n"), "SPAM")
	batch, err = client.Read(t.Context(), batch.Cursor)
	require.NoError(t, err)
	require.Empty(t, ids(batch))

	a.relabel(t, m.ID, []string{"INBOX"}, []string{"SPAM"})
	batch, err = client.Read(t.Context(), batch.Cursor)
	require.NoError(t, err)
	require.Equal(t, []string{m.ID}, ids(batch))

	a.relabel(t, m.ID, nil, []string{"INBOX"})
	batch, err = client.Read(t.Context(), batch.Cursor)
	require.NoError(t, err)
	require.Empty(t, ids(batch), "archiving is no arrival")
}

func TestAResyncPassesOverWhatDidNotChangeSince(t *testing.T) {
	t.Parallel()
	a := connect(t)
	a.deliver(t, []byte("Subject: Old\r\n\r\nText\r\n"), "INBOX")
	client := a.client(t)
	batch, err := client.Read(t.Context(), "")
	require.NoError(t, err)
	missed := a.deliver(t, []byte("Subject: Missed\r\n\r\nText\r\n"), "INBOX")
	a.expire(t)

	batch, err = client.Read(t.Context(), batch.Cursor)
	require.NoError(t, err)
	require.True(t, batch.Resynced)
	require.Equal(t, []string{missed.ID}, ids(batch))
}

// script answers requests from a table of path with query to an answer.
func script(t *testing.T, answers map[string]string) *gmail.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[strings.TrimPrefix(r.URL.RequestURI(), "/gmail/v1/users/me")]
		switch {
		case !ok:
			t.Errorf("unexpected request %s", r.URL.RequestURI())
		case len(answer) == 3:
			status := 0
			_, _ = fmt.Sscan(answer, &status)
			googleError(w, status, "notFound")
		default:
			_, _ = fmt.Fprint(w, answer)
		}
	}))
	t.Cleanup(server.Close)
	client, err := gmail.New(server.URL, server.Client())
	require.NoError(t, err)
	return client
}

func raw(id string) string {
	return fmt.Sprintf(`{"id":%q,"labelIds":["INBOX"],"historyId":"9","internalDate":"1764000000000","raw":%q}`,
		id, base64.URLEncoding.EncodeToString([]byte("Subject: "+id+"\r\n\r\n")))
}

func TestHistoryIsReadFromRecordToRecord(t *testing.T) {
	t.Parallel()
	history := func(start string) string {
		return "/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=" + start
	}
	added := func(record string, ids ...string) string {
		text := ""
		for _, id := range ids {
			text += fmt.Sprintf(`,{"message":{"id":%q}}`, id)
		}
		return fmt.Sprintf(`{"id":%q,"messagesAdded":[%s]}`, record, text[1:])
	}
	client := script(t, map[string]string{
		// A page without records, then one that is not the last.
		history("100"): `{"nextPageToken":"t","historyId":"100000000000000000003"}`,
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&pageToken=t&startHistoryId=100": `{"history":[` + added("100000000000000000001", "a", "gone") + `,` + added("100000000000000000002", "a", "b") + `],"nextPageToken":"u"}`,
		history("100000000000000000002"): `{"history":[` + added("100000000000000000003", "c") + `],"historyId":"100000000000000000004"}`,
		"/messages/a?format=raw":         raw("a"),
		"/messages/b?format=raw":         raw("b"),
		"/messages/c?format=raw":         raw("c"),
		"/messages/gone?format=raw":      "404",
	})
	batch, err := client.Read(t.Context(), "100")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, ids(batch))
	require.True(t, batch.More)
	require.Equal(t, "100000000000000000002", batch.Cursor)
	require.Equal(t, time.UnixMilli(1764000000000).UTC(), batch.Messages[0].ReceivedAt)

	batch, err = client.Read(t.Context(), batch.Cursor)
	require.NoError(t, err)
	require.Equal(t, []string{"c"}, ids(batch))
	require.False(t, batch.More)
	require.Equal(t, "100000000000000000004", batch.Cursor)
}

func TestAFailureOnTheWayKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	client := script(t, map[string]string{
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=1": `{"history":[
			{"id":"2","messagesAdded":[{"message":{"id":"a"}}]},
			{"id":"3","messagesAdded":[{"message":{"id":"b"}}]}],"historyId":"3"}`,
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=2": `{"history":[
			{"id":"3","messagesAdded":[{"message":{"id":"b"}}]}],"historyId":"3"}`,
		"/messages/a?format=raw": raw("a"),
		"/messages/b?format=raw": "500",
	})
	batch, err := client.Read(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, ids(batch))
	require.Equal(t, "2", batch.Cursor)
	require.True(t, batch.More)
	_, err = client.Read(t.Context(), batch.Cursor)
	require.ErrorContains(t, err, "500 notFound")
}

func TestAResyncBeginsAgainWhenItsPageExpired(t *testing.T) {
	t.Parallel()
	client := script(t, map[string]string{
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=5": "404",
		"/profile":                           `{"historyId":"20"}`,
		"/messages?maxResults=5":             `{"messages":[{"id":"new"},{"id":"old"}],"nextPageToken":"p"}`,
		"/messages?maxResults=5&pageToken=p": "400",
		"/messages/new?format=minimal":       `{"id":"new","historyId":"9"}`,
		"/messages/old?format=minimal":       `{"id":"old","historyId":"4"}`,
		"/messages/new?format=raw":           raw("new"),
	})
	first, err := client.Read(t.Context(), "5")
	require.NoError(t, err)
	require.Equal(t, []string{"new"}, ids(first))
	require.True(t, first.More)
	again, err := client.Read(t.Context(), first.Cursor)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestOfAMessageThatIsTooLargeTheHeaderIsKept(t *testing.T) {
	t.Parallel()
	large := base64.URLEncoding.EncodeToString(append([]byte("Subject: Large\r\n\r\n"), make([]byte, mailbox.MaxMessage)...))
	client := script(t, map[string]string{
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=1": `{"history":[
			{"id":"2","messagesAdded":[{"message":{"id":"a"}}]}],"historyId":"2"}`,
		"/messages/a?format=raw": `{"id":"a","labelIds":["INBOX"],"raw":"` + large + `"}`,
	})
	batch, err := client.Read(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, []mailbox.Message{{ID: "a", Raw: []byte("Subject: Large"), Problem: mailbox.ProblemTooLarge}}, batch.Messages)
}

func TestAMessageThatCannotBeReadHoldsNothingUp(t *testing.T) {
	t.Parallel()
	client := script(t, map[string]string{
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=1": `{"history":[
			{"id":"2","messagesAdded":[{"message":{"id":"broken"}},{"message":{"id":"a"}}]}],"historyId":"2"}`,
		"/messages/broken?format=raw": `{"id":"broken","raw":"%"}`,
		"/messages/a?format=raw":      raw("a"),
	})
	batch, err := client.Read(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, []string{"broken", "a"}, ids(batch))
	require.Nil(t, batch.Messages[0].Raw)
}

func TestACursorOfAnotherMailboxBringsEverything(t *testing.T) {
	t.Parallel()
	client := script(t, map[string]string{
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=30": "404",
		"/profile":                     `{"historyId":"20"}`,
		"/messages?maxResults=5":       `{"messages":[{"id":"old"}]}`,
		"/messages/old?format=minimal": `{"id":"old","historyId":"4"}`,
		"/messages/old?format=raw":     raw("old"),
	})
	batch, err := client.Read(t.Context(), "30")
	require.NoError(t, err)
	require.True(t, batch.Resynced)
	require.Equal(t, []string{"old"}, ids(batch))
	require.Equal(t, "20", batch.Cursor)
}

func TestABatchThatIsFullEndsBetweenRecords(t *testing.T) {
	t.Parallel()
	large := fmt.Sprintf(`{"id":"a","raw":%q}`, base64.RawURLEncoding.EncodeToString(make([]byte, 17<<20)))
	client := script(t, map[string]string{
		"/history?historyTypes=messageAdded&historyTypes=labelRemoved&maxResults=100&startHistoryId=1": `{"history":[
			{"id":"2","messagesAdded":[{"message":{"id":"a"}}]},
			{"id":"3","messagesAdded":[{"message":{"id":"b"}}]}],"historyId":"3"}`,
		"/messages/a?format=raw": large,
	})
	batch, err := client.Read(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, ids(batch))
	require.Equal(t, "2", batch.Cursor)
	require.True(t, batch.More)
}

func TestErrorsTellWhatToDoAndNameNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status    int
		reason    string
		rejected  bool
		throttled bool
	}{
		"token unknown":   {status: http.StatusUnauthorized, reason: "authError", rejected: true},
		"scope not given": {status: http.StatusForbidden, reason: "insufficientPermissions", rejected: true},
		"too many a user": {status: http.StatusForbidden, reason: "userRateLimitExceeded", throttled: true},
		"too many in all": {status: http.StatusForbidden, reason: "rateLimitExceeded", throttled: true},
		"too many today":  {status: http.StatusForbidden, reason: "dailyLimitExceeded", throttled: true},
		"too many":        {status: http.StatusTooManyRequests, reason: "rateLimitExceeded", throttled: true},
		"broken":          {status: http.StatusBadGateway, reason: "see team@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				googleError(w, c.status, c.reason)
			}))
			t.Cleanup(server.Close)
			client, err := gmail.New(server.URL, server.Client())
			require.NoError(t, err)
			_, err = client.Read(t.Context(), "1")
			require.Error(t, err)
			require.NotContains(t, err.Error(), "example.com")
			require.Equal(t, c.rejected, errors.Is(err, mailbox.ErrRejected))
			_, throttled := errors.AsType[*mailbox.Throttled](err)
			require.Equal(t, c.throttled, throttled)
		})
	}
}

func TestATokenEndpointThatFailsNamesNobody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_client","error_description":"about team@example.com"}`)
	}))
	t.Cleanup(server.Close)
	config := oauth2.Config{Endpoint: oauth2.Endpoint{TokenURL: server.URL + "/token", AuthStyle: oauth2.AuthStyleInParams}}
	client, err := gmail.New(server.URL, config.Client(t.Context(), &oauth2.Token{RefreshToken: "r"}))
	require.NoError(t, err)
	_, err = client.Read(t.Context(), "1")
	require.EqualError(t, err, "get a token: invalid_client")
}
