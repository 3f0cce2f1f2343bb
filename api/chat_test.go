package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// session begins a visitor's session and returns the token.
func (w *world) session(t *testing.T) string {
	t.Helper()
	return w.call(t, person{}, "POST", "/chat/"+w.channel.ID+"/sessions", object{}).want(200).text("visitor_token")
}

// visit sends a visitor's request that fits the contract.
func (w *world) visit(t *testing.T, token, method, path string, body any) response {
	t.Helper()
	return do(t, w.visitorRequest(t, token, method, path, body), true)
}

func (w *world) visitorRequest(t *testing.T, token, method, path string, body any) *http.Request {
	t.Helper()
	var payload *strings.Reader
	if payload = strings.NewReader(""); body != nil {
		payload = strings.NewReader(string(must(json.Marshal(body))(t)))
	}
	request := must(http.NewRequestWithContext(t.Context(), method, w.url+"/chat/"+w.channel.ID+"/"+path, payload))(t)
	request.Header.Set("Authorization", "Visitor "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}

func (w *world) say(t *testing.T, token, clientID, text string) (messageID, conversationID string) {
	t.Helper()
	got := w.visit(t, token, "POST", "messages", object{"text": text, "client_id": clientID}).want(202)
	return got.text("message_id"), got.text("conversation_id")
}

// reply stores an agent's answer in a state.
func (w *world) reply(t *testing.T, conversationID, text string, state inbox.MessageState) inbox.Message {
	t.Helper()
	m, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: conversationID, Direction: inbox.DirectionOut, Text: text, HTML: "<b>" + text + "</b><script>x()</script>",
		Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}, CreatedAt: time.Now(),
	})
	check(t, err)
	if state != inbox.MessagePending {
		check(t, w.store.SetMessageState(t.Context(), m.ID, state, "", time.Now()))
	}
	return m
}

func TestASessionIsContinuedWithItsTokenOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	path := "/chat/" + w.channel.ID + "/sessions"
	if again := w.call(t, person{}, "POST", path, object{"visitor_token": token}).want(200); again.text("visitor_token") != token {
		t.Error("a known visitor got another token")
	}
	for _, unknown := range []string{"made-up", "", chat.NewVisitorToken("another-channel")} {
		if got := w.call(t, person{}, "POST", path, object{"visitor_token": unknown}).want(200).text("visitor_token"); got == unknown {
			t.Errorf("the unknown token %q was taken", unknown)
		}
	}
	if got := w.call(t, person{}, "POST", path, nil).want(200); got.text("visitor_token") == token {
		t.Error("a new visitor got another's token")
	}
	if w.log.String() != "" && strings.Contains(w.log.String(), token) {
		t.Error("a token was logged")
	}
}

func TestAMessageThatIsSentOftenIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.session(t), w.session(t)
	message, conversation := w.say(t, ada, "1", "Is anybody\nthere?")
	for range 3 {
		again, same := w.say(t, ada, "1", "Is anybody\nthere?")
		if again != message || same != conversation {
			t.Errorf("sent again it is %s in %s", again, same)
		}
	}
	if next, same := w.say(t, ada, "2", "Hello?"); next == message || same != conversation {
		t.Error("the next message is not the next of the same conversation")
	}
	if other, theirs := w.say(t, bob, "1", "Hi"); other == message || theirs == conversation {
		t.Error("two visitors' messages with one client id are one")
	}
	if c := must(w.store.Conversation(t.Context(), conversation))(t); c.Subject != "Is anybody" {
		t.Errorf("subject %q", c.Subject)
	}
}

func TestAVisitorSeesHisThreadAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.session(t), w.session(t)
	w.visit(t, ada, "GET", "messages", nil).want(200)
	first, conversation := w.say(t, ada, "1", "Hello")
	w.say(t, bob, "1", "My secret")
	answer := w.reply(t, conversation, "Good morning", inbox.MessageSent)
	w.reply(t, conversation, "Not sent yet", inbox.MessagePending)
	w.reply(t, conversation, "Refused", inbox.MessageFailed)
	must(w.store.AddComment(t.Context(), conversation, w.agent.ID, "Odd one", time.Now()))(t)

	got := w.visit(t, ada, "GET", "messages", nil).want(200)
	if !slices.Equal(got.ids(), []string{first, answer.ID}) {
		t.Fatalf("messages %s", got.body)
	}
	items := got.object()["items"].([]any)
	said, heard := items[0].(object), items[1].(object)
	if said["client_id"] != "1" || said["direction"] != "in" {
		t.Errorf("said %v", said)
	}
	if author := heard["author"].(object); author["name"] != "Ada" || author["kind"] != "agent" || author["id"] != nil {
		t.Errorf("author %v", author)
	}
	if heard["html"] != "<b>Good morning</b>" {
		t.Errorf("html %v", heard["html"])
	}
	if got := w.visit(t, ada, "GET", "messages?after="+first, nil).want(200); !slices.Equal(got.ids(), []string{answer.ID}) {
		t.Errorf("after the first: %s", got.body)
	}
	page := w.visit(t, ada, "GET", "messages?limit=1", nil).want(200)
	if page.text("next_cursor") != first {
		t.Errorf("next cursor %s", page.body)
	}
}

func TestOnlyAVisitorOfTheChatGetsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, authorization := range map[string]string{
		"nobody":                       "",
		"made up":                      "Visitor made-up",
		"a visitor of another channel": "Visitor " + chat.NewVisitorToken("other"),
		"an agent":                     "Bearer " + w.agent.token,
		"a token without its scheme":   w.session(t),
	} {
		for _, operation := range []string{"GET messages", "POST messages", "POST identify", "GET events"} {
			t.Run(name+" "+operation, func(t *testing.T) {
				t.Parallel()
				method, path, _ := strings.Cut(operation, " ")
				bodies := map[string]any{
					"POST messages": object{"text": "x", "client_id": "1"}, "POST identify": object{"email": "a@example.com"},
				}
				request := w.visitorRequest(t, "", method, path, bodies[operation])
				request.Header.Set("Authorization", authorization)
				do(t, request, false).wantProblem(401, "unauthorized", "")
			})
		}
	}
}

func TestAWrongChatRequestNamesTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	for name, tc := range map[string]struct {
		path  string
		body  any
		field string
	}{
		"no text":                {"messages", object{"client_id": "1"}, "text"},
		"a blank text":           {"messages", object{"client_id": "1", "text": " \n"}, "text"},
		"a long text":            {"messages", object{"client_id": "1", "text": strings.Repeat("ä", 20001)}, "text"},
		"no client id":           {"messages", object{"text": "x"}, "client_id"},
		"an odd client id":       {"messages", object{"text": "x", "client_id": "a b"}, "client_id"},
		"more than is asked":     {"messages", object{"text": "x", "client_id": "1", "channel_id": "2"}, "channel_id"},
		"no address":             {"identify", object{"name": "Ada"}, "email"},
		"an address with a name": {"identify", object{"email": "Ada <ada@example.com>"}, "email"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(t, w.visitorRequest(t, token, "POST", tc.path, tc.body), false).wantProblem(422, "invalid", tc.field)
		})
	}
	large := object{"client_id": "1", "text": strings.Repeat("x", 300<<10)}
	do(t, w.visitorRequest(t, token, "POST", "messages", large), false).wantProblem(413, "too_large", "")
}

func TestASwitchedOffChatTakesNothingButShowsWhatWasSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	message, _ := w.say(t, token, "1", "Hello")
	w.channel.Enabled = false
	must(w.store.UpdateChannel(t.Context(), w.channel))(t)
	w.call(t, person{}, "POST", "/chat/"+w.channel.ID+"/sessions", object{}).wantProblem(409, "channel_disabled", "")
	w.visit(t, token, "POST", "messages", object{"text": "x", "client_id": "2"}).wantProblem(409, "channel_disabled", "")
	w.visit(t, token, "POST", "identify", object{"email": "ada@example.com"}).wantProblem(409, "channel_disabled", "")
	if got := w.visit(t, token, "GET", "messages", nil).want(200); !slices.Equal(got.ids(), []string{message}) {
		t.Errorf("messages %s", got.body)
	}
	check(t, w.store.DeleteChannel(t.Context(), w.channel.ID))
	w.visit(t, token, "GET", "messages", nil).wantProblem(404, "not_found", "")
}

