package store_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// inbound is a chat message of a thread.
func inbound(channel inbox.Channel, thread, id string) store.Inbound {
	return store.Inbound{
		Channel: channel, ThreadKey: thread, ProviderMessageID: id, Subject: "Broken lamp",
		Sender: inbox.Sender{Name: "Grace", Identities: []inbox.Identity{{Kind: inbox.IdentityEmail, Value: "grace@home.test"}}},
		Text:   "It does not shine.", At: noon,
	}
}

// together runs f 32 times at once.
func together(f func(i int)) {
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

func eventKinds(t *testing.T, s *store.Store) []inbox.EventKind {
	t.Helper()
	var kinds []inbox.EventKind
	for _, event := range must(s.EventsAfter(t.Context(), 0, 1000))(t) {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

func TestTheFirstMessageOpensAConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		in := inbound(channel, "thread", "1")
		in.ReplyTo, in.HTML = "grace@home.test", "<p>It does not shine.</p>"
		in.Fields = []inbox.SubmittedField{{Name: "lamp", Label: "Lamp", Values: []string{"desk"}, Hidden: true}}
		in.Files = []store.File{{Name: "lamp.png", ContentType: "image/png", Data: []byte("light")}}
		before := time.Now().Truncate(time.Microsecond)
		receipt := must(s.Receive(t.Context(), in))(t)
		if !receipt.Opened || receipt.Duplicate || receipt.Dispatched || receipt.Episode != 1 {
			t.Errorf("receipt %+v", receipt)
		}
		c := must(s.Conversation(t.Context(), receipt.ConversationID))(t)
		if c.InboxID != channel.InboxID || c.ChannelID != channel.ID || c.ChannelKind != inbox.KindChat ||
			c.Status != inbox.StatusOpen || c.Subject != "Broken lamp" || c.ReplyTo != "grace@home.test" ||
			c.ChannelRevision != 1 || c.Episode != 1 || c.Priority != inbox.PriorityNormal ||
			c.Window.State != inbox.WindowNone || c.CreatedAt.Before(before) || !c.LastMessageAt.Equal(c.CreatedAt) {
			t.Errorf("conversation %+v", c)
		}
		m := must(s.Message(t.Context(), receipt.MessageID))(t)
		if m.Direction != inbox.DirectionIn || m.Author.Kind != inbox.AuthorContact || m.State != inbox.MessageReceived ||
			m.Text != in.Text || m.HTML != in.HTML || m.ProviderMessageID != "1" || !m.CreatedAt.Equal(noon) ||
			len(m.Fields) != 1 || !m.Fields[0].Hidden || len(m.Attachments) != 1 {
			t.Fatalf("message %+v", m)
		}
		file, data, err := s.AttachmentData(t.Context(), m.Attachments[0].ID)
		if err != nil || file.Name != "lamp.png" || file.ContentType != "image/png" || file.Size != 5 || string(data) != "light" {
			t.Errorf("attachment %+v, %q, %v", file, data, err)
		}
		if kinds := eventKinds(t, s); !slices.Equal(kinds, []inbox.EventKind{inbox.EventOpened, inbox.EventMessageReceived}) {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestTheNextMessageJoinsTheThread(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, other := t.Context(), newChannel(t, s), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		began := must(s.Conversation(ctx, first.ConversationID))(t)
		late := inbound(channel, "thread", "2")
		late.At = noon.Add(-time.Minute)
		second := must(s.Receive(ctx, late))(t)
		if second.ConversationID != first.ConversationID || second.Opened || second.Episode != 1 {
			t.Errorf("second receipt %+v, first %+v", second, first)
		}
		c := must(s.Conversation(ctx, first.ConversationID))(t)
		if !c.LastMessageAt.After(began.LastMessageAt) || !c.CreatedAt.Equal(began.CreatedAt) {
			t.Errorf("conversation %+v, was %+v", c, began)
		}
		if m := must(s.Message(ctx, second.MessageID))(t); !m.CreatedAt.Equal(late.At) {
			t.Errorf("written at %v, want %v", m.CreatedAt, late.At)
		}
		for _, in := range []store.Inbound{inbound(channel, "other", "4"), inbound(other, "thread", "1")} {
			if receipt := must(s.Receive(ctx, in))(t); receipt.ConversationID == first.ConversationID || !receipt.Opened {
				t.Errorf("another thread joined: %+v", receipt)
			}
		}
	})
}

func TestADuplicateGetsTheFirstReceiptAndChangesNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		began := must(s.Conversation(ctx, first.ConversationID))(t)
		want := first
		want.Duplicate = true
		if got := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if err := s.MarkDispatched(ctx, first.MessageID, noon); err != nil {
			t.Fatal(err)
		}
		want.Dispatched = true
		// Even under another thread key it is the same message.
		if got := must(s.Receive(ctx, inbound(channel, "elsewhere", "1")))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if c := must(s.Conversation(ctx, first.ConversationID))(t); !c.LastMessageAt.Equal(began.LastMessageAt) {
			t.Errorf("last message at %v", c.LastMessageAt)
		}
		if kinds := eventKinds(t, s); len(kinds) != 2 {
			t.Errorf("events %v", kinds)
		}
		conversations, _, err := s.Conversations(ctx, store.ConversationFilter{}, store.Page{})
		if err != nil || len(conversations) != 1 {
			t.Errorf("%d conversations, %v", len(conversations), err)
		}
	})
}

