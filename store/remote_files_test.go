package store_test

import (
	"encoding/json"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAFileAtTheProviderBecomesAnAttachmentOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		lamp, bill, gone := inbox.RemoteFile{URL: "https://files.test/1"}, inbox.RemoteFile{URL: "https://files.test/2"}, inbox.RemoteFile{URL: "https://files.test/3\x00"}
		in := inbound(newChannel(t, s), "thread", "1")
		in.Remote = []inbox.RemoteFile{lamp, bill, gone}
		gone.URL = "https://files.test/3"
		receipt := must(s.Receive(ctx, in))(t)
		plain := inbound(in.Channel, "thread", "2")
		plain.Remote = []inbox.RemoteFile{}
		must(s.Receive(ctx, plain))(t)
		if got := must(s.MessagesWithFiles(ctx, receipt.ConversationID))(t); len(got) != 1 || got[0] != (store.MessageWithFiles{receipt.MessageID, in.Channel.ID}) {
			t.Fatalf("awaited %+v", got)
		}
		kept := store.File{Name: "lamp\x00.png", ContentType: "image/png", Data: []byte("light")}
		for range 2 {
			if err := s.KeepFile(ctx, receipt.MessageID, lamp, kept, noon); err != nil {
				t.Fatal(err)
			}
			if err := s.LoseFile(ctx, receipt.MessageID, gone, inbox.CodeFileTooLarge, noon); err != nil {
				t.Fatal(err)
			}
		}
		m := must(s.Message(ctx, receipt.MessageID))(t)
		if len(m.Attachments) != 1 || m.Attachments[0].Name != "lamp.png" || len(m.Remote) != 1 || m.Remote[0] != bill {
			t.Errorf("message %+v", m)
		}
		if err := s.KeepFile(ctx, receipt.MessageID, bill, store.File{Name: "bill.txt", ContentType: "text/plain"}, noon); err != nil {
			t.Fatal(err)
		}
		if got := must(s.MessagesWithFiles(ctx, receipt.ConversationID))(t); len(got) != 0 {
			t.Errorf("still awaited %+v", got)
		}
		var told []map[string]string
		for _, event := range must(s.EventsAfter(ctx, 0, 100))(t) {
			if event.Kind == inbox.EventFileFetched || event.Kind == inbox.EventFileLost {
				var data map[string]string
				if err := json.Unmarshal(event.Data, &data); err != nil {
					t.Fatal(err)
				}
				told = append(told, data)
			}
		}
		if len(told) != 3 || told[0]["attachment_id"] != m.Attachments[0].ID || told[1]["code"] != "file_too_large" ||
			told[1]["message_id"] != receipt.MessageID || told[2]["attachment_id"] == "" {
			t.Errorf("timeline %v", told)
		}
		wantCode(t, s.KeepFile(ctx, store.NewID(), lamp, kept, noon), inbox.CodeNotFound)
	})
}

func TestAFileThatComesAfterTheErasureIsNotKept(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		contact := store.NewContact(t, s, inbox.Contact{Name: "Grace"})
		file := inbox.RemoteFile{URL: "https://files.test/1"}
		in := inbound(newChannel(t, s), "thread", "1")
		in.Remote = []inbox.RemoteFile{file}
		receipt := must(s.Receive(ctx, in))(t)
		store.SetContact(t, s, receipt.ConversationID, contact.ID)
		if err := s.EraseContact(ctx, contact.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.KeepFile(ctx, receipt.MessageID, file, store.File{Name: "lamp.png", Data: []byte("light")}, noon); err != nil {
			t.Fatal(err)
		}
		if m := must(s.Message(ctx, receipt.MessageID))(t); len(m.Attachments) != 0 || len(m.Remote) != 0 {
			t.Errorf("message %+v", m)
		}
	})
}
