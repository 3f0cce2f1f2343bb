package store

import (
	"fmt"
	"time"

	"switchboard/inbox"
)

// reopen begins the next episode of a closed conversation, under the given
// revision of its channel (G14). Nobody has it, whoever had it is asked first
// (B3), and nobody let the new episode pass yet (B4).
func (t *tx) reopen(c *conversationRow, revision int, actor inbox.Author, at time.Time) error {
	c.Status, c.ClosedAt, c.SnoozedUntil, c.WaitingSince = inbox.StatusOpen, stamp{}, stamp{}, stamp{}
	c.Episode++
	c.ChannelRevision = revision
	c.PreviousAssigneeID, c.AssigneeID, c.TeamID = c.AssigneeID, "", c.GivenTeamID
	c.PassedAgentIDs, c.Decision.V, c.DecisionKey, c.AnswerBy = nil, nil, "", stamp{}
	columns := append([]string{"closed_at", "episode", "channel_revision"}, decisionColumns...)
	if err := t.Model(c).Select(columns).Updates(c).Error; err != nil {
		return fmt.Errorf("reopen conversation: %w", err)
	}
	t.event(c, inbox.EventReopened, actor, map[string]any{"episode": c.Episode}, at)
	return nil
}

// wake ends a snooze. Routing then asks whether its assignee is still there (B3).
func (t *tx) wake(c *conversationRow, actor inbox.Author, at time.Time) error {
	c.Status, c.SnoozedUntil = inbox.StatusOpen, stamp{}
	if err := t.Model(c).Select("status", "snoozed_until").Updates(c).Error; err != nil {
		return fmt.Errorf("wake conversation: %w", err)
	}
	t.event(c, inbox.EventWoken, actor, map[string]any{"episode": c.Episode}, at)
	return nil
}

// currentRevision returns the revision a new episode of the channel runs under.
func (t *tx) currentRevision(channelID string) (int, error) {
	row, err := take[channelRow](t.Select("revision").Where("id = ?", channelID), "channel")
	return row.Revision, err
}
