package api_test

import (
	"net/http"
	"testing"

	"switchboard/inbox"
)

func TestAVisitorHearsThatAnAgentIsTyping(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, other := w.session(t), w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	_, elsewhere := w.say(t, other, "1", "Hello")
	stream := w.stream(t, token, "0")
	stream.next() // opened
	said := stream.next()
	second, _ := w.say(t, token, "2", "Anybody?")
	if got := stream.next(); got.data["id"] != second { // live from here on
		t.Fatalf("got %+v", got)
	}
	w.visit(t, token, "POST", "typing", nil).want(http.StatusNoContent)
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+elsewhere+"/typing", nil).want(http.StatusNoContent)
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+conversation+"/typing", nil).want(http.StatusNoContent)
	if got := stream.next(); got.name != "typing" || got.id != "" || got.data["name"] != "Ada" {
		t.Errorf("got %+v after %+v", got, said)
	}
	third, _ := w.say(t, token, "3", "Oh!")
	if got := stream.next(); got.data["id"] != third {
		t.Errorf("what is kept must follow once: %+v", got)
	}
	w.visit(t, w.session(t), "POST", "typing", nil).want(http.StatusNoContent) // before anything was said
}

func TestWhatAVisitorHasReadIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, other := w.session(t), w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	w.say(t, other, "1", "Hello")
	first := w.reply(t, conversation, "Good morning", inbox.MessageSent)
	second := w.reply(t, conversation, "Still there?", inbox.MessageSent)
	w.visit(t, other, "POST", "read", object{"message_id": first.ID}).wantProblem(http.StatusNotFound, "not_found", "")
	w.visit(t, token, "POST", "read", object{"message_id": first.ID}).want(http.StatusNoContent)
	if got := must(w.store.Message(t.Context(), first.ID))(t); got.State != inbox.MessageRead {
		t.Errorf("the first is %s", got.State)
	}
	if got := must(w.store.Message(t.Context(), second.ID))(t); got.State != inbox.MessageSent {
		t.Errorf("the second is %s", got.State)
	}
}

func TestAVisitorSeesWhatAgentsHaveRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, other := w.session(t), w.session(t)
	first, conversation := w.say(t, token, "1", "Hello")
	second, _ := w.say(t, token, "2", "Anybody?")
	foreign, _ := w.say(t, other, "1", "Hello")
	stream := w.stream(t, token, "0")
	for range 3 { // opened and two messages
		stream.next()
	}
	read := "/api/v1/conversations/" + conversation + "/read"
	w.call(t, w.agent, "POST", read, object{"message_id": foreign}).wantProblem(http.StatusNotFound, "not_found", "")
	w.call(t, w.agent, "POST", read, object{"message_id": first}).want(http.StatusNoContent)
	if got := stream.next(); got.name != "read" || got.id == "" || got.data["message_id"] != first {
		t.Errorf("got %+v", got)
	}
	items := w.visit(t, token, "GET", "messages", nil).want(http.StatusOK).object()["items"].([]any)
	if len(items) != 2 || items[0].(object)["state"] != "read" || items[1].(object)["state"] != "delivered" {
		t.Errorf("messages %+v", items)
	}
	// What was read stays read, and is told once.
	w.call(t, w.agent, "POST", read, object{"message_id": second}).want(http.StatusNoContent)
	w.call(t, w.agent, "POST", read, object{"message_id": first}).want(http.StatusNoContent)
	third, _ := w.say(t, token, "3", "Hm.")
	if got := stream.next(); got.data["message_id"] != second {
		t.Errorf("got %+v", got)
	}
	if got := stream.next(); got.data["id"] != third || got.data["state"] != "delivered" {
		t.Errorf("got %+v", got)
	}
}