func TestAVisitorWhoSaysWhoHeIsBecomesThatContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	token = w.visit(t, token, "POST", "identify", object{"email": "Ada@Example.com", "name": "Ada"}).want(200).text("visitor_token")
	_, conversation := w.say(t, token, "1", "Hello")
	resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}))(t)
	contact := must(w.store.Contact(t.Context(), resolved.ContactID))(t)
	if contact.Name != "Ada" || contact.Identity(inbox.IdentityEmail) != "ada@example.com" {
		t.Errorf("contact %+v", contact)
	}
}

func TestTheWidgetFollowsTheAgentsOfTheRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inTeam := w.person(t, inbox.Agent{Name: "Ben", Seat: true})
	noSeat := w.person(t, inbox.Agent{Name: "Dan"})
	team := must(w.store.CreateTeam(t.Context(), inbox.Team{Name: "Front", MemberIDs: []string{inTeam.ID}}))(t)
	owned := w.session(t)
	_, conversation := w.say(t, owned, "1", "Hello")
	resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}))(t)
	must(w.store.UpdateContact(t.Context(), inbox.Contact{ID: resolved.ContactID, OwnerID: w.agent.ID}))(t)

	specific := inbox.Assignment{Mode: inbox.AssignSpecific, AgentIDs: []string{w.agent.ID}, Strategy: inbox.RoundRobin}
	byTeam := inbox.Assignment{Mode: inbox.AssignSpecific, TeamIDs: []string{team.ID}, Strategy: inbox.RoundRobin}
	byOwner := inbox.Assignment{Mode: inbox.AssignOwner, FallbackTeamID: team.ID, Strategy: inbox.RoundRobin}
	for i, tc := range []struct {
		rule      inbox.Assignment
		available []string
		visitor   string
		state     string
	}{
		{inbox.DefaultAssignment(), nil, "", "away"},
		{inbox.DefaultAssignment(), []string{noSeat.ID}, "", "away"},
		{inbox.DefaultAssignment(), []string{inTeam.ID}, "", "open"},
		{specific, []string{inTeam.ID}, "", "away"},
		{specific, []string{w.agent.ID}, "", "open"},
		{byTeam, []string{w.agent.ID}, "", "away"},
		{byTeam, []string{inTeam.ID}, "", "open"},
		{byOwner, []string{w.agent.ID}, "", "away"},
		{byOwner, []string{w.agent.ID}, owned, "open"},
		{byOwner, []string{inTeam.ID}, owned, "open"},
	} {
		for _, agent := range []string{w.agent.ID, inTeam.ID, noSeat.ID} {
			availability := inbox.Away
			if slices.Contains(tc.available, agent) {
				availability = inbox.Available
			}
			check(t, w.store.SetAvailability(t.Context(), agent, availability))
		}
		w.channel.Assignment = tc.rule
		w.channel = must(w.store.UpdateChannel(t.Context(), w.channel))(t)
		widget := w.widget(t, tc.visitor)
		if widget["state"] != tc.state {
			t.Errorf("%d: the widget is %v, want %s", i, widget["state"], tc.state)
		}
	}
}

