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

// pending stores an agent's answer that waits for its provider.
func (w *world) pending() (inbox.EpisodeRef, string) {
	w.t.Helper()
	ref := w.arrives(w.channel(inbox.KindMessenger))
	return ref, w.answers(ref, w.byAgent())
}

func (w *world) sends(id string) inbox.MessageState {
	w.t.Helper()
	return must(w.SendMessage(w.t.Context(), id))(w.t)
}

func refusedFor(outcome channels.Outcome) error {
	return &channels.SendError{Code: inbox.CodeUnavailable, Outcome: outcome, RetryAfter: time.Minute, Err: errors.New("refused")}
}

func TestAnAcceptedAnswerIsSentOnceUnderTheProvidersID(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.pending()
		var found inbox.MessageState
		w.provider.send = func(_ context.Context, out channels.Outgoing) (channels.Accepted, error) {
			found = w.message(id).State
			require.Equal(t, ref.ConversationID, out.Conversation.ID)
			require.Equal(t, w.agent.ID, out.Agent.ID)
			return channels.Accepted{ProviderMessageID: "mid.1"}, nil
		}
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, inbox.MessageSending, found, "a crash now would be forgotten")
		require.Equal(t, inbox.MessageSent, w.message(id).State)
		require.Equal(t, "mid.1", w.message(id).ProviderMessageID)

		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Len(t, w.provider.tried, 1)
	})
}

func TestAnAnswerLeavesWithItsFiles(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref := w.arrives(w.channel(inbox.KindMessenger))
		answer, _, err := w.Store.CreateReply(t.Context(), inbox.Message{
			ConversationID: ref.ConversationID, Author: w.byAgent(), Text: "See below.", CreatedAt: noon,
		}, store.File{Name: "a.txt", ContentType: "text/plain", Data: []byte("a")}, store.File{Name: "b.bin", Data: []byte{0, 1}})
		require.NoError(t, err)
		w.provider.send = func(_ context.Context, out channels.Outgoing) (channels.Accepted, error) {
			require.Equal(t, []channels.File{
				{Name: "a.txt", ContentType: "text/plain", Data: []byte("a")}, {Name: "b.bin", Data: []byte{0, 1}},
			}, out.Files)
			return channels.Accepted{}, nil
		}
		require.Equal(t, inbox.MessageSent, w.sends(answer.ID))
	})
}

func TestWhatBecomesOfAnAnswerThatWasNotAccepted(t *testing.T) {
	cases := map[string]struct {
		err   error
		state inbox.MessageState
		code  inbox.Code
	}{
		"refused finally": {
			&channels.SendError{Code: inbox.CodeWindowClosed, Outcome: channels.Final, Err: errors.New("2018278")},
			inbox.MessageFailed, inbox.CodeWindowClosed,
		},
		"broken after it may have been accepted": {
			&channels.SendError{Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, Err: errors.New("reset")},
			inbox.MessageUnknown, inbox.CodeDeliveryUnknown,
		},
		"an error of any other kind":    {errors.New("broken"), inbox.MessageUnknown, inbox.CodeDeliveryUnknown},
		"a deadline that nobody sorted": {context.DeadlineExceeded, inbox.MessageUnknown, inbox.CodeDeliveryUnknown},
	}
	forEachDatabase(t, func(t *testing.T, w *world) {
		for name, tc := range cases {
			w.provider.tried = nil
			w.provider.fails(tc.err)
			_, id := w.pending()
			require.Equal(t, tc.state, w.sends(id), name)
			require.Equal(t, tc.state, w.message(id).State, name)
			require.Equal(t, string(tc.code), w.message(id).ErrorCode, name)
			require.Equal(t, tc.state, w.sends(id), name)
			require.Len(t, w.provider.tried, 1, "%s: never again", name)
		}
	})
}

func TestAnAnswerRefusedForNowIsSentWhenTheProviderAsksForIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.pending()
		w.provider.fails(refusedFor(channels.Retry))
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		failure, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		require.Equal(t, time.Minute, failure.NextRetryDelay())
		require.Equal(t, inbox.MessagePending, w.message(id).State)

		w.provider.send, w.now = nil, noon.Add(time.Minute)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Len(t, w.provider.tried, 2)
	})
}

