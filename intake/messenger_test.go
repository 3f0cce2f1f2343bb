package intake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/store"
)

const pageID, appID = "100", "4711"

// facebook is a world with a connected page.
type facebook struct {
	*world
	page inbox.Channel
}

func (w *world) facebook(t *testing.T) *facebook {
	t.Helper()
	page := must(w.store.CreateChannel(t.Context(), inbox.Channel{
		InboxID: w.channel.InboxID, Kind: inbox.KindMessenger, Name: "Page", Enabled: true, State: inbox.ChannelConnected,
		Account: pageID, Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}))(t)
	return &facebook{w, page}
}

func (f *facebook) delivers(t *testing.T, items ...string) {
	t.Helper()
	f.deliversTo(t, pageID, "messaging", items...)
}

func (f *facebook) deliversTo(t *testing.T, page, list string, items ...string) {
	t.Helper()
	body := fmt.Appendf(nil, `{"object":"page","entry":[{"id":%q,"time":%d,%q:[%s]}]}`,
		page, longAgo.UnixMilli(), list, strings.Join(items, ","))
	require.NoError(t, f.Messenger(appID).Deliver(t.Context(), body))
}

// item is something between a contact and the page.
func item(contact string, at time.Time, what string) string {
	return fmt.Sprintf(`{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,%s}`, contact, pageID, at.UnixMilli(), what)
}

func text(contact, mid string, at time.Time) string {
	return item(contact, at, fmt.Sprintf(`"message":{"mid":%q,"text":"%s said"}`, mid, mid))
}

func echo(contact, mid string, at time.Time, more string) string {
	return fmt.Sprintf(`{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,"message":{"mid":%q,"is_echo":true%s}}`,
		pageID, contact, at.UnixMilli(), mid, more)
}

func (f *facebook) conversationOf(t *testing.T, contact string) inbox.Conversation {
	t.Helper()
	return must(f.store.ConversationByThread(t.Context(), f.page.ID, pageID+":"+contact))(t)
}

// said are a conversation's messages, all pages, as they are listed.
func (f *facebook) said(t *testing.T, conversationID string) []inbox.Message {
	t.Helper()
	var all []inbox.Message
	page := store.Page{Limit: 7}
	for {
		messages, next, err := f.store.Messages(t.Context(), conversationID, page)
		require.NoError(t, err)
		all = append(all, messages...)
		if page.Cursor = next; next == "" {
			return all
		}
	}
}

func (f *facebook) quarantined(t *testing.T) []store.QuarantineItem {
	t.Helper()
	items, _, err := f.store.Quarantined(t.Context(), store.Page{})
	require.NoError(t, err)
	return items
}

func TestAMessengerMessageOpensAConversationWithItsWindow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, item("200", longAgo, `"message":{"mid":"m_1","text":"Hello","reply_to":{"mid":"m_0"},`+
			`"attachments":[{"type":"image","payload":{"url":"https://cdn.example/a.png"}}]}`))
		c := f.conversationOf(t, "200")
		assert.Equal(t, longAgo, c.LastContactAt)
		assert.Equal(t, longAgo.Add(24*time.Hour), c.Window.ClosesAt, "by the provider's clock")
		got := f.said(t, c.ID)
		require.Len(t, got, 1)
		assert.Equal(t, "Hello", got[0].Text)
		assert.Equal(t, "m_0", got[0].InReplyTo)
		assert.Equal(t, longAgo, got[0].CreatedAt)
		assert.Equal(t, []inbox.RemoteFile{{URL: "https://cdn.example/a.png", Name: "a.png"}}, got[0].Remote)
		assert.Equal(t, []string{got[0].ID}, f.conversations.messages())
	})
}

func TestAWindowIsNeverOpenedInTheFuture(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		before := time.Now().Add(-time.Second)
		f.delivers(t, text("200", "m_1", time.Now().AddDate(50, 0, 0)))
		f.delivers(t, item("200", time.Now().AddDate(5000, 0, 0), `"reaction":{"action":"react","mid":"m_0"}`))
		c := f.conversationOf(t, "200")
		assert.WithinRange(t, c.Window.ClosesAt, before.Add(24*time.Hour), time.Now().Add(24*time.Hour))
		assert.WithinRange(t, c.LastContactAt, before, time.Now())
	})
}

