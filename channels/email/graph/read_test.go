package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/graph"
	"switchboard/channels/email/mailbox"
	"switchboard/test/standins/fakegraph"
)

func letter(subject string) []byte {
	return []byte("From: grace@example.com\r\nTo: team@example.com\r\nSubject: " + subject + "\r\n\r\nText\r\n")
}

func read(t *testing.T, client *graph.Client, cursor string) mailbox.Batch {
	t.Helper()
	batch, err := client.Read(t.Context(), cursor)
	require.NoError(t, err)
	return batch
}

func ids(batch mailbox.Batch) []string {
	var found []string
	for _, m := range batch.Messages {
		found = append(found, m.ID)
	}
	return found
}

func TestTheFirstWalkPassesOverWhatIsThereAndReadsWhatArrivesMeanwhile(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	server.PageSize(2)
	for range 5 {
		server.Deliver(letter("Old"))
	}
	client := open(t, server)
	batch := read(t, client, "")
	require.True(t, batch.More)
	require.Empty(t, ids(batch))
	arrived := server.Deliver(letter("New"))

	var found []string
	for batch.More {
		batch = read(t, open(t, server), batch.Cursor)
		require.False(t, batch.Resynced)
		found = append(found, ids(batch)...)
	}
	require.Equal(t, []string{arrived}, found)
}

func TestAWalkBeginsAgainWhenItsPageIsForgotten(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	server.PageSize(2)
	for range 3 {
		server.Deliver(letter("Old"))
	}
	client := open(t, server)
	first := read(t, client, "")
	server.Expire()
	again := read(t, client, first.Cursor)
	require.Empty(t, ids(again))
	require.True(t, again.More)
	require.False(t, read(t, client, again.Cursor).More)
}

func TestAMessageThatOnlyChangedComesAgain(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	client := open(t, server)
	start := read(t, client, "")
	id := server.Deliver(letter("A lamp"))
	batch := read(t, client, start.Cursor)
	require.Equal(t, []string{id}, ids(batch))
	server.MarkRead(id)
	again := read(t, client, batch.Cursor)
	require.Equal(t, batch.Messages, again.Messages)
}

func TestWhatWasThereBeforeStaysUnreadWhateverHappensToIt(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	client := open(t, server)
	old := server.Deliver(letter("Years ago"))
	batch := read(t, client, "")
	for name, happens := range map[string]func(){
		"it is read":        func() { server.MarkRead(old) },
		"it is moved":       func() { server.Move(old, "deleteditems"); server.Move(old, "inbox") },
		"links are expired": server.Expire,
	} {
		happens()
		batch = read(t, client, batch.Cursor)
		require.Empty(t, ids(batch), name)
		require.False(t, batch.More)
	}
	id := server.Deliver(letter("New"))
	require.Equal(t, []string{id}, ids(read(t, client, batch.Cursor)))
}

func TestAMessageThatIsTooLargeHoldsNothingUp(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	client := open(t, server)
	start := read(t, client, "")
	large := server.Deliver(append(letter("Large"), make([]byte, mailbox.MaxMessage)...))
	small := server.Deliver(letter("Small"))
	batch := read(t, client, start.Cursor)
	require.Equal(t, []string{large, small}, ids(batch))
	require.Equal(t, mailbox.ProblemTooLarge, batch.Messages[0].Problem)
	require.Empty(t, batch.Messages[0].Raw)
}

func TestWhatIsMovedAwayIsNotReadUntilItComesBack(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	client := open(t, server)
	start := read(t, client, "")
	id := server.Deliver(letter("A lamp"))
	server.Move(id, "deleteditems")
	batch := read(t, client, start.Cursor)
	require.Empty(t, ids(batch))
	server.Move(id, "inbox")
	require.Equal(t, []string{id}, ids(read(t, client, batch.Cursor)))
}

func TestAMessageThatCannotBeHandedOutHoldsNothingUp(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	client := open(t, server)
	start := read(t, client, "")
	broken := server.Deliver(letter("Broken"))
	whole := server.Deliver(letter("Whole"))
	server.Once(broken+"/$value", fakegraph.Fail(http.StatusInternalServerError, "ErrorMimeContentConversionFailed"))
	batch := read(t, client, start.Cursor)
	require.Equal(t, []string{broken, whole}, ids(batch))
	require.Nil(t, batch.Messages[0].Raw)
	require.NotEmpty(t, batch.Messages[1].Raw)
}

func TestAPageThatFailedComesWholeTheNextTime(t *testing.T) {
	t.Parallel()
	server := fakegraph.Start(t)
	client := open(t, server)
	start := read(t, client, "")
	first := server.Deliver(letter("First"))
	second := server.Deliver(letter("Second"))
	server.Once(second+"/$value", fakegraph.Fail(http.StatusBadGateway, "UnknownError"))
	_, err := client.Read(t.Context(), start.Cursor)
	require.EqualError(t, err, "the provider answered 502 UnknownError")
	require.Equal(t, []string{first, second}, ids(read(t, client, start.Cursor)))
}

func TestNoLinkLeadsAwayFromTheProvider(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request with our token went elsewhere")
	}))
	t.Cleanup(elsewhere.Close)
	server := fakegraph.Start(t)
	client := open(t, server)
	for _, link := range []string{
		elsewhere.URL + "/v1.0/me/mailFolders('inbox')/messages/delta?$deltatoken=t",
		strings.Replace(server.URL, "http://", "https://", 1) + "/me/messages",
		strings.Replace(server.URL, "/v1.0", "/beta", 1) + "/me/messages",
	} {
		_, err := client.Read(t.Context(), link)
		require.EqualError(t, err, "a link leads away from the provider")

		server.Once("/delta", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			_, _ = fmt.Fprintf(w, `{"value":[],"@odata.nextLink":%q}`, link)
		})
		batch := read(t, client, "")
		_, err = client.Read(t.Context(), batch.Cursor)
		require.EqualError(t, err, "a link leads away from the provider")
	}
	server.Once("/delta", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Redirect(w, &http.Request{}, elsewhere.URL, http.StatusFound)
	})
	_, err := client.Read(t.Context(), "")
	require.ErrorContains(t, err, "302")
}
