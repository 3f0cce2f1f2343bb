package store_test

import (
	"strings"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAnErasedContactLeavesNothingPersonal(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, pipeline := t.Context(), newChannel(t, s), newPipeline(t, s)
		const secret = "zanzibar" // in everything personal
		identity := inbox.Identity{Kind: inbox.IdentityEmail, Value: secret + "@home.test"}
		contact := store.NewContact(t, s, inbox.Contact{Name: secret, Identities: []inbox.Identity{identity}})
		in := inbound(channel, "thread-"+secret, "1")
		in.Subject, in.Text, in.HTML, in.ReplyTo = secret, secret, secret, identity.Value
		in.Sender = inbox.Sender{Name: secret, Identities: []inbox.Identity{identity}}
		in.Fields = []inbox.SubmittedField{{Name: "note", Values: []string{secret}}}
		shared := store.File{Name: "terms.pdf", Data: []byte("everybody gets this")}
		in.Files = []store.File{{Name: secret, Data: []byte(secret)}, shared}
		receipt := must(s.Receive(ctx, in))(t)
		store.SetContact(t, s, receipt.ConversationID, contact.ID)
		c := must(s.Conversation(ctx, receipt.ConversationID))(t)
		ticket := store.NewTicket(t, s, inbox.Ticket{
			ConversationID: c.ID, InboxID: c.InboxID, ContactID: contact.ID, PipelineID: pipeline.ID, StageID: "new",
			Name: secret, Description: secret,
		})
		store.NewComment(t, s, c.ID, newAgent(t, s).ID, secret)

		bystander := inbound(channel, "other", "2")
		bystander.Files = []store.File{shared}
		kept := must(s.Receive(ctx, bystander))(t)

		if err := s.EraseContact(ctx, contact.ID); err != nil {
			t.Fatal(err)
		}
		for table, dump := range store.Dump(t, s) {
			if strings.Contains(dump, secret) {
				t.Errorf("%s still holds it: %s", table, dump)
			}
		}
		got := must(s.Conversation(ctx, c.ID))(t)
		if got.ContactID != contact.ID || got.InboxID != c.InboxID {
			t.Errorf("conversation %+v", got)
		}
		if m := must(s.Message(ctx, receipt.MessageID))(t); m.ConversationID != c.ID || len(m.Attachments) != 0 {
			t.Errorf("message %+v", m)
		}
		must(s.Ticket(ctx, ticket.ID))(t)
		must(s.Contact(ctx, contact.ID))(t)
		if events, _, err := s.Timeline(ctx, c.ID, store.Page{}); err != nil || len(events) != 2 {
			t.Errorf("timeline %+v, %v", events, err)
		}

		m := must(s.Message(ctx, kept.MessageID))(t)
		if _, data, err := s.AttachmentData(ctx, m.Attachments[0].ID); err != nil || string(data) != "everybody gets this" {
			t.Errorf("somebody else's file: %q, %v", data, err)
		}
		if m.Text != bystander.Text {
			t.Errorf("somebody else's message became %q", m.Text)
		}
		wantCode(t, s.EraseContact(ctx, store.NewID()), inbox.CodeNotFound)
	})
}

func TestAfterAnErasureTheSenderBeginsANewConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		contact := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		store.SetContact(t, s, first.ConversationID, contact.ID)
		if err := s.EraseContact(ctx, contact.ID); err != nil {
			t.Fatal(err)
		}
		if again := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t); !again.Duplicate {
			t.Errorf("an erased message came again: %+v", again)
		}
		next := must(s.Receive(ctx, inbound(channel, "thread", "2")))(t)
		if next.ConversationID == first.ConversationID || !next.Opened {
			t.Errorf("receipt %+v", next)
		}
	})
}

func TestMessagesAndAnErasureAtOnceLeaveNothingBehind(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		contact := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		in := inbound(channel, "thread", "first")
		in.Files = []store.File{{Data: []byte("shared")}}
		first := must(s.Receive(ctx, in))(t)
		store.SetContact(t, s, first.ConversationID, contact.ID)
		together(func(i int) {
			if i == 16 {
				if err := s.EraseContact(ctx, contact.ID); err != nil {
					t.Error(err)
				}
				return
			}
			in := in
			in.ProviderMessageID = store.NewID()
			mustReceive(t, s, in)
		})
		messages, _, err := s.Messages(ctx, first.ConversationID, store.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if m.Text != "" || len(m.Attachments) != 0 {
				t.Errorf("message %+v", m)
			}
		}
		next := must(s.ConversationByThread(ctx, channel.ID, "thread"))(t)
		messages, _, err = s.Messages(ctx, next.ID, store.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if _, data, err := s.AttachmentData(ctx, m.Attachments[0].ID); err != nil || string(data) != "shared" {
				t.Errorf("attachment %q, %v", data, err)
			}
		}
	})
}
