package intake_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/store"
)

const sid = "SM0123456789abcdef0123456789abcde"

// whatsApp is a message as Twilio posts it, with changes: "" removes.
func whatsApp(id string, changes ...string) []byte {
	form := url.Values{
		"MessageSid": {sid + id}, "From": {"whatsapp:+15550001111"}, "To": {"whatsapp:+15550002222"},
		"WaId": {"15550001111"}, "Body": {"hello"}, "ProfileName": {"Grace"},
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			form.Del(changes[i])
		}
	}
	return []byte(form.Encode())
}

// connectWhatsApp connects a number.
func (w *world) connectWhatsApp(number string) inbox.Channel {
	w.t.Helper()
	return must(w.store.CreateChannel(w.t.Context(), inbox.Channel{
		InboxID: w.channel.InboxID, Kind: inbox.KindWhatsApp, Name: "WhatsApp", Enabled: true, State: inbox.ChannelConnected,
		Account: number, Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}))(w.t)
}

func (w *world) takesWhatsApp(body []byte) {
	w.t.Helper()
	require.NoError(w.t, w.WhatsApp().ReceiveMessage(w.t.Context(), body))
}

// only is the one conversation of a channel.
func (w *world) only(channelID string) inbox.Conversation {
	w.t.Helper()
	list, _, err := w.store.Conversations(w.t.Context(), store.ConversationFilter{ChannelID: channelID}, store.Page{})
	require.NoError(w.t, err)
	require.Len(w.t, list, 1)
	return must(w.store.Conversation(w.t.Context(), list[0].ID))(w.t)
}

func (w *world) quarantined() []store.QuarantineItem {
	w.t.Helper()
	items, _, err := w.store.Quarantined(w.t.Context(), store.Page{})
	require.NoError(w.t, err)
	return items
}

func TestAWhatsAppMessageOpensAWindowOf24Hours(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.connectWhatsApp("+15550002222")
		before := time.Now().UTC()
		w.takesWhatsApp(whatsApp("1", "OriginalRepliedMessageSid", sid+"f", "ButtonPayload", "yes", "MediaUrl0", "https://api.twilio.com/m"))
		c := w.only(channel.ID)
		require.Equal(t, "+15550002222:15550001111", c.ThreadKey)
		require.WithinRange(t, c.Window.ClosesAt, before.Add(24*time.Hour-time.Second), time.Now().UTC().Add(24*time.Hour))
		messages, _, err := w.store.Messages(t.Context(), c.ID, store.Page{})
		require.NoError(t, err)
		require.Equal(t, "yes", messages[0].Payload)
		require.Equal(t, sid+"f", messages[0].InReplyTo)
		require.Equal(t, []inbox.RemoteFile{{URL: "https://api.twilio.com/m"}}, messages[0].Remote)
		require.Empty(t, w.quarantined())
	})
}

func TestAUserIsFoundAgainUnderEitherIDAndNeverByTheNumberAlone(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.connectWhatsApp("+15550002222")
		w.takesWhatsApp(whatsApp("1", "WaId", "", "From", "whatsapp:US.1349", "ExternalUserId", "US.1349"))
		require.Equal(t, "+15550002222:US.1349", w.only(channel.ID).ThreadKey)
		w.takesWhatsApp(whatsApp("2", "ExternalUserId", "whatsapp:US.1349"))
		require.Equal(t, "+15550002222:US.1349", w.only(channel.ID).ThreadKey, "the number became visible")

		other := w.connectWhatsApp("+15550003333")
		w.takesWhatsApp(whatsApp("3", "To", "whatsapp:+15550003333"))
		require.Equal(t, "+15550003333:15550001111", w.only(other.ID).ThreadKey, "each number has its threads")
	})
}

