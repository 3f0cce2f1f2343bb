package api_test

import (
	"net/http"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

func TestAConversationTellsTheWindowAsOfNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	channel := must(w.store.CreateChannel(t.Context(), inbox.Channel{
		InboxID: w.inbox.ID, Kind: inbox.KindMessenger, Name: "Page", Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(), Settings: []byte("{}"),
	}))(t)
	const day = 24 * time.Hour
	for _, c := range []struct {
		ago    time.Duration
		state  string
		closes time.Duration // after the contact wrote; 0 is none
	}{
		{23 * time.Hour, "open", day}, {25 * time.Hour, "human_agent", 7 * day}, {8 * day, "closed", 0},
	} {
		at := time.Now().Add(-c.ago).UTC().Truncate(time.Microsecond)
		id := store.NewID()
		receipt := must(w.store.Receive(t.Context(), store.Inbound{
			Channel: channel, ThreadKey: id, ProviderMessageID: id, Text: "Hello", At: at, WindowExpires: routing.WindowExpires(channel.Kind, at),
			Remote: []inbox.RemoteFile{{URL: "https://files.test/1"}},
		}))(t)
		var want any
		if c.closes > 0 {
			want = at.Add(c.closes).Format(time.RFC3339Nano)
		}
		path := "/api/v1/conversations/" + receipt.ConversationID
		got := decodeJSON[object](t, w.call(t, w.agent, "GET", path, nil).want(http.StatusOK).body)
		listed := decodeJSON[struct{ Items []object }](t, w.call(t, w.agent, "GET", "/api/v1/conversations", nil).want(http.StatusOK).body).Items[0]
		for _, conversation := range []object{got, listed} {
			window := conversation["window"].(map[string]any)
			if window["state"] != c.state || window["closes_at"] != want {
				t.Errorf("%v after the message: %v, want %s until %v", c.ago, window, c.state, want)
			}
		}
		messages := decodeJSON[struct{ Items []object }](t, w.call(t, w.agent, "GET", path+"/messages", nil).want(http.StatusOK).body).Items
		if messages[0]["pending_files"] != 1.0 {
			t.Errorf("message %v", messages[0])
		}
	}
}

func TestARefusalForTheWindowSaysUntilWhenWhatIsPossible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	w.conversations.refuse(routing.MaySend(inbox.Window{State: inbox.WindowHumanAgent, ClosesAt: until}, inbox.KindMessenger, inbox.AuthorAutomation))
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/replies"
	problem := w.call(t, w.agent, "POST", path, object{"text": "Hello"}).wantProblem(http.StatusConflict, "human_agent_only", "")
	window := problem["window"].(map[string]any)
	if window["state"] != "human_agent" || window["closes_at"] != "2026-11-23T12:00:00Z" {
		t.Errorf("window %v", window)
	}
	if want := "More than 24 hours after the contact wrote, only a person may answer, until 23 November 2026 at 12:00:00 UTC."; problem["detail"] != want {
		t.Errorf("detail %q", problem["detail"])
	}
}
