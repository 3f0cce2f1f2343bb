package e2e

import (
	"net/url"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

func badInputNamesTheField(t *testing.T, s *system) {
	o := s.newOffice(t, "refusals", 1)
	noSeat := o.newAgent(t, "refusals-no-seat", settings{"seat": false})
	form := o.form(t, o.teamRule())
	v := s.newVisitor(t, o.chat(t, o.teamRule()))
	id := v.say(t, "Hello").ConversationID
	s.awaitTicket(t, id)
	ada := o.agents[0].client
	submissions := "/forms/" + form.ID + "/submissions"
	for _, c := range []struct {
		who    client
		status int
		request
		code  inbox.Code
		field string
	}{
		{s.public(), 422, withJSON("POST", submissions, settings{"fields": settings{"email": address("no-message")}}), inbox.CodeInvalid, "fields.message"},
		{s.public(), 422, withJSON("POST", submissions, settings{"fields": settings{"email": personal, "message": "x"}}), inbox.CodeInvalid, "fields.email"},
		{s.public(), 422, withJSON("POST", submissions, settings{"fields": settings{}, "wrong": 1}), inbox.CodeInvalid, "wrong"},
		{s.public(), 415, request{method: "POST", path: submissions, contentType: "text/plain", body: []byte("x")}, inbox.CodeUnsupportedType, ""},
		{s.public(), 404, withJSON("POST", "/forms/none/submissions", settings{"fields": settings{}}), inbox.CodeNotFound, ""},
		{s.public(), 401, withJSON("POST", v.path+"/messages", settings{"text": "x", "client_id": "1"}), inbox.CodeUnauthorized, ""},
		{v.client, 422, withJSON("POST", v.path+"/messages", settings{"text": "", "client_id": "1"}), inbox.CodeInvalid, "text"},
		{v.client, 422, withJSON("POST", v.path+"/identify", settings{"email": personal}), inbox.CodeInvalid, "email"},
		{ada, 422, withJSON("POST", conversationsPath+id+"/snooze", settings{"until": "2020-01-01T00:00:00Z"}), inbox.CodeInvalid, "until"},
		{ada, 422, withJSON("PUT", conversationsPath+id+"/assignment", settings{"agent_id": "nobody"}), inbox.CodeInvalid, "agent_id"},
		{ada, 422, withJSON("POST", conversationsPath+id+"/replies", settings{"text": 1}), inbox.CodeInvalid, "text"},
		{ada, 404, withJSON("GET", conversationsPath+"none", nil), inbox.CodeNotFound, ""},
		{ada, 403, withJSON("GET", "/api/v1/account", nil), inbox.CodeForbidden, ""},
		{s.public(), 401, withJSON("GET", "/api/v1/me", nil), inbox.CodeUnauthorized, ""},
		{s.admin, 422, withJSON("PATCH", "/api/v1/channels/"+form.ID, settings{"assignment": settings{"mode": "specific", "agent_ids": []string{noSeat.ID}}}), inbox.CodeSeatRequired, "assignment.agent_ids"},
	} {
		problem := c.who.refused(t, c.status, c.request)
		field := ""
		if problem.Field != nil {
			field = *problem.Field
		}
		if problem.Code != contract.ProblemCode(c.code) || field != c.field {
			t.Errorf("%s %s %s: refused with %q, field %q, not with %q, field %q",
				c.method, c.path, c.body, problem.Code, field, c.code, c.field)
		}
	}
	if stored := all[contract.Conversation](t, s.admin, "/api/v1/conversations", url.Values{"inbox_id": {o.inbox.ID}}); len(stored) != 1 {
		t.Errorf("%d conversations instead of the one that was accepted", len(stored))
	}
	if messages := s.messages(t, id); len(messages) != 1 {
		t.Errorf("%d messages instead of the one that was accepted", len(messages))
	}
}
