package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"switchboard/channels/messenger"
	"switchboard/channels/messenger/graph"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
	"switchboard/test/standins/fakemessenger"
	"switchboard/workflows"
	"switchboard/workflows/workflowtest"
)

const day = 24 * time.Hour

// thread is a conversation by Messenger with its workflow, its real steps, its
// store and a strict Facebook, all by the clock of the workflow, which skips waiting.
type thread struct {
	*world
	env      *testsuite.TestWorkflowEnvironment
	facebook *fakemessenger.Server
	ref      inbox.EpisodeRef
}

// onlyPage is the one page that channels are connected to.
type onlyPage struct{}

func (onlyPage) Token(_ context.Context, channelID string) (messenger.Page, error) {
	return messenger.Page{ChannelID: channelID, ID: "100", Token: "page-token"}, nil
}

func (onlyPage) Rejected(context.Context, messenger.Page) error { return nil }

// onThread runs a test over a thread whose contact wrote at noon.
func onThread(t *testing.T, test func(*testing.T, *thread)) {
	t.Helper()
	forEachDatabase(t, func(t *testing.T, w *world) {
		th := &thread{world: w, env: workflowtest.New()}
		th.env.SetStartTime(noon)
		th.env.SetWorkflowRunTimeout(30 * day)
		th.env.RegisterActivity(w.Activities)
		th.env.RegisterWorkflow(workflows.Conversation)
		th.facebook = fakemessenger.New("4711", "app-secret", fakemessenger.Page{ID: "100", Name: "Pumps", Token: "page-token"})
		t.Cleanup(th.facebook.Close)
		th.facebook.Clock(th.env.Now)
		th.facebook.Wrote("100", "200", noon)
		api, err := graph.New(th.facebook.GraphURL(), "app-secret")
		require.NoError(t, err)
		w.Kinds[inbox.KindMessenger] = &messenger.Channel{API: api, Pages: onlyPage{}}
		w.Now = func() time.Time { return th.env.Now().UTC() }
		channel := w.channel(inbox.KindMessenger, w.agent)
		flow := must(w.Store.ActiveChatflow(t.Context(), channel.ID))(t)
		must(w.Store.ActivateChatflow(t.Context(), flow.ID, false))(t)
		th.ref = refOf(w.writes(channel, messenger.ThreadKey("100", "200"), func(in *store.Inbound) {
			in.Sender = inbox.Sender{Identities: []inbox.Identity{messenger.Identity("100", "200")}}
			in.At, in.WindowExpires = noon, routing.WindowExpires(inbox.KindMessenger, noon)
		}))
		test(t, th)
	})
}

// outcome is what became of an answer.
type outcome struct {
	messageID string
	refused   error
}

// answersAfter has somebody answer so long after noon.
func (th *thread) answersAfter(d time.Duration, author inbox.Author) *outcome {
	o := &outcome{}
	th.env.RegisterDelayedCallback(func() {
		message, _, err := th.Store.CreateReply(th.t.Context(), inbox.Message{
			ConversationID: th.ref.ConversationID, Author: author, Text: "It is ready.", CreatedAt: th.env.Now(),
		})
		require.NoError(th.t, err)
		o.messageID = message.ID
		th.env.UpdateWorkflow(workflows.UpdateReply, "", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { o.refused = err }, OnComplete: func(_ any, err error) { o.refused = err },
		}, workflows.ReplyUpdate{MessageID: message.ID})
	}, d)
	return o
}

// runs runs the workflow until the conversation is closed so long after noon.
func (th *thread) runs(d time.Duration) {
	th.t.Helper()
	th.env.RegisterDelayedCallback(func() {
		th.env.UpdateWorkflow(workflows.UpdateClose, "", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(error) {}, OnComplete: func(any, error) {},
		}, workflows.ActorUpdate{Actor: th.byAgent()})
	}, d)
	th.env.ExecuteWorkflow(workflows.Conversation, workflows.ConversationInput{Ref: th.ref, Cause: inbox.CauseNew})
	require.True(th.t, th.env.IsWorkflowCompleted())
	require.NoError(th.t, th.env.GetWorkflowError())
}

func TestAWorkflowsAnswersKeepMessengersWindows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after     time.Duration
		automatic bool
		leavesAs  string // type and tag; "" does not leave
		refused   inbox.Code
	}{
		// A step that takes long takes as long by the workflow's clock.
		"a person's five minutes before a day":   {after: day - 5*time.Minute, leavesAs: "RESPONSE"},
		"automation's five minutes before a day": {after: day - 5*time.Minute, automatic: true, leavesAs: "RESPONSE"},
		"a person's a second after a day":        {after: day + time.Second, leavesAs: "MESSAGE_TAG HUMAN_AGENT"},
		"automation's a second after a day":      {after: day + time.Second, automatic: true, refused: inbox.CodeHumanAgentOnly},
		"a person's an hour before seven days":   {after: 7*day - time.Hour, leavesAs: "MESSAGE_TAG HUMAN_AGENT"},
		"a person's a second after seven days":   {after: 7*day + time.Second, refused: inbox.CodeWindowClosed},
		"automation's a second after seven days": {after: 7*day + time.Second, automatic: true, refused: inbox.CodeWindowClosed},
	} {
		t.Run(name, func(t *testing.T) {
			onThread(t, func(t *testing.T, th *thread) {
				author := th.byAgent()
				if c.automatic {
					author = automation
				}
				answer := th.answersAfter(c.after, author)
				th.runs(9 * day)
				sent, message := th.facebook.Sent(), th.message(answer.messageID)
				if c.refused != "" {
					wantRefusal(t, answer.refused, c.refused)
					require.Equal(t, inbox.MessageFailed, message.State)
					require.Equal(t, string(c.refused), message.ErrorCode)
					require.Empty(t, sent)
					return
				}
				require.NoError(t, answer.refused)
				require.Equal(t, inbox.MessageSent, message.State)
				require.Len(t, sent, 1)
				as := sent[0].Type
				if sent[0].Tag != "" {
					as += " " + sent[0].Tag
				}
				require.Equal(t, c.leavesAs, as)
			})
		})
	}
}

func TestAWindowThatFacebookSaysIsClosedIsClosedForTheNextAnswerToo(t *testing.T) {
	onThread(t, func(t *testing.T, th *thread) {
		th.facebook.Wrote("100", "200", noon.Add(-10*time.Hour)) // as Facebook sees it
		first := th.answersAfter(20*time.Hour, th.byAgent())
		second := th.answersAfter(21*time.Hour, th.byAgent())
		third := th.answersAfter(22*time.Hour, automation)
		th.runs(23 * time.Hour)
		require.NoError(t, first.refused, "we thought it open")
		require.Equal(t, inbox.MessageFailed, th.message(first.messageID).State)
		require.Equal(t, string(inbox.CodeWindowClosed), th.message(first.messageID).ErrorCode)
		require.Equal(t, 1, th.count(th.ref, inbox.EventWindowRefused))

		require.NoError(t, second.refused)
		sent := th.facebook.Sent()
		require.Len(t, sent, 1, "a person may still answer by hand")
		require.Equal(t, "HUMAN_AGENT", sent[0].Tag)
		require.Equal(t, second.messageID, sent[0].Metadata)
		wantRefusal(t, third.refused, inbox.CodeHumanAgentOnly)
	})
}