func TestTheWidgetShowsTheOwnerAndWhenSomebodyIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(t, `{"heading":{"mode":"contact_owner","agent_ids":["`+w.admin.ID+`"]},
		"availability":{"mode":"hours","hours":{"time_zone":"UTC","ranges":[{"day":"`+
		string(inbox.WeekdayOf(time.Now().UTC().AddDate(0, 0, 2).Weekday()))+`","from":"09:00","to":"10:00"}]},
		"outside":{"behaviour":"return_time"}}}`)
	token := w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	resolved := must(w.store.ResolveContact(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}))(t)
	must(w.store.UpdateContact(t.Context(), inbox.Contact{ID: resolved.ContactID, OwnerID: w.agent.ID}))(t)

	widget := w.widget(t, token)
	if faces := fmt.Sprint(widget["heading"].(object)["faces"]); widget["state"] != "outside_hours" || !strings.Contains(faces, "Ada") {
		t.Errorf("widget %v", widget)
	}
	if back, _ := widget["returns_at"].(string); !strings.HasSuffix(back, "T09:00:00Z") || !strings.Contains(widget["text"].(string), "09:00 UTC") {
		t.Errorf("returns at %v: %v", widget["returns_at"], widget["text"])
	}
	if faces := fmt.Sprint(w.widget(t, "")["heading"].(object)["faces"]); !strings.Contains(faces, "Root") {
		t.Errorf("a stranger sees %s", faces)
	}
}

func TestTheWidgetUsesTheWordsOfRouting(t *testing.T) {
	t.Parallel()
	if chat.PresenceReplyTime != string(routing.ShowReplyTime) || chat.PresenceMessage != string(routing.ShowMessage) ||
		chat.PresenceReturnTime != string(routing.ShowReturnTime) {
		t.Error("the chat and routing say what to show in different words")
	}
}

// settings replaces the chat's settings.
func (w *world) settings(t *testing.T, raw string) {
	t.Helper()
	kind := &chat.Channel{CheckHours: routing.CheckHours}
	w.channel.Settings = must(kind.CheckSettings(json.RawMessage(raw)))(t)
	w.channel = must(w.store.UpdateChannel(t.Context(), w.channel))(t)
}

func (w *world) widget(t *testing.T, token string) object {
	t.Helper()
	return w.call(t, person{}, "POST", "/chat/"+w.channel.ID+"/sessions", object{"visitor_token": token}).want(200).object()["widget"].(object)
}

func TestAStreamTellsAVisitorOfHisThreadOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.session(t), w.session(t)
	// Opened before anything was said.
	stream := w.stream(t, ada, "")
	w.say(t, bob, "1", "My secret")
	first, conversation := w.say(t, ada, "1", "Hello")
	opened, said := stream.next(), stream.next()
	// From here on the stream is live.
	w.say(t, bob, "2", "My other secret")
	answer := w.reply(t, conversation, "Good morning", inbox.MessageSent)
	w.reply(t, conversation, "Refused", inbox.MessageFailed)
	must(w.store.AddComment(t.Context(), conversation, w.agent.ID, "Odd one", time.Now()))(t)
	must(w.store.CloseEpisode(t.Context(), inbox.EpisodeRef{ConversationID: conversation, Episode: 1}, inbox.Author{Kind: inbox.AuthorAutomation}, time.Now(), "quiet"))(t)

	heard, closed := stream.next(), stream.next()
	if opened.name != "conversation" || opened.data["status"] != "open" {
		t.Errorf("opened %+v", opened)
	}
	if said.name != "message" || said.data["id"] != first || said.data["client_id"] != "1" {
		t.Errorf("said %+v", said)
	}
	if heard.name != "message" || heard.data["id"] != answer.ID || heard.data["author"].(object)["name"] != "Ada" {
		t.Errorf("heard %+v", heard)
	}
	if closed.name != "conversation" || closed.data["status"] != "closed" {
		t.Errorf("closed %+v", closed)
	}

	// A lost connection continues where it was.
	resumed := w.stream(t, ada, said.id)
	if got := resumed.next(); got.data["id"] != answer.ID || got.id != heard.id {
		t.Errorf("resumed with %+v", got)
	}
	if got := resumed.next(); got.id != closed.id {
		t.Errorf("then %+v", got)
	}
	// An id from the future loses nothing either.
	ahead := w.stream(t, ada, strconv.Itoa(1<<40))
	w.say(t, ada, "2", "Still there?")
	if got := ahead.next(); got.name != "conversation" || got.data["status"] != "open" {
		t.Errorf("ahead %+v", got)
	}
}

func TestAnAnswerIsShownWhenItIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	_, conversation := w.say(t, token, "1", "Hello")
	stream := w.stream(t, token, "")
	waiting := w.reply(t, conversation, "Soon", inbox.MessagePending)
	second, _ := w.say(t, token, "2", "Hello?")
	if got := stream.next(); got.data["id"] != second {
		t.Fatalf("got %+v before the answer was sent", got)
	}
	check(t, w.store.SetMessageState(t.Context(), waiting.ID, inbox.MessageSent, "", time.Now()))
	if got := stream.next(); got.data["id"] != waiting.ID {
		t.Errorf("got %+v, want the answer", got)
	}
}

// stream is an open event stream.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	close context.CancelFunc
}

type streamed struct {
	id, name string
	data     object
}

// stream opens a visitor's event stream and returns when it has begun.
func (w *world) stream(t *testing.T, token, lastEventID string) stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request := w.visitorRequest(t, token, "GET", "events", nil).WithContext(ctx)
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	answer := must(http.DefaultClient.Do(request))(t)
	t.Cleanup(func() { cancel(); _ = answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("stream: %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	exercised.Store("streamChatEvents", true)
	return stream{t, bufio.NewScanner(answer.Body), cancel}
}

// next returns the next event; it waits for minutes.
func (s stream) next() (event streamed) {
	s.t.Helper()
	defer time.AfterFunc(5*time.Minute, s.close).Stop()
	for s.lines.Scan() {
		field, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch field {
		case "id":
			event.id = value
		case "event":
			event.name = value
		case "data":
			event.data = decodeJSON[object](s.t, []byte(value))
		case "":
			if event.name != "" {
				return event
			}
		}
	}
	s.t.Fatalf("the stream ended: %v", s.lines.Err())
	return event
}

func TestAVisitorDownloadsTheFilesOfAnAnswerOnceItIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, other := w.session(t), w.session(t)
	_, conversationID := w.say(t, token, "1", "Hello")
	w.say(t, other, "1", "Hello")
	answer, _, err := w.store.CreateReply(t.Context(), inbox.Message{
		ConversationID: conversationID, Text: "See below.", Author: inbox.Author{Kind: inbox.AuthorAgent, ID: w.agent.ID}, CreatedAt: time.Now(),
	}, store.File{Name: "plan.html", ContentType: "text/html", Data: []byte("<script>")})
	check(t, err)
	path := "messages/" + answer.ID + "/attachments/" + answer.Attachments[0].ID
	w.visit(t, token, "GET", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
	check(t, w.store.SetMessageState(t.Context(), answer.ID, inbox.MessageSent, "", time.Now()))
	items := w.visit(t, token, "GET", "messages", nil).want(200).object()["items"].([]any)
	want := []any{object{"id": answer.Attachments[0].ID, "name": "plan.html", "content_type": "text/html", "size": 8.0}}
	if got := items[1].(object)["attachments"]; !reflect.DeepEqual(got, want) {
		t.Errorf("attachments %v", got)
	}
	file := w.visit(t, token, "GET", path, nil).want(200)
	if string(file.body) != "<script>" || file.header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("file %q, %v", file.body, file.header)
	}
	w.visit(t, other, "GET", path, nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.visit(t, "made-up", "GET", path, nil).wantProblem(http.StatusUnauthorized, "unauthorized", "")
	w.visit(t, token, "GET", "messages/"+answer.ID+"/attachments/none", nil).wantProblem(http.StatusNotFound, "not_found", "")
}

func TestOneVisitorWhoSaysTooMuchWaitsAndOthersDoNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, (*api.Options).StandStill)
	loud, other := w.session(t), w.session(t)
	for range 200 {
		answer := w.visit(t, loud, "POST", "typing", nil)
		if answer.status == http.StatusNoContent {
			continue
		}
		answer.wantProblem(http.StatusTooManyRequests, "rate_limited", "")
		if answer.header.Get("Retry-After") == "" {
			t.Error("nobody says how long to wait")
		}
		w.visit(t, loud, "GET", "messages", nil).want(http.StatusOK)
		w.visit(t, other, "POST", "typing", nil).want(http.StatusNoContent)
		return
	}
	t.Error("200 requests at once were answered")
}