func TestOneMessageDeliveredManyTimesAtOnceIsOneMessage(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		var receipts [32]store.Receipt
		together(func(i int) { receipts[i] = mustReceive(t, s, inbound(channel, "thread", "1")) })
		first := slices.IndexFunc(receipts[:], func(r store.Receipt) bool { return !r.Duplicate })
		for i, receipt := range receipts {
			if !receipt.Opened || receipt.MessageID != receipts[first].MessageID || receipt.Duplicate != (i != first) {
				t.Errorf("receipt %+v, first %+v", receipt, receipts[first])
			}
		}
		if kinds := eventKinds(t, s); len(kinds) != 2 {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestMessagesThatComeTogetherMakeOneConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		var receipts [32]store.Receipt
		together(func(i int) {
			in := inbound(channel, "thread", fmt.Sprint(i/2)) // each twice
			in.Files = []store.File{{Data: []byte("b")}, {Data: []byte("a")}}
			if i%2 == 0 {
				slices.Reverse(in.Files)
			}
			receipts[i] = mustReceive(t, s, in)
		})
		opened := map[string]bool{}
		messages := map[string]bool{}
		for _, receipt := range receipts {
			if receipt.ConversationID != receipts[0].ConversationID {
				t.Fatalf("two conversations: %+v and %+v", receipt, receipts[0])
			}
			messages[receipt.MessageID] = true
			if receipt.Opened {
				opened[receipt.MessageID] = true
			}
		}
		if len(messages) != 16 || len(opened) != 1 {
			t.Errorf("%d messages, %d of them opened the conversation", len(messages), len(opened))
		}
		stored, _, err := s.Messages(t.Context(), receipts[0].ConversationID, store.Page{})
		if err != nil || len(stored) != 16 {
			t.Errorf("%d messages stored, %v", len(stored), err)
		}
	})
}

func TestAClosedConversationIsReopenedOnceByMessagesThatComeTogether(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(channel, "thread", "first")))(t)
		store.SetStatus(t, s, first.ConversationID, inbox.StatusClosed)
		channel.Name = "Renamed"
		channel = must(s.UpdateChannel(ctx, channel))(t)
		var receipts [32]store.Receipt
		together(func(i int) { receipts[i] = mustReceive(t, s, inbound(channel, "thread", fmt.Sprint(i))) })
		opened := 0
		for _, receipt := range receipts {
			if receipt.ConversationID != first.ConversationID || receipt.Episode != 2 {
				t.Errorf("receipt %+v", receipt)
			}
			if receipt.Opened {
				opened++
			}
		}
		if opened != 1 {
			t.Errorf("%d messages opened the episode", opened)
		}
		c := must(s.Conversation(ctx, first.ConversationID))(t)
		if c.Status != inbox.StatusOpen || c.Episode != 2 || c.ChannelRevision != 2 || len(c.PassedAgentIDs) != 0 {
			t.Errorf("conversation %+v", c)
		}
		kinds := eventKinds(t, s)
		if n := len(slices.DeleteFunc(kinds, func(k inbox.EventKind) bool { return k != inbox.EventReopened })); n != 1 {
			t.Errorf("%d times reopened", n)
		}
	})
}