func TestAPostbackIsAMessage(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		start := item("200", longAgo, `"postback":{"title":"Get started","payload":"GET_STARTED"}`)
		f.delivers(t, start, start)
		got := f.said(t, f.conversationOf(t, "200").ID)
		require.Len(t, got, 1)
		assert.Equal(t, "Get started", got[0].Text)
		assert.Equal(t, "GET_STARTED", got[0].Payload)
	})
}

func TestReactionsAndReferralsOpenTheWindow(t *testing.T) {
	for name, what := range map[string]string{
		"reaction": `"reaction":{"action":"react","mid":"m_1"}`, "referral": `"referral":{"source":"SHORTLINK","type":"OPEN_THREAD"}`,
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				f := w.facebook(t)
				later := longAgo.Add(time.Hour)
				f.delivers(t, item("200", later, what), text("200", "m_1", longAgo), item("300", later, what))
				assert.Equal(t, later.Add(24*time.Hour), f.conversationOf(t, "200").Window.ClosesAt, "in whatever order they come")
				require.Equal(t, 1, f.conversations.windows(), "of the one that has a conversation")
				f.delivers(t, item("200", later.Add(time.Minute), what), item("200", later, what))
				assert.Equal(t, later.Add(24*time.Hour+time.Minute), f.conversationOf(t, "200").Window.ClosesAt)
				assert.Equal(t, 1, f.conversations.windows(), "its workflow is told when it moves")
				assert.Equal(t, longAgo, f.conversationOf(t, "200").LastContactAt, "it is no message")
				f.delivers(t, item("200", later.Add(time.Hour), `"reaction":{"action":"unreact","mid":"m_1"}`))
				assert.Equal(t, later.Add(24*time.Hour+time.Minute), f.conversationOf(t, "200").Window.ClosesAt, "taking back opens nothing")
				assert.Empty(t, f.quarantined(t))
			})
		})
	}
}

func TestWindowsThatOneDeliveryMovesAreToldWithinOneBound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo), text("300", "m_2", longAgo))
		f.conversations.windows()
		var bounds []time.Time
		f.conversations.answer = func(ctx context.Context, told telling) error {
			until, bound := ctx.Deadline()
			require.True(t, bound)
			bounds = append(bounds, until)
			return errors.New("Temporal is away")
		}
		reaction := `"reaction":{"action":"react","mid":"m_1"}`
		f.delivers(t, item("200", longAgo.Add(time.Hour), reaction), item("300", longAgo.Add(time.Hour), reaction),
			item("200", longAgo.Add(2*time.Hour), reaction))
		require.Equal(t, 2, f.conversations.windows(), "each conversation once")
		require.Equal(t, bounds[0], bounds[1], "they do not add up")
		require.Zero(t, w.sweeps().Windows, "the sweep fails as well")
		f.conversations.windows()
		f.conversations.answer = nil
		require.Equal(t, 2, w.sweeps().Windows, "the sweep tells what could not be told")
		require.Equal(t, 2, f.conversations.windows())
		f.delivers(t, item("200", longAgo.Add(3*time.Hour), reaction))
		require.Equal(t, 1, f.conversations.windows())
		require.Zero(t, w.sweeps().Windows, "what was told is not told again")
	})
}

// reply stores an agent's answer that is being sent.
func (f *facebook) reply(t *testing.T, conversationID string) string {
	t.Helper()
	reply, _, err := f.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: conversationID, Author: inbox.Author{Kind: inbox.AuthorAutomation}, Text: "Hi", CreatedAt: longAgo.Add(time.Minute),
	})
	require.NoError(t, err)
	claimed, err := f.store.ClaimMessage(t.Context(), reply.ID, longAgo.Add(time.Minute))
	require.NoError(t, err)
	require.True(t, claimed)
	return reply.ID
}

func TestTheEchoTellsThatOurMessageWasSent(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo))
		c := f.conversationOf(t, "200")
		for _, state := range []inbox.MessageState{inbox.MessageSending, inbox.MessageUnknown} {
			id := f.reply(t, c.ID)
			if state == inbox.MessageUnknown {
				require.NoError(t, f.store.SetMessageState(t.Context(), id, state, inbox.CodeDeliveryUnknown, longAgo))
			}
			ours := echo("200", "m_"+id, longAgo.Add(2*time.Minute), `,"text":"Hi","app_id":4711,"metadata":"`+id+`"`)
			f.delivers(t, ours, ours)
			sent := must(f.store.Message(t.Context(), id))(t)
			assert.Equal(t, inbox.MessageSent, sent.State)
			assert.Equal(t, "m_"+id, sent.ProviderMessageID)
			assert.Empty(t, sent.ErrorCode)
		}
		assert.Len(t, f.said(t, c.ID), 3, "no echo is a message of its own")
	})
}

