package intake_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/store"
)

const domain = "in.switchboard.example"

// mailWorld is a world whose channel takes mail.
type mailWorld struct {
	*world
	*intake.Mail
}

func forEachMailDatabase(t *testing.T, test func(*testing.T, *mailWorld)) {
	t.Helper()
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.channel = w.mailChannel(w.channel.InboxID, "support@acme.example")
		test(t, &mailWorld{w, w.Service.Mail(domain)})
	})
}

func (w *world) mailChannel(inboxID, address string) inbox.Channel {
	w.t.Helper()
	return must(w.store.CreateChannel(w.t.Context(), inbox.Channel{
		InboxID: inboxID, Kind: inbox.KindEmail, Name: "Mail", Enabled: true, State: inbox.ChannelConnected, Account: address,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}))(w.t)
}

// mail is a message to the channel; headers and body as they are given.
func mail(from, id string, lines ...string) string {
	return strings.Join(append([]string{
		"From: " + from, "To: support@acme.example", "Message-ID: <" + id + ">", "Date: Mon, 05 Jan 2026 09:00:00 +0000",
	}, lines...), "\r\n") + "\r\n"
}

func (w *mailWorld) post(raw string) intake.Post {
	return intake.Post{
		Channel: w.channel, Raw: []byte(raw), Recipient: email.HostedAddress(w.channel.HostedToken, domain), ReceivedAt: longAgo,
	}
}

// takes receives a mail through the hosted address.
func (w *mailWorld) takes(raw string) {
	w.t.Helper()
	w.takesPost(w.post(raw))
}

func (w *mailWorld) takesPost(post intake.Post) {
	w.t.Helper()
	require.NoError(w.t, w.ReceiveMail(w.t.Context(), post))
}

func (w *mailWorld) all() []inbox.Conversation {
	w.t.Helper()
	list, _, err := w.store.Conversations(w.t.Context(), store.ConversationFilter{}, store.Page{})
	require.NoError(w.t, err)
	return list
}

func (w *mailWorld) only() inbox.Conversation {
	w.t.Helper()
	list := w.all()
	require.Len(w.t, list, 1)
	return list[0]
}

// replyTo is where an answer goes; lists leave it out.
func (w *mailWorld) replyTo(c inbox.Conversation) string {
	w.t.Helper()
	return must(w.store.Conversation(w.t.Context(), c.ID))(w.t).ReplyTo
}

func (w *mailWorld) messages(conversationID string) []inbox.Message {
	w.t.Helper()
	list, _, err := w.store.Messages(w.t.Context(), conversationID, store.Page{})
	require.NoError(w.t, err)
	return list
}

func (w *mailWorld) quarantined() []store.QuarantineItem {
	w.t.Helper()
	list, _, err := w.store.Quarantined(w.t.Context(), store.Page{})
	require.NoError(w.t, err)
	return list
}

// sender resolves a conversation's contact and returns his address.
func (w *mailWorld) sender(c inbox.Conversation) string {
	w.t.Helper()
	resolved := must(w.store.ResolveContact(w.t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: c.Episode}))(w.t)
	return must(w.store.Contact(w.t.Context(), resolved.ContactID))(w.t).Identity(inbox.IdentityEmail)
}

// answers stores an agent's answer and returns the Message-ID it leaves under.
func (w *mailWorld) answers(conversationID string) (message inbox.Message, id string) {
	w.t.Helper()
	agent := must(w.store.CreateAgent(w.t.Context(), inbox.Agent{Name: "Ann", Email: "ann@acme.example", Seat: true}))(w.t)
	message, _, err := w.store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: conversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: agent.ID}, Text: "We send a new one.", CreatedAt: longAgo,
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.store.MarkSent(w.t.Context(), message.ID, "", longAgo))
	return message, message.ID + "@" + domain
}

func TestAMailBeginsAConversationAndTheSameMailChangesNothing(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		raw := mail("Grace <grace@example.com>", "one@example.com", "Subject: Broken lamp", "", "It flickers.")
		w.takes(raw)
		w.takes("Received: from elsewhere.example\r\n" + raw)
		c := w.only()
		require.Equal(t, "Broken lamp", c.Subject)
		messages := w.messages(c.ID)
		require.Len(t, messages, 1)
		require.Equal(t, "It flickers.", messages[0].Text)
		require.Empty(t, w.quarantined())
	})
}