func TestASnoozedConversationStaysSnoozed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, inbound(channel, "thread", "1")))(t)
		store.SetStatus(t, s, first.ConversationID, inbox.StatusSnoozed)
		receipt := must(s.Receive(ctx, inbound(channel, "thread", "2")))(t)
		if c := must(s.Conversation(ctx, first.ConversationID))(t); c.Status != inbox.StatusSnoozed || receipt.Opened {
			t.Errorf("status %s, receipt %+v", c.Status, receipt)
		}
	})
}

func TestFilesWithTheSameContentAreStoredOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		photo := bytes.Repeat([]byte("light"), 1000)
		in := inbound(channel, "thread", "1")
		in.Files = []store.File{{Name: "a.png", Data: photo}, {Name: "b.png", Data: photo}, {Name: "empty"}}
		must(s.Receive(t.Context(), in))(t)
		again := inbound(channel, "thread", "2")
		again.Files = in.Files
		must(s.Receive(t.Context(), again))(t)
		if n := store.CountRows(t, s, "blobs"); n != 2 {
			t.Errorf("%d contents stored, want 2", n)
		}
	})
}

func TestAMessageWithBytesThatAreNoTextIsKept(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		const odd = "lamp\x00 \xff!"
		in := inbound(newChannel(t, s), odd, odd)
		in.Subject, in.Text, in.HTML, in.ReplyTo, in.Sender.Name = odd, odd, odd, odd, odd
		in.Sender.Identities = []inbox.Identity{{Kind: inbox.IdentityEmail, Value: odd}}
		in.Fields = []inbox.SubmittedField{{Name: odd, Label: odd, Values: []string{odd}}}
		in.Files = []store.File{{Name: odd, ContentType: odd, Data: []byte(odd)}}
		receipt := must(s.Receive(t.Context(), in))(t)
		if again := must(s.Receive(t.Context(), in))(t); again.MessageID != receipt.MessageID {
			t.Errorf("two messages: %+v, %+v", receipt, again)
		}
		m := must(s.Message(t.Context(), receipt.MessageID))(t)
		if m.Text != "lamp \uFFFD!" || m.Fields[0].Values[0] != m.Text || m.Attachments[0].Name != m.Text {
			t.Errorf("message %+v", m)
		}
		if _, data, err := s.AttachmentData(t.Context(), m.Attachments[0].ID); err != nil || string(data) != odd {
			t.Errorf("the file's bytes became %q, %v", data, err)
		}
	})
}

func TestUndispatchedMessagesAreFoundUntilTheyAreDispatched(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, before := t.Context(), newChannel(t, s), time.Now()
		var ids []string
		for i := range 3 {
			in := inbound(channel, "thread", fmt.Sprint(i))
			in.At = noon.Add(-time.Duration(i) * time.Second)
			ids = append(ids, must(s.Receive(ctx, in))(t).MessageID)
		}
		if due := must(s.Undispatched(ctx, before, 10))(t); len(due) != 0 {
			t.Errorf("due before they were stored: %+v", due)
		}
		messageIDs := func() (found []string) {
			for _, u := range must(s.Undispatched(ctx, time.Now().Add(time.Hour), 10))(t) {
				found = append(found, u.MessageID)
				if u.Direction != inbox.DirectionIn || u.Ref().Episode != 1 || u.Ref().ConversationID == "" {
					t.Errorf("undispatched %+v", u)
				}
			}
			return found
		}
		if got := messageIDs(); !slices.Equal(got, ids) {
			t.Errorf("undispatched %v of %v", got, ids)
		}
		if err := s.MarkDispatched(ctx, ids[2], noon); err != nil {
			t.Fatal(err)
		}
		if err := s.MarkDispatched(ctx, ids[2], noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.PutOffDispatch(ctx, ids[0], time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got := messageIDs(); !slices.Equal(got, []string{ids[1], ids[0]}) {
			t.Errorf("undispatched %v", got)
		}
		if m := must(s.Message(ctx, ids[2]))(t); !m.DispatchedAt.Equal(noon) {
			t.Errorf("dispatched at %v", m.DispatchedAt)
		}
	})
}

func mustReceive(t *testing.T, s *store.Store, in store.Inbound) store.Receipt {
	receipt, err := s.Receive(t.Context(), in)
	if err != nil {
		t.Error(err)
	}
	return receipt
}
