package imap_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/mailbox"
)

func TestNothingIsMarkedAsRead(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	program, client := a.server.Program(t, user), a.client(t)
	start := read(t, client, "")
	program.Deliver("INBOX", letter("one"))
	require.Equal(t, []string{"one"}, subjects(read(t, client, start.Cursor)))
	require.Zero(t, program.Seen("INBOX"))
}

func TestTheLastMessageIsNotReadAgain(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	program, client := a.server.Program(t, user), a.client(t)
	program.Deliver("INBOX", letter("before"))
	start := read(t, client, "")
	require.Empty(t, start.Messages)
	again := read(t, client, start.Cursor)
	require.Empty(t, again.Messages)
	require.Equal(t, start.Cursor, again.Cursor)
}

func TestAPageIsBounded(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	program, client := a.server.Program(t, user), a.client(t)
	cursor := read(t, client, "").Cursor
	for range 51 {
		program.Deliver("INBOX", letter("small"))
	}
	first := read(t, client, cursor)
	require.Len(t, first.Messages, 50)
	require.True(t, first.More)
	second := read(t, client, first.Cursor)
	require.Len(t, second.Messages, 1)
	require.False(t, second.More)

	for range 3 {
		program.Deliver("INBOX", sized("half", mailbox.MaxMessage/2))
	}
	third := read(t, client, second.Cursor)
	require.Len(t, third.Messages, 2)
	require.True(t, third.More)
	require.Len(t, read(t, client, third.Cursor).Messages, 1)
}

func TestAMessageThatIsTooLargeIsToldAndPassed(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	program, client := a.server.Program(t, user), a.client(t)
	cursor := read(t, client, "").Cursor
	program.Deliver("INBOX", letter("before"))
	program.Deliver("INBOX", sized("large", mailbox.MaxMessage))
	program.Deliver("INBOX", sized("larger", mailbox.MaxMessage+1))
	program.Deliver("INBOX", letter("after"))

	var messages []mailbox.Message
	for more := true; more; {
		batch := read(t, client, cursor)
		messages = append(messages, batch.Messages...)
		cursor, more = batch.Cursor, batch.More
	}
	require.Equal(t, []string{"before", "large", "larger", "after"}, subjects(mailbox.Batch{Messages: messages}))
	require.Empty(t, messages[1].Problem)
	require.Len(t, messages[1].Raw, mailbox.MaxMessage)
	require.Equal(t, mailbox.ProblemTooLarge, messages[2].Problem)
	header, _, _ := bytes.Cut(sized("larger", 1000), []byte("\r\n\r\n"))
	require.Equal(t, string(header)+"\r\n\r\n", string(messages[2].Raw))
	require.NotEmpty(t, messages[2].ID)
	require.NotZero(t, messages[2].ReceivedAt)
	require.Empty(t, messages[3].Problem)
}

func TestAFolderMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Anfragen & Grüße", "受信", `with "quotes" \ and spaces`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, "")
			program := a.server.Program(t, user)
			program.Must(program.Create(name, nil).Wait())
			a.settings.Folder = name
			client := a.client(t)
			cursor := read(t, client, "").Cursor
			program.Deliver("INBOX", letter("elsewhere"))
			program.Deliver(name, letter("here"))
			require.Equal(t, []string{"here"}, subjects(read(t, client, cursor)))
		})
	}
}

func TestAMessageDeletedWhileWeReadIsPassedOver(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	program, client := a.server.Program(t, user), a.client(t)
	cursor := read(t, client, "").Cursor
	program.Deliver("INBOX", letter("kept"))
	program.Deliver("INBOX", letter("deleted"))
	require.Equal(t, []string{"kept", "deleted"}, subjects(read(t, client, cursor)))
	// The client's session has seen both.
	program.Expunge("INBOX", "deleted@example.com")
	require.Equal(t, []string{"kept"}, subjects(read(t, client, cursor)))
}

func TestACursorOfAnotherKindStartsAResync(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	a.server.Program(t, user).Deliver("INBOX", letter("one"))
	client := a.client(t)
	for _, cursor := range []string{"x", "1/2", "1/2/3/4", "-1/0", "4294967296/1"} {
		batch := read(t, client, cursor)
		require.True(t, batch.Resynced, cursor)
		require.Equal(t, []string{"one"}, subjects(batch), cursor)
		require.Equal(t, read(t, client, "").Cursor, batch.Cursor, cursor)
	}
}

// sized is a message of so many bytes.
func sized(subject string, size int) []byte {
	raw := letter(subject)
	line := strings.Repeat("x", 70) + "\r\n"
	raw = append(raw, strings.Repeat(line, (size-len(raw))/len(line))...)
	return append(raw, strings.Repeat("x", size-len(raw))...)
}
