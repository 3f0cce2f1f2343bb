package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// CallProgress is a call after a change, and what its conversation's workflow is
// to be told.
type CallProgress struct {
	Call inbox.Call
	Ref  inbox.EpisodeRef
	// Step is what is done next, Phone the verified number of CallRing's agent.
	Step  inbox.CallStep
	Phone string
	// News: the workflow does not know yet how the call goes on.
	News bool
	// Changed: something happened that was not known.
	Changed bool
}

// OpenCall stores that a call came in to a conversation. The same call again
// changes nothing.
func (s *Store) OpenCall(ctx context.Context, conversationID, providerCallID string, at time.Time) error {
	at = stored(at)
	err := s.tx(ctx, func(t *tx) error {
		c, err := t.lockConversation(conversationID)
		if err != nil {
			return err
		}
		row := callRow{
			ID: NewID(), ProviderCallID: providerCallID, ConversationID: c.ID, ChannelID: c.ChannelID,
			State: inbox.CallRouting, StartedAt: stampOf(at), ChangedAt: stampOf(at), SeenAt: stampOf(at),
		}
		insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if insert.Error != nil || insert.RowsAffected == 0 {
			return insert.Error
		}
		t.event(&c, inbox.EventCallReceived, inbox.Author{Kind: inbox.AuthorContact, ID: c.ContactID}, callData{CallID: row.ID}, at)
		return nil
	})
	if err != nil {
		return fmt.Errorf("open call: %w", err)
	}
	return nil
}

// Call returns a call by its provider's id.
func (s *Store) Call(ctx context.Context, providerCallID string) (inbox.Call, error) {
	row, err := take[callRow](s.reading(ctx).Where("provider_call_id = ?", providerCallID), "call")
	return row.call(), err
}

// CallChannel returns a call's channel with the settings under which its
// conversation runs (G14).
func (s *Store) CallChannel(ctx context.Context, call inbox.Call) (inbox.Channel, error) {
	c, err := s.Conversation(ctx, call.ConversationID)
	if err != nil {
		return inbox.Channel{}, err
	}
	return s.ChannelAt(ctx, c.ChannelID, c.ChannelRevision)
}

// DecideCall says what is done with a caller next; it is routing.NextCallStep.
type DecideCall func(inbox.CallQuestion) inbox.CallStep

// AdvanceCall decides what is done with a caller and carries it out, under the
// conversation's lock. A provider that asks twice gets the same answer twice.
func (s *Store) AdvanceCall(ctx context.Context, providerCallID string, at time.Time, decide DecideCall) (CallProgress, error) {
	at = stored(at)
	return s.callTx(ctx, "advance call", providerCallID, func(t *tx, call *callRow, c *conversationRow) (CallProgress, error) {
		if err := s.lockRings(t); err != nil {
			return CallProgress{}, err
		}
		question, err := t.callQuestion(call, c, at)
		if err != nil {
			return CallProgress{}, err
		}
		step := decide(question)
		changed := t.carryOut(call, c, step, at)
		call.SeenAt = stampOf(at)
		return CallProgress{Step: step, Phone: question.Phone, Changed: changed}, t.saveCall(call)
	})
}

// callTx changes a call under its conversation's lock.
func (s *Store) callTx(
	ctx context.Context, doing, providerCallID string, change func(*tx, *callRow, *conversationRow) (CallProgress, error),
) (CallProgress, error) {
	var progress CallProgress
	err := s.tx(ctx, func(t *tx) error {
		found, err := take[callRow](t.Where("provider_call_id = ?", providerCallID), "call")
		if err != nil {
			return err
		}
		c, err := t.lockConversation(found.ConversationID)
		if err != nil {
			return err
		}
		call, err := take[callRow](t.Where("id = ?", found.ID), "call")
		if err != nil {
			return err
		}
		if progress, err = change(t, &call, &c); err != nil {
			return err
		}
		progress.Call, progress.Ref, progress.News = call.call(), c.ref(), !call.NewsAt.IsZero()
		return nil
	})
	if err != nil {
		return CallProgress{}, fmt.Errorf("%s: %w", doing, err)
	}
	return progress, nil
}