func TestWhoHidesTheNumberIsOneContactAndNeverSomebodyElse(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.connectWhatsApp("+15550002222")
		contactOf := func(threadKey string) inbox.Contact {
			c := must(w.store.ConversationByThread(t.Context(), channel.ID, threadKey))(t)
			resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: c.Episode}))(t)
			return must(w.store.Contact(t.Context(), resolved.ContactID))(t)
		}
		hidden := func(id, user string, more ...string) []byte {
			return whatsApp(id, append([]string{"WaId", "", "From", "whatsapp:" + user, "ExternalUserId", "whatsapp:" + user}, more...)...)
		}
		w.takesWhatsApp(hidden("1", "US.1349"))
		w.takesWhatsApp(hidden("2", "US.2500")) // of the same name, too
		first, second := contactOf("+15550002222:US.1349"), contactOf("+15550002222:US.2500")
		require.NotEqual(t, first.ID, second.ID)
		require.Empty(t, first.Identity(inbox.IdentityPhone))

		w.takesWhatsApp(whatsApp("3", "ExternalUserId", "whatsapp:US.1349"))
		shown := contactOf("+15550002222:US.1349")
		require.Equal(t, first.ID, shown.ID, "the number became visible")
		require.Equal(t, "+15550001111", shown.Identity(inbox.IdentityPhone))
		require.Empty(t, contactOf("+15550002222:US.2500").Identity(inbox.IdentityPhone))

		w.takesWhatsApp(whatsApp("4", "WaId", "15550001111"))
		_, err := w.store.ConversationByThread(t.Context(), channel.ID, "+15550002222:15550001111")
		require.Equal(t, inbox.CodeNotFound, inbox.CodeOf(err), "who is known by it alone goes on in the same conversation")
		thread := must(w.store.ConversationByThread(t.Context(), channel.ID, "+15550002222:US.1349"))(t)
		messages, _, err := w.store.Messages(t.Context(), thread.ID, store.Page{})
		require.NoError(t, err)
		require.Len(t, messages, 3)

		w.takesWhatsApp(whatsApp("5", "ExternalUserId", "whatsapp:US.2500", "WaId", "15550001111"))
		require.Empty(t, contactOf("+15550002222:US.2500").Identity(inbox.IdentityPhone), "nobody else's number becomes his")
	})
}

func TestWhoHidesTheNumberLaterGoesOnInTheSameConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel, other := w.connectWhatsApp("+15550002222"), w.connectWhatsApp("+15550003333")
		hidden := []string{"WaId", "", "From", "whatsapp:US.1349", "ExternalUserId", "US.1349"}
		w.takesWhatsApp(whatsApp("1", "ExternalUserId", "whatsapp:US.1349")) // both ids, as Twilio sends them
		c := w.only(channel.ID)
		resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}))(t)
		w.takesWhatsApp(whatsApp("2", hidden...))
		require.Equal(t, c.ID, w.only(channel.ID).ID)
		messages, _, err := w.store.Messages(t.Context(), c.ID, store.Page{})
		require.NoError(t, err)
		require.Len(t, messages, 2)

		w.takesWhatsApp(whatsApp("3", append(hidden, "To", "whatsapp:+15550003333")...))
		require.Equal(t, "+15550003333:US.1349", w.only(other.ID).ThreadKey, "each number has its threads")

		// Somebody else of the channel was merged into the contact: whose thread it is nobody knows.
		w.takesWhatsApp(whatsApp("4", "WaId", "15550007777", "From", "whatsapp:+15550007777"))
		second := must(w.store.ConversationByThread(t.Context(), channel.ID, "+15550002222:15550007777"))(t)
		merged := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: second.ID, Episode: 1}))(t)
		require.NoError(t, w.store.MergeContacts(t.Context(), merged.ContactID, resolved.ContactID, inbox.Author{Kind: inbox.AuthorAutomation}))
		w.takesWhatsApp(whatsApp("5", hidden...))
		_, err = w.store.ConversationByThread(t.Context(), channel.ID, "+15550002222:US.1349")
		require.NoError(t, err)
	})
}

