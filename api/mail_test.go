package api_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// mailWorld is a world with an e-mail channel.
func mailWorld(t *testing.T) (*world, inbox.Channel) {
	t.Helper()
	w := newWorld(t)
	created := w.call(t, w.admin, "POST", w.channelsOf(w.inbox.ID), object{"kind": "email", "name": "Support"}).want(http.StatusCreated)
	return w, must(w.store.Channel(t.Context(), created.text("id")))(t)
}

func upload(name, contentType string, data []byte) object {
	file := object{"name": name, "data": base64.StdEncoding.EncodeToString(data)}
	if contentType != "" {
		file["content_type"] = contentType
	}
	return file
}

func mailTo(channelID, address string) object {
	return object{
		"channel_id": channelID, "to": object{"email": address, "name": "Grace"}, "subject": "Your order", "text": "It is ready.",
	}
}

func TestAnEmailChannelShowsItsHostedAddressAndTheForwardingQuestion(t *testing.T) {
	t.Parallel()
	w, channel := mailWorld(t)
	path := "/api/v1/channels/" + channel.ID
	got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()
	if got["hosted_address"] != channel.HostedToken+"@in.example.com" || got["provider"] != nil || got["forwarding_confirmation"] != nil {
		t.Errorf("channel %v", got)
	}
	at := time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	check(t, w.store.KeepConfirmation(t.Context(), channel.ID, inbox.ForwardingConfirmation{
		Provider: "gmail", Code: "123456789", URL: "https://mail.google.test/c", At: at,
	}))
	want := object{"provider": "gmail", "code": "123456789", "url": "https://mail.google.test/c", "at": at.Format(time.RFC3339)}
	renamed := w.call(t, w.admin, "PATCH", path, object{"name": "Renamed"}).want(http.StatusOK).object()
	if !reflect.DeepEqual(renamed["forwarding_confirmation"], want) || renamed["hosted_address"] != got["hosted_address"] {
		t.Errorf("channel %v", renamed)
	}
	other := w.call(t, w.agent, "GET", "/api/v1/channels/"+w.channel.ID, nil).want(http.StatusOK).object()
	if other["hosted_address"] != nil {
		t.Errorf("a chat's address is %v", other["hosted_address"])
	}
}

func TestAMailIsShownWithWhatItQuotesAndWhoWroteIt(t *testing.T) {
	t.Parallel()
	w, channel := mailWorld(t)
	receipt := w.conversationOn(t, channel, "pumps")
	must(w.store.Receive(t.Context(), store.Inbound{
		Channel: channel, ConversationID: receipt.ConversationID, ProviderMessageID: "2", Text: "I am away.", Quoted: "You wrote",
		Automatic: true, Files: []store.File{{Name: "a.png", ContentType: "image/png", ContentID: "logo", Data: []byte("x")}},
	}))(t)
	list := w.call(t, w.agent, "GET", "/api/v1/conversations/"+receipt.ConversationID+"/messages", nil).want(http.StatusOK).object()
	items := list["items"].([]any)
	first, second := items[0].(object), items[1].(object)
	if first["quoted_text"] != nil || first["automatic"] != false {
		t.Errorf("first %v", first)
	}
	if second["quoted_text"] != "You wrote" || second["automatic"] != true || second["attachments"].([]any)[0].(object)["content_id"] != "logo" {
		t.Errorf("second %v", second)
	}
}

func TestAnAnswerTakesFilesAndTheyCanBeDownloaded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	page := []byte("<html><script>x()</script>")
	message := w.call(t, w.agent, "POST", path+"/replies", object{"text": "See below.", "attachments": []object{
		upload("plan.pdf", "", []byte("%PDF-1.7")), upload("photo.png", "image/png", page), upload("notes.csv", "text/csv", []byte("a,b")),
	}}).want(http.StatusCreated).object()
	var types []string
	for _, attachment := range message["attachments"].([]any) {
		types = append(types, attachment.(object)["content_type"].(string))
	}
	if !slices.Equal(types, []string{"application/pdf", "text/html", "text/csv"}) {
		t.Errorf("types %v", types)
	}
	id := message["attachments"].([]any)[1].(object)["id"].(string)
	file := w.call(t, w.agent, "GET", path+"/messages/"+message["id"].(string)+"/attachments/"+id, nil).want(http.StatusOK)
	if !bytes.Equal(file.body, page) || file.header.Get("Content-Type") != "application/octet-stream" ||
		file.header.Get("Content-Disposition") != "attachment; filename=photo.png" {
		t.Errorf("file %q, %v", file.body, file.header)
	}
}

