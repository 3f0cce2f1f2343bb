package api_test

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"switchboard/api"
	"switchboard/inbox"
)

func TestBadInputNamesTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conversation := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	channel := "/api/v1/channels/" + w.channel.ID
	agent := "/api/v1/agents/" + w.agent.ID
	hours := func(day, from string) object {
		return object{"time_zone": "Europe/Berlin", "ranges": []object{{"day": "monday", "from": "09:00", "to": "10:00"}, {"day": day, "from": from, "to": "12:00"}}}
	}
	for _, c := range []struct {
		method, path string
		body         any
		field        string
	}{
		{"POST", conversation + "/replies", object{}, "text"},
		{"POST", conversation + "/replies", object{"text": 5}, "text"},
		{"POST", conversation + "/replies", object{"text": ""}, "text"},
		{"POST", conversation + "/replies", object{"text": " \n"}, "text"},
		{"POST", conversation + "/replies", object{"text": "a", "colour": "red"}, "colour"},
		{"POST", conversation + "/replies", object{"text": "a\x00b"}, "text"},
		{"POST", conversation + "/replies", `{"text":"a"} {"text":"b"}`, "body"},
		{"POST", conversation + "/replies", `{"text":"a"`, "body"},
		{"POST", conversation + "/replies", `[]`, "body"},
		{"POST", conversation + "/replies", nil, "body"},
		{"POST", conversation + "/comments", object{"text": "\t"}, "text"},
		{"POST", conversation + "/snooze", object{"until": "tomorrow"}, "until"},
		{"PUT", conversation + "/assignment", object{}, "body"},
		{"PUT", conversation + "/assignment", object{"agent_id": 7}, "agent_id"},
		{"PUT", conversation + "/tags", object{"tags": []any{"a", ""}}, "tags.1"},
		{"PUT", conversation + "/tags", object{"tags": []any{"a\nb"}}, "tags.0"},
		{"PUT", "/api/v1/me/availability", object{"status": "busy"}, "status"},
		{"GET", "/api/v1/conversations?limit=0", nil, "limit"},
		{"GET", "/api/v1/conversations?limit=201", nil, "limit"},
		{"GET", "/api/v1/conversations?limit=many", nil, "limit"},
		{"GET", "/api/v1/conversations?status=lost", nil, "status"},
		{"GET", "/api/v1/conversations?cursor=nonsense", nil, "cursor"},
		{"GET", "/api/v1/conversations?asignee_id=me", nil, "asignee_id"},
		{"GET", "/api/v1/conversations?unassigned=perhaps", nil, "unassigned"},
		{"GET", "/api/v1/contacts?q=a%00b", nil, "q"},
		{"GET", "/api/v1/events?after=-1", nil, "after"},
		{"PATCH", channel, object{"kind": "form"}, "kind"},
		{"PATCH", channel, object{"name": nil}, "name"},
		{"PATCH", channel, object{"assignment": object{"answer_within": -1}}, "assignment.answer_within"},
		{"PATCH", channel, object{"assignment": object{"answer_within": 1.5}}, "assignment.answer_within"},
		{"PATCH", channel, object{"assignment": object{"mode": "random"}}, "assignment.mode"},
		{"PATCH", channel, object{"assignment": object{"mode": "specific"}}, "assignment.agent_ids"},
		{"PATCH", channel, object{"assignment": object{"mode": "specific", "agent_ids": []string{"nobody"}}}, "assignment.agent_ids"},
		{"PATCH", channel, object{"assignment": object{"fallback_team_id": "nobody"}}, "assignment.fallback_team_id"},
		{"PATCH", channel, object{"assignment": object{"hours": hours("someday", "11:00")}}, "assignment.hours.ranges.1.day"},
		{"PATCH", channel, object{"tickets": object{"owner": "agent"}}, "tickets.owner_agent_id"},
		{"PATCH", channel, object{"tickets": object{"pipeline_id": "nothing"}}, "tickets.pipeline_id"},
		{"PATCH", agent, object{"hours": hours("monday", "25:00")}, "hours.ranges.1.from"},
		{"PATCH", agent, object{"hours": object{"time_zone": "Mars/Base", "ranges": []object{}}}, "hours.time_zone"},
		{"PATCH", agent, object{"inbox_ids": []string{"nothing"}}, "inbox_ids"},
		{"PATCH", agent, object{"email": "Ada <ada@company.test>"}, "email"},
		{"POST", "/api/v1/agents", object{"name": "X"}, "email"},
		{"POST", "/api/v1/teams", object{"name": "X", "member_ids": []string{"nobody"}}, "member_ids"},
		{"POST", "/api/v1/teams", object{"name": "X", "alert_email": "@@"}, "alert_email"},
		{"POST", "/api/v1/pipelines", object{"name": "X", "stages": []object{}}, "stages"},
		{"POST", w.channelsOf(w.inbox.ID), object{"kind": "chat", "name": "X", "settings": object{"colour": "red"}}, "settings"},
		{"PATCH", "/api/v1/account", object{"close_after_quiet": -1}, "close_after_quiet"},
	} {
		got := w.callBadly(t, w.admin, c.method, c.path, c.body)
		problem := got.object()
		if got.status != http.StatusUnprocessableEntity || problem["code"] != "invalid" || problem["field"] != c.field ||
			!strings.HasSuffix(problem["detail"].(string), ".") {
			t.Errorf("%s %s %v: got %s, want field %s", c.method, c.path, c.body, got.body, c.field)
		}
	}
}

func TestWhatIsNoRouteIsAProblemToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.callBadly(t, w.admin, "GET", "/api/v1/nothing", nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.callBadly(t, w.admin, "GET", "/", nil).wantProblem(http.StatusNotFound, "not_found", "")
	w.callBadly(t, w.admin, "DELETE", "/api/v1/conversations", nil).wantProblem(http.StatusMethodNotAllowed, "method_not_allowed", "")
	for _, id := range []string{"nothing", "%00", strings.Repeat("x", 2000), "a%20b"} {
		w.callBadly(t, w.admin, "GET", "/api/v1/conversations/"+id, nil).wantProblem(http.StatusNotFound, "not_found", "")
	}
}

func TestAParameterThatCannotBeComparedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	for _, bad := range []string{"%00", "x%00", "%ff", "%c3%28"} {
		w.callBadly(t, w.admin, "GET", "/api/v1/conversations?q="+bad, nil).wantProblem(422, "invalid", "q")
		do(t, w.visitorRequest(t, token, "GET", "messages?after="+bad, nil), false).wantProblem(422, "invalid", "after")
	}
	w.callBadly(t, w.admin, "GET", "/api/v1/conversations?%ff=x", nil).wantProblem(422, "invalid", "\uFFFD")
}

func TestABodyHasALimitAndAType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.callBadly(t, w.admin, "POST", "/api/v1/teams", `{"name":"`+strings.Repeat("x", 3<<20)+`"}`).
		wantProblem(http.StatusRequestEntityTooLarge, "too_large", "")
	request := must(http.NewRequestWithContext(t.Context(), "POST", w.url+"/api/v1/teams", strings.NewReader("name=X")))(t)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+w.admin.token)
	do(t, request, false).wantProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
}

func TestOurOwnFailuresTellNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.conversations.refuse(errors.New("dial 10.0.0.7: refused"))
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	problem := w.call(t, w.agent, "POST", path+"/close", nil).wantProblem(http.StatusInternalServerError, "internal", "")
	if strings.Contains(problem["detail"].(string), "10.0.0.7") || !strings.Contains(w.log.String(), "dial 10.0.0.7: refused") {
		t.Errorf("told %v, logged %s", problem, w.log)
	}
}

func TestAPanicIsAProblemAndTheServerGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.Conversations = nil })
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID
	w.call(t, w.agent, "POST", path+"/close", nil).wantProblem(http.StatusInternalServerError, "internal", "")
	w.call(t, w.agent, "GET", path, nil).want(http.StatusOK)
}

func TestTheLogTellsRoutesAndIDsNeverWhatPeopleSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.conversation(t, "pumps").ConversationID
	w.call(t, w.agent, "GET", "/api/v1/conversations?q=secretword", nil).want(http.StatusOK)
	w.call(t, w.agent, "POST", "/api/v1/conversations/"+id+"/comments", object{"text": "secretword"}).want(http.StatusCreated)
	lines := w.log.String()
	if strings.Contains(lines, "secretword") || strings.Contains(lines, w.agent.token) {
		t.Error("the log tells what was said")
	}
	if !strings.Contains(lines, `"route":"/api/v1/conversations/:id/comments"`) || !strings.Contains(lines, w.agent.ID) {
		t.Errorf("got %s", lines)
	}
}

func TestRequestsHaveIDsOfTheProxyOrTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for sent, want := range map[string]string{
		"abc-123": "^abc-123$", "": "^[0-9a-f-]{36}$", "<script>": "^[0-9a-f-]{36}$",
	} {
		request := must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/healthz", nil))(t)
		request.Header.Set("X-Request-ID", sent)
		if got := do(t, request, true).header.Get("X-Request-ID"); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
}

func TestEveryCodeHasAStatusAndIsInTheContract(t *testing.T) {
	t.Parallel()
	source := string(must(os.ReadFile("../inbox/errors.go"))(t))
	var codes []string
	for _, match := range regexp.MustCompile(`Code = "([a-z_]+)"`).FindAllStringSubmatch(source, -1) {
		codes = append(codes, match[1])
	}
	doc := must(openapi3.NewLoader().LoadFromFile("openapi.yaml"))(t)
	var documented []string
	for _, value := range doc.Components.Schemas["ProblemCode"].Value.Enum {
		documented = append(documented, value.(string))
	}
	slices.Sort(codes)
	slices.Sort(documented)
	if len(codes) == 0 || !slices.Equal(codes, documented) {
		t.Errorf("codes %v, documented %v", codes, documented)
	}
	w := newWorld(t)
	path := "/api/v1/conversations/" + w.conversation(t, "pumps").ConversationID + "/close"
	for _, code := range codes {
		w.conversations.refuse(inbox.Errorf(inbox.Code(code), "No."))
		if got := w.call(t, w.agent, "POST", path, nil); got.status < 400 || got.text("code") != code {
			t.Errorf("%s: %d %s", code, got.status, got.body)
		}
	}
}
