package store

import (
	"context"
	"fmt"

	"switchboard/inbox"
)

// Opening is what a chat showed before a message that began an episode.
type Opening struct {
	// MessageID is the message it stood before, Episode the one that began.
	MessageID string
	Episode   int
	// Flow is the chatflow that the episode met; nil when the channel's welcome stood
	// there instead.
	Flow *inbox.Chatflow
	// Channel is as it was then.
	Channel inbox.Channel
}

// Openings returns what a conversation's contact saw before writing, as far as it is
// known, in order. An episode that began a chatflow had its opening, the first one
// without a chatflow the welcome. When the contact met the channel's chatflow in another
// conversation, its opening may have stood there without being begun again, and nobody
// knows.
func (s *Store) Openings(ctx context.Context, conversationID string) ([]Opening, error) {
	var messages []messageRow
	err := s.reading(ctx).Select("id", "conversation_id", "channel_id", "episode", "created_at").Where("conversation_id = ? AND opened", conversationID).
		Order("id").Find(&messages).Error
	if err != nil {
		return nil, fmt.Errorf("load what began the episodes: %w", err)
	}
	var runs []chatflowRunRow
	if err := s.reading(ctx).Where("conversation_id = ?", conversationID).Find(&runs).Error; err != nil {
		return nil, fmt.Errorf("load chatflow runs: %w", err)
	}
	flows := map[int]chatflowRunRow{}
	for _, run := range runs {
		flows[run.Episode] = run
	}
	var openings []Opening
	for _, message := range messages {
		opening := Opening{MessageID: message.ID, Episode: message.Episode}
		if run, met := flows[message.Episode]; met {
			flow, err := s.chatflowAt(ctx, run)
			if err != nil {
				return nil, err
			}
			opening.Flow = &flow
		} else {
			welcomed, err := s.welcomed(ctx, message)
			if err != nil {
				return nil, err
			}
			if !welcomed {
				continue
			}
		}
		if opening.Channel, err = s.channelThen(ctx, message); err != nil {
			return nil, err
		}
		openings = append(openings, opening)
	}
	return openings, nil
}

// chatflowAt is a run's flow as it was when the run began (G14).
func (s *Store) chatflowAt(ctx context.Context, run chatflowRunRow) (inbox.Chatflow, error) {
	kept, err := take[chatflowRevisionRow](s.reading(ctx).Where("chatflow_id = ? AND revision = ?", run.ChatflowID, run.Revision), "chatflow revision")
	return chatflowRow{ID: run.ChatflowID, Revision: run.Revision, Content: kept.Content}.chatflow(), err
}

// welcomed reports whether the welcome stood before the message that began an episode
// without a chatflow.
func (s *Store) welcomed(ctx context.Context, first messageRow) (bool, error) {
	if first.Episode != 1 {
		return false, nil
	}
	var met int64
	err := s.reading(ctx).Model(&chatflowRunRow{}).Joins("JOIN conversations c ON c.id = chatflow_runs.conversation_id").
		Where("c.channel_id = ? AND c.contact_id <> '' AND c.contact_id = (SELECT contact_id FROM conversations WHERE id = ?)",
			first.ChannelID, first.ConversationID).Count(&met).Error
	if err != nil {
		return false, fmt.Errorf("look for earlier chatflows: %w", err)
	}
	return met == 0, nil
}

// channelThen is a message's channel as it was when the message came; by clocks that
// differ it may not have been there yet.
func (s *Store) channelThen(ctx context.Context, message messageRow) (inbox.Channel, error) {
	var revision int
	err := s.reading(ctx).Model(&channelRevisionRow{}).Where("channel_id = ? AND created_at <= ?", message.ChannelID, message.CreatedAt).
		Select("COALESCE(max(revision), 1)").Scan(&revision).Error
	if err != nil {
		return inbox.Channel{}, fmt.Errorf("look for the channel's revision: %w", err)
	}
	return s.ChannelAt(ctx, message.ChannelID, revision)
}
