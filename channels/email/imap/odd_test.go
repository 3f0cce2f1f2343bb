package imap_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
)

// odd is a server that says what Dovecot never would: what it answers to a
// command (without its tag) before the tag's own line, and that line.
type odd func(command string) (before, tagged string)

// dial connects to an odd server that otherwise is an empty folder.
func (o odd) dial(t *testing.T) (*imap.Client, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if conn, err := listener.Accept(); err == nil {
			o.serve(conn)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
	settings := valid()
	settings.IMAP.Host, settings.IMAP.Port = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
	settings.IMAP.TLS, settings.IMAP.Password = mail.TLSNone, "ascii: no literals here"
	client, err := imap.Dial(t.Context(), settings)
	if err == nil {
		t.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

func (o odd) serve(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "* OK [CAPABILITY IMAP4rev1 LITERAL+] ready\r\n")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		tag, command, _ := strings.Cut(lines.Text(), " ")
		before, tagged := o(command)
		if tagged == "" {
			switch name, _, _ := strings.Cut(command, " "); name {
			case "EXAMINE":
				before = "* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 4] next\r\n"
			case "CAPABILITY":
				before = "* CAPABILITY IMAP4rev1 LITERAL+\r\n"
			}
			tagged = "OK done"
		}
		fmt.Fprintf(conn, "%s%s %s\r\n", before, tag, tagged)
	}
}

func TestAnswersToALoginAreToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer   string
		rejected bool
		throttle *mailbox.Throttled
	}{
		{answer: "NO [AUTHENTICATIONFAILED] Invalid credentials of team@example.com, please try again", rejected: true},
		{answer: "NO [ALERT] Application-specific password required", rejected: true},
		{answer: "NO LOGIN failed.", rejected: true},
		{answer: "NO [EXPIRED] too many days went by", rejected: true},
		{answer: "NO [UNAVAILABLE] Temporary authentication failure", throttle: &mailbox.Throttled{}},
		{answer: "NO [LIMIT] Not now", throttle: &mailbox.Throttled{}},
		{answer: "NO [ALERT] Too many simultaneous connections. (Failure)", throttle: &mailbox.Throttled{}},
		{answer: "BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds", throttle: &mailbox.Throttled{After: 299961 * time.Millisecond}},
		{answer: "NO [SERVERBUG] of team@example.com"},
		{answer: "BAD User is authenticated but not connected."},
	} {
		_, err := odd(func(command string) (string, string) {
			if strings.HasPrefix(command, "LOGIN ") {
				return "", c.answer
			}
			return "", ""
		}).dial(t)
		require.Error(t, err, c.answer)
		if c.rejected {
			require.ErrorIs(t, err, mailbox.ErrRejected, c.answer)
		} else {
			require.NotErrorIs(t, err, mailbox.ErrRejected, c.answer)
		}
		var throttled *mailbox.Throttled
		if c.throttle != nil {
			require.ErrorAs(t, err, &throttled, c.answer)
			require.Equal(t, c.throttle, throttled, c.answer)
		} else {
			require.NotErrorAs(t, err, &throttled, c.answer)
		}
		require.NotContains(t, err.Error(), "team@example.com")
	}
}

func TestAServerThatClaimsToHoldFourBillionMessagesIsReadPageByPage(t *testing.T) {
	t.Parallel()
	client, err := odd(func(command string) (string, string) {
		switch {
		case strings.HasPrefix(command, "UID SEARCH"):
			return "* ESEARCH (TAG \"\") UID ALL 1:4294967295\r\n", "OK done"
		case strings.HasPrefix(command, "UID FETCH"):
			return "", "NO [SERVERBUG] cannot"
		}
		return "", ""
	}).dial(t)
	require.NoError(t, err)
	batch := read(t, client, "7/0")
	require.Len(t, batch.Messages, 50)
	require.True(t, batch.More)
	require.Equal(t, "7/50", batch.Cursor)
	for _, m := range batch.Messages {
		require.Equal(t, mailbox.ProblemUnreadable, m.Problem)
	}
	last := read(t, client, "7/4294967294")
	require.Len(t, last.Messages, 1)
	require.False(t, last.More)
}

func TestAMessageThatIsLargerThanItSaysIsTooLarge(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", mailbox.MaxMessage+1)
	client, err := odd(func(command string) (string, string) {
		switch {
		case strings.HasPrefix(command, "UID SEARCH"):
			return "* SEARCH 3\r\n", "OK done"
		case strings.Contains(command, "RFC822.SIZE"):
			return "* 1 FETCH (UID 3 RFC822.SIZE 10)\r\n", "OK done"
		case strings.Contains(command, "BODY.PEEK[HEADER]"):
			return "* 1 FETCH (UID 3 BODY[HEADER] {8}\r\nA: b\r\n\r\n)\r\n", "OK done"
		case strings.Contains(command, "BODY.PEEK[]"):
			return fmt.Sprintf("* 1 FETCH (UID 3 BODY[] {%d}\r\n%s)\r\n", len(large), large), "OK done"
		}
		return "", ""
	}).dial(t)
	require.NoError(t, err)
	batch := read(t, client, "7/2")
	require.Len(t, batch.Messages, 1)
	require.Equal(t, mailbox.ProblemTooLarge, batch.Messages[0].Problem)
	require.Equal(t, "A: b\r\n\r\n", string(batch.Messages[0].Raw))
	require.Equal(t, "7/3", batch.Cursor)
}

func TestAnAnswerAboutFlagsIsNotTakenForTheMessage(t *testing.T) {
	t.Parallel()
	asked := 0
	client, err := odd(func(command string) (string, string) {
		switch {
		case strings.HasPrefix(command, "UID SEARCH"):
			return "* SEARCH 3\r\n", "OK done"
		case strings.Contains(command, "BODY.PEEK[]"):
			asked++
			flags := ""
			if asked == 1 {
				flags = "* 1 FETCH (UID 3 FLAGS (\\Seen))\r\n"
			}
			return flags + "* 1 FETCH (UID 3 BODY[] {8}\r\nA: b\r\n\r\n)\r\n", "OK done"
		}
		return "", ""
	}).dial(t)
	require.NoError(t, err)
	batch := read(t, client, "7/2")
	require.Len(t, batch.Messages, 1)
	require.Empty(t, batch.Messages[0].Problem)
	require.Equal(t, "A: b\r\n\r\n", string(batch.Messages[0].Raw))
}
