package store_test

import (
	"strconv"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// sent stores an answer that the provider took under an id.
func sent(t *testing.T, s *store.Store, conversationID, providerID string, at time.Time) string {
	t.Helper()
	m, _, err := s.CreateReply(t.Context(), inbox.Message{ConversationID: conversationID, Author: inbox.Author{Kind: inbox.AuthorAutomation}, Text: "Hello", CreatedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.MarkSent(t.Context(), m.ID, providerID, at); err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func stateOf(t *testing.T, s *store.Store, messageID string) inbox.MessageState {
	t.Helper()
	return must(s.Message(t.Context(), messageID))(t).State
}

func TestAProvidersWordMovesItsMessageForwardOnly(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, other := t.Context(), newChannel(t, s), newChannel(t, s)
		receipt := must(s.Receive(ctx, inbound(channel, "thread", "in")))(t)
		id := sent(t, s, receipt.ConversationID, "SM1", noon)
		for _, step := range []struct{ said, want inbox.MessageState }{
			{inbox.MessageDelivered, inbox.MessageDelivered}, {inbox.MessageSent, inbox.MessageDelivered},
			{inbox.MessageRead, inbox.MessageRead}, {inbox.MessageDelivered, inbox.MessageRead}, {inbox.MessageFailed, inbox.MessageRead},
		} {
			if found := must(s.AdvanceMessage(ctx, channel.ID, "SM1", step.said, "", noon))(t); !found {
				t.Fatal("not found")
			}
			if got := stateOf(t, s, id); got != step.want {
				t.Errorf("after %s: %s, want %s", step.said, got, step.want)
			}
		}
		late := sent(t, s, receipt.ConversationID, "SM2", noon)
		must(s.AdvanceMessage(ctx, channel.ID, "SM2", inbox.MessageFailed, inbox.CodeTemplateRequired, noon))(t)
		if m := must(s.Message(ctx, late))(t); m.State != inbox.MessageFailed || m.ErrorCode != string(inbox.CodeTemplateRequired) {
			t.Errorf("message %+v", m)
		}
		for name, unknown := range map[string][2]string{
			"another id": {channel.ID, "SM9"}, "another channel": {other.ID, "SM1"}, "a message of the contact": {channel.ID, "in"},
		} {
			if found := must(s.AdvanceMessage(ctx, unknown[0], unknown[1], inbox.MessageRead, "", noon))(t); found {
				t.Errorf("%s was found", name)
			}
		}
	})
}

func TestAWatermarkMovesWhatLeftUpToIt(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		receipt := must(s.Receive(ctx, inbound(channel, "thread", "in")))(t)
		elsewhere := must(s.Receive(ctx, inbound(channel, "other", "in2")))(t)
		var ids []string
		for i := range 3 {
			ids = append(ids, sent(t, s, receipt.ConversationID, strconv.Itoa(i), noon.Add(time.Duration(i)*time.Second)))
		}
		other := sent(t, s, elsewhere.ConversationID, "o", noon)
		pending, _, err := s.CreateReply(ctx, inbox.Message{
			ConversationID: receipt.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAutomation}, Text: "Hello", CreatedAt: noon})
		if err != nil {
			t.Fatal(err)
		}
		advance := func(upTo time.Time, state inbox.MessageState, want ...inbox.MessageState) {
			t.Helper()
			if err := s.AdvanceThread(ctx, channel.ID, "thread", upTo, state, noon); err != nil {
				t.Fatal(err)
			}
			for i, id := range append(ids, other, pending.ID, receipt.MessageID) {
				if got := stateOf(t, s, id); got != want[i] {
					t.Errorf("%s up to %v: message %d is %s, want %s", state, upTo, i, got, want[i])
				}
			}
		}
		const delivered, read, left = inbox.MessageDelivered, inbox.MessageRead, inbox.MessageSent
		rest := []inbox.MessageState{left, inbox.MessagePending, inbox.MessageReceived}
		advance(noon.Add(-time.Second), delivered, append([]inbox.MessageState{left, left, left}, rest...)...)
		advance(noon.Add(time.Second), delivered, append([]inbox.MessageState{delivered, delivered, left}, rest...)...)
		advance(noon, read, append([]inbox.MessageState{read, delivered, left}, rest...)...)
		advance(noon.Add(time.Hour), delivered, append([]inbox.MessageState{read, delivered, delivered}, rest...)...)
		advance(noon.Add(time.Hour), read, append([]inbox.MessageState{read, read, read}, rest...)...)
		if err := s.AdvanceThread(ctx, channel.ID, "nowhere", noon, read, noon); err != nil {
			t.Fatal(err)
		}
	})
}