func TestAnAnswerWhoseProcessDiedWhileSendingIsUnknownAndNeverSentAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.pending()
		w.provider.send = func(context.Context, channels.Outgoing) (channels.Accepted, error) { panic("the power is cut") }
		require.Panics(t, func() { w.sends(id) })
		require.Equal(t, inbox.MessageSending, w.message(id).State)

		w.provider.send = nil
		require.Equal(t, inbox.MessageUnknown, w.sends(id))
		require.Equal(t, inbox.MessageUnknown, w.sends(id))
		require.Equal(t, string(inbox.CodeDeliveryUnknown), w.message(id).ErrorCode)
		require.Len(t, w.provider.tried, 1)
		require.Equal(t, 2, w.count(ref, inbox.EventMessageState), "sending, then unknown, once")
	})
}

// dies stores an answer whose process died while sending it, on a channel whose
// provider is asked afterwards what became of it.
func (w *world) dies(sent func() (channels.Accepted, bool, error)) string {
	w.t.Helper()
	w.Kinds[inbox.KindMessenger] = reconciling{w.provider, sent}
	_, id := w.pending()
	w.provider.send = func(context.Context, channels.Outgoing) (channels.Accepted, error) { panic("the power is cut") }
	require.Panics(w.t, func() { w.sends(id) })
	w.provider.send, w.provider.tried = nil, nil
	return id
}

func TestAnAnswerThatLeftBeforeACrashIsSentAndNotSentAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.dies(func() (channels.Accepted, bool, error) {
			return channels.Accepted{ProviderMessageID: "mid.1"}, true, nil
		})
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, inbox.MessageSent, w.message(id).State)
		require.Equal(t, "mid.1", w.message(id).ProviderMessageID)
		require.Empty(t, w.provider.tried)
	})
}

func TestAnAnswerThatCertainlyDidNotLeaveBeforeACrashIsSent(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		id := w.dies(func() (channels.Accepted, bool, error) { return channels.Accepted{}, false, nil })
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, []string{id}, w.provider.tried)

		id = w.dies(func() (channels.Accepted, bool, error) { return channels.Accepted{}, false, nil })
		w.now = noon.Add(8 * 24 * time.Hour)
		require.Equal(t, inbox.MessageFailed, w.sends(id), "the window closed in the meantime")
		require.Empty(t, w.provider.tried)
	})
}

func TestAnAnswerWhoseConnectionBrokeIsLookedUpWhenTheProviderKnows(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.Kinds[inbox.KindMessenger] = reconciling{w.provider, func() (channels.Accepted, bool, error) {
			return channels.Accepted{}, true, nil
		}}
		w.provider.fails(refusedFor(channels.Unknown))
		_, id := w.pending()
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		failure, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		require.Equal(t, time.Minute, failure.NextRetryDelay())
		require.Equal(t, inbox.MessageSending, w.message(id).State)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Len(t, w.provider.tried, 1)
	})
}

func TestAnAnswerOfWhichNobodyKnowsIsLookedUpAgainOrUnknown(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		err := refusedFor(channels.Retry)
		id := w.dies(func() (channels.Accepted, bool, error) { return channels.Accepted{}, false, err })
		_, failed := w.SendMessage(t.Context(), id)
		require.Equal(t, time.Minute, waitOf(t, failed))
		require.Equal(t, inbox.MessageSending, w.message(id).State)

		err = refusedFor(channels.Unknown)
		require.Equal(t, inbox.MessageUnknown, w.sends(id))
		require.Equal(t, string(inbox.CodeDeliveryUnknown), w.message(id).ErrorCode)

		id = w.dies(func() (channels.Accepted, bool, error) { return channels.Accepted{}, false, errors.New("broken") })
		require.Equal(t, inbox.MessageUnknown, w.sends(id))
		require.Empty(t, w.provider.tried)
	})
}

