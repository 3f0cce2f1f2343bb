package intake_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func (w *world) sweeps() activities.Swept {
	w.t.Helper()
	return must(w.Sweep(w.t.Context()))(w.t)
}

// answers stores an agent's answer of long ago.
func (w *world) answers(ref inbox.EpisodeRef) string {
	w.t.Helper()
	agent := w.hire(inbox.Available)
	message, _, err := w.store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: ref.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: agent.ID},
		Text: "Good morning.", CreatedAt: longAgo.Add(time.Minute),
	})
	require.NoError(w.t, err)
	return message.ID
}

func (w *world) hire(availability inbox.Availability) inbox.Agent {
	w.t.Helper()
	return must(w.store.CreateAgent(w.t.Context(), inbox.Agent{
		Name: "Ada", Email: store.NewID() + "@company.test", Seat: true, Availability: availability,
	}))(w.t)
}

// assigns is what a conversation's workflow does when it begins or is nudged.
func (w *world) assigns(ref inbox.EpisodeRef, cause inbox.AssignmentCause) error {
	_, err := w.store.Assign(w.t.Context(), store.AssignRequest{
		Ref: ref, Key: string(cause), Cause: cause, At: longAgo,
	}, routing.Assign)
	return err
}

func TestWhatCameWhileTemporalWasAwayIsDispatchedOldestFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.conversations.answer = func(context.Context, telling) error { return errAway }
		var want []string
		for i := range 5 {
			in := w.inbound(fmt.Sprint("thread ", i), fmt.Sprint(i))
			in.At = longAgo.Add(-time.Duration(i) * time.Minute) // whatever its author says
			want = append(want, w.receives(in).MessageID)
		}
		require.Zero(t, w.sweeps())
		w.conversations.messages()

		w.conversations.answer = func(_ context.Context, told telling) error {
			w.confirms(told.messageID)
			return nil
		}
		require.Equal(t, activities.Swept{Messages: 5}, w.sweeps())
		require.Equal(t, want, w.conversations.messages())
		require.Zero(t, w.sweeps())
		require.Empty(t, w.conversations.told)
	})
}

func TestASweptMessageStartsItsEpisodeShouldItNotRun(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		first := refOf(w.receives(w.inbound("thread", "1")))
		_, err := w.store.CloseEpisode(t.Context(), first, inbox.Author{Kind: inbox.AuthorAutomation}, longAgo, "test")
		require.NoError(t, err)
		second := w.receives(w.inbound("thread", "2"))
		w.conversations.told = nil
		w.sweeps()
		require.Contains(t, w.conversations.told, telling{"message", refOf(second), inbox.CauseReopened, second.MessageID})
	})
}

func TestOneThatFailsAgainDoesNotKeepTheOthersWaiting(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		bad := w.receives(w.inbound("bad", "1")).MessageID
		good := w.receives(w.inbound("good", "2")).MessageID
		w.conversations.messages()
		w.conversations.answer = func(ctx context.Context, told telling) error {
			_, bounded := ctx.Deadline()
			require.True(t, bounded, "one that hangs would keep the others waiting")
			if told.messageID == bad {
				return errAway
			}
			w.confirms(told.messageID)
			return nil
		}
		require.Equal(t, activities.Swept{Messages: 1}, w.sweeps())
		require.ElementsMatch(t, []string{bad, good}, w.conversations.messages())
		require.Equal(t, []string{bad}, w.undispatched())
	})
}

func TestAnyNumberThatAlwaysFailsDoesNotKeepTheOthersWaiting(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.SweepInBatchesOf(5)
		var failing []string
		for i := range 5 {
			failing = append(failing, w.receives(w.inbound("thread", fmt.Sprint(i))).MessageID)
		}
		good := w.receives(w.inbound("good", "good")).MessageID
		w.conversations.messages()
		w.conversations.answer = func(_ context.Context, told telling) error {
			if told.messageID != good {
				return errAway
			}
			w.confirms(good)
			return nil
		}
		require.Zero(t, w.sweeps())
		require.Equal(t, failing, w.conversations.messages())
		require.Equal(t, activities.Swept{Messages: 1}, w.sweeps())
		require.Equal(t, good, w.conversations.messages()[0])
	})
}

