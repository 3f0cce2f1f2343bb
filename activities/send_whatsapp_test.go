package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels/twilio"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
	"switchboard/test/standins/faketwilio"
)

// byWhatsApp stores an agent's answer to somebody on WhatsApp, and returns the
// stand-in that it leaves by.
func (w *world) byWhatsApp(files ...store.File) (server *faketwilio.Server, ref inbox.EpisodeRef, messageID string) {
	w.t.Helper()
	server = faketwilio.Start(w.t)
	client := must(twilio.New(faketwilio.AccountSID, faketwilio.AuthToken, server.URL))(w.t)
	w.Kinds[inbox.KindWhatsApp] = &whatsapp.Channel{
		Twilio: client, StatusURL: "https://desk.company.test/webhooks/twilio/status",
		Media: twilio.NewMedia("https://desk.company.test", faketwilio.AuthToken),
	}
	w.now = time.Now().UTC()
	channel := must(w.Store.CreateChannel(w.t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindWhatsApp, Name: "WhatsApp", Account: "+15550002222", Enabled: true,
		State: inbox.ChannelConnected, Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}))(w.t)
	ref = w.arrives(channel, func(in *store.Inbound) {
		in.ThreadKey, in.At = "+15550002222:15550001111", w.now.Add(-time.Hour)
		in.WindowExpires = routing.WindowExpires(inbox.KindWhatsApp, in.At)
	})
	answer, _, err := w.Store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: ref.ConversationID, Author: w.byAgent(), Text: "Hi", CreatedAt: w.now,
	}, files...)
	require.NoError(w.t, err)
	return server, ref, answer.ID
}

func TestAWhatsAppMessageWhoseAnswerWasLostIsNotSentTwice(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, id := w.byWhatsApp()
		server.Fail(faketwilio.Fault{Drop: true})
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		require.Equal(t, inbox.MessageSending, w.message(id).State)

		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Len(t, server.Sent(), 1)
		require.Equal(t, server.Sent()[0].SID, w.message(id).ProviderMessageID)
	})
}

func TestAWhatsAppMessageThatTheProcessNeverHandedOverIsSentAfterAll(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, id := w.byWhatsApp()
		must(w.Store.ClaimMessage(t.Context(), id, w.now))(t) // and the process dies
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Len(t, server.Sent(), 1)
	})
}

func TestAnEqualAnswerThatFailedLaterIsNotTakenForOneThatWasLost(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, ref, first := w.byWhatsApp()
		require.Equal(t, inbox.MessageSent, w.sends(first))
		require.NoError(t, w.Store.FailMessage(t.Context(), first, inbox.CodeInvalid, "Undeliverable.", w.now))
		again, _, err := w.Store.CreateReply(t.Context(), inbox.Message{
			ConversationID: ref.ConversationID, Author: w.byAgent(), Text: "Hi", CreatedAt: w.now,
		})
		require.NoError(t, err)
		must(w.Store.ClaimMessage(t.Context(), again.ID, w.now))(t) // and the process dies before it is handed over
		require.Equal(t, inbox.MessageSent, w.sends(again.ID))
		require.Len(t, server.Sent(), 2)
		require.Equal(t, server.Sent()[1].SID, w.message(again.ID).ProviderMessageID)
	})
}

func TestAStatusCallbackProvesASendingThatLeftNoRecord(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, id := w.byWhatsApp()
		server.Fail(faketwilio.Fault{Drop: true})
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		found, err := w.Store.FollowMessage(t.Context(), store.Verdict{
			ChannelID: w.message(id).ChannelID, MessageID: id, ProviderMessageID: server.Sent()[0].SID,
			State: inbox.MessageDelivered, At: w.now,
		})
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, inbox.MessageDelivered, w.sends(id))
		require.Len(t, server.Sent(), 1)
	})
}

func TestARefusalOutsideTheWindowIsKeptInWordsAndClosesTheWindow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, ref, id := w.byWhatsApp()
		server.Fail(faketwilio.Fault{Status: 400, Code: 63016})
		require.Equal(t, inbox.MessageFailed, w.sends(id))
		require.Equal(t, string(inbox.CodeTemplateRequired), w.message(id).ErrorCode)
		require.Contains(t, w.message(id).ErrorDetail, "63016")

		_, err := w.allows(ref, w.answers(ref, w.byAgent()))
		wantRefusal(t, err, inbox.CodeTemplateRequired)
	})
}

// threeFiles are two recordings around a picture: with a text they leave as four
// messages.
func threeFiles() []store.File {
	return []store.File{
		{Name: "a.ogg", ContentType: "audio/ogg", Data: []byte("a")},
		{Name: "b.png", ContentType: "image/png", Data: []byte("b")},
		{Name: "c.ogg", ContentType: "audio/ogg", Data: []byte("c")},
	}
}

func TestSeveralFilesByWhatsAppLeaveOneAfterTheOther(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, id := w.byWhatsApp(threeFiles()...)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		sent := server.Sent()
		require.Len(t, sent, 4)
		require.Equal(t, "Hi", sent[0].Body)
		for i, file := range w.message(id).Attachments {
			require.Contains(t, sent[i+1].Form.Get("MediaUrl"), file.ID)
		}
		require.Equal(t, sent[3].SID, w.message(id).ProviderMessageID)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Len(t, server.Sent(), 4)
	})
}

func TestAPartByWhatsAppWhoseAnswerWasLostIsNotSentTwice(t *testing.T) {
	// The second file has no words, as the first and the third.
	for name, fault := range map[string]faketwilio.Fault{
		"Twilio has it":           {Method: "POST", After: 2, Drop: true},
		"Twilio does not have it": {Method: "POST", After: 2, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				server, ref, id := w.byWhatsApp(threeFiles()...)
				before, _, err := w.Store.CreateReply(t.Context(), inbox.Message{
					ConversationID: ref.ConversationID, Author: w.byAgent(), CreatedAt: w.now,
				}, threeFiles()...)
				require.NoError(t, err)
				require.Equal(t, inbox.MessageSent, w.sends(before.ID))
				server.Fail(fault)
				_, err = w.worker().ExecuteActivity(w.SendMessage, id)
				wantRetry(t, err)
				require.Equal(t, inbox.MessageSending, w.message(id).State)
				require.Equal(t, inbox.MessageSent, w.sends(id))
				require.Len(t, server.Sent(), 3+4)
				files := w.message(id).Attachments
				for i, message := range server.Sent()[4:] {
					require.Contains(t, message.Form.Get("MediaUrl"), files[i].ID)
				}
			})
		})
	}
}

func TestNothingFollowsAPartThatTwilioCouldNotDeliver(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		server, _, id := w.byWhatsApp(threeFiles()...)
		server.Fail(faketwilio.Fault{Method: "POST", After: 1, Then: func() {
			found, err := w.Store.FollowMessage(t.Context(), store.Verdict{
				ChannelID: w.message(id).ChannelID, MessageID: id, Part: 2, ProviderMessageID: "SM2",
				State: inbox.MessageFailed, Code: inbox.CodeInvalid, Detail: "Twilio could not fetch the file from us.", At: w.now,
			})
			require.NoError(t, err)
			require.True(t, found)
		}})
		require.Equal(t, inbox.MessageFailed, w.sends(id))
		require.Len(t, server.Sent(), 2)
		require.Equal(t, "Twilio could not fetch the file from us. Parts that have left: 1 of 4. The rest can be sent by itself.", w.message(id).ErrorDetail)
	})
}