func TestWhatsAppMessagesThatCannotBeTakenInWaitInQuarantine(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.connectWhatsApp("+15550002222")
		off := w.connectWhatsApp("+15550004444")
		off.Enabled = false
		must(w.store.UpdateChannel(t.Context(), off))(t)
		for _, body := range [][]byte{
			whatsApp("1", "To", "whatsapp:+15550003333"), whatsApp("2", "Body", ""), whatsApp("3", "To", "whatsapp:+15550004444"),
			whatsApp("", "MessageSid", "?"), []byte("%zz"),
		} {
			w.takesWhatsApp(body)
			w.takesWhatsApp(body)
		}
		items := w.quarantined()
		require.Len(t, items, 5, "the same again is the same")
		for _, item := range items {
			require.NotContains(t, item.Error, "5550001111")
			whole := must(w.store.QuarantineItem(t.Context(), item.ID))(t)
			err := w.WhatsApp().Reprocess(t.Context(), whole)
			require.Equal(t, inbox.CodeInvalid, inbox.CodeOf(err))
		}
		late := w.connectWhatsApp("+15550003333")
		first := must(w.store.QuarantineItem(t.Context(), items[4].ID))(t)
		require.NoError(t, w.WhatsApp().Reprocess(t.Context(), first))
		c := w.only(late.ID)
		require.WithinDuration(t, first.CreatedAt.Add(24*time.Hour), c.Window.ClosesAt, 0, "the window is that of its coming")
		list, _, err := w.store.Conversations(t.Context(), store.ConversationFilter{ChannelID: channel.ID}, store.Page{})
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

// answered is a conversation with an answer that was handed to Twilio, or whose
// handing over left no record.
func (w *world) answered(recorded bool) (inbox.Conversation, string) {
	w.t.Helper()
	channel := w.connectWhatsApp("+15550002222")
	w.takesWhatsApp(whatsApp("1"))
	c := w.only(channel.ID)
	answer, _, err := w.store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: c.ID, Author: inbox.Author{Kind: inbox.AuthorAutomation}, Text: "Hi", CreatedAt: time.Now().UTC(),
	})
	require.NoError(w.t, err)
	must(w.store.ClaimMessage(w.t.Context(), answer.ID, time.Now().UTC()))(w.t)
	if recorded {
		require.NoError(w.t, w.store.MarkSent(w.t.Context(), answer.ID, sid+"a", time.Now().UTC()))
	}
	return c, answer.ID
}

// reports posts status callbacks for the message sid+"a".
func (w *world) reports(messageID string, statuses ...string) {
	w.t.Helper()
	for _, status := range statuses {
		body := url.Values{"MessageSid": {sid + "a"}, "MessageStatus": {status}, "From": {"whatsapp:+15550002222"}, "To": {"whatsapp:+15550001111"}}
		if status == "failed" || status == "undelivered" {
			body.Set("ErrorCode", "63016")
		}
		require.NoError(w.t, w.WhatsApp().ReceiveStatus(w.t.Context(), messageID, 0, []byte(body.Encode())))
	}
}

func (w *world) state(messageID string) inbox.Message {
	w.t.Helper()
	return must(w.store.Message(w.t.Context(), messageID))(w.t)
}

func TestStatusCallbacksInAnyOrderNeverTakeAMessageBack(t *testing.T) {
	for name, c := range map[string]struct {
		statuses []string
		want     inbox.MessageState
	}{
		"in order":                  {[]string{"queued", "sent", "delivered", "read"}, inbox.MessageRead},
		"reversed":                  {[]string{"read", "delivered", "sent", "queued"}, inbox.MessageRead},
		"repeated":                  {[]string{"delivered", "delivered", "sent"}, inbox.MessageDelivered},
		"late failure":              {[]string{"sent", "failed"}, inbox.MessageFailed},
		"failure stays":             {[]string{"failed", "sent", "delivered"}, inbox.MessageFailed},
		"delivered does not fail":   {[]string{"delivered", "failed"}, inbox.MessageDelivered},
		"a status nobody knows yet": {[]string{"sent", "pondering"}, inbox.MessageSent},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				_, id := w.answered(true)
				w.reports(id, c.statuses...)
				require.Equal(t, c.want, w.state(id).State)
			})
		})
	}
}