func TestAnIdThatWasUsedForAnotherTextLosesNothing(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		for _, text := range []string{"It flickers.", "Now it is dark.", "Now it is dark."} {
			w.takes(mail("grace@example.com", "same@example.com", "", text))
		}
		messages := w.messages(w.only().ID)
		require.Len(t, messages, 2)
		require.Equal(t, "Now it is dark.", messages[1].Text)
	})
}

func TestOneMailInTwoMailboxesIsTwoMessages(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		other := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
		raw := mail("grace@example.com", "one@example.com", "", "Hello")
		w.takes(raw)
		post := w.post(raw)
		post.Channel = w.mailChannel(other.ID, "sales@acme.example")
		w.takesPost(post)
		require.Len(t, w.all(), 2)
	})
}

func TestAnAnswerJoinsItsConversation(t *testing.T) {
	for name, refer := range map[string]func(answerID string, w *mailWorld, c inbox.Conversation) (header, recipient string){
		"by In-Reply-To": func(id string, _ *mailWorld, _ inbox.Conversation) (string, string) {
			return "In-Reply-To: <" + id + ">", ""
		},
		"by References": func(id string, _ *mailWorld, _ inbox.Conversation) (string, string) {
			return "References: <unknown@example.com> <" + id + "> <unknown2@example.com>", ""
		},
		"by the recipient": func(_ string, w *mailWorld, c inbox.Conversation) (string, string) {
			return "X-Nothing: here", email.ReplyAddress(w.channel.HostedToken, c.ID, domain)
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
				w.takes(mail("grace@example.com", "one@example.com", "Subject: Lamp", "", "It flickers."))
				c := w.only()
				_, id := w.answers(c.ID)
				header, recipient := refer(id, w, c)
				post := w.post(mail("grace@example.com", "two@example.com", "Subject: Something else", header, "", "Thank you."))
				if recipient != "" {
					post.Recipient = recipient
				}
				w.takesPost(post)
				require.Len(t, w.messages(w.only().ID), 3)
			})
		})
	}
}

func TestAnAnswerGoesToTheAddressThatWroteOrWantsIt(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		for header, want := range map[string]string{"": "grace@example.com", "Reply-To: desk@example.com\r\n": "desk@example.com"} {
			id := store.NewID() + "@example.com"
			w.takes(mail("Grace <grace@example.com>", id, header+"Subject: Broken lamp", "", "It flickers."))
			newest := slices.MaxFunc(w.all(), func(a, b inbox.Conversation) int { return strings.Compare(a.ID, b.ID) })
			require.Equal(t, want, w.replyTo(newest))
		}
	})
}

func TestASubjectJoinsNothing(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("grace@example.com", "one@example.com", "Subject: Lamp", "", "It flickers."))
		w.takes(mail("grace@example.com", "two@example.com", "Subject: Re: Lamp", "", "Again."))
		require.Len(t, w.all(), 2)
	})
}

func TestAnotherInboxsThreadIsNotJoined(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("grace@example.com", "one@example.com", "", "It flickers."))
		c := w.only()
		other := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
		w.channel = w.mailChannel(other.ID, "sales@acme.example")
		post := w.post(mail("eve@example.com", "two@example.com", "In-Reply-To: <one@example.com>", "", "Show me."))
		post.Recipient = email.ReplyAddress(w.channel.HostedToken, c.ID, domain)
		w.takesPost(post)
		require.Len(t, w.all(), 2)
	})
}

func TestASendersThreadIsOneInWhateverOrderItComes(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("grace@example.com", "two@example.com", "References: <one@example.com>", "", "And another thing."))
		w.takes(mail("grace@example.com", "one@example.com", "", "It flickers."))
		require.Len(t, w.messages(w.only().ID), 2)
		// Many people answer one newsletter.
		w.takes(mail("henry@example.com", "three@example.com", "References: <news@example.com>", "", "Interesting."))
		w.takes(mail("iris@example.com", "four@example.com", "References: <news@example.com>", "", "Indeed."))
		require.Len(t, w.all(), 3)
	})
}

