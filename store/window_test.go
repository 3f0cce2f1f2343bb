package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

const day = 24 * time.Hour

// onMessenger receives a message that opened the window at a time.
func onMessenger(t *testing.T, s *store.Store, channel inbox.Channel, id string, at time.Time) inbox.Conversation {
	t.Helper()
	in := inbound(channel, "thread", id)
	in.At, in.WindowExpires = at, at.Add(day)
	receipt := must(s.Receive(t.Context(), in))(t)
	return must(s.Conversation(t.Context(), receipt.ConversationID))(t)
}

func messenger(channel *inbox.Channel) { channel.Kind = inbox.KindMessenger }

// opens opens the thread's window otherwise than by a message.
func opens(t *testing.T, s *store.Store, channel inbox.Channel, at time.Time) inbox.Conversation {
	t.Helper()
	_, err := s.OpenWindow(t.Context(), store.WindowOpening{ChannelID: channel.ID, ThreadKey: "thread", At: at, Expires: at.Add(day)})
	if err != nil {
		t.Fatal(err)
	}
	return must(s.ConversationByThread(t.Context(), channel.ID, "thread"))(t)
}

// wantWindow fails the test unless the contact's last message is of a time and the
// window ends a day after another.
func wantWindow(t *testing.T, c inbox.Conversation, wrote, opened time.Time) {
	t.Helper()
	if !c.LastContactAt.Equal(wrote) || !c.Window.ClosesAt.Equal(opened.Add(day)) {
		t.Errorf("last message at %v, window until %v; want %v, and a day after %v", c.LastContactAt, c.Window.ClosesAt, wrote, opened)
	}
}

func TestAWindowFollowsTheLatestWordHoweverItArrives(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s, messenger)
		at := func(hours time.Duration) time.Time { return noon.Add(hours * time.Hour) }
		wantWindow(t, onMessenger(t, s, channel, "1", noon), noon, noon)
		wantWindow(t, onMessenger(t, s, channel, "2", at(1)), at(1), at(1))
		wantWindow(t, onMessenger(t, s, channel, "3", noon.Add(time.Minute)), at(1), at(1))
		wantWindow(t, opens(t, s, channel, at(2)), at(1), at(2))
		wantWindow(t, opens(t, s, channel, at(-1)), at(1), at(2))
		wantWindow(t, opens(t, s, channel, at(2)), at(1), at(2))
		opened := 0
		for _, kind := range eventKinds(t, s) {
			if kind == inbox.EventWindowOpened {
				opened++
			}
		}
		if opened != 1 {
			t.Errorf("told %d times that the window opened, want once", opened)
		}
	})
}

func TestTheFutureOpensNoWindowBeyondADay(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s, messenger)
		for _, word := range []func() inbox.Conversation{
			func() inbox.Conversation { return onMessenger(t, s, channel, "1", time.Now().Add(30*day)) },
			func() inbox.Conversation { return onMessenger(t, s, channel, "2", time.Now().Add(30*day)) },
			func() inbox.Conversation { return opens(t, s, channel, time.Now().Add(30*day)) },
		} {
			before := time.Now()
			c := word()
			if c.LastContactAt.After(time.Now()) || c.Window.ClosesAt.After(time.Now().Add(day)) || c.Window.ClosesAt.Before(before.Add(day-time.Second)) {
				t.Errorf("last contact at %v, window until %v", c.LastContactAt, c.Window.ClosesAt)
			}
		}
	})
}

func TestOnlyAThreadThatIsKnownHasAWindow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		_, err := s.OpenWindow(t.Context(), store.WindowOpening{ChannelID: newChannel(t, s).ID, ThreadKey: "thread", At: noon, Expires: noon.Add(day)})
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestARefusalCorrectsTheWindowUnlessTheContactWroteMeanwhile(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, messenger)
		read := onMessenger(t, s, channel, "1", noon)
		correct := func() inbox.Conversation {
			if err := s.CorrectWindow(ctx, read, "m1", noon.Add(time.Minute), noon.Add(-7*day), noon.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			return must(s.Conversation(ctx, read.ID))(t)
		}
		for range 2 {
			if got := correct(); !got.Window.ClosesAt.Equal(noon.Add(time.Minute)) || !got.LastContactAt.Equal(noon.Add(-7*day)) {
				t.Errorf("corrected to %+v", got)
			}
		}
		read = onMessenger(t, s, channel, "2", noon.Add(time.Hour))
		onMessenger(t, s, channel, "3", noon.Add(2*time.Hour))
		wantWindow(t, correct(), noon.Add(2*time.Hour), noon.Add(2*time.Hour))
	})
}

func TestAWindowThatMovesWithoutAMessageIsNewsUntilItIsTold(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, messenger)
		read := onMessenger(t, s, channel, "1", noon)
		isNews := func(want bool, after string) {
			t.Helper()
			due := must(s.WindowNewsDue(ctx, time.Now().Add(time.Hour), 10))(t)
			if (len(due) == 1) != want || want && due[0] != (inbox.EpisodeRef{ConversationID: read.ID, Episode: 1}) {
				t.Errorf("news after %s: %v", after, due)
			}
		}
		told := func(at time.Time) {
			t.Helper()
			if err := s.WindowTold(ctx, read.ID, at); err != nil {
				t.Fatal(err)
			}
		}
		isNews(false, "a message, of which the workflow is told anyway")
		for after, moves := range map[string]func() error{
			"a reaction": func() error { read = opens(t, s, channel, read.Window.ClosesAt); return nil },
			"a refusal":  func() error { return s.CorrectWindow(ctx, read, "m1", noon.Add(time.Minute), noon, time.Now()) },
			"a late refusal": func() error {
				return s.CloseWindow(ctx, inbox.Message{ID: "m2", ConversationID: read.ID, CreatedAt: noon.Add(time.Second)}, time.Now())
			},
		} {
			opens(t, s, channel, noon.Add(time.Hour))
			read = must(s.Conversation(ctx, read.ID))(t)
			told(time.Now())
			before := time.Now().Add(-time.Hour)
			if err := moves(); err != nil {
				t.Fatal(err)
			}
			isNews(true, after)
			told(before)
			isNews(true, after+" that came since it was told")
			told(time.Now())
			isNews(false, after+" that was told")
		}
		var refused []string
		for _, event := range must(s.EventsAfter(ctx, 0, 100))(t) {
			if event.Kind == inbox.EventWindowRefused {
				refused = append(refused, strings.ReplaceAll(string(event.Data), " ", ""))
			}
		}
		slices.Sort(refused)
		if !slices.Equal(refused, []string{`{"message_id":"m1"}`, `{"message_id":"m2"}`}) {
			t.Errorf("the timeline tells of refusals %q", refused)
		}
	})
}

func TestAPauseIsTheChannelsOwnAndNeverGetsShorter(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, other := t.Context(), newChannel(t, s), newChannel(t, s)
		for _, until := range []time.Time{noon.Add(time.Minute), noon} {
			if err := s.PauseChannel(ctx, channel.ID, until); err != nil {
				t.Fatal(err)
			}
		}
		if got := must(s.Channel(ctx, channel.ID))(t).PausedUntil; !got.Equal(noon.Add(time.Minute)) {
			t.Errorf("paused until %v", got)
		}
		if got := must(s.Channel(ctx, other.ID))(t).PausedUntil; !got.IsZero() {
			t.Errorf("the other is paused until %v", got)
		}
	})
}
