package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/inbox"
)

// overtaken is Messenger on whose answers another try lays hands while one looks
// whether they may leave.
type overtaken struct {
	*messenger.Channel
	asked int
	takes func(messageID string)
}

// CheckAddress is asked when an answer is allowed, and again when it is sent.
func (o *overtaken) CheckAddress(out channels.Outgoing) error {
	if o.asked++; o.asked == 2 {
		o.takes(out.Message.ID)
	}
	return o.Channel.CheckAddress(out)
}

func TestAnAnswerThatAnotherTryHasInHandIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// ends is what the other try does two minutes later.
		ends func(th *thread, messageID string)
		want inbox.MessageState
		left int
	}{
		"it sent it": {
			func(th *thread, id string) {
				require.NoError(th.t, th.Store.MarkSent(th.t.Context(), id, "mid.other", th.Now()))
			},
			inbox.MessageSent, 0,
		},
		"it gave it back": {
			func(th *thread, id string) {
				require.NoError(th.t, th.Store.SetMessageState(th.t.Context(), id, inbox.MessagePending, "", th.Now()))
			},
			inbox.MessageSent, 1,
		},
		"it died": {func(*thread, string) {}, inbox.MessageUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			onThread(t, func(t *testing.T, th *thread) {
				th.Kinds[inbox.KindMessenger] = &overtaken{
					Channel: th.Kinds[inbox.KindMessenger].(*messenger.Channel),
					takes: func(id string) {
						require.True(t, must(th.Store.ClaimMessage(t.Context(), id, th.Now()))(t))
						th.env.RegisterDelayedCallback(func() { c.ends(th, id) }, 2*time.Minute)
					},
				}
				answer := th.answersAfter(time.Hour, th.byAgent())
				next := th.answersAfter(time.Hour+time.Minute, th.byAgent())
				th.runs(2 * time.Hour)
				require.Equal(t, c.want, th.message(answer.messageID).State)
				require.Equal(t, inbox.MessageSent, th.message(next.messageID).State, "what was written after it leaves, too")
				require.Len(t, th.facebook.Sent(), c.left+1)
			})
		})
	}
}
