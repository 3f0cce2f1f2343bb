package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
)

// steps names the activities; the worker holds the real ones.
var steps *activities.Activities

// route is what happens to an episode before it waits, in order. To add a
// step, write an activity and add its line here (CONTRIBUTING.md).
func (c *conversation) route(ctx workflow.Context) error {
	if err := c.resolveContact(ctx); err != nil || c.Status == inbox.StatusClosed {
		return err
	}
	return c.goOnWithConsent(ctx)
}

// routeContact is what follows when the contact is known and has agreed.
func (c *conversation) routeContact(ctx workflow.Context) error {
	c.name()
	if c.HasChatflow {
		return c.chat(ctx, "")
	}
	return c.settle(ctx)
}

// settle finds who answers, and what else follows once it is clear what the
// contact wants.
func (c *conversation) settle(ctx workflow.Context) error {
	if err := c.assign(ctx, c.cause); err != nil {
		return err
	}
	if err := c.answerAway(ctx); err != nil {
		return err
	}
	return c.openTicket(ctx)
}

func (c *conversation) resolveContact(ctx workflow.Context) error {
	var resolved activities.Resolved
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "resolve contact"), steps.ResolveContact, c.ref).Get(ctx, &resolved)
	if err != nil {
		return fmt.Errorf("resolve contact: %w", err)
	}
	c.ref.Episode = resolved.Episode
	c.Status, c.InboxID, c.ChannelID = resolved.Status, resolved.InboxID, resolved.ChannelID
	c.ContactID, c.AnswersAway, c.AsksConsent = resolved.ContactID, resolved.AnswersAway, resolved.AsksConsent
	c.HasChatflow, c.NameQueue = resolved.Chatflow, resolved.NameQueue
	c.Deadlines.QuietAt, c.WindowCloses = resolved.QuietAt, resolved.WindowCloses
	c.Deadlines.WarnAt, c.Deadlines.SnoozedUntil = resolved.WarnAt, resolved.SnoozedUntil
	c.fetch(resolved.Fetching)
	c.takeUp(resolved.UnderWay)
	return nil
}

// assign asks for an assignee, plans the notices that follow from the answer,
// and gives the place of an assignee who let it pass to the backlog.
func (c *conversation) assign(ctx workflow.Context, cause inbox.AssignmentCause) error {
	c.Asked++
	var assigned activities.Assigned
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "assign: "+string(cause)), steps.Assign,
		activities.AssignInput{Ref: c.ref, Key: fmt.Sprintf("%d/%d", c.ref.Episode, c.Asked), Cause: cause},
	).Get(ctx, &assigned)
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	c.Status = assigned.Status
	if assigned.ContactID != "" { // none in older histories
		c.ContactID = assigned.ContactID
	}
	c.AssigneeID, c.TeamID = assigned.Decision.AssigneeID, assigned.Decision.TeamID
	c.Reason, c.WaitingSince = assigned.Decision.Reason, assigned.WaitingSince
	c.Deadlines.AnswerBy, c.Deadlines.RetryAt = assigned.AnswerBy, assigned.Decision.RetryAt
	if err := c.planNotices(ctx, assigned.Decision); err != nil {
		return err
	}
	return c.drain(ctx, assigned.Freed)
}

func (c *conversation) openTicket(ctx workflow.Context) error {
	var ticket inbox.TicketDecision
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "open ticket"), steps.OpenTicket, c.ref).Get(ctx, &ticket); err != nil {
		return fmt.Errorf("open ticket: %w", err)
	}
	c.TicketID = ticket.TicketID
	return nil
}

// planNotices records who has to be told; the mails leave beside the episode's
// own course.
func (c *conversation) planNotices(ctx workflow.Context, decision inbox.AssignmentDecision) error {
	if decision.Outcome != inbox.OutcomeWaiting && decision.OwnerOffline == "" && !decision.AssigneeOffline {
		return nil
	}
	var ids []string
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "plan notices"), steps.PlanNotices,
		activities.PlanNoticesInput{Ref: c.ref, Decision: decision}).Get(ctx, &ids)
	if err != nil {
		return fmt.Errorf("plan notices: %w", err)
	}
	c.startNotices(ids)
	return nil
}

// answerAway tells the contact that nobody is there.
func (c *conversation) answerAway(ctx workflow.Context) error {
	if !c.AnswersAway || c.Status != inbox.StatusWaiting {
		return nil
	}
	var answered activities.Answered
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "answer that nobody is there"), steps.AnswerAway, c.ref).Get(ctx, &answered); err != nil {
		return fmt.Errorf("answer that nobody is there: %w", err)
	}
	if answered.MessageID != "" {
		c.send(answered)
	}
	return nil
}