func TestStatusCallbackThatIsFasterThanOurRecordIsTheRecord(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.answered(false)
		w.reports(id, "queued")
		require.Equal(t, inbox.MessageSent, w.state(id).State, "it is not sent again")
		require.Equal(t, sid+"a", w.state(id).ProviderMessageID)
		w.reports("", "delivered")
		require.Equal(t, inbox.MessageDelivered, w.state(id).State, "and found by Twilio's id from now on")
	})
}

func TestStatusCallbackOfAnotherChannelsOrNoMessageChangesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.answered(true)
		w.connectWhatsApp("+15550003333")
		body := url.Values{"MessageSid": {sid + "a"}, "MessageStatus": {"failed"}, "From": {"whatsapp:+15550003333"}}
		require.NoError(t, w.WhatsApp().ReceiveStatus(t.Context(), id, 0, []byte(body.Encode())))
		body.Set("From", "whatsapp:+15550002222")
		body.Set("MessageSid", sid+"b")
		require.NoError(t, w.WhatsApp().ReceiveStatus(t.Context(), id, 0, []byte(body.Encode())), "a second message under our id")
		require.NoError(t, w.WhatsApp().ReceiveStatus(t.Context(), "", 0, []byte("?")))
		require.Equal(t, inbox.MessageSent, w.state(id).State)
	})
}

// divided is an answer of three messages, all of which Twilio has, or of which the last
// left no record.
func (w *world) divided(recorded bool) string {
	w.t.Helper()
	_, id := w.answered(false)
	for part := 1; part <= 3; part++ {
		require.True(w.t, must(w.store.ClaimPart(w.t.Context(), id, part, 3))(w.t))
		if part < 3 || recorded {
			require.NoError(w.t, w.store.PartSent(w.t.Context(), id, part, sid+string(rune('a'+part-1)), time.Now().UTC()))
		}
	}
	return id
}

// reportsPart posts a status callback for the part whose message at Twilio ends with a
// letter.
func (w *world) reportsPart(messageID string, part int, letter, status string) {
	w.t.Helper()
	body := url.Values{"MessageSid": {sid + letter}, "MessageStatus": {status}, "From": {"whatsapp:+15550002222"}, "To": {"whatsapp:+15550001111"}}
	if status == "failed" {
		body.Set("ErrorCode", "63019")
	}
	require.NoError(w.t, w.WhatsApp().ReceiveStatus(w.t.Context(), messageID, part, []byte(body.Encode())))
}

func TestAnAnswerOfSeveralMessagesIsWhatAllOfThemAre(t *testing.T) {
	type report struct {
		part           int
		letter, status string
	}
	for name, c := range map[string]struct {
		reports []report
		want    inbox.MessageState
	}{
		"all delivered":             {[]report{{1, "a", "delivered"}, {2, "b", "delivered"}, {3, "c", "delivered"}}, inbox.MessageDelivered},
		"one not yet":               {[]report{{3, "c", "read"}, {1, "a", "delivered"}}, inbox.MessageSent},
		"read, but for one":         {[]report{{1, "a", "read"}, {3, "c", "read"}, {2, "b", "delivered"}, {2, "b", "sent"}}, inbox.MessageDelivered},
		"all read":                  {[]report{{3, "c", "read"}, {2, "b", "delivered"}, {1, "a", "read"}, {2, "b", "read"}}, inbox.MessageRead},
		"one failed":                {[]report{{1, "a", "delivered"}, {2, "b", "failed"}, {3, "c", "delivered"}}, inbox.MessageFailed},
		"another message's word":    {[]report{{1, "b", "failed"}, {2, "f", "failed"}, {9, "a", "failed"}}, inbox.MessageSent},
		"delivered does not fail":   {[]report{{1, "a", "delivered"}, {1, "a", "failed"}}, inbox.MessageSent},
		"a status nobody knows yet": {[]report{{1, "a", "pondering"}}, inbox.MessageSent},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				id := w.divided(true)
				for _, report := range c.reports {
					w.reportsPart(id, report.part, report.letter, report.status)
				}
				require.Equal(t, c.want, w.state(id).State)
				if c.want == inbox.MessageFailed {
					require.Equal(t, "Twilio could not fetch the file from us. (Twilio 63019) Parts that have left: 2 of 3. The rest can be sent by itself.", w.state(id).ErrorDetail)
					require.Equal(t, string(inbox.CodeInvalid), w.state(id).ErrorCode)
				}
			})
		})
	}
}

