package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"switchboard/inbox"
)

// shown is what Temporal's UI says of the episode.
type shown struct {
	inboxID, channelID, assigneeID, teamID string
	status                                 inbox.Status
	waitingSince, windowCloses             time.Time
}

// show brings the search attributes and current details up to date, in one
// upsert and only when something changed.
func (c *conversation) show(ctx workflow.Context) {
	now := shown{c.InboxID, c.ChannelID, c.AssigneeID, c.TeamID, c.Status, c.WaitingSince, c.WindowCloses}
	workflow.SetCurrentDetails(ctx, c.details())
	if now == c.shown || c.resumed && c.shown == (shown{}) {
		c.shown = now
		return
	}
	c.shown = now
	err := workflow.UpsertTypedSearchAttributes(ctx,
		InboxKey.ValueSet(now.inboxID),
		ChannelKey.ValueSet(now.channelID),
		StatusKey.ValueSet(string(now.status)),
		keyword(AssigneeKey, now.assigneeID),
		keyword(TeamKey, now.teamID),
		moment(WaitingSinceKey, now.waitingSince),
		moment(WindowClosesKey, now.windowCloses),
	)
	if err != nil {
		workflow.GetLogger(ctx).Error("search attributes were not set", "error", err)
	}
}

func keyword(key temporal.SearchAttributeKeyKeyword, value string) temporal.SearchAttributeUpdate {
	if value == "" {
		return key.ValueUnset()
	}
	return key.ValueSet(value)
}

func moment(key temporal.SearchAttributeKeyTime, value time.Time) temporal.SearchAttributeUpdate {
	if value.IsZero() {
		return key.ValueUnset()
	}
	return key.ValueSet(value)
}

// details is the episode in a few lines of Markdown for the operator.
func (c *conversation) details() string {
	text := fmt.Sprintf("**%s**, episode %d, routed because: `%s`", c.Status, c.ref.Episode, c.Reason)
	for _, line := range []struct{ name, id string }{
		{"assignee", c.AssigneeID}, {"team", c.TeamID}, {"contact", c.ContactID}, {"ticket", c.TicketID},
	} {
		if line.id != "" {
			text += fmt.Sprintf("\n- %s `%s`", line.name, line.id)
		}
	}
	if c.Chatflow {
		text += "\n- in a chatflow that waits for the contact"
	}
	if !c.WaitingSince.IsZero() {
		text += "\n- waiting since " + c.WaitingSince.Format(time.RFC3339)
	}
	if at, summary := c.Deadlines.earliest(); !at.IsZero() {
		text += fmt.Sprintf("\n- next: %s at %s", summary, at.Format(time.RFC3339))
	}
	return text
}
