package e2e

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/channels/messenger"
	"switchboard/inbox"
	"switchboard/test/standins/fakemessenger"
)

// nobody takes webhooks at this address.
const nobody = "http://127.0.0.1:1/"

// strictFacebook is a running Switchboard with a strict Facebook that has pages.
type strictFacebook struct {
	*dev
	*fakemessenger.Server
	office        *office
	address, data string
	environment   []string
}

func startFacebook(t *testing.T, pages ...string) *strictFacebook {
	t.Helper()
	var known []fakemessenger.Page
	for _, id := range pages {
		known = append(known, fakemessenger.Page{ID: id, Name: "Page " + id, Token: "token-" + id})
	}
	f := &strictFacebook{address: freeAddress(t), data: t.TempDir(), Server: fakemessenger.New("4711", "app-secret", known...)}
	t.Cleanup(f.Server.Close)
	f.environment = []string{
		"SWITCHBOARD_MESSENGER_APP_ID=4711", "SWITCHBOARD_MESSENGER_APP_SECRET=app-secret",
		"SWITCHBOARD_MESSENGER_VERIFY_TOKEN=agreed", "SWITCHBOARD_MESSENGER_GRAPH_URL=" + f.GraphURL(),
	}
	f.starts(t)
	f.office = f.newOffice(t, "facebook", 1)
	return f
}

// starts starts Switchboard, again on the same folder, and has Facebook tell it.
func (f *strictFacebook) starts(t *testing.T) {
	t.Helper()
	f.dev = startDevAt(t, f.address, f.data, f.environment...)
	f.DeliverTo(f.info.APIURL + "/webhooks/messenger")
}

// page connects a channel of its own to a page by consent.
func (f *strictFacebook) page(t *testing.T, id string, own settings) contract.Channel {
	t.Helper()
	channel := f.office.channel(t, "messenger", f.office.teamRule(), own)
	connect := "/api/v1/channels/" + channel.ID + "/connect"
	asked := change[contract.MailboxConsent](t, f.admin, 200, "POST", connect, settings{"provider": "facebook"})
	dialog, err := url.Parse(asked.AuthorizationURL)
	if err != nil {
		t.Fatal(err)
	}
	back := url.Values{"state": {dialog.Query().Get("state")}, "code": {f.Code()}}
	if status, page := plain(t, f.info.APIURL+"/oauth/facebook/callback?"+back.Encode()); status != 200 {
		t.Fatalf("the way back from Facebook: %d %s", status, page)
	}
	return change[contract.Channel](t, f.admin, 201, "POST", connect, settings{"provider": "facebook", "page_id": id})
}

// sentTo are the messages that a person got from a page.
func (f *strictFacebook) sentTo(page, person string) []fakemessenger.Sent {
	return slices.DeleteFunc(f.Sent(), func(s fakemessenger.Sent) bool { return s.PageID != page || s.Recipient != person })
}

// answers has the office's agent answer, with files.
func (f *strictFacebook) answers(t *testing.T, conversationID, text string, files ...string) contract.Message {
	t.Helper()
	body := settings{"text": text + " " + personal}
	var attachments []settings
	for _, name := range files {
		attachments = append(attachments, settings{
			"name": name, "content_type": "text/plain", "data": base64.StdEncoding.EncodeToString([]byte(name + " " + personal)),
		})
	}
	if attachments != nil {
		body["attachments"] = attachments
	}
	return f.office.agents[0].replies(t, conversationID, strings.ReplaceAll(text, " ", "-"), body)
}

// leftOnce fails the test unless exactly these parts of an answer left, in order.
func (f *strictFacebook) leftOnce(t *testing.T, page, person, messageID string, parts ...int) {
	t.Helper()
	var left []int
	for _, sent := range f.sentTo(page, person) {
		if id, part := messenger.ReadMetadata(sent.Metadata); id == messageID {
			left = append(left, part)
		}
	}
	if !slices.Equal(left, parts) {
		t.Errorf("of the answer left %v, want %v", left, parts)
	}
}

