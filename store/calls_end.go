package store

import (
	"context"
	"time"

	"switchboard/inbox"
)

// AnswerCall records that the agent whose phone rings took the call. Whatever
// does not follow changes nothing.
func (s *Store) AnswerCall(ctx context.Context, providerCallID string, attempt int, at time.Time) (CallProgress, error) {
	at = stored(at)
	return s.callTx(ctx, "answer call", providerCallID, func(t *tx, call *callRow, c *conversationRow) (CallProgress, error) {
		if call.State != inbox.CallRinging || !call.lastRing(attempt) {
			return CallProgress{}, nil
		}
		t.answered(call, c, at)
		return CallProgress{Changed: true}, t.saveCall(call)
	})
}

func (t *tx) answered(call *callRow, c *conversationRow, at time.Time) {
	call.enter(inbox.CallAnswered, at)
	call.AnsweredAt, call.Reason = stampOf(at), ""
	t.event(c, inbox.EventCallAnswered, inbox.Author{Kind: inbox.AuthorAgent, ID: call.AgentID},
		callData{CallID: call.ID, AgentID: call.AgentID, Attempt: len(call.RungAgentIDs)}, at)
}

// FinishRing records what became of the ringing of one phone: the call is over
// when it was answered, else the next agent is looked for. A result that is known,
// or of an earlier phone, changes nothing.
func (s *Store) FinishRing(ctx context.Context, providerCallID string, result inbox.CallResult, at time.Time) (CallProgress, error) {
	at = stored(at)
	return s.callTx(ctx, "finish ring", providerCallID, func(t *tx, call *callRow, c *conversationRow) (CallProgress, error) {
		// Whose hanging up was told before the talk it ended was answered all the same.
		late := call.State == inbox.CallEnded && call.Reason == inbox.ReasonHungUp && result.Answered
		talking := call.State == inbox.CallRinging || call.State == inbox.CallAnswered
		if !call.lastRing(result.Attempt) || !talking && !late {
			return CallProgress{}, nil
		}
		switch {
		case late:
			t.answered(call, c, at.Add(-result.Talked))
			call.State = inbox.CallEnded
		case result.Answered || call.State == inbox.CallAnswered:
			if call.State == inbox.CallRinging {
				t.answered(call, c, at.Add(-result.Talked))
			}
			t.ended(call, c, result.Talked, at)
		default:
			call.enter(inbox.CallRouting, at)
			call.NewsAt = stampOf(at)
			t.event(c, inbox.EventCallUnanswered, automation,
				callData{CallID: call.ID, AgentID: call.AgentID, Attempt: result.Attempt, Code: result.Code}, at)
		}
		return CallProgress{Changed: true}, t.saveCall(call)
	})
}

func (t *tx) ended(call *callRow, c *conversationRow, talked time.Duration, at time.Time) {
	call.enter(inbox.CallEnded, at)
	call.EndedAt = stampOf(at)
	// The talk was measured by the provider, the rest by us.
	whole := max(at.Sub(call.StartedAt.Time), talked)
	t.event(c, inbox.EventCallEnded, automation, callData{
		CallID: call.ID, Seconds: int(whole.Seconds()), TalkedSeconds: int(talked.Seconds()),
	}, at)
}

// EndCall records that the call is over. Who was still waiting hung up, and that
// call was missed (P3).
func (s *Store) EndCall(ctx context.Context, providerCallID string, at time.Time) (CallProgress, error) {
	at = stored(at)
	return s.callTx(ctx, "end call", providerCallID, func(t *tx, call *callRow, c *conversationRow) (CallProgress, error) {
		var talked time.Duration
		switch call.State {
		case inbox.CallEnded:
			return CallProgress{}, nil
		case inbox.CallRouting, inbox.CallRinging:
			t.missed(call, c, inbox.ReasonHungUp, at)
		case inbox.CallAnswered:
			talked = at.Sub(call.AnsweredAt.Time)
		}
		t.ended(call, c, talked, at)
		return CallProgress{Changed: true}, t.saveCall(call)
	})
}

// LeaveVoicemail records that the message of a conversation is what the caller
// said, so many seconds long. The same again changes nothing.
func (s *Store) LeaveVoicemail(ctx context.Context, providerCallID, messageID string, length time.Duration, at time.Time) error {
	_, err := s.callTx(ctx, "leave voicemail", providerCallID, func(t *tx, call *callRow, c *conversationRow) (CallProgress, error) {
		var last callData
		if _, err := t.lastEvent(c.ID, &last, inbox.EventVoicemailLeft); err != nil || last.MessageID == messageID {
			return CallProgress{}, err
		}
		data := callData{CallID: call.ID, MessageID: messageID, Seconds: int(length.Seconds())}
		t.event(c, inbox.EventVoicemailLeft, inbox.Author{Kind: inbox.AuthorContact, ID: c.ContactID}, data, stored(at))
		return CallProgress{Changed: true}, nil
	})
	return err
}