func TestAStatusCallbackOfAPartThatIsFasterThanOurRecordIsTheRecord(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.divided(false)
		w.reportsPart(id, 3, "c", "queued")
		require.Equal(t, inbox.MessageSent, w.state(id).State, "nothing of it is sent again")
		require.Equal(t, sid+"c", w.state(id).ProviderMessageID)
		w.reportsPart(id, 3, "f", "failed")
		require.Equal(t, inbox.MessageSent, w.state(id).State, "a second message under our id")
	})
}

func TestALateRefusalOutsideTheWindowClosesIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		c, id := w.answered(true)
		w.reports(id, "sent", "failed")
		failed := w.state(id)
		require.Equal(t, string(inbox.CodeTemplateRequired), failed.ErrorCode)
		require.Contains(t, failed.ErrorDetail, "approved template")
		require.Contains(t, failed.ErrorDetail, "63016")
		closed := must(w.store.Conversation(t.Context(), c.ID))(t)
		require.WithinDuration(t, failed.CreatedAt, closed.Window.ClosesAt, time.Millisecond)

		w.takesWhatsApp(whatsApp("2"))
		w.reports(id, "failed")
		open := must(w.store.Conversation(t.Context(), c.ID))(t)
		require.True(t, open.Window.ClosesAt.After(time.Now().Add(23*time.Hour)), "the contact opened it again")
	})
}

func TestErasingAContactErasesWhatItSentIntoQuarantine(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.connectWhatsApp("+15550002222")
		w.takesWhatsApp(whatsApp("1"))
		w.takesWhatsApp(whatsApp("2", "To", "whatsapp:+15550003333", "WaId", ""))
		w.takesWhatsApp(whatsApp("3", "To", "whatsapp:+15550003333", "WaId", "", "From", "whatsapp:+155500011112"))
		c := w.only(channel.ID)
		resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}))(t)
		require.Len(t, w.quarantined(), 2)
		require.NoError(t, w.store.EraseContact(t.Context(), resolved.ContactID))
		require.Len(t, w.quarantined(), 1, "somebody else's number begins like it")
	})
}

func TestAMessageThatTwilioPostsAgainTellsNothingOfWhoWasErased(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.connectWhatsApp("+15550002222")
		w.takesWhatsApp(whatsApp("1", "ExternalUserId", "whatsapp:US.1349"))
		c := w.only(channel.ID)
		resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: c.Episode}))(t)
		known := must(w.store.Contact(t.Context(), resolved.ContactID))(t).Identities
		require.NotEmpty(t, known)
		require.NoError(t, w.store.EraseContact(t.Context(), resolved.ContactID))

		w.takesWhatsApp(whatsApp("1", "ExternalUserId", "whatsapp:US.1349"))
		require.NoError(t, w.store.LearnIdentities(t.Context(), c.ID, c.ThreadKey, known), "erased while it was taken in")
		require.Empty(t, must(w.store.Contact(t.Context(), resolved.ContactID))(t).Identities)
		require.Equal(t, c.ID, w.only(channel.ID).ID)

		w.takesWhatsApp(whatsApp("2", "ExternalUserId", "whatsapp:US.1349"))
		require.Empty(t, must(w.store.Contact(t.Context(), resolved.ContactID))(t).Identities, "a later message is of somebody new")
	})
}
