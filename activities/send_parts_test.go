package activities_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/inbox"
	"switchboard/store"
)

// dividing is a provider that takes a text and each file as a message, and knows
// nothing of what it was not asked to tell.
type dividing struct {
	reconciling
	// parts are those it was handed.
	parts []int
}

func (*dividing) Parts(m inbox.Message) []inbox.Message {
	return (&messenger.Channel{}).Parts(m)
}

// divided stores an answer of a text and two files for a provider that goes as told.
func (w *world) divided(send func(part int) (channels.Accepted, error)) (*dividing, string) {
	w.t.Helper()
	provider := &dividing{reconciling: reconciling{provider: w.provider}}
	provider.send = func(_ context.Context, out channels.Outgoing) (channels.Accepted, error) {
		provider.parts = append(provider.parts, out.Part)
		return send(out.Part)
	}
	w.Kinds[inbox.KindMessenger] = provider
	answer, _, err := w.Store.CreateReply(w.t.Context(), inbox.Message{
		ConversationID: w.arrives(w.channel(inbox.KindMessenger)).ConversationID, Author: w.byAgent(), Text: "See below.", CreatedAt: noon,
	}, store.File{Name: "a", Data: []byte("a")}, store.File{Name: "b", Data: []byte("b")})
	require.NoError(w.t, err)
	return provider, answer.ID
}

func accepts(part int) (channels.Accepted, error) {
	return channels.Accepted{ProviderMessageID: "mid." + string(rune('0'+part))}, nil
}

func TestPartsLeaveInOrderAndTheLastIsTheMessage(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		provider, id := w.divided(accepts)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, []int{1, 2, 3}, provider.parts)
		require.Equal(t, "mid.3", w.message(id).ProviderMessageID)
		require.Equal(t, inbox.MessageSent, w.message(id).State)
	})
}

func TestAPartThatIsRefusedForNowIsSentLaterWithoutThoseThatLeft(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		refuses := true
		provider, id := w.divided(func(part int) (channels.Accepted, error) {
			if part == 2 && refuses {
				return channels.Accepted{}, refusedFor(channels.Retry)
			}
			return accepts(part)
		})
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		require.Equal(t, inbox.MessagePending, w.message(id).State)
		refuses, w.now = false, noon.Add(time.Minute)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, []int{1, 2, 2, 3}, provider.parts)
	})
}

func TestAMessageThatFailsAfterSomeOfItLeftSaysSo(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		provider, id := w.divided(func(part int) (channels.Accepted, error) {
			if part == 2 {
				return channels.Accepted{}, refusedFor(channels.Final)
			}
			return accepts(part)
		})
		require.Equal(t, inbox.MessageFailed, w.sends(id))
		require.Contains(t, w.message(id).ErrorDetail, "Parts that have left: 1 of 3. The rest can be sent by itself.")
		require.Equal(t, inbox.MessageFailed, w.sends(id))
		require.Equal(t, []int{1, 2}, provider.parts)
	})
}

func TestAMessageThatIsGivenUpAfterSomeOfItLeftSaysSo(t *testing.T) {
	for name, giveUp := range map[string]func(*testing.T, *world, string){
		"for too long": func(t *testing.T, w *world, id string) { require.NoError(t, w.FailMessage(t.Context(), id)) },
		"its window has closed": func(t *testing.T, w *world, id string) {
			w.now = noon.Add(30 * 24 * time.Hour)
			require.Equal(t, inbox.MessageFailed, w.sends(id))
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				_, id := w.divided(func(part int) (channels.Accepted, error) {
					if part == 3 {
						return channels.Accepted{}, refusedFor(channels.Retry)
					}
					return accepts(part)
				})
				_, err := w.worker().ExecuteActivity(w.SendMessage, id)
				wantRetry(t, err)
				giveUp(t, w, id)
				require.Equal(t, inbox.MessageFailed, w.message(id).State)
				require.Equal(t, "Parts that have left: 2 of 3. The rest can be sent by itself.", w.message(id).ErrorDetail)
			})
		})
	}
}