func TestNoAnswerByMessengerLeavesTwice(t *testing.T) {
	f := startFacebook(t, "100", "101")
	first, second := f.page(t, "100", settings{}), f.page(t, "101", settings{})
	f.Knows("200", fakemessenger.Person{FirstName: "Grace", LastName: personal})
	f.Writes("100", "200", "Is it ready? "+personal, time.Now())
	f.Writes("101", "300", "Is it ready? "+personal, time.Now())
	conversation, other := f.awaitRouted(t, first, 1)[0], f.awaitRouted(t, second, 1)[0]

	t.Run("the page is set up, and the contact has a name", func(t *testing.T) {
		flow, _ := inbox.DefaultChatflow(inbox.KindMessenger)
		if !f.Subscribed("100") || f.Greeting("100") != flow.Greeting || !f.GetStarted("100") {
			t.Errorf("greets with %q", f.Greeting("100"))
		}
		eventually(t, func() error {
			contact := get[contract.Contact](t, f.admin, "/api/v1/contacts/"+*conversation.ContactID)
			if contact.Name != "Grace "+personal {
				return fmt.Errorf("the contact is %+v", contact)
			}
			return nil
		})
	})
	t.Run("Facebook acts and does not answer", func(t *testing.T) {
		f.Fail(fakemessenger.Failure{Drop: true})
		reply := f.answers(t, conversation.ID, "dropped")
		f.awaitState(t, conversation.ID, reply.ID, "delivered")
		f.leftOnce(t, "100", "200", reply.ID, 0)
	})
	t.Run("Facebook acts on a file and does not answer", func(t *testing.T) {
		f.Fail(fakemessenger.Failure{}, fakemessenger.Failure{Drop: true})
		reply := f.answers(t, conversation.ID, "with files", "a.txt", "b.txt")
		f.awaitState(t, conversation.ID, reply.ID, "delivered")
		f.leftOnce(t, "100", "200", reply.ID, 1, 2, 3)
	})
	t.Run("a page that sends too much waits alone", func(t *testing.T) {
		f.Limit("100", 0, time.Hour)
		waits := f.answers(t, conversation.ID, "too much")
		eventually(t, func() error {
			if f.Asked(fakemessenger.Messages) == len(f.Sent()) {
				return errors.New("nothing was refused yet")
			}
			return nil
		})
		goes := f.answers(t, other.ID, "not too much")
		f.awaitState(t, other.ID, goes.ID, "delivered")
		f.awaitState(t, conversation.ID, waits.ID, "pending")
		f.leftOnce(t, "100", "200", waits.ID)
	})
	f.killedBeforeTheRecord(t, other)
	nothingPersonalIsKept(t, f.system)
}

// killedBeforeTheRecord kills Switchboard between a call and its record. It is no
// subtest: what it starts again goes on after it.
func (f *strictFacebook) killedBeforeTheRecord(t *testing.T, other contract.Conversation) {
	t.Helper()
	f.DeliverTo(nobody)
	f.Fail(fakemessenger.Failure{Slow: time.Minute})
	reply := f.answers(t, other.ID, "killed")
	eventually(t, func() error {
		if sent := f.sentTo("101", "300"); sent[len(sent)-1].Metadata != reply.ID {
			return errors.New("it did not leave yet")
		}
		return nil
	})
	f.kill(t)
	f.starts(t)
	f.awaitState(t, other.ID, reply.ID, "delivered")
	f.leftOnce(t, "101", "300", reply.ID, 0)
	f.Reads("101", "300")
	f.awaitState(t, other.ID, reply.ID, "read")
	// The try that was cut off is made again before the next answer leaves.
	next := f.answers(t, other.ID, "after it")
	within(t, longPatience, func() error {
		if sent := f.sentTo("101", "300"); sent[len(sent)-1].Metadata != next.ID {
			return errors.New("the next answer did not leave yet")
		}
		return nil
	})
	f.leftOnce(t, "101", "300", reply.ID, 0)
}

