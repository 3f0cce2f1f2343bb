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
func (w *world) byWhatsApp() (server *faketwilio.Server, ref inbox.EpisodeRef, messageID string) {
	w.t.Helper()
	server = faketwilio.Start(w.t)
	client := must(twilio.New(faketwilio.AccountSID, faketwilio.AuthToken, server.URL))(w.t)
	w.Kinds[inbox.KindWhatsApp] = &whatsapp.Channel{Twilio: client, StatusURL: "https://desk.company.test/webhooks/twilio/status"}
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
	})
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