func TestWhatNobodyWroteBeginsNothingAndAwakensNobody(t *testing.T) {
	automatic := []string{"Subject: Away", "Auto-Submitted: auto-replied"}
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("grace@example.com", "away@example.com", append(automatic, "", "I am away.")...))
		require.Empty(t, w.all())
		item := w.quarantined()[0]
		require.Contains(t, item.Error, "automatic_reply")

		w.takes(mail("henry@example.com", "one@example.com", "", "It flickers."))
		c := w.only()
		_, err := w.store.CloseEpisode(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}, inbox.Author{}, longAgo, "")
		require.NoError(t, err)
		_, id := w.answers(c.ID)
		w.takes(mail("henry@example.com", "two@example.com", append(automatic, "In-Reply-To: <"+id+">", "", "I am away.")...))
		require.Equal(t, inbox.StatusClosed, w.only().Status)
		messages := w.messages(c.ID)
		require.True(t, messages[len(messages)-1].Automatic)

		full := must(w.store.QuarantineItem(t.Context(), item.ID))(t)
		require.NoError(t, w.Reprocess(t.Context(), full), "somebody wants it as a conversation after all")
		require.Len(t, w.all(), 2)
	})
}

func TestANullSenderIsAProgram(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		post := w.post(mail("grace@example.com", "one@example.com", "", "I am away."))
		null := ""
		post.EnvelopeFrom = &null
		w.takesPost(post)
		require.Empty(t, w.all())
		require.Len(t, w.quarantined(), 1)
	})
}

func TestABounceFailsItsMessageAndBeginsNothing(t *testing.T) {
	bounce := func(id string) string {
		return mail("MAILER-DAEMON@example.com", "bounce-"+id, "Subject: Undelivered", "MIME-Version: 1.0",
			`Content-Type: multipart/report; report-type=delivery-status; boundary="b"`, "",
			"--b", "Content-Type: text/plain", "", "It did not arrive.",
			"--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.com", "",
			"Final-Recipient: rfc822; grace@example.com", "Action: failed", "Status: 5.1.1",
			"", "--b", "Content-Type: message/rfc822", "", "Message-ID: <"+id+">", "", "We send a new one.", "--b--")
	}
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("grace@example.com", "one@example.com", "", "It flickers."))
		message, id := w.answers(w.only().ID)
		w.takes(bounce(id))
		failed := must(w.store.Message(t.Context(), message.ID))(t)
		require.Equal(t, inbox.MessageFailed, failed.State)
		require.Equal(t, string(inbox.CodeDeliveryFailed), failed.ErrorCode)
		require.Len(t, w.messages(w.only().ID), 2)

		w.takes(bounce("nobody@example.com"))
		w.only()
		require.Len(t, w.quarantined(), 1)
	})
}

func TestOurOwnMailComingBackIsNoMessage(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("grace@example.com", "one@example.com", "", "It flickers."))
		_, id := w.answers(w.only().ID)
		w.takes(mail("support@acme.example", id, "In-Reply-To: <one@example.com>", "", "We send a new one."))
		require.Len(t, w.messages(w.only().ID), 2)
	})
}

const forwarded = "See below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Grace Hopper <grace@example.com>\r\n" +
	"Date: Mon, Jan 5, 2026 at 9:00 AM\r\nSubject: Broken lamp\r\nTo: Ben <ben@acme.example>\r\n\r\nIt flickers."

func TestAForwardBelongsToWhoWroteIt(t *testing.T) {
	raw := mail("Ben <ben@acme.example>", "fwd@acme.example", "Subject: Fwd: Broken lamp", "", forwarded)
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(raw)
		c := w.only()
		require.Equal(t, "Broken lamp", c.Subject)
		message := w.messages(c.ID)[0]
		require.Equal(t, "It flickers.", message.Text)
		require.Contains(t, message.Quoted, "See below.")
		require.Equal(t, "grace@example.com", w.sender(c))
		require.Equal(t, "grace@example.com", w.replyTo(c))
	})
}

func TestAForwardIsTheForwardersWhenTheChannelSaysSo(t *testing.T) {
	raw := mail("Ben <ben@acme.example>", "fwd@acme.example", "Subject: Fwd: Broken lamp", "", forwarded)
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.channel.Settings = []byte(`{"original_sender": false}`)
		w.takes(raw)
		require.Equal(t, "ben@acme.example", w.sender(w.only()))
	})
}