func TestOnlyThePartThatWasUnderWayIsInDoubt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		breaks := errors.New("connection reset")
		for name, tc := range map[string]struct {
			sent  func() (channels.Accepted, bool, error)
			parts []int
			state inbox.MessageState
		}{
			"the provider has it": {
				func() (channels.Accepted, bool, error) {
					return channels.Accepted{ProviderMessageID: "mid.2"}, true, nil
				},
				[]int{1, 2, 3}, inbox.MessageSent,
			},
			"the provider does not have it": {
				func() (channels.Accepted, bool, error) { return channels.Accepted{}, false, nil },
				[]int{1, 2, 2, 3}, inbox.MessageSent,
			},
			"nobody can tell": {
				func() (channels.Accepted, bool, error) { return channels.Accepted{}, false, errors.New("gone") },
				[]int{1, 2}, inbox.MessageUnknown,
			},
		} {
			broken := true
			provider, id := w.divided(func(part int) (channels.Accepted, error) {
				if part == 2 && broken {
					return channels.Accepted{}, &channels.SendError{
						Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, RetryAfter: time.Minute, Err: breaks,
					}
				}
				return accepts(part)
			})
			provider.sent = tc.sent
			_, err := w.worker().ExecuteActivity(w.SendMessage, id)
			wantRetry(t, err)
			require.Equal(t, inbox.MessageSending, w.message(id).State, name)
			broken = false
			require.Equal(t, tc.state, w.sends(id), name)
			require.Equal(t, tc.parts, provider.parts, name)
		}
	})
}

func TestAProcessThatDiedBetweenTwoPartsGoesOnWithTheNext(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		provider, id := w.divided(accepts)
		provider.sent = func() (channels.Accepted, bool, error) {
			return channels.Accepted{}, false, errors.New("nothing is in doubt")
		}
		claimed, err := w.Store.ClaimMessage(t.Context(), id, noon)
		require.NoError(t, err)
		require.True(t, claimed)
		claimed, err = w.Store.ClaimPart(t.Context(), id, 1, 3)
		require.NoError(t, err)
		require.True(t, claimed)
		require.NoError(t, w.Store.PartSent(t.Context(), id, 1, "mid.1", noon))
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, []int{2, 3}, provider.parts)
	})
}

func TestEchoesOfAllPartsAreTheMessage(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		provider, id := w.divided(func(part int) (channels.Accepted, error) {
			if part == 3 {
				return channels.Accepted{}, &channels.SendError{
					Code: inbox.CodeDeliveryUnknown, Outcome: channels.Unknown, RetryAfter: time.Minute, Err: errors.New("reset"),
				}
			}
			return accepts(part)
		})
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		channel := w.message(id).ChannelID
		for part := 1; part <= 3; part++ {
			require.NoError(t, w.Store.KeepEcho(t.Context(), store.Echo{
				ChannelID: channel, MessageID: id, Part: part, ProviderMessageID: "mid." + string(rune('0'+part)), At: noon,
			}))
		}
		require.Equal(t, inbox.MessageSent, w.message(id).State)
		require.Equal(t, inbox.MessageSent, w.sends(id))
		require.Equal(t, []int{1, 2, 3}, provider.parts)
	})
}

func TestAnEchoThatComesTooLateCorrectsWhatIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		lost int // the part whose echo comes late
		want inbox.MessageState
	}{
		"of the last":               {3, inbox.MessageSent},
		"of one that others follow": {2, inbox.MessageFailed},
	} {
		t.Run(name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, w *world) {
				provider, id := w.divided(func(part int) (channels.Accepted, error) {
					if part == c.lost {
						return channels.Accepted{}, errors.New("reset")
					}
					return accepts(part)
				})
				require.Equal(t, inbox.MessageUnknown, w.sends(id))
				require.Contains(t, w.message(id).ErrorDetail, fmt.Sprintf("Part %d may have left, too.", c.lost))
				require.NoError(t, w.Store.KeepEcho(t.Context(), store.Echo{
					ChannelID: w.message(id).ChannelID, MessageID: id, Part: c.lost, ProviderMessageID: "mid.late", At: noon,
				}))
				require.Equal(t, c.want, w.message(id).State)
				if c.want == inbox.MessageFailed {
					require.Equal(t, "Parts that have left: 2 of 3. The rest can be sent by itself.", w.message(id).ErrorDetail)
				}
				require.Len(t, provider.parts, c.lost)
			})
		})
	}
}

func TestATryIsKnownByWhenItBeganAndNotByWhenTheAnswerWasWritten(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		_, id := w.divided(func(part int) (channels.Accepted, error) {
			if part == 2 {
				return channels.Accepted{}, refusedFor(channels.Unknown)
			}
			return accepts(part)
		})
		w.now = noon.Add(time.Hour) // it waited
		_, err := w.worker().ExecuteActivity(w.SendMessage, id)
		wantRetry(t, err)
		w.now = w.now.Add(time.Minute)
		other := w.answers(inbox.EpisodeRef{ConversationID: w.message(id).ConversationID}, w.byAgent())
		require.Equal(t, inbox.MessageSent, w.sends(other))
		at, err := w.Store.TriedAt(t.Context(), w.message(id))
		require.NoError(t, err)
		require.True(t, at.Equal(noon.Add(time.Hour)), "%v", at)
	})
}
