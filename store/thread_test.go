package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func email(channel *inbox.Channel) { channel.Kind = inbox.KindEmail }

// mailbox stores an e-mail channel in the inbox of another channel.
func mailbox(t *testing.T, s *store.Store, inboxID string) inbox.Channel {
	t.Helper()
	return newChannel(t, s, email, func(c *inbox.Channel) { c.InboxID = inboxID })
}

// joins is a mail by a sender to a conversation.
func joins(channel inbox.Channel, conversationID, sender string) store.Inbound {
	return store.Inbound{
		Channel: channel, ConversationID: conversationID, ProviderMessageID: store.NewID() + "@home.test", Text: "Me too.",
		Sender: inbox.Sender{Name: "Sender", Identities: []inbox.Identity{inbox.EmailIdentity(sender)}}, At: noon,
	}
}

func TestAMailJoinsAConversationOfAnotherChannelOfItsInbox(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, form := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(form, "submission", "1")))(t)
		contact := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		mails := mailbox(t, s, form.InboxID)
		in := joins(mails, first.ConversationID, "grace@home.test")
		in.Quoted = "You wrote: hello"
		in.Files = []store.File{{Name: "lamp.png", ContentType: "image/png", ContentID: "lamp", Data: []byte("light")}}
		receipt := must(s.Receive(ctx, in))(t)
		if receipt.ConversationID != first.ConversationID || receipt.Opened {
			t.Errorf("receipt %+v", receipt)
		}
		m := must(s.Message(ctx, receipt.MessageID))(t)
		if m.ChannelID != mails.ID || m.Author.ID != contact || m.Quoted != in.Quoted || m.Attachments[0].ContentID != "lamp" {
			t.Errorf("message %+v", m)
		}
		if c := must(s.Conversation(ctx, first.ConversationID))(t); c.ChannelID != form.ID || c.ContactID != contact {
			t.Errorf("conversation %+v", c)
		}
		if again := must(s.Receive(ctx, in))(t); !again.Duplicate || again.MessageID != receipt.MessageID {
			t.Errorf("the same mail again: %+v", again)
		}
		// In another mailbox the same Message-ID is another message.
		in.Channel = mailbox(t, s, form.InboxID)
		if other := must(s.Receive(ctx, in))(t); other.Duplicate {
			t.Errorf("the mail in another mailbox: %+v", other)
		}
	})
}

func TestAMailReopensAConversationUnderItsOwnChannelsRevision(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, form := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(form, "submission", "1")))(t)
		store.SetStatus(t, s, first.ConversationID, inbox.StatusClosed)
		form.Name = "Renamed"
		must(s.UpdateChannel(ctx, form))(t)
		receipt := must(s.Receive(ctx, joins(mailbox(t, s, form.InboxID), first.ConversationID, "grace@home.test")))(t)
		c := must(s.Conversation(ctx, first.ConversationID))(t)
		if !receipt.Opened || receipt.Episode != 2 || c.Status != inbox.StatusOpen || c.ChannelRevision != 2 {
			t.Errorf("receipt %+v, conversation %+v", receipt, c)
		}
	})
}

func TestAConversationOfAnotherInboxCannotBeJoined(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		elsewhere := newChannel(t, s, email)
		for _, id := range []string{first.ConversationID, store.NewID()} {
			_, err := s.Receive(ctx, joins(elsewhere, id, "grace@home.test"))
			wantCode(t, err, inbox.CodeNotFound)
		}
		if n := store.CountRows(t, s, "contacts"); n != 0 {
			t.Errorf("%d contacts left behind", n)
		}
	})
}

func TestWhoJoinsSomebodyElsesConversationIsAContactOfItsOwn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		// Before the workflow found out whose conversation it is.
		early := must(s.Receive(ctx, joins(channel, first.ConversationID, "early@home.test")))(t)
		contact := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		known := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{inbox.EmailIdentity("known@home.test")}})

		author := func(receipt store.Receipt) string { return must(s.Message(ctx, receipt.MessageID))(t).Author.ID }
		if id := author(must(s.Receive(ctx, joins(channel, first.ConversationID, "known@home.test")))(t)); id != known.ID {
			t.Errorf("the known colleague's mail is by %q", id)
		}
		if id := author(must(s.Receive(ctx, joins(channel, first.ConversationID, "grace@home.test")))(t)); id != contact {
			t.Errorf("the contact's mail is by %q", id)
		}
		var ids [32]string
		together(func(i int) {
			receipt := mustReceive(t, s, joins(channel, first.ConversationID, "new@home.test"))
			ids[i] = author(receipt)
		})
		newcomer := must(s.ContactByIdentity(ctx, inbox.EmailIdentity("new@home.test")))(t)
		if slices.ContainsFunc(ids[:], func(id string) bool { return id != newcomer.ID }) || newcomer.Name != "Sender" {
			t.Errorf("authors %v, contact %+v", ids, newcomer)
		}
		if id := author(early); id == contact || id == "" {
			t.Errorf("the early colleague's mail is by %q", id)
		}
		nameless := joins(channel, first.ConversationID, "")
		nameless.Sender = inbox.Sender{}
		if id := author(must(s.Receive(ctx, nameless))(t)); id != contact {
			t.Errorf("a mail by nobody is by %q", id)
		}
		if c := must(s.Conversation(ctx, first.ConversationID))(t); c.ContactID != contact {
			t.Errorf("the conversation is with %q", c.ContactID)
		}
	})
}

