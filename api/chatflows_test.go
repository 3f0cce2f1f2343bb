package api_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// topicFlow asks what it is about and hands over.
func topicFlow() object {
	return object{
		"name": "Topic", "greeting": "Hello!", "steps": []any{
			object{"id": "topic", "kind": "choose", "text": "What is it about? {{reply_time}}", "retries": 1, "answers": []any{
				object{"id": "order", "title": "My order", "next": "person"}, object{"id": "bye", "title": "Nothing", "next": "bye"},
			}},
			object{"id": "person", "kind": "hand_over", "text": "Somebody is coming."},
			object{"id": "bye", "kind": "end"},
		},
	}
}

func (w *world) flow(t *testing.T, flow object) string {
	t.Helper()
	id := w.call(t, w.admin, "POST", "/api/v1/channels/"+w.channel.ID+"/chatflows", flow).want(http.StatusCreated).text("id")
	w.call(t, w.admin, "POST", "/api/v1/chatflows/"+id+"/activate", nil).want(http.StatusOK)
	return id
}

func TestChatflowsAreManaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := "/api/v1/channels/" + w.channel.ID + "/chatflows"
	created := w.call(t, w.admin, "POST", list, topicFlow()).want(http.StatusCreated)
	if got := created.object(); got["active"] != false || got["revision"] != 1.0 || got["patience_seconds"] != 600.0 || got["language"] != nil {
		t.Errorf("created: %v", got)
	}
	path := "/api/v1/chatflows/" + created.text("id")
	changed := w.call(t, w.admin, "PATCH", path, object{"greeting": nil, "language": "de", "repeat": true, "patience_seconds": 60}).want(http.StatusOK).object()
	if changed["greeting"] != nil || changed["language"] != "de" || changed["repeat"] != true || changed["revision"] != 2.0 ||
		!reflect.DeepEqual(changed["steps"], created.object()["steps"]) {
		t.Errorf("changed: %v", changed)
	}
	other := w.flow(t, topicFlow())
	if got := w.call(t, w.admin, "POST", path+"/activate", nil).want(http.StatusOK).object(); got["active"] != true {
		t.Errorf("activated: %v", got)
	}
	if got := w.call(t, w.admin, "GET", "/api/v1/chatflows/"+other, nil).want(http.StatusOK).object(); got["active"] != false {
		t.Errorf("two are active: %v", got)
	}
	if got := w.call(t, w.admin, "GET", list, nil).want(http.StatusOK).ids(); len(got) != 3 { // and the chat's own
		t.Errorf("list: %v", got)
	}
	if got := w.call(t, w.admin, "POST", path+"/deactivate", nil).want(http.StatusOK).object(); got["active"] != false {
		t.Errorf("deactivated: %v", got)
	}
	w.call(t, w.admin, "DELETE", path, nil).want(http.StatusNoContent)
	w.call(t, w.admin, "GET", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.call(t, w.agent, "GET", list, nil).wantProblem(http.StatusForbidden, "forbidden", "")
}

func TestAChatflowThatCannotRunNamesTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := "/api/v1/channels/" + w.channel.ID + "/chatflows"
	deadEnd := topicFlow()
	deadEnd["steps"].([]any)[0].(object)["answers"].([]any)[1].(object)["next"] = "nowhere"
	w.call(t, w.admin, "POST", list, deadEnd).wantProblem(http.StatusUnprocessableEntity, "invalid", "steps[0].answers[1].next")
	w.callBadly(t, w.admin, "POST", list, object{"name": "x", "steps": []any{object{"id": "a", "kind": "dance"}}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "steps.0.kind")
	form := must(w.store.CreateChannel(t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindForm, Name: "Form", Enabled: true, State: inbox.ChannelConnected, Assignment: inbox.DefaultAssignment(),
	}))(t)
	w.call(t, w.admin, "POST", "/api/v1/channels/"+form.ID+"/chatflows", topicFlow()).wantProblem(http.StatusUnprocessableEntity, "invalid", "channel_id")
}

func TestAChatflowIsPreviewedStepByStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(t, `{"availability":{"reply_time":"hours"}}`)
	path := "/api/v1/chatflows/" + w.flow(t, topicFlow()) + "/preview"
	got := w.call(t, w.admin, "POST", path, object{"messages": []any{
		object{"text": "hm"}, object{"text": "My order", "payload": "topic:order"}, object{"text": "too late"},
	}}).want(http.StatusOK).object()
	buttons := []any{object{"title": "My order", "payload": "topic:order"}, object{"title": "Nothing", "payload": "topic:bye"}}
	question := "What is it about? We usually answer within a few hours."
	want := object{
		"opening": object{"step_id": "topic", "text": "Hello!\n\n" + question, "quick_replies": buttons},
		"turns": []any{
			object{"says": []any{object{"step_id": "topic", "text": question, "quick_replies": buttons}}, "outcome": "waits"},
			object{"says": []any{object{"step_id": "person", "text": "Somebody is coming.", "quick_replies": []any{}}}, "outcome": "hands_over", "reason": "completed"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestTheWidgetOpensWithTheActiveChatflow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.widget(t, "")["opening"]; got != nil {
		t.Errorf("without an active chatflow the opening is %v", got)
	}
	id := w.flow(t, topicFlow())
	opening := w.widget(t, "")["opening"].(object)
	if opening["text"] != "Hello!\n\nWhat is it about?" || len(opening["quick_replies"].([]any)) != 2 {
		t.Errorf("opening %v", opening)
	}
	// Who is in a conversation, or met the flow before, is not offered it again.
	token := w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	if got := w.widget(t, token)["opening"]; got != nil {
		t.Errorf("in a conversation the opening is %v", got)
	}
	must(w.store.CloseEpisode(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}, inbox.Author{Kind: inbox.AuthorAutomation}, time.Now(), "quiet"))(t)
	if got := w.widget(t, token)["opening"]; got != nil {
		t.Errorf("afterwards the opening is %v", got)
	}
	w.call(t, w.admin, "PATCH", "/api/v1/chatflows/"+id, object{"repeat": true}).want(http.StatusOK)
	if got := w.widget(t, token)["opening"]; got == nil {
		t.Error("a flow that repeats is not offered again")
	}
}

func TestButtonsAreShownAndPressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	pressed := w.visit(t, token, "POST", "messages", object{"text": "My order", "payload": "topic:order", "client_id": "1"}).want(http.StatusAccepted)
	message := must(w.store.Message(t.Context(), pressed.text("message_id")))(t)
	if message.Payload != "topic:order" || message.Text != "My order" {
		t.Errorf("stored %+v", message)
	}
	answer, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: pressed.text("conversation_id"), Text: "Which one?", Author: inbox.Author{Kind: inbox.AuthorAutomation},
		QuickReplies: []inbox.QuickReply{{Title: "The lamp", Payload: "which:lamp"}}, CreatedAt: time.Now(),
	})
	check(t, err)
	check(t, w.store.SetMessageState(t.Context(), answer.ID, inbox.MessageSent, "", time.Now()))
	items := w.visit(t, token, "GET", "messages", nil).want(http.StatusOK).object()["items"].([]any)
	want := []any{object{"title": "The lamp", "payload": "which:lamp"}}
	if got := items[1].(object)["quick_replies"]; !reflect.DeepEqual(got, want) {
		t.Errorf("buttons %v", got)
	}
	if got := items[0].(object)["quick_replies"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("the visitor's own message has buttons %v", got)
	}
}

func TestAChatHasAnAutomaticFirstAnswerToSwitchOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flows, _, err := w.store.Chatflows(t.Context(), w.channel.ID, store.Page{})
	check(t, err)
	preview := w.call(t, w.admin, "POST", "/api/v1/chatflows/"+flows[0].ID+"/preview", object{"messages": []any{object{"text": "hi"}}}).want(http.StatusOK).object()
	turn := preview["turns"].([]any)[0].(object)
	if turn["outcome"] != "hands_over" || turn["says"].([]any)[0].(object)["text"] != "Thank you for your message." {
		t.Errorf("turn %v", turn)
	}
}

func TestWhatAContactAnsweredIsShownWithTheQuestionAndErasedWithTheContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.flow(t, object{"name": "Order", "steps": []any{
		object{"id": "topic", "kind": "choose", "text": "What is it about? {{reply_time}}", "answers": []any{object{"id": "order", "title": "My order", "next": "number"}}},
		object{"id": "number", "kind": "ask", "text": "Which one?", "collect": "custom", "field": "order_number", "next": "person"},
		object{"id": "person", "kind": "hand_over"},
	}})
	token := w.session(t)
	_, conversation := w.say(t, token, "1", "my order")
	second, _ := w.say(t, token, "2", "4711")
	ref := inbox.EpisodeRef{ConversationID: conversation, Episode: 1}
	contact := must(w.store.ResolveContact(t.Context(), ref))(t)
	for _, message := range []string{"", second} {
		must(w.store.TakeTurn(t.Context(), ref, message, time.Now(), func(q inbox.ChatflowQuestion) (inbox.ChatflowDecision, error) {
			return routing.NextChatflow(q), nil
		}))(t)
	}
	path := "/api/v1/conversations/" + conversation + "/answers"
	want := []any{
		object{"episode": 1.0, "step_id": "topic", "question": "What is it about?", "collect": nil, "field": nil, "value": "order", "text": "My order"},
		object{"episode": 1.0, "step_id": "number", "question": "Which one?", "collect": "custom", "field": "order_number", "value": "4711", "text": "4711"},
	}
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()["items"]; !reflect.DeepEqual(got, want) {
		t.Errorf("answers %v", got)
	}
	w.call(t, w.admin, "DELETE", "/api/v1/contacts/"+contact.ContactID, nil).want(http.StatusNoContent)
	if got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).object()["items"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("after the erasure %v", got)
	}
}
