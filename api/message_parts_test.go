package api_test

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// divided stores an answer by WhatsApp that leaves as four messages, its text and three
// recordings, of which some have left.
func (w *world) divided(t *testing.T, left int) (conversation string, m inbox.Message) {
	t.Helper()
	channel := must(w.store.CreateChannel(t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindWhatsApp, Name: "WhatsApp", Account: "+15550002222", Enabled: true,
		State: inbox.ChannelConnected, Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(), Settings: []byte("{}"),
	}))(t)
	receipt := must(w.store.Receive(t.Context(), store.Inbound{
		Channel: channel, ThreadKey: "+15550002222:15550001111", ProviderMessageID: store.NewID(), Text: "Hello", At: time.Now(),
	}))(t)
	files := []store.File{}
	for _, name := range []string{"a.ogg", "b.ogg", "c.ogg"} {
		files = append(files, store.File{Name: name, ContentType: "audio/ogg", Data: []byte(name)})
	}
	m, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: receipt.ConversationID, Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}, Text: "Listen.", CreatedAt: time.Now(),
	}, files...)
	if err != nil {
		t.Fatal(err)
	}
	must(w.store.ClaimMessage(t.Context(), m.ID, time.Now()))(t)
	for part := 1; part <= left; part++ {
		w.claims(t, m.ID, part)
		if err := w.store.PartSent(t.Context(), m.ID, part, "SM"+m.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return "/api/v1/conversations/" + receipt.ConversationID, m
}

// claims takes a part for sending.
func (w *world) claims(t *testing.T, messageID string, part int) {
	t.Helper()
	if !must(w.store.ClaimPart(t.Context(), messageID, part, 4))(t) {
		t.Fatal("the part was taken")
	}
}

// stops ends an answer on its way.
func (w *world) stops(t *testing.T, messageID string, state inbox.MessageState) {
	t.Helper()
	if err := w.store.SetMessageState(t.Context(), messageID, state, inbox.CodeDeliveryFailed, time.Now()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) states(t *testing.T, path string) []string {
	t.Helper()
	var states []string
	page := decodeJSON[struct{ Items []object }](t, w.call(t, w.agent, "GET", path+"/parts", nil).want(http.StatusOK).body)
	for _, part := range page.Items {
		states = append(states, part["state"].(string))
	}
	return states
}

func TestWhatOfAnAnswerLeftIsToldPartByPart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left    int
		doubt   bool
		state   inbox.MessageState
		want    []string
		of      object
		inWords string
	}{
		"one was refused": {1, false, inbox.MessageFailed, []string{"sent", "failed", "failed", "failed"},
			object{"of": 4.0, "left": []any{1.0}, "in_doubt": []any{}, "unsent": []any{2.0, 3.0, 4.0}},
			"Parts that have left: 1 of 4. The rest can be sent by itself."},
		"one is in doubt": {2, true, inbox.MessageUnknown, []string{"sent", "sent", "unknown", "failed"},
			object{"of": 4.0, "left": []any{1.0, 2.0}, "in_doubt": []any{3.0}, "unsent": []any{4.0}},
			"Parts that have left: 2 of 4. Part 3 may have left, too. The rest can be sent by itself."},
		"the last is in doubt": {3, true, inbox.MessageUnknown, []string{"sent", "sent", "sent", "unknown"},
			object{"of": 4.0, "left": []any{1.0, 2.0, 3.0}, "in_doubt": []any{4.0}, "unsent": []any{}},
			"Parts that have left: 3 of 4. Part 4 may have left, too."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			conversation, m := w.divided(t, c.left)
			if c.doubt {
				w.claims(t, m.ID, c.left+1)
			}
			w.stops(t, m.ID, c.state)
			if got := w.states(t, conversation+"/messages/"+m.ID); !slices.Equal(got, c.want) {
				t.Errorf("parts %v, want %v", got, c.want)
			}
			if got := must(w.store.Message(t.Context(), m.ID))(t).ErrorDetail; got != c.inWords {
				t.Errorf("in words %q", got)
			}
			events := decodeJSON[struct{ Items []struct{ Data object } }](t, w.call(t, w.agent, "GET", conversation+"/timeline", nil).want(http.StatusOK).body).Items
			if got := events[len(events)-1].Data["parts"]; !reflect.DeepEqual(got, c.of) {
				t.Errorf("in the timeline %v, want %v", got, c.of)
			}
		})
	}
}

