package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/workflows"
)

func TestANewConversationIsRoutedInOrderAndEndsWhenClosed(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{"resolve contact", "assign new 1/1", "open ticket", "close closed_by_agent"}, e.steps.asked)
}

func TestAnUnansweredConversationIsTakenToTheNextAgent(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	first := assignedTo(ada)
	first.AnswerBy = start.Add(5 * time.Minute)
	second := assignedTo(ben)
	second.Freed = ada
	e.steps.assigned = []activities.Assigned{first, second}
	e.after(5*time.Minute-time.Second, func() { require.NotContains(t, e.steps.asked, "assign unanswered 1/2") })
	e.closeAfter(time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "assign unanswered 1/2")
	require.Contains(t, e.steps.asked, "drain ada", "the agent who let it pass has a free place")
}

func TestAnAnswerStopsTheClockOfTheAssignee(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.assigned[0].AnswerBy = start.Add(5 * time.Minute)
	e.after(time.Minute, func() { e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"}) })
	e.closeAfter(time.Hour)
	e.run()
	require.NotContains(t, e.steps.asked, "assign unanswered 1/2")
}

func TestAMessageAfterTheAnswerStartsTheClockAgain(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.taken.AnswerBy = start.Add(20 * time.Minute)
	e.after(10*time.Minute, func() { e.message("m2") })
	e.closeAfter(time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "assign unanswered 1/2")
}

func TestNothingFollowsFromAutomaticMail(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	// What a message by a person would mean.
	e.steps.taken = activities.Taken{Episode: 2, Automatic: true, Woken: true, AnswerBy: start.Add(20 * time.Minute)}
	e.after(10*time.Minute, func() { e.message("m2") })
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{"resolve contact", "assign new 1/1", "open ticket", "take message m2", "close closed_by_agent"}, e.steps.asked)
}

func TestAutomaticMailToAClosedConversationIsConfirmedAndTheRunEnds(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.Status = inbox.StatusClosed
	e.steps.taken = activities.Taken{Episode: 1, Automatic: true}
	e.after(0, func() { e.message("m2") })
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{"resolve contact", "take message m2"}, e.steps.asked)
}

func TestAWaitingConversationIsTriedAgainWhenHoursBegin(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.assigned = []activities.Assigned{{
		Status:       inbox.StatusWaiting,
		WaitingSince: start,
		Decision:     inbox.AssignmentDecision{Outcome: inbox.OutcomeWaiting, RetryAt: start.Add(8 * time.Hour)},
	}, assignedTo(ben)}
	e.closeAfter(9 * time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "assign retry 1/2")
}

func TestANudgeAsksForTheAssignmentSomebodyElseMade(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.after(time.Minute, func() { e.SignalWorkflow(workflows.SignalNudge, nil) })
	e.closeAfter(time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "assign retry 1/2")
}

func TestClosingGivesTheFreePlaceToTheBacklog(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.freed = ada
	e.closeAfter(time.Minute)
	e.run()
	require.Equal(t, "drain ada", e.steps.asked[len(e.steps.asked)-1])
}

func TestASnoozedConversationWakesAtItsTimeAndIsRoutedAgain(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.after(time.Minute, func() {
		e.update(workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start.Add(24 * time.Hour), Actor: actor})
	})
	e.closeAfter(25 * time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"snooze", "wake", "assign reopened 1/2"})
}

func TestAMessageWakesASnoozedConversation(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.taken.Woken = true
	e.after(time.Minute, func() {
		e.update(workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start.Add(24 * time.Hour), Actor: actor})
	})
	e.after(time.Hour, func() { e.message("m2") })
	e.closeAfter(48 * time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "assign reopened 1/2")
	require.NotContains(t, e.steps.asked, "wake", "the deadline went with the snooze")
}

func TestSnoozingIntoThePastIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	var o *outcome
	e.after(time.Minute, func() {
		o = e.update(workflows.UpdateSnooze, workflows.SnoozeUpdate{Until: start, Actor: actor})
	})
	e.closeAfter(time.Hour)
	e.run()
	require.Equal(t, inbox.CodeInvalid, codeOf(o.rejected))
	require.NotContains(t, e.steps.asked, "snooze")
}

func TestAMessageThatReopensIsRoutedAsANewEpisode(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.after(time.Minute, func() {
		e.steps.taken.Episode, e.steps.resolved.Episode = 2, 2
		e.message("m2")
	})
	e.closeAfter(time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"take message m2", "resolve contact", "assign reopened 2/2"})
}

func TestAQuietConversationClosesByItself(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.QuietAt = start.Add(48 * time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "close quiet")
}

func TestAnAnswerToAClosedConversationFindsItsWorkflowAgain(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.input = workflows.ConversationInput{Ref: ref, Cause: inbox.CauseRetry}
	e.steps.resolved.Status = inbox.StatusClosed
	e.steps.allowed.Episode = 2
	e.after(0, func() { e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"}) })
	e.closeAfter(time.Minute)
	e.run()
	require.NotContains(t, e.steps.asked, "open ticket")
	require.Contains(t, e.steps.asked, "allow reply r1")
}

func TestReopeningRoutesAnew(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.after(time.Minute, func() { e.update(workflows.UpdateReopen, workflows.ActorUpdate{Actor: actor}) })
	e.closeAfter(time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"reopen", "assign reopened 2/2"})
}

func TestATeamGivenByHandIsRoutedWithinTheTeam(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.freed = ada
	e.after(time.Minute, func() {
		e.update(workflows.UpdateAssign, workflows.AssignUpdate{To: workflows.AssignTo{TeamID: "team"}, Actor: actor})
	})
	e.closeAfter(time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"hand over to team", "assign team 1/2", "drain ada"})
}

