package store_test

import (
	"strings"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/storetest"
)

func TestAnErasedContactLeavesNothingPersonal(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, pipeline := t.Context(), newChannel(t, s), newPipeline(t, s)
		const secret = "zanzibar" // in everything personal
		identity := inbox.Identity{Kind: inbox.IdentityEmail, Value: secret + "@home.test"}
		contact := store.NewContact(t, s, inbox.Contact{Name: secret, Identities: []inbox.Identity{identity}})
		in := inbound(channel, "thread-"+secret, "1")
		in.Subject, in.Text, in.HTML, in.Quoted, in.ReplyTo = secret, secret, secret, secret, identity.Value
		in.Sender = inbox.Sender{Name: secret, Identities: []inbox.Identity{identity}, ForwardedBy: &identity}
		in.Fields = []inbox.SubmittedField{{Name: "note", Values: []string{secret}}}
		shared := store.File{Name: "terms.pdf", Data: []byte("everybody gets this")}
		in.Files = []store.File{{Name: secret, ContentID: secret, Data: []byte(secret)}, shared}
		in.Payload, in.InReplyTo, in.Remote = secret, secret, []inbox.RemoteFile{{URL: secret}}
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

func TestWhatWaitsInQuarantineIsErasedWithTheContactWhomItNames(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		contact := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{
			{Kind: inbox.IdentityEmail, Value: "ann@home.test"}, {Kind: inbox.IdentityPhone, Value: "+4930901820"},
		}})
		add := func(raw string) store.QuarantineItem {
			return must(s.AddQuarantine(ctx, store.QuarantineItem{ChannelID: channel.ID, Source: "email", Raw: []byte(raw), Error: "broken"}))(t)
		}
		const away = "X-Odd: \x00\xff\r\nFrom: Ann <Ann@Home.test>\r\n\r\nI am away."
		erased, prose := add(away), add("<p>Write to ann@home.test.</p>")
		called := add("step=next\nCallSid=CA1&From=%2B4930901820&To=%2B14155550100")
		joann, other := add("From: joann@home.test\r\n\r\nHello"), add("From: ann@home.test.example\r\n\r\nHello")

		if err := s.EraseContact(ctx, contact.ID); err != nil {
			t.Fatal(err)
		}
		for _, item := range []store.QuarantineItem{erased, prose, called, add(away)} {
			if got := must(s.QuarantineItem(ctx, item.ID))(t); len(got.Raw) > 0 || got.ReprocessedAt.IsZero() {
				t.Errorf("still there: %q", got.Raw)
			}
		}
		left, _, err := s.Quarantined(ctx, store.Page{})
		if err != nil || len(left) != 2 || left[0].ID != other.ID || left[1].ID != joann.ID {
			t.Errorf("left are %+v, %v", left, err)
		}
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

func TestAnErasureTakesWhatTheContactWroteInOthersConversations(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		const secret = "zanzibar"
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		in := joins(channel, first.ConversationID, secret+"@home.test")
		in.Sender.Name, in.Text, in.HTML, in.Quoted = secret, secret, secret, secret
		in.Files = []store.File{{Name: secret, Data: []byte(secret)}}
		joined := must(s.Receive(ctx, in))(t)
		guest := must(s.Message(ctx, joined.MessageID))(t).Author.ID
		if err := s.EraseContact(ctx, guest); err != nil {
			t.Fatal(err)
		}
		for table, dump := range store.Dump(t, s) {
			if strings.Contains(dump, secret) {
				t.Errorf("%s still holds it: %s", table, dump)
			}
		}
		if m := must(s.Message(ctx, first.MessageID))(t); m.Text == "" {
			t.Error("the other's message was erased too")
		}
		if c := must(s.Conversation(ctx, first.ConversationID))(t); c.Subject == "" {
			t.Error("the other's conversation was erased too")
		}
	})
}

func TestNothingJoinsAnErasedConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		first := must(s.Receive(ctx, inbound(channel, "thread", "first@home.test")))(t)
		contact := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		if err := s.EraseContact(ctx, contact); err != nil {
			t.Fatal(err)
		}
		_, err := s.ThreadOf(ctx, channel.InboxID, []string{"first@home.test"})
		wantCode(t, err, inbox.CodeNotFound)
		// It was looked up before the erasure.
		_, err = s.Receive(ctx, joins(channel, first.ConversationID, "grace@home.test"))
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestMessagesAndAnErasureAtOnceLeaveNothingBehindAndLoseNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		contact := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{graceMail}})
		in := inbound(channel, "thread", "first")
		in.Files = []store.File{{Data: []byte("shared")}}
		first := must(s.Receive(ctx, in))(t)
		store.SetContact(t, s, first.ConversationID, contact.ID)
		var receipts [32]store.Receipt
		together(func(i int) {
			if i == 16 {
				if err := s.EraseContact(ctx, contact.ID); err != nil {
					t.Error(err)
				}
				return
			}
			in := in
			in.ProviderMessageID = store.NewID()
			if i%2 == 0 { // somebody else sends the same file
				in.ThreadKey = in.ProviderMessageID
			}
			receipts[i] = mustReceive(t, s, in)
		})
		for i, receipt := range receipts {
			if i == 16 {
				continue
			}
			m := must(s.Message(ctx, receipt.MessageID))(t)
			if receipt.ConversationID == first.ConversationID {
				if m.Text != "" || len(m.Attachments) != 0 {
					t.Errorf("not erased: %+v", m)
				}
				continue
			}
			if m.Text == "" || len(m.Attachments) != 1 {
				t.Errorf("erased: %+v", m)
			} else if _, data, err := s.AttachmentData(ctx, m.Attachments[0].ID); err != nil || string(data) != "shared" {
				t.Errorf("attachment %q, %v", data, err)
			}
		}
	})
}

// Another message may bring the same file at the very moment it is erased. The
// two transactions collide on PostgreSQL; on SQLite one waits for the other.
func TestAnErasureKeepsAFileThatAnotherMessageIsBringing(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	ctx, channel := t.Context(), newChannel(t, s)
	contact := store.NewContact(t, s, inbox.Contact{})
	in := inbound(channel, "thread", "1")
	in.Files = []store.File{{Data: []byte("shared")}}
	first := must(s.Receive(ctx, in))(t)
	store.SetContact(t, s, first.ConversationID, contact.ID)
	second := must(s.Receive(ctx, inbound(channel, "other", "2")))(t)

	attachmentID := store.NewID()
	bringing := store.Begin(t, s)
	err := bringing.Exec(`INSERT INTO attachments (id, message_id, name, content_type, size, digest)
		SELECT ?, ?, name, content_type, size, digest FROM attachments WHERE message_id = ?`,
		attachmentID, second.MessageID, first.MessageID).Error
	if err != nil {
		t.Fatal(err)
	}
	erased := make(chan error)
	go func() { erased <- s.EraseContact(ctx, contact.ID) }()
	for waiting := 0; waiting == 0; {
		if err := bringing.Raw("SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := bringing.Commit().Error; err != nil {
		t.Fatal(err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	if _, data, err := s.AttachmentData(ctx, attachmentID); err != nil || string(data) != "shared" {
		t.Errorf("attachment %q, %v", data, err)
	}
}
