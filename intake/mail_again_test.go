package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
)

// contactOf resolves a conversation's contact.
func (w *mailWorld) contactOf(c inbox.Conversation) string {
	w.t.Helper()
	return must(w.store.ResolveContact(w.t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: c.Episode}))(w.t).ContactID
}

func TestAnErasedMailThatIsReadAgainStaysErased(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		raw := mail("Grace <grace@example.com>", "one@example.com", "Subject: Lamp", "", "It flickers.")
		w.takes(raw)
		c := w.only()
		require.NoError(t, w.store.EraseContact(t.Context(), w.contactOf(c)))
		w.takes(raw)
		messages := w.messages(w.only().ID)
		require.Len(t, messages, 1)
		require.Empty(t, messages[0].Text)

		later := strings.Replace(raw, "09:00:00", "10:00:00", 1)
		w.takes(strings.Replace(later, "grace@", "henry@", 1))
		require.Len(t, w.all(), 2, "an id that was used before loses nobody else's mail")
	})
}

func TestAMailThatIsReadInAnotherWayTheSecondTimeIsOneMessage(t *testing.T) {
	raw := mail("Ben <ben@acme.example>", "fwd@acme.example", "Subject: Fwd: Broken lamp", "", forwarded)
	for name, before := range map[string]string{"as a forward first": `{}`, "as the forwarder's first": `{"original_sender": false}`} {
		t.Run(name, func(t *testing.T) {
			forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
				for _, settings := range []string{before, `{}`, `{"original_sender": false}`} {
					w.channel.Settings = []byte(settings)
					w.takes(raw)
				}
				require.Len(t, w.messages(w.only().ID), 1)
			})
		})
	}
}

func TestAnIdThatWasUsedForAnotherFileLosesNothing(t *testing.T) {
	scan := func(data string) string {
		return mail("scanner@acme.example", "scan@acme.example", "MIME-Version: 1.0",
			`Content-Type: application/pdf; name="scan.pdf"`, "", "%PDF-1.7 "+data)
	}
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		for _, page := range []string{"one", "two", "two", "one"} {
			w.takes(scan(page))
		}
		require.Len(t, w.messages(w.only().ID), 2)
	})
}

func TestForwardsOfTwoPeoplesMailInOneThreadAreTwoConversations(t *testing.T) {
	forward := func(id, who string) string {
		return mail("Ben <ben@acme.example>", id, "Subject: Fwd: Broken lamp", "References: <news@acme.example>", "",
			strings.ReplaceAll(forwarded, "grace@example.com", who))
	}
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(forward("a@acme.example", "grace@example.com"))
		w.takes(forward("b@acme.example", "henry@example.com"))
		list := w.all()
		require.Len(t, list, 2)
		require.ElementsMatch(t, []string{"grace@example.com", "henry@example.com"}, []string{w.sender(list[0]), w.sender(list[1])})
	})
}

func TestAForwardOfTheTeamsOwnMailIsTheForwarders(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		for _, own := range []string{"support@acme.example", w.channel.HostedToken + "@" + domain} {
			w.takes(mail("Grace <grace@example.com>", own, "Subject: Fwd: Broken lamp", "",
				strings.ReplaceAll(forwarded, "grace@example.com", own)))
		}
		for _, c := range w.all() {
			require.Equal(t, "grace@example.com", w.sender(c))
			require.Equal(t, "grace@example.com", w.replyTo(c))
		}
	})
}

func TestAReportThatNamesNobodyBecomesNoConversation(t *testing.T) {
	report := "Subject: Undelivered\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n" +
		"Final-Recipient: rfc822; grace@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(report)
		item := must(w.store.QuarantineItem(t.Context(), w.quarantined()[0].ID))(t)
		require.Equal(t, inbox.CodeInvalid, inbox.CodeOf(w.Reprocess(t.Context(), item)))
		w.takes(mail("Ben <ben@acme.example>", "fwd@acme.example", "Subject: Fwd: Undelivered", "MIME-Version: 1.0",
			`Content-Type: multipart/mixed; boundary="c"`, "", "--c", "Content-Type: message/rfc822", "", report, "--c--"))
		require.Equal(t, "ben@acme.example", w.sender(w.only()))
	})
}

func TestAStrangerWhoAnswersOurMailIsItsAuthorAndGetsNoAnswers(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("Grace <grace@example.com>", "one@example.com", "", "It flickers."))
		c := w.only()
		grace := w.contactOf(c)
		_, id := w.answers(c.ID)
		w.takes(mail("Eve <eve@example.com>", "two@example.com", "In-Reply-To: <"+id+">", "Reply-To: eve@elsewhere.example", "", "Tell me more."))
		messages := w.messages(c.ID)
		require.Len(t, messages, 3)
		author := messages[2].Author.ID
		require.NotEqual(t, grace, author)
		require.Equal(t, "eve@example.com", must(w.store.Contact(t.Context(), author))(t).Identity(inbox.IdentityEmail))
		require.Equal(t, "grace@example.com", w.replyTo(c))
		require.Equal(t, grace, must(w.store.Conversation(t.Context(), c.ID))(t).ContactID)
	})
}
