package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
)

// takeMessage confirms a message of the contact. One that reopened the
// conversation is routed anew; one that ended a snooze too, since the assignee
// may have left meanwhile (B3). Nothing follows from one that a program wrote
// (B10).
func (c *conversation) takeMessage(ctx workflow.Context, messageID string) error {
	var taken activities.Taken
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "take message"), steps.TakeMessage,
		activities.TakeMessageInput{Ref: c.ref, MessageID: messageID}).Get(ctx, &taken)
	if err != nil {
		return fmt.Errorf("take message: %w", err)
	}
	if taken.Automatic {
		return nil
	}
	c.Deadlines.QuietAt, c.WindowCloses = taken.QuietAt, taken.WindowCloses
	c.Deadlines.WarnAt = taken.WarnAt
	c.fetch(taken.Fetching)
	switch {
	case taken.Episode > c.ref.Episode:
		c.ref.Episode, c.cause = taken.Episode, inbox.CauseReopened
		return c.route(ctx)
	case taken.AwaitsConsent || c.AsksConsent:
		c.AsksConsent, c.Deadlines.SnoozedUntil = true, time.Time{}
		return c.goOnWithConsent(ctx)
	case taken.Woken:
		c.Deadlines.SnoozedUntil = time.Time{}
		return c.assign(ctx, inbox.CauseReopened)
	case c.Chatflow:
		return c.chat(ctx, messageID)
	}
	if c.Deadlines.AnswerBy.IsZero() {
		c.Deadlines.AnswerBy = taken.AnswerBy
	}
	return nil
}

// takeCall follows the conversation's call: those who missed it are told, and
// whoever let it pass gives it to the next (P2, P3, B4).
func (c *conversation) takeCall(ctx workflow.Context, callID string) error {
	var taken activities.TakenCall
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "take call"), steps.TakeCall,
		activities.TakeCallInput{Ref: c.ref, CallID: callID}).Get(ctx, &taken)
	if err != nil {
		return fmt.Errorf("take call: %w", err)
	}
	for _, id := range taken.Notices {
		if !slices.Contains(c.Notices, id) {
			c.startNotice(id)
		}
	}
	if taken.Unanswered && c.Status.Active() {
		return c.assign(ctx, inbox.CauseUnanswered)
	}
	return nil
}

// meetDeadline does what the deadline that has come asks for.
func (c *conversation) meetDeadline(ctx workflow.Context) error {
	now := c.alarm.at
	c.alarm = alarm{}
	due := func(at *time.Time) bool {
		if at.IsZero() || at.After(now) {
			return false
		}
		*at = time.Time{}
		return true
	}
	switch d := &c.Deadlines; {
	case due(&d.SnoozedUntil):
		return c.wake(ctx)
	case due(&d.AnswerBy):
		return c.assign(ctx, inbox.CauseUnanswered)
	case due(&d.RetryAt):
		return c.assign(ctx, inbox.CauseRetry)
	case due(&d.WarnAt):
		return c.warnWindow(ctx)
	case due(&d.GiveUpAt):
		return c.giveUpHeld(ctx)
	case due(&d.ChatflowUntil):
		return c.leaveChatflow(ctx)
	case due(&d.QuietAt):
		return c.close(ctx, inbox.Author{Kind: inbox.AuthorAutomation}, activities.CloseQuiet)
	}
	return nil
}

// lookAtWindow follows a window that moved without a message.
func (c *conversation) lookAtWindow(ctx workflow.Context) error {
	var window activities.Windowed
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "look at the window"), steps.LookAtWindow, c.ref).Get(ctx, &window)
	if err != nil {
		return fmt.Errorf("look at the window: %w", err)
	}
	c.WindowCloses, c.Deadlines.WarnAt = window.Closes, window.WarnAt
	return nil
}

// warnWindow has the assignee told that the provider's window closes soon.
func (c *conversation) warnWindow(ctx workflow.Context) error {
	var warned activities.Warned
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "warn of the window"), steps.WarnWindow, c.ref).Get(ctx, &warned)
	if err != nil {
		return fmt.Errorf("warn of the window: %w", err)
	}
	c.Deadlines.WarnAt, c.WindowCloses = warned.WarnAt, warned.WindowCloses
	c.startNotices(warned.NoticeIDs)
	return nil
}

func (c *conversation) wake(ctx workflow.Context) error {
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "wake"), steps.Wake, c.ref).Get(ctx, nil); err != nil {
		return fmt.Errorf("wake: %w", err)
	}
	if c.AsksConsent {
		return c.goOnWithConsent(ctx)
	}
	return c.assign(ctx, inbox.CauseReopened)
}

func (c *conversation) close(ctx workflow.Context, actor inbox.Author, reason string) error {
	if c.Chatflow {
		if err := c.stopChatflow(ctx, inbox.ChatflowInterrupted); err != nil {
			return err
		}
	}
	var freed string
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "close"), steps.Close,
		activities.CloseInput{Ref: c.ref, Actor: actor, Reason: reason}).Get(ctx, &freed)
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	c.Status, c.WaitingSince, c.Deadlines = inbox.StatusClosed, time.Time{}, Deadlines{}
	return c.drain(ctx, freed)
}

// drain gives an agent's free place to the oldest waiting conversation (B2).
func (c *conversation) drain(ctx workflow.Context, agentID string) error {
	if agentID == "" {
		return nil
	}
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "drain backlog"), steps.Drain, agentID).Get(ctx, nil); err != nil {
		return fmt.Errorf("drain backlog: %w", err)
	}
	return nil
}
