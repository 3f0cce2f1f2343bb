package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// DecideChatflow answers what follows from a contact's message, as
// routing.NextChatflow does.
type DecideChatflow func(inbox.ChatflowQuestion) (inbox.ChatflowDecision, error)

// ChatflowTurn is what became of a contact's message in the episode's chatflow.
type ChatflowTurn struct {
	// Outcome is ChatflowHandsOver as well when the episode has no chatflow.
	Outcome inbox.ChatflowOutcome
	// MessageIDs are the messages that answer it, in order.
	MessageIDs []string
	// Collected is what the message answered; nil is nothing.
	Collected *inbox.ChatflowAnswer
	// HandOverAt is when the conversation is handed over unless the contact answers;
	// zero unless the flow waits.
	HandOverAt time.Time
}

// InChatflow reports whether an episode waits in a chatflow, or its channel has
// one to begin.
func (s *Store) InChatflow(ctx context.Context, ref inbox.EpisodeRef, channelID string) (bool, error) {
	var in bool
	err := s.reading(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM chatflows WHERE channel_id = ? AND active)
			OR EXISTS (SELECT 1 FROM chatflow_runs WHERE conversation_id = ? AND episode = ? AND outcome = ?)`,
		channelID, ref.ConversationID, ref.Episode, inbox.ChatflowWaits).Scan(&in).Error
	if err != nil {
		return false, fmt.Errorf("look for a chatflow: %w", err)
	}
	return in, nil
}

// TakeTurn answers a message of the contact by the episode's chatflow: it stores
// what the flow says as pending and where it then stands. The message that
// opened the episode, messageID "", begins the channel's active flow, unless the
// conversation was routed already or the contact met a flow that does not repeat.
// Repeating a turn changes nothing and returns the same.
func (s *Store) TakeTurn(
	ctx context.Context, ref inbox.EpisodeRef, messageID string, at time.Time, decide DecideChatflow,
) (turn ChatflowTurn, err error) {
	at = stored(at)
	err = s.tx(ctx, func(t *tx) error {
		turn, err = t.takeTurn(ref, messageID, at, decide)
		return err
	})
	if err != nil {
		return ChatflowTurn{}, fmt.Errorf("take a chatflow's turn: %w", err)
	}
	return turn, nil
}

func (t *tx) takeTurn(
	ref inbox.EpisodeRef, messageID string, at time.Time, decide DecideChatflow,
) (ChatflowTurn, error) {
	handsOver := ChatflowTurn{Outcome: inbox.ChatflowHandsOver}
	c, err := t.lockConversation(ref.ConversationID)
	if err != nil || c.Episode != ref.Episode {
		return handsOver, err
	}
	run, flow, err := t.chatflowRun(&c)
	if err != nil {
		return handsOver, err
	}
	if run == nil {
		if run, flow, err = t.beginChatflow(&c, at); err != nil || run == nil {
			return handsOver, err
		}
	}
	message, err := t.turnsMessage(&c, messageID)
	if err != nil || message.ID == "" {
		return handsOver, err
	}
	if message.ID > run.LastMessageID && run.Outcome == inbox.ChatflowWaits && c.Status != inbox.StatusClosed {
		d, err := decide(inbox.ChatflowQuestion{Flow: flow, State: run.state(), Text: message.BodyText, Payload: message.Payload})
		if err != nil {
			return handsOver, err
		}
		run.HandOverAt = stampOf(at.Add(cmp.Or(flow.Patience, inbox.DefaultPatience)))
		if err := t.saveTurn(&c, run, message.ID, d, at); err != nil {
			return handsOver, err
		}
	}
	return t.turnOf(run)
}

// chatflowRun returns where the episode stands, with its flow; nil is nowhere.
func (t *tx) chatflowRun(c *conversationRow) (*chatflowRunRow, inbox.Chatflow, error) {
	var runs []chatflowRunRow
	if err := t.Where("conversation_id = ? AND episode = ?", c.ID, c.Episode).Find(&runs).Error; err != nil {
		return nil, inbox.Chatflow{}, fmt.Errorf("load chatflow run: %w", err)
	}
	if len(runs) == 0 {
		return nil, inbox.Chatflow{}, nil
	}
	run := runs[0]
	kept, err := take[chatflowRevisionRow](t.Where("chatflow_id = ? AND revision = ?", run.ChatflowID, run.Revision), "chatflow revision")
	row := chatflowRow{ID: run.ChatflowID, ChannelID: c.ChannelID, Revision: run.Revision, Content: kept.Content}
	return &run, row.chatflow(), err
}

// beginChatflow begins the channel's active flow; nil does not.
func (t *tx) beginChatflow(c *conversationRow, at time.Time) (*chatflowRunRow, inbox.Chatflow, error) {
	if c.Status != inbox.StatusOpen || c.AssigneeID != "" || c.Decision.V != nil {
		return nil, inbox.Chatflow{}, nil
	}
	var flows []chatflowRow
	if err := t.Where("channel_id = ? AND active", c.ChannelID).Find(&flows).Error; err != nil {
		return nil, inbox.Chatflow{}, fmt.Errorf("load active chatflow: %w", err)
	}
	if len(flows) == 0 {
		return nil, inbox.Chatflow{}, nil
	}
	flow := flows[0].chatflow()
	if !flow.Repeat {
		var met int64
		err := t.Model(&chatflowRunRow{}).Joins("JOIN conversations c ON c.id = chatflow_runs.conversation_id").
			Where("c.channel_id = ? AND (c.id = ? OR c.contact_id = ? AND c.contact_id <> '')", c.ChannelID, c.ID, c.ContactID).
			Count(&met).Error
		if err != nil {
			return nil, flow, fmt.Errorf("look for earlier chatflows: %w", err)
		}
		if met > 0 {
			return nil, flow, nil
		}
	}
	return &chatflowRunRow{
		ConversationID: c.ID, Episode: c.Episode, ChatflowID: flow.ID, Revision: flow.Revision,
		Outcome: inbox.ChatflowWaits, CreatedAt: stampOf(at),
	}, flow, nil
}

// turnsMessage returns the contact's message, "" the one that opened the episode;
// a row without an id is none, or none that a person wrote.
func (t *tx) turnsMessage(c *conversationRow, messageID string) (messageRow, error) {
	query := t.Select("id", "body_text", "payload").Where("conversation_id = ? AND direction = ? AND NOT automatic", c.ID, inbox.DirectionIn)
	if messageID != "" {
		query = query.Where("id = ?", messageID)
	} else {
		query = query.Where("episode = ? AND opened", c.Episode)
	}
	var rows []messageRow
	if err := query.Limit(1).Find(&rows).Error; err != nil {
		return messageRow{}, fmt.Errorf("load the contact's message: %w", err)
	}
	if len(rows) == 0 {
		return messageRow{}, nil
	}
	return rows[0], nil
}

// stepData is a step of a chatflow in the timeline; finishedData is its end.
type (
	stepData struct {
		ChatflowID string `json:"chatflow_id"`
		StepID     string `json:"step_id"`
		MessageID  string `json:"message_id"`
	}
	finishedData struct {
		ChatflowID string               `json:"chatflow_id"`
		Reason     inbox.ChatflowReason `json:"reason"`
	}
)

func (t *tx) saveTurn(
	c *conversationRow, run *chatflowRunRow, messageID string, d inbox.ChatflowDecision, at time.Time,
) error {
	run.LastMessageID, run.SaidBefore = messageID, run.Said
	run.StepID, run.Tries, run.Turns, run.Answers = d.State.StepID, d.State.Tries, d.State.Turns, d.State.Answers
	for _, line := range d.Say {
		run.Said++
		message, _, err := t.insertReply(c, inbox.Message{
			Author: automation, Text: line.Text, QuickReplies: line.QuickReplies, ClientID: saidBy(run, run.Said), CreatedAt: at,
		}, nil)
		if err != nil {
			return err
		}
		t.event(c, inbox.EventChatflowStep, automation, stepData{run.ChatflowID, line.StepID, message.ID}, at)
	}
	t.finishChatflow(c, run, d.Outcome, d.Reason, at)
	if err := t.Save(run).Error; err != nil {
		return fmt.Errorf("save chatflow run: %w", err)
	}
	return nil
}

// chatflowClientID begins the client id of what a chatflow said.
const chatflowClientID = "chatflow:"

// saidBy is the client id of the nth message of an episode's chatflow.
func saidBy(run *chatflowRunRow, n int) string {
	return fmt.Sprintf("%s%d:%d", chatflowClientID, run.Episode, n)
}

func (t *tx) finishChatflow(c *conversationRow, run *chatflowRunRow, outcome inbox.ChatflowOutcome, reason inbox.ChatflowReason, at time.Time) {
	run.Outcome, run.Reason = outcome, reason
	if outcome != inbox.ChatflowWaits {
		run.StepID = ""
		t.event(c, inbox.EventChatflowFinished, automation, finishedData{run.ChatflowID, reason}, at)
	}
}

// turnOf is the answer to the last turn.
func (t *tx) turnOf(run *chatflowRunRow) (ChatflowTurn, error) {
	turn := ChatflowTurn{Outcome: run.Outcome}
	if run.Outcome == inbox.ChatflowWaits {
		turn.HandOverAt = run.HandOverAt.Time
	}
	if last := len(run.Answers); last > 0 {
		turn.Collected = &run.Answers[last-1]
	}
	var said []string
	for n := run.SaidBefore + 1; n <= run.Said; n++ {
		said = append(said, saidBy(run, n))
	}
	if len(said) == 0 {
		return turn, nil
	}
	err := t.Model(&messageRow{}).Where("conversation_id = ? AND client_id IN ?", run.ConversationID, said).
		Order("id").Pluck("id", &turn.MessageIDs).Error
	if err != nil {
		return turn, fmt.Errorf("load what the chatflow said: %w", err)
	}
	return turn, nil
}

// StopChatflow ends the chatflow that an episode waits in; there may be none.
func (s *Store) StopChatflow(ctx context.Context, ref inbox.EpisodeRef, reason inbox.ChatflowReason, at time.Time) error {
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(ref.ConversationID)
		if err != nil {
			return err
		}
		run, err := take[chatflowRunRow](waiting(t.DB, ref), "chatflow run")
		if inbox.CodeOf(err) == inbox.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		t.finishChatflow(&c, &run, inbox.ChatflowHandsOver, reason, at)
		return t.Save(&run).Error
	})
	if err != nil {
		return fmt.Errorf("stop chatflow: %w", err)
	}
	return nil
}

func waiting(db *gorm.DB, ref inbox.EpisodeRef) *gorm.DB {
	return db.Where("conversation_id = ? AND episode = ? AND outcome = ?", ref.ConversationID, ref.Episode, inbox.ChatflowWaits)
}
