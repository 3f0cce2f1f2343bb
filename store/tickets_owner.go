package store

import (
	"fmt"
	"time"
)

// ownTicket gives the ticket of a conversation that found its assignee later to
// him, where tickets belong to the assignee (G11). A ticket that has an owner
// keeps him.
func (t *tx) ownTicket(c *conversationRow, at time.Time) error {
	if c.TicketID == "" || c.AssigneeID == "" {
		return nil
	}
	err := t.Exec(`UPDATE tickets SET owner_id = ?, updated_at = ? WHERE id = ? AND owner_id = '' AND EXISTS (
			SELECT 1 FROM channel_revisions r WHERE r.channel_id = ? AND r.revision = ?
				AND COALESCE(r.tickets ->> 'owner', '') IN ('', 'assignee'))`,
		c.AssigneeID, stampOf(at), c.TicketID, c.ChannelID, c.ChannelRevision).Error
	if err != nil {
		return fmt.Errorf("give ticket to the assignee: %w", err)
	}
	return nil
}
