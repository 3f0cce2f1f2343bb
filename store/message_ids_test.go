package store_test

import (
	"strings"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAMailBelongsToTheThreadOfTheFirstIDThatIsKnown(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		first := must(s.Receive(ctx, inbound(channel, "one", "first@home.test")))(t).ConversationID
		second := must(s.Receive(ctx, inbound(channel, "two", "second@home.test")))(t).ConversationID
		elsewhere := newChannel(t, s, email)
		third := must(s.Receive(ctx, inbound(elsewhere, "one", "third@home.test")))(t).ConversationID
		answer, _, err := s.CreateReply(ctx, inbox.Message{ConversationID: first, Author: byAda, Text: "Hello", CreatedAt: noon})
		if err != nil {
			t.Fatal(err)
		}
		ours := answer.ID + "@support.company.test"
		many := make([]string, 1000)
		for i := range many {
			many[i] = store.NewID() + "@home.test"
		}
		for name, story := range map[string]struct {
			inboxID string
			ids     []string
			want    string
		}{
			"a stranger's id":         {channel.InboxID, []string{"first@home.test"}, first},
			"our own":                 {channel.InboxID, []string{ours}, first},
			"our own in capitals":     {channel.InboxID, []string{strings.ToUpper(ours)}, first},
			"our own, wherever it is": {channel.InboxID, []string{answer.ID + "@elsewhere.test"}, first},
			"the first counts":        {channel.InboxID, []string{"unknown@home.test", "second@home.test", "first@home.test"}, second},
			"ours is no better":       {channel.InboxID, []string{"second@home.test", ours}, second},
			"another inbox":           {elsewhere.InboxID, []string{"first@home.test", ours}, ""},
			"its own inbox":           {elsewhere.InboxID, []string{"first@home.test", "third@home.test"}, third},
			"none":                    {channel.InboxID, nil, ""},
			"unknown":                 {channel.InboxID, many, ""},
			"not even text":           {channel.InboxID, []string{"first@home.test\x00\xff", ""}, ""},
		} {
			got, err := s.ThreadOf(ctx, story.inboxID, story.ids)
			if got != story.want {
				t.Errorf("%s: conversation %q, want %q", name, got, story.want)
			}
			if story.want == "" {
				wantCode(t, err, inbox.CodeNotFound)
			}
		}
	})
}

func TestAnIncomingMessagesOwnIDIsNoMessageID(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s, email)
		receipt := must(s.Receive(t.Context(), inbound(channel, "one", "first@home.test")))(t)
		_, err := s.ThreadOf(t.Context(), channel.InboxID, []string{receipt.MessageID + "@home.test"})
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestAMessageIDInTwoMailboxesMeansTheNewestConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s, email)
		must(s.Receive(t.Context(), inbound(channel, "one", "same@home.test")))(t)
		newest := must(s.Receive(t.Context(), inbound(mailbox(t, s, channel.InboxID), "one", "same@home.test")))(t)
		got := must(s.ThreadOf(t.Context(), channel.InboxID, []string{"same@home.test"}))(t)
		if got != newest.ConversationID {
			t.Errorf("conversation %q, want %q", got, newest.ConversationID)
		}
	})
}

func TestASentMessageIsFoundByItsMessageID(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		received := must(s.Receive(ctx, inbound(channel, "one", "first@home.test")))(t)
		for _, providerID := range []string{"", "named@company.test"} {
			sent, _, err := s.CreateReply(ctx, inbox.Message{
				ConversationID: received.ConversationID, Author: byAda, Text: "Hello", ProviderMessageID: providerID, CreatedAt: noon,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{sent.ID + "@company.test", sent.ProviderMessageID} {
				if got := must(s.SentMessage(ctx, channel.InboxID, id))(t); got.ID != sent.ID || got.Text != "Hello" {
					t.Errorf("%s: %+v", id, got)
				}
				_, err := s.SentMessage(ctx, newInbox(t, s).ID, id)
				wantCode(t, err, inbox.CodeNotFound)
			}
		}
		for _, id := range []string{"first@home.test", received.MessageID + "@company.test", "", "nobody"} {
			_, err := s.SentMessage(ctx, channel.InboxID, id)
			wantCode(t, err, inbox.CodeNotFound)
		}
	})
}

func TestMessageIDsAreLookedUpByIndexes(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		plan := store.ExplainThreadOf(t, s, "first@home.test", store.NewID()+"@company.test")
		if !strings.Contains(plan, "messages_reference") || strings.Contains(plan, "SCAN messages") || strings.Contains(plan, "Seq Scan on messages") {
			t.Errorf("plan %s", plan)
		}
	})
}