func TestAutomaticMailStirsNobody(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		for _, status := range []inbox.Status{
			inbox.StatusOpen, inbox.StatusWaiting, inbox.StatusSnoozed, inbox.StatusClosed,
		} {
			store.SetStatus(t, s, first.ConversationID, status)
			in := joins(channel, first.ConversationID, "grace@home.test")
			in.Automatic = true
			receipt := must(s.Receive(ctx, in))(t)
			if receipt.Opened || receipt.Episode != 1 || !must(s.Message(ctx, receipt.MessageID))(t).Automatic {
				t.Errorf("%s: receipt %+v", status, receipt)
			}
			taken := must(s.TakeMessage(ctx, store.RefOf(receipt), receipt.MessageID, noon))(t)
			if !taken.Automatic || taken.Woken || taken.Episode != 1 {
				t.Errorf("%s: taken %+v", status, taken)
			}
			c := must(s.Conversation(ctx, first.ConversationID))(t)
			if c.Status != status || c.Episode != 1 {
				t.Errorf("%s: conversation %+v", status, c)
			}
		}
		due := must(s.Undispatched(ctx, time.Now().Add(time.Hour), 10))(t)
		if len(due) != 1 || due[0].MessageID != first.MessageID {
			t.Errorf("not confirmed: %+v", due)
		}
	})
}

func TestAutomaticMailBeginsNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		in := inbound(newChannel(t, s, email), "thread", "1")
		in.Automatic = true
		_, err := s.Receive(t.Context(), in)
		wantCode(t, err, inbox.CodeNotFound)
		if n := store.CountRows(t, s, "conversations"); n != 0 {
			t.Errorf("%d conversations", n)
		}
	})
}

func TestAClaimedSenderIsSaidToBeClaimed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		by := inbox.EmailIdentity("forwarder@company.test")
		for claimed, want := range map[bool]string{true: `true`, false: ``} {
			in := inbound(newChannel(t, s, email), "thread", "1")
			in.Sender.Claimed, in.Sender.ForwardedBy = claimed, &by
			receipt := must(s.Receive(t.Context(), in))(t)
			events := must2(s.Timeline(t.Context(), receipt.ConversationID, store.Page{}))(t)
			var data map[string]json.RawMessage
			if err := json.Unmarshal(events[1].Data, &data); err != nil || string(data["claimed"]) != want {
				t.Errorf("claimed %t: %s, %v", claimed, events[1].Data, err)
			}
		}
	})
}

func TestAMessageIsNotFromTheFuture(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		for thread, at := range map[string]time.Time{"future": time.Now().Add(24 * time.Hour), "past": noon.AddDate(-20, 0, 0)} {
			before := time.Now().Truncate(time.Microsecond)
			in := inbound(channel, thread, thread)
			in.At = at
			receipt := must(s.Receive(t.Context(), in))(t)
			m := must(s.Message(t.Context(), receipt.MessageID))(t)
			if thread == "past" && !m.CreatedAt.Equal(at) || m.CreatedAt.After(time.Now()) {
				t.Errorf("%s: written at %v", thread, m.CreatedAt)
			}
			if c := must(s.Conversation(t.Context(), receipt.ConversationID))(t); c.CreatedAt.Before(before) || c.LastMessageAt.Before(before) {
				t.Errorf("%s: conversation of %v, last message at %v", thread, c.CreatedAt, c.LastMessageAt)
			}
			if due := must(s.Undispatched(t.Context(), before, 10))(t); len(due) > 0 && due[0].MessageID == receipt.MessageID {
				t.Errorf("%s: due before it was stored", thread)
			}
		}
	})
}

func TestAMergeTakesAlongWhatTheContactWroteInOthersConversations(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		joined := must(s.Receive(ctx, joins(channel, first.ConversationID, "guest@home.test")))(t)
		guest := must(s.Message(ctx, joined.MessageID))(t).Author.ID
		into := store.NewContact(t, s, inbox.Contact{Name: "Guest"})
		if err := s.MergeContacts(ctx, guest, into.ID, byAda); err != nil {
			t.Fatal(err)
		}
		if m := must(s.Message(ctx, joined.MessageID))(t); m.Author.ID != into.ID {
			t.Errorf("the guest's mail is by %q, want %q", m.Author.ID, into.ID)
		}
	})
}

func TestMailsAndTheErasureOfTheirSenderAtOnceLeaveNothingBehind(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s, email)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		guest := store.NewContact(t, s, inbox.Contact{Identities: []inbox.Identity{inbox.EmailIdentity("guest@home.test")}})
		var receipts [32]store.Receipt
		together(func(i int) {
			if i == 16 {
				if err := s.EraseContact(ctx, guest.ID); err != nil {
					t.Error(err)
				}
				return
			}
			receipts[i] = mustReceive(t, s, joins(channel, first.ConversationID, "guest@home.test"))
		})
		for i, receipt := range receipts {
			if i == 16 {
				continue
			}
			m := must(s.Message(ctx, receipt.MessageID))(t)
			if erased := m.Author.ID == guest.ID; erased != (m.Text == "") {
				t.Errorf("message by the erased %t: %q", erased, m.Text)
			}
		}
	})
}
