package activities_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func (w *world) transcript(ref inbox.EpisodeRef) (noticeID string) {
	w.t.Helper()
	notice, _, err := w.Store.PlanTranscript(w.t.Context(), inbox.Transcript{Episode: ref, Address: "grace@home.test", AskedBy: w.agent.ID, At: w.now}, routing.MailTranscript)
	require.NoError(w.t, err)
	return notice.ID
}

func TestATranscriptIsMailedOnceAndMarkedAutomatic(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.transcript(w.arrives(w.channel(inbox.KindChat)))
		require.Equal(t, inbox.NoticeSent, w.tells(id))
		require.Equal(t, inbox.NoticeSent, w.tells(id))
		require.Len(t, w.mailbox.mails, 1)
		sent := w.mailbox.mails[0]
		require.Equal(t, "grace@home.test", sent.To)
		require.True(t, sent.Automatic)
		require.Contains(t, sent.Text, "It does not shine.")
		require.Empty(t, sent.From, "without one of the channel's own")
	})
}

func TestATranscriptThatTheMailServerRefusesForDaysFails(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.transcript(w.arrives(w.channel(inbox.KindChat)))
		w.mailbox.answer = func(mail.Mail) error { return refusedFor(channels.Retry) }
		_, err := w.SendNotice(t.Context(), id)
		wantRetry(t, err)
		w.now = w.now.Add(71 * time.Hour)
		require.Equal(t, inbox.NoticeFailed, w.tells(id))
	})
}

// from gives a chat a sender of transcripts whose mailbox is at a provider.
func (w *world) from(address string, provider inbox.Provider, settings string) (chat, desk inbox.Channel) {
	w.t.Helper()
	chat = w.channel(inbox.KindChat)
	chat.Settings = json.RawMessage(settings)
	chat = must(w.Store.UpdateChannel(w.t.Context(), chat))(w.t)
	desk = must(w.Store.CreateChannel(w.t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindEmail, Name: "Desk", Enabled: true, State: inbox.ChannelConnected,
		Account: address, Provider: provider, Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}))(w.t)
	return chat, desk
}

func TestATranscriptLeavesByTheQueueOfTheMailboxThatHasItsSender(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		const fromDesk = `{"language":"en","transcript_from":{"address":"desk@company.test"}}`
		for _, c := range []struct {
			provider inbox.Provider
			settings string
			want     string
		}{
			{inbox.ProviderGmail, fromDesk, activities.GmailQueue},
			{inbox.ProviderOffice365, fromDesk, activities.Office365Queue},
			{inbox.ProviderNone, fromDesk, activities.MailQueue},
			{inbox.ProviderGmail, `{"language":"en"}`, activities.MailQueue},
			{inbox.ProviderGmail, `{"language":"en","transcript_from":{"address":"gone@company.test"}}`, activities.MailQueue},
		} {
			chat, desk := w.from("desk@company.test", c.provider, c.settings)
			id := w.transcript(w.arrives(chat))
			require.Equal(t, c.want, must(w.TranscriptQueue(t.Context(), id))(t), "%s %s", c.provider, c.settings)
			require.NoError(t, w.Store.DeleteChannel(t.Context(), desk.ID))
		}
	})
}

// throttledTeam is the e-mail kind of a mailbox whose provider is told how it goes.
type throttledTeam struct {
	*email.Channel
	send func() error
}

func (k throttledTeam) SendMail(context.Context, inbox.Channel, mail.Mail, time.Time) error {
	return k.send()
}

func TestATranscriptWaitsAndHasOthersWaitAsAMailboxsAnswersDo(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		chat, desk := w.from("desk@company.test", inbox.ProviderGmail, `{"language":"en","transcript_from":{"address":"desk@company.test"}}`)
		tries := 0
		w.Kinds[inbox.KindEmail] = throttledTeam{&email.Channel{}, func() error {
			if tries++; tries == 1 {
				return throttled(40 * time.Second)
			}
			return nil
		}}
		first, second := w.transcript(w.arrives(chat)), w.transcript(w.arrives(chat))
		_, err := w.SendNotice(t.Context(), first)
		require.Equal(t, 40*time.Second, waitOf(t, err))
		require.Equal(t, w.now.Add(40*time.Second), must(w.Store.Channel(t.Context(), desk.ID))(t).PausedUntil, "the mailbox's answers wait as well")

		w.now = w.now.Add(10 * time.Second)
		_, err = w.SendNotice(t.Context(), second)
		require.Equal(t, 30*time.Second, waitOf(t, err))
		require.Equal(t, 1, tries, "the provider was asked again")

		w.now = w.now.Add(30 * time.Second)
		require.Equal(t, inbox.NoticeSent, w.tells(second))
		require.Equal(t, inbox.NoticeSent, w.tells(first))
		require.Equal(t, 3, tries)
	})
}