func TestTheRestOfAnAnswerIsSentOnceAsAnAnswerOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conversation, m := w.divided(t, 1)
	rest := conversation + "/messages/" + m.ID + "/rest"
	w.call(t, w.agent, "POST", rest, nil).wantProblem(http.StatusConflict, "conflict", "")
	w.claims(t, m.ID, 2)
	w.stops(t, m.ID, inbox.MessageUnknown)

	sent := w.call(t, w.agent, "POST", rest, nil).want(http.StatusCreated)
	again := w.call(t, w.agent, "POST", rest, nil).want(http.StatusCreated)
	if again.text("id") != sent.text("id") || len(w.conversations.replies) != 1 {
		t.Errorf("%s and %s, sent %d times", sent.text("id"), again.text("id"), len(w.conversations.replies))
	}
	if got := sent.object(); got["text"] != "" || got["author"].(object)["id"] != w.agent.ID {
		t.Errorf("got %v", got)
	}
	files := must(w.store.Files(t.Context(), sent.text("id")))(t)
	if len(files) != 2 || files[0].Name != "b.ogg" || files[1].Name != "c.ogg" || string(files[1].Data) != "c.ogg" || files[1].ContentType != "audio/ogg" {
		t.Errorf("files %+v", files)
	}
	if got := w.states(t, conversation+"/messages/"+m.ID); !slices.Equal(got, []string{"sent", "unknown", "failed", "failed"}) {
		t.Errorf("the first answer stays as it is: %v", got)
	}
}

func TestAnAnswerOfOneMessageIsSentAgainOnlyWhenItCertainlyDidNotLeave(t *testing.T) {
	t.Parallel()
	for state, want := range map[inbox.MessageState]int{
		inbox.MessageFailed: http.StatusCreated, inbox.MessageUnknown: http.StatusConflict, inbox.MessageSent: http.StatusConflict,
	} {
		w := newWorld(t)
		id := w.conversation(t, "pumps").ConversationID
		m, _, err := w.store.CreateReply(t.Context(), inbox.Message{
			ConversationID: id, Author: inbox.Author{Kind: inbox.AuthorAutomation}, Text: "Hello", HTML: "<p>Hello</p>", CreatedAt: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		must(w.store.ClaimMessage(t.Context(), m.ID, time.Now()))(t)
		w.stops(t, m.ID, state)
		path := "/api/v1/conversations/" + id + "/messages/" + m.ID
		got := w.call(t, w.agent, "POST", path+"/rest", nil).want(want).object()
		if want == http.StatusCreated && (got["text"] != "Hello" || got["html"] != "<p>Hello</p>") {
			t.Errorf("sent %v", got)
		}
		if want == http.StatusConflict && (got["remedy"] != nil) != (state == inbox.MessageUnknown) {
			t.Errorf("%s: %v", state, got)
		}
		if states := w.states(t, path); !slices.Equal(states, []string{string(state)}) {
			t.Errorf("parts %v", states)
		}
		received := must(w.store.Receive(t.Context(), store.Inbound{
			Channel: must(w.store.Channel(t.Context(), m.ChannelID))(t), ConversationID: id, ProviderMessageID: store.NewID(), Text: "?", At: time.Now(),
		}))(t)
		w.call(t, w.agent, "POST", "/api/v1/conversations/"+id+"/messages/"+received.MessageID+"/rest", nil).wantProblem(http.StatusConflict, "conflict", "")
	}
}