func TestFilesThatCannotBeTakenAreRefusedNamingTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/replies"
	good := upload("a.txt", "", []byte("a"))
	for field, files := range map[string][]object{
		"attachments.1.data": {good, {"name": "b.txt", "data": "not base64!"}},
		"attachments.0.name": {{"name": " ", "data": ""}},
	} {
		w.call(t, w.agent, "POST", path, object{"text": "Hello", "attachments": files}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", field)
	}
	for field, file := range map[string]object{
		"attachments.0.data": {"name": "a.txt"}, "attachments.0.size": {"name": "a.txt", "data": "", "size": 1},
	} {
		w.callBadly(t, w.agent, "POST", path, object{"text": "Hello", "attachments": []object{file}}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", field)
	}
	half := upload("half.bin", "", make([]byte, 10<<20))
	w.call(t, w.agent, "POST", path, object{"text": "Hello", "attachments": []object{half, half}}).want(http.StatusCreated)
	w.call(t, w.agent, "POST", path, object{"text": "Hello", "attachments": []object{half, half, good}}).
		wantProblem(http.StatusRequestEntityTooLarge, "too_large", "attachments")
	w.call(t, w.agent, "POST", path, object{"text": "Hello", "attachments": []object{half, half, half}}).
		wantProblem(http.StatusRequestEntityTooLarge, "too_large", "")
}

func TestBodiesWithoutFilesStaySmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/comments"
	w.callBadly(t, w.agent, "POST", path, object{"text": strings.Repeat("x", 3<<20)}).
		wantProblem(http.StatusRequestEntityTooLarge, "too_large", "")
}

func TestAnAgentBeginsAConversationByMail(t *testing.T) {
	t.Parallel()
	w, channel := mailWorld(t)
	in := mailTo(channel.ID, "grace@home.test")
	in["html"], in["client_id"] = "<p>It is ready.<script>x()</script></p>", "once"
	in["attachments"] = []object{upload("bill.pdf", "", []byte("%PDF-1.7"))}
	got := w.call(t, w.agent, "POST", "/api/v1/conversations", in).want(http.StatusCreated).object()
	contact := must(w.store.ContactByIdentity(t.Context(), inbox.EmailIdentity("grace@home.test")))(t)
	for name, want := range map[string]any{
		"channel_id": channel.ID, "channel_kind": "email", "inbox_id": w.inbox.ID, "status": "open", "subject": "Your order",
		"contact_id": contact.ID, "assignee_id": w.agent.ID, "ticket_id": nil,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	messages, err := w.store.MessagesAfter(t.Context(), got["id"].(string), "", 10)
	check(t, err)
	if m := messages[0]; len(messages) != 1 || m.State != inbox.MessageSent || strings.Contains(m.HTML, "script") || len(m.Attachments) != 1 {
		t.Errorf("messages %+v", messages)
	}
	if again := w.call(t, w.agent, "POST", "/api/v1/conversations", in).want(http.StatusCreated); again.text("id") != got["id"] {
		t.Errorf("composed twice: %s", again.body)
	}
	if n := len(w.conversations.replies); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestAMailIsStoredWhileTheEngineIsAwayAndAskedForOnce(t *testing.T) {
	t.Parallel()
	w, channel := mailWorld(t)
	w.conversations.refuse(unreachable())
	in := mailTo(channel.ID, "grace@home.test")
	in["client_id"] = "once"
	stored := w.call(t, w.agent, "POST", "/api/v1/conversations", in).want(http.StatusAccepted).text("id")
	due, err := w.store.Undispatched(t.Context(), time.Now().Add(time.Minute), 10)
	if err != nil || len(due) != 1 || due[0].ConversationID != stored {
		t.Errorf("left to the sweep: %+v, %v", due, err)
	}
	w.conversations.refuse(nil)
	if again := w.call(t, w.agent, "POST", "/api/v1/conversations", in).want(http.StatusCreated); again.text("id") != stored {
		t.Errorf("composed twice: %s", again.body)
	}
}

func TestMailsThatCannotBeComposedAreRefused(t *testing.T) {
	t.Parallel()
	w, channel := mailWorld(t)
	compose := func(edit func(object)) response {
		in := mailTo(channel.ID, "grace@home.test")
		edit(in)
		return w.call(t, w.agent, "POST", "/api/v1/conversations", in)
	}
	compose(func(in object) { in["channel_id"] = w.channel.ID }).
		wantProblem(http.StatusUnprocessableEntity, "cannot_compose", "channel_id")
	for field, edit := range map[string]func(object){
		"channel_id":         func(in object) { in["channel_id"] = "nowhere" },
		"to.email":           func(in object) { in["to"] = object{"email": "a@b@c"} },
		"subject":            func(in object) { in["subject"] = " " },
		"text":               func(in object) { in["text"] = "\n" },
		"attachments.0.data": func(in object) { in["attachments"] = []object{{"name": "a", "data": "?"}} },
	} {
		compose(edit).wantProblem(http.StatusUnprocessableEntity, "invalid", field)
	}
	sales := must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t)
	outsider := w.person(t, inbox.Agent{Name: "Eve", InboxIDs: []string{sales.ID}})
	w.call(t, outsider, "POST", "/api/v1/conversations", mailTo(channel.ID, "grace@home.test")).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "channel_id")
	channel.Enabled = false
	must(w.store.UpdateChannel(t.Context(), channel))(t)
	compose(func(object) {}).wantProblem(http.StatusConflict, "channel_disabled", "")
	if conversations, _, err := w.store.Conversations(t.Context(), store.ConversationFilter{}, store.Page{}); err != nil || len(conversations) != 0 {
		t.Errorf("left behind: %+v, %v", conversations, err)
	}
}