func TestWhatOthersSendFromThePageIsSeenAndNeverSentAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo))
		c := f.conversationOf(t, "200")
		ours := f.reply(t, c.ID)
		f.conversations.messages()
		for mid, more := range map[string]string{
			"m_inbox": `,"text":"From the page's inbox"`,
			"m_bot":   `,"text":"From a bot","app_id":5,"metadata":"` + ours + `"`,
			"m_file":  `,"app_id":5,"attachments":[{"type":"image","payload":{"url":"https://cdn.example/b.png"}}]`,
		} {
			theirs := echo("200", mid, longAgo.Add(-time.Minute), more)
			f.delivers(t, theirs, theirs)
		}
		texts := map[string]string{}
		for _, m := range f.said(t, c.ID) {
			if m.ID == ours {
				assert.Equal(t, inbox.MessageSending, m.State, "another application's metadata is not ours")
				continue
			}
			if m.Direction == inbox.DirectionOut {
				texts[m.ProviderMessageID] = m.Text
				assert.Equal(t, inbox.AuthorAutomation, m.Author.Kind)
				assert.Equal(t, inbox.MessageSent, m.State)
				assert.False(t, m.DispatchedAt.IsZero())
			}
		}
		assert.Equal(t, map[string]string{
			"m_inbox": "From the page's inbox", "m_bot": "From a bot", "m_file": "https://cdn.example/b.png",
		}, texts)
		assert.Empty(t, f.conversations.messages(), "nobody is told to send it")
		assert.NotContains(t, f.undispatched(), ours)
		for _, id := range f.undispatched() {
			assert.Equal(t, inbox.DirectionIn, must(f.store.Message(t.Context(), id))(t).Direction)
		}
	})
}

func TestDeliveryAndReadingFollowTheWatermark(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo))
		c := f.conversationOf(t, "200")
		id := f.reply(t, c.ID)
		require.NoError(t, f.store.MarkSent(t.Context(), id, "m_2", longAgo))
		state := func() inbox.MessageState { return must(f.store.Message(t.Context(), id))(t).State }
		f.delivers(t, item("200", longAgo, fmt.Sprintf(`"read":{"watermark":%d}`, longAgo.UnixMilli())))
		assert.Equal(t, inbox.MessageSent, state(), "it was written after the watermark")
		f.delivers(t, item("200", longAgo, `"delivery":{"mids":["m_2","m_unknown"],"watermark":1}`))
		assert.Equal(t, inbox.MessageDelivered, state())
		f.delivers(t, item("200", longAgo, fmt.Sprintf(`"read":{"watermark":%d}`, longAgo.Add(time.Hour).UnixMilli())))
		assert.Equal(t, inbox.MessageRead, state())
		f.delivers(t, item("200", longAgo, `"delivery":{"mids":["m_2"],"watermark":1}`))
		assert.Equal(t, inbox.MessageRead, state(), "nothing goes back")
	})
}

func TestTheWindowFollowsWhatTheContactSaysToAnotherApplication(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo))
		f.conversations.windows()
		theirs := text("200", "m_2", longAgo.Add(time.Hour))
		f.deliversTo(t, pageID, "standby", theirs)
		require.Equal(t, 1, f.conversations.windows(), "the workflow is told")
		f.deliversTo(t, pageID, "standby", theirs)
		require.Zero(t, f.conversations.windows(), "once")
		require.Zero(t, w.sweeps().Windows)

		f.conversations.answer = func(context.Context, telling) error { return errors.New("Temporal is away") }
		f.deliversTo(t, pageID, "standby", text("200", "m_3", longAgo.Add(2*time.Hour)))
		f.conversations.answer = nil
		require.Equal(t, 1, w.sweeps().Windows, "the sweep tells what could not be told")
	})
}

