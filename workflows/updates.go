package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
)

// handleUpdates registers what agents can do. Validators refuse before anything
// is written to the history.
func (c *conversation) handleUpdates(ctx workflow.Context) error {
	for _, update := range []struct {
		name, description  string
		handler, validator any
	}{
		{UpdateReply, "send a stored answer to the contact", c.reply, nil},
		{UpdateAssign, "assign to an agent, a team, or nobody", c.handOver, c.validateHandOver},
		{UpdateClose, "close the episode", c.closeByAgent, nil},
		{UpdateReopen, "begin a new episode", c.reopen, nil},
		{UpdateSnooze, "sleep until a time or the next message", c.snooze, c.validateSnooze},
	} {
		err := workflow.SetUpdateHandlerWithOptions(ctx, update.name, update.handler,
			workflow.UpdateHandlerOptions{Description: update.description, Validator: update.validator})
		if err != nil {
			return fmt.Errorf("handle update %s: %w", update.name, err)
		}
	}
	return nil
}

func (c *conversation) reply(ctx workflow.Context, in ReplyUpdate) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	var allowed activities.Allowed
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "allow answer"), steps.AllowReply,
		activities.AllowReplyInput{Ref: c.ref, MessageID: in.MessageID}).Get(ctx, &allowed)
	if err != nil {
		return refused(err)
	}
	c.changed = true
	c.ref.Episode, c.Status = allowed.Episode, allowed.Status
	c.AssigneeID, c.TeamID = allowed.AssigneeID, allowed.TeamID
	deadlines := Deadlines{
		QuietAt: allowed.QuietAt, SnoozedUntil: allowed.SnoozedUntil, ChatflowUntil: c.Deadlines.ChatflowUntil,
	}
	if doubtsAnswers(ctx) {
		deadlines.WarnAt = c.Deadlines.WarnAt
	}
	c.Deadlines = deadlines
	if c.AssigneeID != "" {
		if err := c.interruptChatflow(ctx); err != nil {
			return refused(err)
		}
	}
	if c.Status == inbox.StatusOpen {
		c.WaitingSince = time.Time{}
	}
	c.takeUpAnswers(allowed.Before)
	if allowed.Queue != "" {
		c.send(activities.Answered{MessageID: in.MessageID, Queue: allowed.Queue})
	}
	return nil
}

func (c *conversation) validateHandOver(_ workflow.Context, in AssignUpdate) error {
	if in.To.AgentID != "" && in.To.TeamID != "" {
		return temporal.NewApplicationError("Assign to an agent or to a team, not both.", string(inbox.CodeInvalid))
	}
	return nil
}

func (c *conversation) handOver(ctx workflow.Context, in AssignUpdate) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	var freed string
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "hand over"), steps.HandOver, activities.HandOverInput{
		Ref: c.ref, AgentID: in.To.AgentID, TeamID: in.To.TeamID, Actor: in.Actor,
	}).Get(ctx, &freed)
	if err != nil {
		return refused(err)
	}
	c.changed = true
	c.AssigneeID, c.TeamID, c.Reason = in.To.AgentID, in.To.TeamID, inbox.ReasonManual
	c.Status, c.WaitingSince = inbox.StatusOpen, time.Time{}
	c.Deadlines.AnswerBy, c.Deadlines.RetryAt, c.Deadlines.SnoozedUntil = time.Time{}, time.Time{}, time.Time{}
	if err := c.interruptChatflow(ctx); err != nil {
		return refused(err)
	}
	if in.To.TeamID != "" {
		if err := c.assign(ctx, inbox.CauseTeam); err != nil {
			return refused(err)
		}
	}
	return refused(c.drain(ctx, freed))
}

func (c *conversation) closeByAgent(ctx workflow.Context, in ActorUpdate) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	c.changed = true
	return refused(c.close(ctx, in.Actor, activities.CloseByAgent))
}

func (c *conversation) reopen(ctx workflow.Context, in ActorUpdate) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	var ref inbox.EpisodeRef
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "reopen"), steps.Reopen,
		activities.ReopenInput{ConversationID: c.ref.ConversationID, Actor: in.Actor}).Get(ctx, &ref)
	if err != nil {
		return refused(err)
	}
	c.changed = true
	c.ref, c.cause = ref, inbox.CauseReopened
	return refused(c.route(ctx))
}

func (c *conversation) validateSnooze(ctx workflow.Context, in SnoozeUpdate) error {
	if !in.Until.After(workflow.Now(ctx)) {
		return temporal.NewApplicationErrorWithOptions("Snooze until a time in the future.", string(inbox.CodeInvalid),
			temporal.ApplicationErrorOptions{Details: []any{activities.Refusal{Field: "until"}}})
	}
	return nil
}

func (c *conversation) snooze(ctx workflow.Context, in SnoozeUpdate) error {
	if err := c.mutex.Lock(ctx); err != nil {
		return err
	}
	defer c.mutex.Unlock()
	var freed string
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "snooze"), steps.Snooze,
		activities.SnoozeInput{Ref: c.ref, Until: in.Until, Actor: in.Actor}).Get(ctx, &freed)
	if err != nil {
		return refused(err)
	}
	c.changed = true
	if err := c.interruptChatflow(ctx); err != nil {
		return refused(err)
	}
	c.Status, c.WaitingSince = inbox.StatusSnoozed, time.Time{}
	c.Deadlines = Deadlines{SnoozedUntil: in.Until, GiveUpAt: c.Deadlines.GiveUpAt, WarnAt: c.Deadlines.WarnAt}
	return refused(c.drain(ctx, freed))
}
