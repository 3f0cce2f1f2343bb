package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store"
)

// waitOf is when Temporal tries again after err.
func waitOf(t *testing.T, err error) time.Duration {
	t.Helper()
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	require.True(t, ok, "not an application error: %v", err)
	require.False(t, failure.NonRetryable())
	return failure.NextRetryDelay()
}

func throttled(after time.Duration) error {
	return &channels.SendError{Code: inbox.CodeRateLimited, Outcome: channels.Retry, RetryAfter: after, Err: errors.New("613")}
}

func TestAThrottledChannelWaitsAndNoOther(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		slow := w.channel(inbox.KindMessenger)
		first, second := w.answers(w.arrives(slow), w.byAgent()), w.answers(w.arrives(slow), w.byAgent())
		other := w.answers(w.arrives(w.channel(inbox.KindMessenger)), w.byAgent())
		w.provider.send = func(_ context.Context, out channels.Outgoing) (channels.Accepted, error) {
			if out.Channel.ID == slow.ID && w.now.Before(noon.Add(40*time.Second)) {
				return channels.Accepted{}, throttled(40 * time.Second)
			}
			return channels.Accepted{}, nil
		}
		_, err := w.SendMessage(t.Context(), first)
		require.Equal(t, 40*time.Second, waitOf(t, err))
		require.Equal(t, inbox.MessagePending, w.message(first).State)

		w.now = noon.Add(10 * time.Second)
		_, err = w.SendMessage(t.Context(), second)
		require.Equal(t, 30*time.Second, waitOf(t, err))
		require.Equal(t, inbox.MessagePending, w.message(second).State)
		require.Equal(t, []string{first}, w.provider.tried, "the provider was asked again")

		require.Equal(t, inbox.MessageSent, w.sends(other))
		w.now = noon.Add(40 * time.Second)
		require.Equal(t, inbox.MessageSent, w.sends(second))
		require.Equal(t, inbox.MessageSent, w.sends(first))
	})
}

func TestAProviderThatNamesNoTimeIsLeftAloneForLonger(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.pending()
		w.provider.fails(throttled(0))
		_, err := w.SendMessage(t.Context(), id)
		require.Equal(t, 15*time.Second, waitOf(t, err))
		channel := must(w.Store.Channel(t.Context(), w.conversation(ref).ChannelID))(t)
		require.Equal(t, noon.Add(15*time.Second), channel.PausedUntil)

		_, err = w.worker().ExecuteActivity(w.SendMessage, id)
		require.Equal(t, 15*time.Second, waitOf(t, err))
	})
}

func TestAFailureThatIsNobodysLimitPausesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.pending()
		w.provider.fails(&channels.SendError{Code: inbox.CodeUnavailable, Outcome: channels.Retry, Err: errors.New("reset")})
		_, err := w.SendMessage(t.Context(), id)
		require.Zero(t, waitOf(t, err))
		require.Zero(t, must(w.Store.Channel(t.Context(), w.conversation(ref).ChannelID))(t).PausedUntil)
	})
}

// The provider's clock and rules count: what it refuses is over (M7).
func TestAProviderThatRefusesForTheWindowIsBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		since         time.Duration
		before, after inbox.WindowState
		again         inbox.Code // an agent's next answer; "" is allowed
	}{
		"in what we thought is the standard window": {23 * time.Hour, inbox.WindowOpen, inbox.WindowHumanAgent, ""},
		"with a person's tag":                       {6 * 24 * time.Hour, inbox.WindowHumanAgent, inbox.WindowClosed, inbox.CodeWindowClosed},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				ref := w.arrives(w.channel(inbox.KindMessenger), wroteBefore(c.since))
				id, next := w.answers(ref, w.byAgent()), w.answers(ref, w.byAgent())
				var window inbox.Window
				w.provider.send = func(_ context.Context, out channels.Outgoing) (channels.Accepted, error) {
					window = out.Window
					return channels.Accepted{}, &channels.SendError{Code: inbox.CodeWindowClosed, Outcome: channels.Final, Err: errors.New("10/2018278")}
				}
				require.Equal(t, inbox.MessageFailed, w.sends(id))
				require.Equal(t, c.before, window.State)
				require.Equal(t, string(inbox.CodeWindowClosed), w.message(id).ErrorCode)
				require.Equal(t, 1, w.count(ref, inbox.EventWindowRefused))
				_, err := w.allows(ref, next)
				if c.again == "" {
					require.NoError(t, err)
				} else {
					require.Equal(t, c.after, wantRefusal(t, err, c.again).Window.State)
				}
				automatic := w.answers(ref, automation)
				_, err = w.allows(ref, automatic)
				require.Error(t, err)
			})
		})
	}
}

func TestAWindowThatClosesBetweenAskingAndSendingFailsTheAnswer(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		channel := w.channel(inbox.KindMessenger)
		for _, c := range []struct {
			author inbox.Author
			since  time.Duration
			code   inbox.Code
		}{
			{automation, 24 * time.Hour, inbox.CodeHumanAgentOnly},
			{w.byAgent(), 7 * 24 * time.Hour, inbox.CodeWindowClosed},
		} {
			w.now = noon
			ref := w.arrives(channel, wroteBefore(c.since-time.Second))
			id := w.answers(ref, c.author)
			_, err := w.allows(ref, id)
			require.NoError(t, err)
			w.now = noon.Add(time.Second)
			require.Equal(t, inbox.MessageFailed, w.sends(id))
			require.Equal(t, string(c.code), w.message(id).ErrorCode)
		}
		require.Empty(t, w.provider.tried)
	})
}

// wroteBefore is a message of some time before noon, with the window it opened.
func wroteBefore(since time.Duration) func(*store.Inbound) {
	return func(in *store.Inbound) {
		in.At = noon.Add(-since)
		in.WindowExpires = in.At.Add(24 * time.Hour)
	}
}