func TestWhatAnotherApplicationAnswersIsKeptAndNotRouted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo))
		c := f.conversationOf(t, "200")
		must(f.store.CloseEpisode(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: 1},
			inbox.Author{Kind: inbox.AuthorAutomation}, longAgo, ""))(t)
		later := longAgo.Add(time.Hour)
		f.deliversTo(t, pageID, "standby", text("200", "m_2", later), text("300", "m_3", later))
		c = f.conversationOf(t, "200")
		assert.Equal(t, inbox.StatusClosed, c.Status)
		assert.Equal(t, later.Add(24*time.Hour), c.Window.ClosesAt)
		assert.Len(t, f.said(t, c.ID), 2)
		kept := f.quarantined(t)
		require.Len(t, kept, 1, "a thread that is nobody's here")
		raw := must(f.store.QuarantineItem(t.Context(), kept[0].ID))(t)
		assert.Equal(t, inbox.CodeInvalid, inbox.CodeOf(f.Messenger(appID).Reprocess(t.Context(), raw)))
		f.delivers(t, text("300", "m_4", later))
		require.NoError(t, f.Messenger(appID).Reprocess(t.Context(), raw))
		assert.Len(t, f.said(t, f.conversationOf(t, "300").ID), 2)
	})
}

func TestWhatDoesNotFitWaitsInQuarantineWhileTheRestIsTakenIn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, item("200", longAgo, `"game_play":{}`), text("200", "m_1", longAgo), `7`)
		f.deliversTo(t, "999", "messaging", text("200", "m_2", longAgo))
		require.NoError(t, f.Messenger(appID).Deliver(t.Context(), []byte(`{"object":"instagram"}`)))
		assert.Len(t, f.said(t, f.conversationOf(t, "200").ID), 1)
		kept := f.quarantined(t)
		require.Len(t, kept, 4)
		channels := []string{}
		for _, item := range kept {
			assert.Equal(t, "messenger", item.Source)
			channels = append(channels, item.ChannelID)
		}
		assert.Equal(t, []string{"", "", f.page.ID, f.page.ID}, channels)
	})
}

func TestASwitchedOffPageLosesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		off := f.page
		off.Enabled = false
		off = must(f.store.UpdateChannel(t.Context(), off))(t)
		f.delivers(t, text("200", "m_1", longAgo))
		kept := f.quarantined(t)
		require.Len(t, kept, 1)
		off.Enabled = true
		must(f.store.UpdateChannel(t.Context(), off))(t)
		require.NoError(t, f.Messenger(appID).Reprocess(t.Context(), must(f.store.QuarantineItem(t.Context(), kept[0].ID))(t)))
		assert.Len(t, f.said(t, f.conversationOf(t, "200").ID), 1)
	})
}

func TestAnErasedContactIsErasedFromQuarantineToo(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		f.delivers(t, text("200", "m_1", longAgo), item("200", longAgo, `"game_play":{"player_id":"x"}`), item("2001", longAgo, `"game_play":{}`))
		c := f.conversationOf(t, "200")
		contact := must(f.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: c.ID, Episode: 1}))(t)
		require.NoError(t, f.store.EraseContact(t.Context(), contact.ContactID))
		left := f.quarantined(t)
		require.Len(t, left, 1)
		assert.Contains(t, string(must(f.store.QuarantineItem(t.Context(), left[0].ID))(t).Raw), `"2001"`)
	})
}

// Facebook delivers 2,000 items in any order, every third one twice, by 16
// connections (B8).
func TestTwoThousandShuffledItemsAreEachOneMessageInProviderOrder(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		f := w.facebook(t)
		const contacts, each = 20, 100
		var items []string
		for i := range contacts * each {
			contact := fmt.Sprint(200 + i%contacts)
			what := text(contact, fmt.Sprintf("m_%04d", i), longAgo.Add(time.Duration(i)*time.Second))
			items = append(items, what)
			if i%3 == 0 {
				items = append(items, what)
			}
		}
		rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		work := make(chan []string)
		var connections sync.WaitGroup
		for range 16 {
			connections.Go(func() {
				for batch := range work {
					f.delivers(t, batch...)
				}
			})
		}
		for len(items) > 0 {
			size := min(1+rand.IntN(60), len(items))
			work <- items[:size]
			items = items[size:]
		}
		close(work)
		connections.Wait()
		all, _, err := f.store.Conversations(t.Context(), store.ConversationFilter{ChannelID: f.page.ID}, store.Page{Limit: 200})
		require.NoError(t, err)
		assert.Len(t, all, contacts, "one conversation per contact")
		for contact := range contacts {
			c := f.conversationOf(t, fmt.Sprint(200+contact))
			var got, want []string
			for _, m := range f.said(t, c.ID) {
				got = append(got, m.ProviderMessageID)
			}
			for i := range each {
				want = append(want, fmt.Sprintf("m_%04d", i*contacts+contact))
			}
			require.Equal(t, want, got)
		}
		assert.Empty(t, f.quarantined(t))
	})
}