func TestARefusedAnswerReachesTheAgentUnderItsCode(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.refusal = temporal.NewNonRetryableApplicationError("The window is closed.", string(inbox.CodeWindowClosed), nil)
	var o *outcome
	e.after(time.Minute, func() { o = e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"}) })
	e.closeAfter(time.Hour)
	e.run()
	require.Equal(t, inbox.CodeWindowClosed, codeOf(o.failed))
	require.NotContains(t, e.steps.asked, "send r1")
}

func TestAnswersLeaveInOrderEvenWhenTheProviderIsAway(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.allowed.Queue = activities.MailQueue
	e.steps.sendErrors, e.steps.sendError = 3, errors.New("connection refused")
	e.after(time.Minute, func() {
		e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"})
		e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r2"})
	})
	e.closeAfter(time.Hour)
	e.run()
	var sent []string
	for _, what := range e.steps.asked {
		if what == "send r1" || what == "send r2" {
			sent = append(sent, what)
		}
	}
	require.Equal(t, []string{"send r1", "send r1", "send r1", "send r1", "send r2"}, sent)
}

func TestAnAnswerThatCannotBeSentIsMarkedFailed(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.allowed.Queue = activities.MailQueue
	e.steps.sendErrors, e.steps.sendError = 1, temporal.NewNonRetryableApplicationError("no", "delivery_failed", nil)
	e.after(time.Minute, func() { e.update(workflows.UpdateReply, workflows.ReplyUpdate{MessageID: "r1"}) })
	e.closeAfter(time.Hour)
	e.run()
	require.Contains(t, e.steps.asked, "fail r1")
}

func TestNoticesAreSentOnceBesideTheWaiting(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.notices = []string{"n1", "n2"}
	e.steps.assigned[0].Decision.OwnerOffline = ben
	e.closeAfter(time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"plan notices", "send notice n1", "send notice n2"})
	require.Len(t, e.steps.asked, 7)
}

func TestANoticeOnItsWayIsNotSentAgainWhenItIsPlannedAgain(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.notices = []string{"n1"}
	e.steps.noticeErrors = 8 // four minutes of tries
	e.steps.assigned[0].Decision.OwnerOffline = ben
	e.after(time.Minute, func() { e.SignalWorkflow(workflows.SignalNudge, nil) })
	e.closeAfter(time.Hour)
	e.run()
	sent := slices.DeleteFunc(e.steps.asked, func(what string) bool { return what != "send notice n1" })
	require.Len(t, sent, 9, "eight tries that failed and one that did not")
}

func TestALongEpisodeContinuesAsNewWithEverythingItWaitsFor(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.assigned[0].AnswerBy = start.Add(5 * time.Hour)
	e.after(time.Minute, func() {
		e.SetContinueAsNewSuggested(true)
		e.message("m2")
	})
	e.run()
	next, ok := errors.AsType[*workflow.ContinueAsNewError](e.GetWorkflowError())
	require.True(t, ok, "continues as new")
	require.Contains(t, e.steps.asked, "take message m2", "no signal is left behind")

	var input workflows.ConversationInput
	require.NoError(t, decode(next, &input))
	resumed := newEpisode(t)
	resumed.input = input
	resumed.closeAfter(6 * time.Hour)
	resumed.run()
	require.Equal(t, "assign unanswered 1/2", resumed.steps.asked[0], "neither routed again nor forgotten")
}

func TestADatabaseThatIsAwayDelaysAConversationAndLosesNothing(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	failures := 20
	e.steps.before = func() error {
		if failures--; failures >= 0 {
			return errors.New("connection refused")
		}
		return nil
	}
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, []string{"open ticket", "close closed_by_agent"}, e.steps.asked[len(e.steps.asked)-2:])
}

func TestAPanicInAStepDelaysAConversationAndLosesNothing(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	panics := 3
	e.steps.before = func() error {
		if panics--; panics >= 0 {
			panic("a bug")
		}
		return nil
	}
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Contains(t, e.steps.asked, "open ticket")
}

func TestAConversationThatIsGoneEndsQuietly(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.before = func() error {
		return temporal.NewNonRetryableApplicationError("There is no such conversation.", string(inbox.CodeNotFound), nil)
	}
	e.run()
	require.NoError(t, e.GetWorkflowError())
}

func TestAContactIsToldWhenNobodyIsThere(t *testing.T) {
	t.Parallel()
	waiting := activities.Assigned{
		Status: inbox.StatusWaiting, Decision: inbox.AssignmentDecision{Outcome: inbox.OutcomeWaiting},
	}
	e := newEpisode(t)
	e.steps.resolved.AnswersAway = true
	e.steps.assigned = []activities.Assigned{waiting}
	e.steps.answered = activities.Answered{MessageID: "away", Queue: "provider"}
	e.closeAfter(time.Hour)
	e.run()
	require.Subset(t, e.steps.asked, []string{"answer away", "send away"})

	assigned := newEpisode(t)
	assigned.steps.resolved.AnswersAway = true
	assigned.closeAfter(time.Hour)
	assigned.run()
	require.NotContains(t, assigned.steps.asked, "answer away")
}