func TestWhatIsBeingDispatchedRightNowIsLeftAlone(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.SweepAfter(time.Hour) // however slow the test runs
		w.receives(w.inbound("thread", "1"))
		w.conversations.told = nil
		require.Zero(t, w.sweeps())
		require.Empty(t, w.conversations.told)
	})
}

func TestAnswersThatWereNotAskedForAreAskedFor(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		receipt := w.receives(w.inbound("thread", "1"))
		w.confirms(receipt.MessageID)
		id := w.answers(refOf(receipt))
		w.conversations.told = nil
		for name, tc := range map[string]struct {
			err   error
			swept int
		}{
			"Temporal is away":   {inbox.Errorf(inbox.CodeUnavailable, "No answer."), 0},
			"the answer refused": {inbox.Errorf(inbox.CodeWindowClosed, "Too late."), 1},
			"the answer allowed": {nil, 1},
		} {
			w.conversations.answer = func(context.Context, telling) error { return tc.err }
			require.Equal(t, activities.Swept{Messages: tc.swept}, w.sweeps(), name)
			require.Equal(t, []telling{{how: "reply", ref: refOf(receipt), messageID: id}}, w.conversations.told, name)
			w.conversations.told = nil
		}
	})
}

func TestLostNudgesAreRepeated(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		agent := w.hire(inbox.Away)
		w.channel.Assignment.Mode, w.channel.Assignment.AgentIDs = inbox.AssignSpecific, []string{agent.ID}
		w.channel = must(w.store.UpdateChannel(t.Context(), w.channel))(t)
		var refs []inbox.EpisodeRef
		for _, thread := range []string{"one", "two"} {
			receipt := w.receives(w.inbound(thread, thread))
			w.confirms(receipt.MessageID)
			require.NoError(t, w.assigns(refOf(receipt), inbox.CauseNew))
			refs = append(refs, refOf(receipt))
		}
		require.NoError(t, w.store.SetAvailability(t.Context(), agent.ID, inbox.Available))
		require.Equal(t, refs, must(w.store.Drain(t.Context(), agent.ID, longAgo, routing.Assign))(t))

		w.conversations.told = nil
		w.conversations.answer = func(ctx context.Context, told telling) error {
			_, bounded := ctx.Deadline()
			require.True(t, bounded, "one that hangs would keep the others waiting")
			if told.ref == refs[0] {
				return errAway
			}
			return w.assigns(told.ref, inbox.CauseRetry)
		}
		require.Equal(t, activities.Swept{Nudges: 1}, w.sweeps())
		require.ElementsMatch(t, []telling{{how: "nudge", ref: refs[0]}, {how: "nudge", ref: refs[1]}}, w.conversations.told)
		w.conversations.told = nil
		require.Zero(t, w.sweeps())
		require.Equal(t, []telling{{how: "nudge", ref: refs[0]}}, w.conversations.told)
	})
}

func TestAConversationWhoseAnswerNothingTriesIsToldOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.OverdueAfter(-time.Hour) // of what was handed over just now
		var refs []inbox.EpisodeRef
		for _, thread := range []string{"one", "two"} {
			receipt := w.receives(w.inbound(thread, thread))
			w.confirms(receipt.MessageID)
			w.confirms(w.answers(refOf(receipt)))
			refs = append(refs, refOf(receipt))
		}
		w.conversations.told = nil
		w.conversations.answer = func(ctx context.Context, told telling) error {
			_, bounded := ctx.Deadline()
			require.True(t, bounded, "one that hangs would keep the others waiting")
			if told.ref == refs[0] {
				return errAway
			}
			return nil
		}
		require.Equal(t, activities.Swept{Overdue: 1}, w.sweeps())
		require.Equal(t, []telling{{how: "take up", ref: refs[0]}, {how: "take up", ref: refs[1]}}, w.conversations.told)

		w.OverdueAfter(time.Hour) // however slow the test runs
		w.conversations.told = nil
		require.Zero(t, w.sweeps())
		require.Empty(t, w.conversations.told, "a workflow that is waiting was told again at once")
	})
}

func TestASweepWithoutADatabaseFails(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := w.Sweep(ctx)
		require.Error(t, err)
	})
}