func (t *tx) callQuestion(call *callRow, c *conversationRow, at time.Time) (inbox.CallQuestion, error) {
	rule, err := take[channelRevisionRow](t.Where("channel_id = ? AND revision = ?", c.ChannelID, c.ChannelRevision), "channel revision")
	if err != nil {
		return inbox.CallQuestion{}, err
	}
	question := inbox.CallQuestion{
		At: at, Call: call.call(), Hours: rule.Assignment.V.Hours, Status: c.Status, AssigneeID: c.AssigneeID,
		PassedAgentIDs: c.PassedAgentIDs,
	}
	if c.Decision.V != nil {
		question.Outcome = c.Decision.V.Outcome
	}
	rings := c.AssigneeID
	if call.State == inbox.CallRinging {
		rings = call.AgentID
	}
	if rings == "" {
		return question, nil
	}
	agent, err := take[agentRow](t.Where("id = ?", rings), "agent")
	if err != nil {
		return inbox.CallQuestion{}, err
	}
	question.Phone = agent.Phone
	question.OnCall, err = t.onCall(call, rings, at)
	return question, err
}

// ringLasts is longer than a phone rings and an agent thinks: after it, only what
// became of the ring was not told.
const ringLasts = 5 * time.Minute

// onCall reports whether an agent has another call. Under the rings lock two calls
// that ask at once cannot both find the agent free.
func (t *tx) onCall(call *callRow, agentID string, at time.Time) (bool, error) {
	var others int64
	err := t.Model(&callRow{}).Where("agent_id = ? AND id <> ? AND ended_at IS NULL AND (state = ? OR state = ? AND changed_at > ?)",
		agentID, call.ID, inbox.CallAnswered, inbox.CallRinging, stampOf(at.Add(-ringLasts))).Count(&others).Error
	if err != nil {
		return false, fmt.Errorf("look for other calls: %w", err)
	}
	return others > 0, nil
}

// carryOut makes the call what the step says, and reports whether that is new.
func (t *tx) carryOut(call *callRow, c *conversationRow, step inbox.CallStep, at time.Time) bool {
	was := call.State
	switch step.Action {
	case inbox.CallRing:
		if was == inbox.CallRinging {
			return false
		}
		call.takeTurn(step.AgentID)
		call.enter(inbox.CallRinging, at)
		t.event(c, inbox.EventCallRinging, automation, callData{CallID: call.ID, AgentID: step.AgentID, Attempt: len(call.RungAgentIDs)}, at)
	case inbox.CallPass:
		call.takeTurn(step.AgentID)
		call.enter(inbox.CallRouting, at)
		call.NewsAt = stampOf(at)
		t.event(c, inbox.EventCallUnanswered, automation,
			callData{CallID: call.ID, AgentID: step.AgentID, Attempt: len(call.RungAgentIDs), Code: string(step.Reason)}, at)
	case inbox.CallVoice:
		if was == inbox.CallVoicemail {
			return false
		}
		call.enter(inbox.CallVoicemail, at)
		t.missed(call, c, step.Reason, at)
	default:
		return false
	}
	return true
}

// missed records that nobody answers the call, and why.
func (t *tx) missed(call *callRow, c *conversationRow, reason inbox.Reason, at time.Time) {
	call.Reason, call.NewsAt = reason, stampOf(at)
	t.event(c, inbox.EventCallMissed, automation, callData{CallID: call.ID, Reason: reason}, at)
}

func (r *callRow) takeTurn(agentID string) {
	r.AgentID = agentID
	if !slices.Contains(r.RungAgentIDs, agentID) {
		r.RungAgentIDs = append(slices.Clip(r.RungAgentIDs), agentID)
	}
}

func (r *callRow) enter(state inbox.CallState, at time.Time) {
	r.State, r.ChangedAt = state, stampOf(at)
}

func (t *tx) saveCall(call *callRow) error {
	if err := t.Save(call).Error; err != nil {
		return fmt.Errorf("save call: %w", err)
	}
	return nil
}

// lastRing reports whether the attempt is the one that was begun last and not
// ended since.
func (r *callRow) lastRing(attempt int) bool { return attempt > 0 && attempt == len(r.RungAgentIDs) }