func TestAForwardThatCannotBeMadeOutSaysSo(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("Ben <ben@acme.example>", "fwd@acme.example", "Subject: Fwd: Broken lamp", "", "Grace (grace@example.com) says it flickers."))
		c := w.only()
		require.Equal(t, "ben@acme.example", w.sender(c))
		events, _, err := w.store.Timeline(t.Context(), c.ID, store.Page{})
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(events, func(event inbox.Event) bool {
			var data struct {
				UnclearForward bool `json:"unclear_forward"`
			}
			require.NoError(t, json.Unmarshal(event.Data, &data))
			return data.UnclearForward
		}))
	})
}

func TestAForwardAsAttachmentBelongsToWhoWroteItWithItsFiles(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("Ben <ben@acme.example>", "fwd@acme.example", "Subject: Fwd: Broken lamp", "MIME-Version: 1.0",
			`Content-Type: multipart/mixed; boundary="b"`, "", "--b", "Content-Type: text/plain", "", "See the attached.",
			"--b", "Content-Type: message/rfc822", "",
			"From: Grace <grace@example.com>", "Subject: Broken lamp", "Message-ID: <one@example.com>", "MIME-Version: 1.0",
			`Content-Type: multipart/mixed; boundary="c"`, "", "--c", "Content-Type: text/plain", "", "It flickers.",
			"--c", "Content-Type: application/pdf", `Content-Disposition: attachment; filename="bill.pdf"`, "", "%PDF-1.7",
			"--c--", "--b--"))
		c := w.only()
		require.Equal(t, "grace@example.com", w.sender(c))
		message := w.messages(c.ID)[0]
		require.Equal(t, "It flickers.", message.Text)
		require.True(t, slices.ContainsFunc(message.Attachments, func(file inbox.Attachment) bool { return file.Name == "bill.pdf" }))
	})
}

func TestAGroupInFrontOfTheMailboxHidesNobody(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail(`"'Grace' via Support" <support@acme.example>`, "one@example.com", "Reply-To: Grace <grace@example.com>",
			"List-ID: <support.acme.example>", "List-Post: <mailto:support@acme.example>", "Precedence: list", "", "It flickers."))
		require.Equal(t, "grace@example.com", w.sender(w.only()))
	})
}

func TestAForwardingConfirmationIsShownOnTheChannel(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes(mail("Gmail Team <forwarding-noreply@google.com>", "confirm@google.com",
			"Subject: (#123456789) Gmail Forwarding Confirmation - Receive Mail from support@acme.example", "",
			"support@acme.example has requested to automatically forward mail.", "Confirmation code: 123456789", "",
			"https://mail-settings.google.com/mail/vf-%5BANGjdJ8%5D-secret"))
		require.Empty(t, w.all())
		channel := must(w.store.Channel(t.Context(), w.channel.ID))(t)
		require.Equal(t, "123456789", channel.Confirmation.Code)
		require.Contains(t, channel.Confirmation.URL, "vf-")
	})
}

func TestWhatCannotBeReadIsKept(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes("Subject: nobody wrote this\r\n\r\nHello")
		item := must(w.store.QuarantineItem(t.Context(), w.quarantined()[0].ID))(t)
		require.Equal(t, intake.QuarantinedMail, item.Source)
		require.Contains(t, string(item.Raw), "nobody wrote this")
		require.Contains(t, item.Error, "sender")
		require.Equal(t, inbox.CodeInvalid, inbox.CodeOf(w.Reprocess(t.Context(), item)))
	})
}

func TestAHostedAddressLeadsToItsChannelOnly(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		found, err := w.Channel(t.Context(), strings.ToUpper(email.HostedAddress(w.channel.HostedToken, domain)))
		require.NoError(t, err)
		require.Equal(t, w.channel.ID, found.ID)
		for _, address := range []string{"", "support@acme.example", "guess@" + domain, w.channel.HostedToken + "@elsewhere.example"} {
			_, err := w.Channel(t.Context(), address)
			require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(err), address)
		}
	})
}

func TestAMailWithoutADateIsOfWhenItCame(t *testing.T) {
	forEachMailDatabase(t, func(t *testing.T, w *mailWorld) {
		w.takes("From: grace@example.com\r\nMessage-ID: <one@example.com>\r\n\r\nHello")
		require.True(t, w.messages(w.only().ID)[0].CreatedAt.Equal(longAgo.Truncate(time.Microsecond)))
	})
}
