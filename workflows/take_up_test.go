package workflows_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/workflows"
)

// underWay are answers by mail.
func underWay(messageIDs ...string) activities.UnderWay {
	var under activities.UnderWay
	for _, id := range messageIDs {
		under.Answers = append(under.Answers, activities.Answered{MessageID: id, Queue: activities.MailQueue})
	}
	return under
}

// sends returns the tries to send something, in order.
func (e *episode) sends() []string {
	return slices.DeleteFunc(slices.Clone(e.steps.asked), func(what string) bool { return !strings.HasPrefix(what, "send ") })
}

func (e *episode) takeUp() { e.SignalWorkflow(workflows.SignalTakeUp, nil) }

func (e *episode) replies(messageIDs ...string) {
	for _, id := range messageIDs {
		e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: id})
	}
}

func TestWhatAnEarlierRunLeftIsSentBeforeWhatComesLater(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.UnderWay = underWay("r1", "r2")
	e.steps.resolved.UnderWay.Notices = []string{"n1"}
	e.steps.allowed.Queue = activities.MailQueue
	e.steps.allowed.Before = underWay("r1", "r2").Answers
	e.steps.sendErrors, e.steps.sendError = 1, errors.New("connection refused")
	e.after(0, func() { e.replies("r3") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	sends := e.sends()
	require.Contains(t, sends, "send notice n1")
	sends = slices.DeleteFunc(sends, func(what string) bool { return what == "send notice n1" })
	require.Equal(t, []string{"send r1", "send r1", "send r2", "send r3"}, sends)
}

func TestWhatARunHasInHandIsNotTakenUpAgain(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.allowed.Queue = activities.MailQueue
	e.steps.assigned[0].Decision.OwnerOffline, e.steps.notices = ben, []string{"n1"}
	// Each is tried for four minutes.
	e.steps.sendErrors, e.steps.sendError, e.steps.noticeErrors = 8, errors.New("connection refused"), 8
	e.steps.underWay = underWay("r1", "r2")
	e.steps.underWay.Notices = []string{"n1"}
	e.after(time.Minute, func() { e.replies("r1", "r2") })
	for at := 2 * time.Minute; at < 5*time.Minute; at += time.Minute {
		e.after(at, e.takeUp)
	}
	e.closeAfter(time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "take up")
	tries := map[string]int{}
	for _, what := range e.sends() {
		tries[what]++
	}
	require.Equal(t, map[string]int{"send r1": 9, "send r2": 1, "send notice n1": 9}, tries)
}

func TestWhatARunHasLostIsSentInTheOrderOfTheThread(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.allowed.Queue = activities.MailQueue
	e.steps.sendErrors, e.steps.sendError = 8, errors.New("connection refused") // for four minutes
	e.steps.underWay = underWay("r1", "r2", "r3", "r4")
	e.after(time.Minute, func() { e.replies("r2", "r4") })
	e.after(2*time.Minute, e.takeUp)
	e.closeAfter(time.Hour)
	e.run()
	// r2 was being tried already.
	require.Equal(t, []string{"send r1", "send r3", "send r4"}, slices.DeleteFunc(e.sends(), func(what string) bool { return what == "send r2" }))
}

func TestARunOfAClosedConversationSendsWhatWasLeftAndEnds(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.input = workflows.ConversationInput{Ref: ref, Cause: inbox.CauseRetry}
	e.steps.resolved.Status = inbox.StatusClosed
	e.steps.resolved.UnderWay = underWay("r1")
	e.after(0, e.takeUp)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{"send r1"}, e.sends())
	require.Equal(t, "resolve contact", e.steps.asked[0])
	require.NotContains(t, e.steps.asked, "open ticket")
}

func TestASnoozeThatAnEarlierRunLeftEndsInTime(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.input = workflows.ConversationInput{Ref: ref, Cause: inbox.CauseRetry}
	e.steps.resolved.Status, e.steps.resolved.SnoozedUntil = inbox.StatusSnoozed, start.Add(time.Hour)
	e.steps.assigned[0].Status = inbox.StatusSnoozed
	e.after(time.Hour-time.Second, func() { require.NotContains(t, e.steps.asked, "wake") })
	e.after(time.Hour-time.Second, func() { e.steps.assigned[0].Status = inbox.StatusOpen })
	e.closeAfter(2 * time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"wake", "assign reopened 1/2"})
}