func TestMessengerAsksForConsent(t *testing.T) {
	const words = "We keep what you write."
	f := startFacebook(t, "100", "101")
	explicit := f.page(t, "100", settings{"consent": settings{"mode": "explicit", "text": words, "button": "I agree"}})
	implicit := f.page(t, "101", settings{"consent": settings{"mode": "implicit", "text": words}})

	t.Run("explicitly: nothing is kept before the contact agrees", func(t *testing.T) {
		const first, second = "hush-one-" + personal, "hush-two-" + personal
		f.Writes("100", "200", first, time.Now().Add(-time.Minute))
		f.Writes("100", "200", second, time.Now().Add(-time.Second))
		var asked fakemessenger.Sent
		eventually(t, func() error {
			sent := f.sentTo("100", "200")
			if len(sent) == 0 || len(f.conversations(t, explicit)) == 0 || len(f.messages(t, f.conversations(t, explicit)[0].ID)) < 3 {
				return fmt.Errorf("sent %+v", sent)
			}
			asked = sent[0]
			return nil
		})
		if asked.Text != words || len(asked.QuickReplies) != 1 || asked.QuickReplies[0].Title != "I agree" {
			t.Fatalf("asked by %+v", asked)
		}
		conversation := f.conversations(t, explicit)[0]
		if conversation.AssigneeID != nil || conversation.TicketID != nil {
			t.Errorf("it was routed: %+v", conversation)
		}
		f.knowsNot(t, "hush-")
		f.Presses("100", "200", asked.QuickReplies[0].Title, asked.QuickReplies[0].Payload, time.Now())
		routed := f.awaitRouted(t, explicit, 1)[0]
		var said []string
		for _, message := range f.messages(t, routed.ID) {
			if message.Direction == "in" {
				said = append(said, message.Text)
			}
		}
		if !slices.Equal(said, []string{first, second, "I agree"}) {
			t.Errorf("the contact said %q", said)
		}
		eventually(t, func() error {
			if sent := f.sentTo("100", "200"); len(sent) != 2 {
				return fmt.Errorf("not the question and the instant reply left, but %+v", sent)
			}
			return nil
		})
	})
	t.Run("explicitly: what nobody agrees to within a day is deleted", func(t *testing.T) { f.deletesAfterADay(t, explicit) })
	t.Run("implicitly: the words are shown once, and it is routed at once", func(t *testing.T) {
		f.Writes("101", "300", "Hello "+personal, time.Now())
		conversation := f.awaitRouted(t, implicit, 1)[0]
		f.Writes("101", "300", "Again "+personal, time.Now())
		reply := f.answers(t, conversation.ID, "answered")
		f.awaitState(t, conversation.ID, reply.ID, "delivered")
		shown := 0
		for _, sent := range f.sentTo("101", "300") {
			if sent.Text == words {
				shown++
			}
		}
		if shown != 1 {
			t.Errorf("shown %d times", shown)
		}
	})
	nothingPersonalIsKept(t, f.system)
}

// deletesAfterADay has a contact agree after a day only, which passes in the
// database.
func (f *strictFacebook) deletesAfterADay(t *testing.T, channel contract.Channel) {
	t.Helper()
	const late, after = "hush-late-" + personal, "after-it-" + personal
	f.Writes("100", "201", late, time.Now())
	eventually(t, func() error {
		if sent := f.sentTo("100", "201"); len(sent) != 1 {
			return fmt.Errorf("not asked, but sent %+v", sent)
		}
		return nil
	})
	id := f.newest(t, channel).ID
	db := f.database(t)
	sealed := db.makeOlder(t, id, 25*time.Hour)
	if !strings.Contains(db.tables(t)["messages"], sealed) {
		t.Error("there was no sealed copy to delete")
	}
	f.awaitEvents(t, id, inbox.EventConsentMissed, 1)
	if said := f.said(t, id); len(said) != 1 || said[0].State != "dropped" || said[0].Text != "" {
		t.Errorf("of what the contact wrote there is %+v", said)
	}
	for table, text := range db.tables(t) {
		if strings.Contains(text, "hush-late") || strings.Contains(text, sealed) {
			t.Errorf("%s still has what the contact wrote", table)
		}
	}
	for place, text := range f.histories(t) {
		if found := leak(text, []string{"hush-late"}); found != "" {
			t.Errorf("%s has what the contact wrote: %s", place, found)
		}
	}
	f.knowsNot(t, "hush-late")

	button := f.sentTo("100", "201")[0].QuickReplies[0]
	f.Presses("100", "201", button.Title, button.Payload, time.Now())
	f.awaitTicket(t, id)
	f.Writes("100", "201", after, time.Now())
	eventually(t, func() error {
		if said := f.said(t, id); len(said) != 3 || said[0].Text != "" || said[1].Text != button.Title || said[2].Text != after {
			return fmt.Errorf("the contact said %+v", said)
		}
		return nil
	})
}

// said are the messages of a conversation's contact.
func (s *system) said(t *testing.T, id string) []contract.Message {
	t.Helper()
	return slices.DeleteFunc(s.messages(t, id), func(m contract.Message) bool { return m.Direction != "in" })
}

// knowsNot fails the test when a word stands in any file of the data folder: the
// database, Temporal's, the log.
func (f *strictFacebook) knowsNot(t *testing.T, word string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(f.data, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue
		}
		if strings.Contains(read(t, file), word) {
			t.Errorf("%s has what the contact wrote before agreeing", file)
		}
	}
}