func TestOfTwoTriesThatOverlapOneSends(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.pending()
		w.provider.check = func() {
			w.provider.check = nil
			require.Equal(t, inbox.MessageSent, w.sends(id))
		}
		w.sends(id)
		require.Len(t, w.provider.tried, 1)
		require.Equal(t, inbox.MessageSent, w.message(id).State)
	})
}

func TestAProviderThatPanicsIsAFailedTryOfOneAnswer(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.pending()
		w.provider.send = func(context.Context, channels.Outgoing) (channels.Accepted, error) { panic("a bug") }
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		require.Equal(t, inbox.MessageUnknown, w.sends(id))
		require.Len(t, w.provider.tried, 1)
	})
}

func TestTheWindowIsAskedAgainWhenTheAnswerLeaves(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		ref, id := w.pending()
		_, err := w.allows(ref, id)
		require.NoError(t, err)
		w.now = noon.Add(8 * 24 * time.Hour)
		require.Equal(t, inbox.MessageFailed, w.sends(id))
		require.Equal(t, string(inbox.CodeWindowClosed), w.message(id).ErrorCode)
		require.Empty(t, w.provider.tried)
	})
}

func TestWhatTheProviderSaidIsRecordedAfterTheTryWasCancelled(t *testing.T) {
	cases := map[string]struct {
		err   error
		state inbox.MessageState
	}{
		"accepted":        {nil, inbox.MessageSent},
		"refused finally": {refusedFor(channels.Final), inbox.MessageFailed},
		"refused for now": {refusedFor(channels.Retry), inbox.MessagePending},
		"broken":          {context.Canceled, inbox.MessageUnknown},
	}
	forEachDatabase(t, func(t *testing.T, w *world) {
		for name, tc := range cases {
			_, id := w.pending()
			ctx, cancel := context.WithCancel(t.Context())
			w.provider.send = func(context.Context, channels.Outgoing) (channels.Accepted, error) {
				cancel()
				return channels.Accepted{ProviderMessageID: id + "@provider"}, tc.err
			}
			if _, err := w.SendMessage(ctx, id); tc.state == inbox.MessagePending {
				wantRetry(t, err)
			} else {
				require.NoError(t, err, name)
			}
			require.Equal(t, tc.state, w.message(id).State, name)
		}
	})
}

func TestNothingIsSentUnlessItIsRecordedFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.pending()
		_, err := w.SendMessage(cancelled(t), id)
		wantRetry(t, err)
		require.Empty(t, w.provider.tried)
		require.Equal(t, inbox.MessagePending, w.message(id).State)
	})
}

func TestAnAnswerOnAKindThatIsOfferedNoMoreFails(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.pending()
		delete(w.Kinds, inbox.KindMessenger)
		require.Equal(t, inbox.MessageFailed, w.sends(id))
		require.Equal(t, string(inbox.CodeChannelNotOffered), w.message(id).ErrorCode)
	})
}

func TestAnAnswerThatDoesNotExistIsGivenUp(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, err := w.SendMessage(t.Context(), store.NewID())
		wantRefusal(t, err, inbox.CodeNotFound)
	})
}

func TestGivingUpSaysOnlyWhatIsKnown(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		for before, want := range map[inbox.MessageState]struct {
			state inbox.MessageState
			code  inbox.Code
		}{
			inbox.MessagePending: {inbox.MessageFailed, inbox.CodeDeliveryFailed},
			inbox.MessageSending: {inbox.MessageUnknown, inbox.CodeDeliveryUnknown},
			inbox.MessageUnknown: {inbox.MessageUnknown, ""},
			inbox.MessageSent:    {inbox.MessageSent, ""},
			inbox.MessageRead:    {inbox.MessageRead, ""},
		} {
			_, id := w.pending()
			require.NoError(t, w.Store.SetMessageState(t.Context(), id, before, "", noon))
			require.NoError(t, w.FailMessage(t.Context(), id))
			require.Equal(t, want.state, w.message(id).State, before)
			require.Equal(t, string(want.code), w.message(id).ErrorCode, before)
		}
	})
}
