package store

import (
	"fmt"
	"time"

	"switchboard/inbox"
)

// reopen begins the next episode of a closed conversation, under the given
// revision of its channel (G14). Nobody let the new episode pass yet (B4).
func (t *tx) reopen(c *conversationRow, revision int, actor inbox.Author, at time.Time) error {
	c.Status, c.ClosedAt, c.PassedAgentIDs = inbox.StatusOpen, stamp{}, nil
	c.Episode++
	c.ChannelRevision = revision
	err := t.Model(c).Select("status", "closed_at", "passed_agent_ids", "episode", "channel_revision").Updates(c).Error
	if err != nil {
		return fmt.Errorf("reopen conversation: %w", err)
	}
	t.event(c, inbox.EventReopened, actor, map[string]any{"episode": c.Episode}, at)
	return nil
}