// spoken says in which language the visitor was spoken to.
func spoken(language string) func(*store.Inbound) {
	return func(in *store.Inbound) {
		in.Fields = []inbox.SubmittedField{{Name: channels.LanguageField, Values: []string{language}, Hidden: true}}
	}
}

func TestATranscriptIsInTheLanguageThatTheVisitorWasSpokenToLast(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		chat, _ := w.from("desk@company.test", inbox.ProviderNone, `{"language":"fr"}`)
		for want, languages := range map[string][]string{
			"Votre conversation avec": nil,
			"محادثتك مع":              {"de", "ar"},
			"Ihr Chat mit":            {"ar", "de"},
		} {
			thread := store.NewID()
			receipt := w.writes(chat, thread)
			for _, language := range languages {
				w.writes(chat, thread, spoken(language))
			}
			w.writes(chat, thread) // by a program that does not say
			require.Equal(t, inbox.NoticeSent, w.tells(w.transcript(refOf(receipt))))
			require.Contains(t, w.mailbox.mails[len(w.mailbox.mails)-1].Subject, want)
		}
	})
}

func TestATranscriptBeginsWithWhatTheVisitorSawFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		welcoming, _ := w.from("desk@company.test", inbox.ProviderNone, `{"language":"en","welcome_message":"Good morning!","availability":{"reply_time":"day"}}`)
		copied := func(ref inbox.EpisodeRef) string {
			require.Equal(t, inbox.NoticeSent, w.tells(w.transcript(ref)))
			return w.mailbox.mails[len(w.mailbox.mails)-1].Text
		}
		today := func(in *store.Inbound) { in.At = time.Now() } // as the settings are
		require.Regexp(t, `\nWebsite\n    Good morning!\n\n20.*  You\n    It does not shine`, copied(w.arrives(welcoming, today)))

		flow := must(w.Store.CreateChatflow(t.Context(), inbox.Chatflow{
			ChannelID: welcoming.ID, Name: "Topics", Greeting: "Hello! {{reply_time}}", Steps: []inbox.ChatStep{
				{ID: "topic", Kind: inbox.StepChoose, Text: "What is it about?", Answers: []inbox.ChatAnswer{{ID: "order", Title: "My order", Next: "over"}}},
				{ID: "over", Kind: inbox.StepHandOver},
			},
		}))(t)
		must(w.Store.ActivateChatflow(t.Context(), flow.ID, true))(t)
		visitor := inbox.Sender{Identities: []inbox.Identity{inbox.EmailIdentity("grace@home.test")}}
		met := w.arrives(welcoming, today, func(in *store.Inbound) { in.Sender = visitor })
		must(w.ResolveContact(t.Context(), met))(t)
		w.chats(met, "")
		// What the flow says later was not said to this visitor.
		flow.Greeting = "Good evening!"
		must(w.Store.UpdateChatflow(t.Context(), flow))(t)
		text := copied(met)
		require.Regexp(t, `\nWebsite\n    Hello! We usually answer within a day.\n    \n    What is it about\?\n\n20.*  grace@home.test\n`, text)
		require.NotContains(t, text, "Good evening!")
		require.NotContains(t, text, "Good morning!", "the opening stood in its place")

		// Who met the flow before may have seen it again, and nobody knows.
		again := w.arrives(welcoming, today, func(in *store.Inbound) { in.Sender = visitor })
		must(w.ResolveContact(t.Context(), again))(t)
		require.NotContains(t, copied(again), "Good")
	})
}

func TestNothingOfAnErasedContactIsMailed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindChat))
		contact := must(w.ResolveContact(t.Context(), ref))(t).ContactID
		id := w.transcript(ref)
		require.NoError(t, w.Store.EraseContact(t.Context(), contact))
		require.Equal(t, inbox.NoticeFailed, w.tells(id))
		require.Empty(t, w.mailbox.mails)
	})
}
