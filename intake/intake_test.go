package intake_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/store"
)

var errAway = errors.New("temporal is away")

func TestAMessageIsDurableBeforeItsWorkflowHearsOfIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		var stored inbox.Message
		w.conversations.answer = func(ctx context.Context, told telling) (err error) {
			stored, err = w.store.Message(ctx, told.messageID)
			return err
		}
		receipt := w.receives(w.inbound("thread", "1"))
		require.Equal(t, receipt.MessageID, stored.ID)
		require.Equal(t, "Hello", stored.Text)
	})
}

func TestWhatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := w.Receive(ctx, w.inbound("thread", "1"))
		require.Error(t, err)
		require.Empty(t, w.conversations.told)
	})
}

func TestTheFirstMessageOpensAndLaterOnesSignal(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		first := w.receives(w.inbound("thread", "1"))
		second := w.receives(w.inbound("thread", "2"))
		other := w.receives(w.inbound("another thread", "3"))
		require.Equal(t, []telling{
			{"open", refOf(first), inbox.CauseNew, first.MessageID},
			{"message", refOf(first), inbox.CauseNew, second.MessageID},
			{"open", refOf(other), inbox.CauseNew, other.MessageID},
		}, w.conversations.told)
	})
}

func TestAMessageToAClosedConversationOpensItsNextEpisode(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		first := refOf(w.receives(w.inbound("thread", "1")))
		_, err := w.store.CloseEpisode(t.Context(), first, inbox.Author{Kind: inbox.AuthorAutomation}, longAgo, "test")
		require.NoError(t, err)
		w.conversations.told = nil
		second, third := w.receives(w.inbound("thread", "2")), w.receives(w.inbound("thread", "3"))
		next := inbox.EpisodeRef{ConversationID: first.ConversationID, Episode: 2}
		require.Equal(t, []telling{
			{"open", next, inbox.CauseReopened, second.MessageID},
			{"message", next, inbox.CauseReopened, third.MessageID},
		}, w.conversations.told)
	})
}

func TestAutomaticMailToAClosedConversationOpensNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		first := refOf(w.receives(w.inbound("thread", "1")))
		_, err := w.store.CloseEpisode(t.Context(), first, inbox.Author{Kind: inbox.AuthorAutomation}, longAgo, "test")
		require.NoError(t, err)
		w.conversations.told = nil
		automatic := w.inbound("thread", "2")
		automatic.Automatic = true
		receipt := w.receives(automatic)
		require.Equal(t, []telling{{"message", first, inbox.CauseNew, receipt.MessageID}}, w.conversations.told)
	})
}

func TestAMessageIsAcknowledgedWhileTemporalIsAway(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.conversations.answer = func(context.Context, telling) error { return errAway }
		receipt := w.receives(w.inbound("thread", "1"))
		require.False(t, receipt.Dispatched)
		require.Equal(t, []string{receipt.MessageID}, w.undispatched())
	})
}

func TestTheTellingGoesOnWhenTheSenderHangsUpButNotForEver(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.conversations.answer = func(ctx context.Context, _ telling) error {
			require.NoError(t, ctx.Err())
			_, bounded := ctx.Deadline()
			require.True(t, bounded)
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		w.store.OnCommit(cancel)
		receipt := must(w.Receive(ctx, w.inbound("thread", "1")))(t)
		require.Error(t, ctx.Err(), "the sender is still there")
		require.Equal(t, []string{receipt.MessageID}, w.conversations.messages())
	})
}

func TestADuplicateIsToldAgainOnlyWhileItIsUnconfirmed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		first := w.receives(w.inbound("thread", "1"))
		again := w.receives(w.inbound("thread", "1"))
		require.True(t, again.Duplicate)
		require.Equal(t, first.MessageID, again.MessageID)
		require.Equal(t, []telling{
			{"open", refOf(first), inbox.CauseNew, first.MessageID},
			{"open", refOf(first), inbox.CauseNew, first.MessageID},
		}, w.conversations.told)

		w.conversations.told = nil
		w.confirms(first.MessageID)
		again = w.receives(w.inbound("thread", "1"))
		require.True(t, again.Duplicate)
		require.True(t, again.Dispatched)
		require.Empty(t, w.conversations.told)
	})
}

func TestOneMessageDeliveredManyTimesAtOnceIsOneMessage(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		receipts := make([]store.Receipt, 32)
		var deliveries sync.WaitGroup
		for i := range receipts {
			deliveries.Go(func() {
				var err error
				if receipts[i], err = w.Receive(t.Context(), w.inbound("thread", "1")); err != nil {
					t.Error(err)
				}
			})
		}
		deliveries.Wait()
		fresh := 0
		for _, receipt := range receipts {
			require.Equal(t, receipts[0].MessageID, receipt.MessageID)
			if !receipt.Duplicate {
				fresh++
			}
		}
		require.Equal(t, 1, fresh)
		messages, _, err := w.store.Messages(t.Context(), receipts[0].ConversationID, store.Page{Limit: 100})
		require.NoError(t, err)
		require.Len(t, messages, 1)
		for _, told := range w.conversations.told {
			require.Equal(t, telling{"open", refOf(receipts[0]), inbox.CauseNew, receipts[0].MessageID}, told)
		}
	})
}
