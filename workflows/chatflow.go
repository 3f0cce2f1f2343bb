package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
)

// chat has the episode's chatflow answer a message of the contact, "" the one that
// opened the episode, and goes on as the flow says: it waits for the contact, it
// hands over to routing, or it closes the conversation.
func (c *conversation) chat(ctx workflow.Context, messageID string) error {
	var run activities.ChatflowRun
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "chatflow"), steps.RunChatflow,
		activities.RunChatflowInput{Ref: c.ref, MessageID: messageID}).Get(ctx, &run)
	if err != nil {
		return fmt.Errorf("run chatflow: %w", err)
	}
	for _, answered := range run.Outbox {
		c.send(answered)
	}
	c.Chatflow, c.Deadlines.ChatflowUntil = run.Outcome == inbox.ChatflowWaits, run.HandOverAt
	switch run.Outcome {
	case inbox.ChatflowWaits:
		return nil
	case inbox.ChatflowEnds:
		return c.close(ctx, inbox.Author{Kind: inbox.AuthorAutomation}, activities.CloseByChatflow)
	default:
		return c.settle(ctx)
	}
}

// leaveChatflow hands a conversation over whose contact does not answer.
func (c *conversation) leaveChatflow(ctx workflow.Context) error {
	if err := c.stopChatflow(ctx, inbox.ChatflowNoAnswer); err != nil {
		return err
	}
	return c.settle(ctx)
}

// interruptChatflow ends a chatflow because of what an agent did. The conversation
// is not routed any more, but gets its ticket.
func (c *conversation) interruptChatflow(ctx workflow.Context) error {
	if !c.Chatflow {
		return nil
	}
	if err := c.stopChatflow(ctx, inbox.ChatflowInterrupted); err != nil {
		return err
	}
	return c.openTicket(ctx)
}

func (c *conversation) stopChatflow(ctx workflow.Context, reason inbox.ChatflowReason) error {
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "stop chatflow"), steps.StopChatflow,
		activities.StopChatflowInput{Ref: c.ref, Reason: reason}).Get(ctx, nil)
	if err != nil {
		return fmt.Errorf("stop chatflow: %w", err)
	}
	c.Chatflow, c.Deadlines.ChatflowUntil = false, time.Time{}
	return nil
}
