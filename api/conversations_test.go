package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func TestConversationsAreFiltered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.conversation(t, "pumps").ConversationID, w.conversation(t, "valves").ConversationID
	w.call(t, w.agent, "PUT", "/api/v1/conversations/"+first+"/assignment", object{"agent_id": w.agent.ID}).want(http.StatusOK)
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+second+"/close", nil).want(http.StatusOK)
	for query, want := range map[string][]string{
		"":                                    {second, first},
		"?inbox_id=" + w.inbox.ID:             {second, first},
		"?channel_id=" + w.channel.ID:         {second, first},
		"?inbox_id=another":                   {},
		"?status=closed":                      {second},
		"?assignee_id=" + w.agent.ID:          {first},
		"?unassigned=true":                    {second},
		"?unassigned=false":                   {second, first},
		"?q=valves":                           {second},
		"?q=VALVES&status=open":               {},
		"?status=open&inbox_id=" + w.inbox.ID: {first},
	} {
		if got := w.call(t, w.agent, "GET", "/api/v1/conversations"+query, nil).want(http.StatusOK).ids(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	w.call(t, w.agent, "GET", "/api/v1/conversations?unassigned=true&assignee_id=x", nil).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "unassigned")
}

func TestAConversationIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	receipt := w.conversation(t, "pumps")
	got := w.call(t, w.agent, "GET", "/api/v1/conversations/"+receipt.ConversationID, nil).want(http.StatusOK).object()
	for name, want := range map[string]any{
		"id": receipt.ConversationID, "inbox_id": w.inbox.ID, "channel_id": w.channel.ID, "channel_kind": "chat",
		"status": "open", "subject": "About pumps", "contact_id": nil, "assignee_id": nil, "team_id": nil,
		"ticket_id": nil, "waiting_since": nil, "snoozed_until": nil, "closed_at": nil, "episode": 1.0,
	} {
		value, present := got[name]
		if !present || value != want {
			t.Errorf("%s is %v (present: %v), want %v", name, value, present, want)
		}
	}
	if window := got["window"].(object); window["state"] != "none" || window["closes_at"] != nil {
		t.Errorf("window %v", window)
	}
}

func TestConversationsAreGivenToAgentsAndTeamsAndToNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	team := must(w.store.CreateTeam(t.Context(), inbox.Team{Name: "Service"}))(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/assignment"
	for _, step := range []struct {
		body           any
		assignee, team any
	}{
		{object{"agent_id": w.agent.ID}, w.agent.ID, nil},
		{object{"team_id": team.ID}, nil, team.ID},
		{object{"agent_id": w.agent.ID}, w.agent.ID, nil},
		{"null", nil, nil},
		{object{"agent_id": w.admin.ID}, w.admin.ID, nil},
		{object{"agent_id": nil}, nil, nil},
	} {
		got := w.call(t, w.agent, "PUT", path, step.body).want(http.StatusOK).object()
		if got["assignee_id"] != step.assignee {
			t.Errorf("%v: assignee %v, team %v", step.body, got["assignee_id"], got["team_id"])
		}
		if step.team != nil && got["team_id"] != step.team {
			t.Errorf("%v: team %v", step.body, got["team_id"])
		}
	}
	elsewhere := w.person(t, inbox.Agent{Name: "Eve", InboxIDs: []string{must(w.store.CreateInbox(t.Context(), inbox.Inbox{Name: "Sales"}))(t).ID}})
	for field, body := range map[string]object{
		"agent_id": {"agent_id": "nobody"}, "team_id": {"team_id": "nobody"},
	} {
		w.call(t, w.agent, "PUT", path, body).wantProblem(http.StatusUnprocessableEntity, "invalid", field)
	}
	w.call(t, w.agent, "PUT", path, object{"agent_id": elsewhere.ID}).wantProblem(http.StatusUnprocessableEntity, "invalid", "agent_id")
}

func TestConversationsAreClosedSnoozedAndReopened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	snoozed := w.call(t, w.agent, "POST", path+"/snooze", object{"until": until}).want(http.StatusOK).object()
	if snoozed["status"] != "snoozed" || snoozed["snoozed_until"] != until.Format(time.RFC3339) {
		t.Errorf("snoozed: %v", snoozed)
	}
	if got := w.call(t, w.agent, "POST", path+"/close", nil).want(http.StatusOK).object(); got["status"] != "closed" || got["closed_at"] == nil {
		t.Errorf("closed: %v", got)
	}
	if got := w.call(t, w.agent, "POST", path+"/reopen", nil).want(http.StatusOK).object(); got["status"] != "open" || got["episode"] != 2.0 {
		t.Errorf("reopened: %v", got)
	}
	w.call(t, w.agent, "POST", path+"/snooze", object{"until": time.Now().Add(-time.Hour)}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "until")
}

func TestActionsAreUnavailableWithoutTemporalAndRefusedByTheWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	w.conversations.refuse(unreachable())
	w.call(t, w.agent, "POST", path+"/close", nil).wantProblem(http.StatusServiceUnavailable, "unavailable", "")
	w.conversations.refuse(inbox.Errorf(inbox.CodeConversationOpen, "The conversation is open."))
	w.call(t, w.agent, "POST", path+"/reopen", nil).wantProblem(http.StatusConflict, "conversation_open", "")
}

func TestTagsAreSetAsAWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/tags"
	w.call(t, w.agent, "PUT", path, object{"tags": []string{"warranty", "pump"}}).want(http.StatusOK)
	got := w.call(t, w.agent, "PUT", path, object{"tags": []string{"pump"}}).want(http.StatusOK).object()["tags"]
	if tags := got.([]any); len(tags) != 1 || tags[0] != "pump" {
		t.Errorf("tags %v", got)
	}
}

func TestAReplyIsSentOnceHoweverOftenItIsPosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	reply := object{"text": " Hello\r\n", "html": `<p onclick="x()">Hello</p>`, "client_id": "c1"}
	first := w.call(t, w.agent, "POST", path+"/replies", reply).want(http.StatusCreated)
	if got := first.object(); got["text"] != "Hello" || got["html"] != "<p>Hello</p>" || got["state"] != "sent" ||
		got["direction"] != "out" || got["author"].(object)["id"] != w.agent.ID {
		t.Errorf("got %v", got)
	}
	second := w.call(t, w.agent, "POST", path+"/replies", reply).want(http.StatusCreated)
	if first.text("id") != second.text("id") || len(w.conversations.replies) != 1 {
		t.Errorf("%v and %v, sent %d times", first.text("id"), second.text("id"), len(w.conversations.replies))
	}
	if got := w.call(t, w.agent, "GET", path+"/messages", nil).want(http.StatusOK).ids(); len(got) != 2 || got[1] != first.text("id") {
		t.Errorf("messages %v", got)
	}
}

func TestAReplyWaitsWhenTemporalIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/replies"
	w.conversations.refuse(unreachable())
	waiting := w.call(t, w.agent, "POST", path, object{"text": "Hello", "client_id": "c1"}).want(http.StatusAccepted)
	if waiting.text("state") != "pending" {
		t.Errorf("got %s", waiting.body)
	}
	w.conversations.refuse(nil)
	again := w.call(t, w.agent, "POST", path, object{"text": "Hello", "client_id": "c1"}).want(http.StatusCreated)
	if again.text("id") != waiting.text("id") || again.text("state") != "sent" {
		t.Errorf("got %s", again.body)
	}
}

func TestARefusedReplySaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, code := range []inbox.Code{
		inbox.CodeWindowClosed, inbox.CodeHumanAgentOnly, inbox.CodeTemplateRequired, inbox.CodeConsentMissing, inbox.CodeNoReplyAddress,
	} {
		w := newWorld(t)
		refusal := inbox.Errorf(code, "No.")
		refusal.Remedy = "Do this."
		w.conversations.refuse(refusal)
		path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/replies"
		problem := w.call(t, w.agent, "POST", path, object{"text": "Hello"}).wantProblem(http.StatusConflict, string(code), "")
		if problem["remedy"] != "Do this." || problem["detail"] != "No." {
			t.Errorf("%s: %v", code, problem)
		}
	}
}

func TestTheTimelineTellsWithTheCommentsTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	w.call(t, w.agent, "POST", path+"/comments", object{"text": "First"}).want(http.StatusCreated)
	w.call(t, w.agent, "POST", path+"/comments", object{"text": "Second"}).want(http.StatusCreated)
	w.call(t, w.agent, "PUT", path+"/assignment", object{"agent_id": w.agent.ID}).want(http.StatusOK)
	page := decodeJSON[struct {
		Items []struct {
			Kind    string
			Comment *string
			Actor   inbox.Author
			Data    object
		}
	}](t, w.call(t, w.agent, "GET", path+"/timeline", nil).want(http.StatusOK).body)
	var kinds, texts []string
	for _, item := range page.Items {
		kinds = append(kinds, item.Kind)
		if item.Comment != nil {
			texts = append(texts, *item.Comment)
		}
	}
	want := []string{"conversation_opened", "message_received", "comment_added", "comment_added", "assigned"}
	if !slices.Equal(kinds, want) || !slices.Equal(texts, []string{"First", "Second"}) {
		t.Errorf("kinds %v, texts %v", kinds, texts)
	}
	if last := page.Items[4]; last.Actor.ID != w.agent.ID || last.Data["assignee_id"] != w.agent.ID {
		t.Errorf("assigned by %v: %v", last.Actor, last.Data)
	}
}

func TestFilesAreDownloadsOfTheirOwnMessageOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := store.File{Name: "päge.html", ContentType: "text/html", Data: []byte("<script>alert(1)</script>")}
	receipt, other := w.conversation(t, "pumps", page), w.conversation(t, "valves")
	message := must(w.store.Message(t.Context(), receipt.MessageID))(t)
	path := "/api/v1/conversations/" + receipt.ConversationID + "/messages/" + receipt.MessageID + "/attachments/" + message.Attachments[0].ID
	got := w.call(t, w.agent, "GET", path, nil).want(http.StatusOK)
	if string(got.body) != "<script>alert(1)</script>" || got.header.Get("Content-Type") != "application/octet-stream" ||
		got.header.Get("Content-Disposition") != `attachment; filename*=utf-8''p%C3%A4ge.html` {
		t.Errorf("%v %s", got.header, got.body)
	}
	for _, path := range []string{
		"/api/v1/conversations/" + other.ConversationID + "/messages/" + receipt.MessageID + "/attachments/" + message.Attachments[0].ID,
		"/api/v1/conversations/" + other.ConversationID + "/messages/" + other.MessageID + "/attachments/" + message.Attachments[0].ID,
		"/api/v1/conversations/" + receipt.ConversationID + "/messages/" + receipt.MessageID + "/attachments/none",
	} {
		w.call(t, w.agent, "GET", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
	}
}
