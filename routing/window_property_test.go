package routing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"switchboard/inbox"
	"switchboard/routing"
)

// What anybody may send, from a contact's last message on, only gets less with
// time, and ends where the provider says (M7, W2).
func TestWhatMayBeSentOnlyGetsLess(t *testing.T) {
	t.Parallel()
	const day, week = 24 * time.Hour, 7 * 24 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]inbox.ChannelKind{inbox.KindMessenger, inbox.KindWhatsApp}).Draw(t, "kind")
		author := rapid.SampledFrom([]inbox.AuthorKind{inbox.AuthorAgent, inbox.AuthorAutomation, inbox.AuthorContact}).Draw(t, "author")
		near := rapid.SampledFrom([]time.Duration{0, day, week}).Draw(t, "near")
		since := max(near+time.Duration(rapid.Int64Range(int64(-2*time.Minute), int64(2*time.Minute)).Draw(t, "off")), 0)
		later := since + time.Duration(rapid.Int64Range(0, int64(8*day)).Draw(t, "later"))
		c := inbox.Conversation{
			ChannelKind: kind, LastContactAt: monday, Window: inbox.Window{ClosesAt: routing.WindowExpires(kind, monday)},
		}
		may := func(since time.Duration) bool {
			return routing.MaySend(routing.WindowOf(c, monday.Add(since)), kind, author) == nil
		}
		human := kind == inbox.KindMessenger && author == inbox.AuthorAgent
		if got, want := may(since), since < day || human && since < week; got != want {
			t.Fatalf("%s by %s after %v: %v", kind, author, since, got)
		}
		if !may(since) && may(later) {
			t.Fatalf("refused after %v, allowed after %v", since, later)
		}
	})
}

func TestARefusalNeverAllowsMoreAndEndsWhatWasRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := inbox.Conversation{ChannelKind: inbox.KindMessenger, LastContactAt: monday}
		c.Window.ClosesAt = monday.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "expires")))
		at := monday.Add(time.Duration(rapid.Int64Range(0, int64(8*24*time.Hour)).Draw(t, "refused after")))
		before := routing.WindowOf(c, at)
		after := c
		after.Window.ClosesAt, after.LastContactAt = routing.WindowRefused(before.State, c.Window.ClosesAt, c.LastContactAt, at)
		if after.Window.ClosesAt.After(c.Window.ClosesAt) || after.LastContactAt.After(c.LastContactAt) {
			t.Fatalf("grew to %+v", after)
		}
		got := routing.WindowOf(after, at)
		if before.State == inbox.WindowClosed && got != before || before.State != inbox.WindowClosed && got.State == before.State {
			t.Fatalf("%+v became %+v", before, got)
		}
		if before.State == inbox.WindowOpen && at.Before(monday.Add(7*24*time.Hour)) != (got.State == inbox.WindowHumanAgent) {
			t.Fatalf("a person's time became %+v", got)
		}
	})
}
