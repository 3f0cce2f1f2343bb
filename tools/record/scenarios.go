package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"
)

// scenarios cover the steps, reactions and deadlines of a conversation.
var scenarios = []struct {
	name string
	// play returns the id of the workflow to export.
	play func(*player) (workflowID string)
}{
	{"answered", func(p *player) string {
		id := p.submit()
		p.agent("POST", id+"/replies", `{"text":"Thank you."}`)
		p.close(id)
		return conversation(id)
	}},
	{"backlog", func(p *player) string {
		p.admin("PUT", "me/availability", `{"status":"away"}`)
		p.admin("PUT", "me/availability", `{"status":"available"}`)
		return "backlog:" + p.where.Agents[0].ID
	}},
	{"waiting", func(p *player) string {
		p.everybody("away")
		id := p.submit()
		p.until(id, "waiting")
		p.everybody("available")
		p.until(id, "open")
		p.close(id)
		return conversation(id)
	}},
	{"handed-over", func(p *player) string {
		id := p.submit()
		p.agent("PUT", id+"/assignment", `{"agent_id":"`+p.where.Agents[1].ID+`"}`)
		p.agent("PUT", id+"/assignment", `{"team_id":"`+p.where.Agents[0].TeamIDs[0]+`"}`)
		p.agent("PUT", id+"/assignment", `null`)
		p.close(id)
		return conversation(id)
	}},
	{"snoozed", func(p *player) string {
		id := p.submit()
		p.snooze(id, time.Second)
		p.until(id, "open")
		p.close(id)
		return conversation(id)
	}},
	{"chat-reopened", func(p *player) string {
		say := p.visitor()
		id := say("1")
		p.snooze(id, time.Hour)
		say("2")
		p.until(id, "open")
		p.close(id)
		say("3")
		p.until(id, "open")
		p.agent("POST", id+"/close", "")
		p.agent("POST", id+"/reopen", "")
		p.close(id)
		return conversation(id)
	}},
	{"unanswered", func(p *player) string {
		p.channel(`{"assignment":{"answer_within":1}}`)
		defer p.channel(`{"assignment":{"answer_within":0}}`)
		id := p.submit()
		p.untilTold(id, "not_answered_in_time")
		p.close(id)
		return conversation(id)
	}},
}

func conversation(id string) string { return "conversation:" + id }

// player calls the API as a visitor or as the first agent, an admin, and
// remembers the first error.
type player struct {
	ctx      context.Context
	where    whereabouts
	temporal client.Client
	err      error
}

// answer is what scenarios need of an answer.
type answer struct {
	ConversationID string `json:"conversation_id"`
	VisitorToken   string `json:"visitor_token"`
	Status         string `json:"status"`
	Items          []struct {
		Kind string `json:"kind"`
	} `json:"items"`
}

func (p *player) call(method, path, authorization, body string) (got answer) {
	if p.err != nil {
		return got
	}
	request, err := http.NewRequestWithContext(p.ctx, method, p.where.APIURL+path, bytes.NewBufferString(body))
	if err != nil {
		p.err = err
		return got
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.err = err
		return got
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		p.err = fmt.Errorf("%s %s: %s", method, path, response.Status)
	} else if response.StatusCode != http.StatusNoContent {
		p.err = json.NewDecoder(response.Body).Decode(&got)
	}
	return got
}

func (p *player) admin(method, path, body string) answer {
	return p.call(method, "/api/v1/"+path, "Bearer "+p.where.Agents[0].Token, body)
}

// agent acts on a conversation.
func (p *player) agent(method, path, body string) answer {
	return p.admin(method, "conversations/"+path, body)
}

func (p *player) kind(kind string) string {
	for _, channel := range p.where.Channels {
		if channel.Kind == kind {
			return channel.ID
		}
	}
	p.err = fmt.Errorf("there is no %s channel", kind)
	return ""
}

// channel changes the form's settings.
func (p *player) channel(patch string) { p.admin("PATCH", "channels/"+p.kind("form"), patch) }

// submit returns the conversation of a new submission once it has a ticket.
func (p *player) submit() string {
	id := p.call("POST", "/forms/"+p.kind("form")+"/submissions", "",
		`{"fields":{"email":"grace@example.com","subject":"Lamp","message":"It flickers."}}`).ConversationID
	p.untilTold(id, "ticket_created")
	return id
}

// visitor begins a chat and returns what says something in it.
func (p *player) visitor() (say func(clientID string) (conversationID string)) {
	chat := "/chat/" + p.kind("chat")
	token := p.call("POST", chat+"/sessions", "", "").VisitorToken
	return func(clientID string) string {
		return p.call("POST", chat+"/messages", "Visitor "+token, `{"text":"Hello","client_id":"`+clientID+`"}`).ConversationID
	}
}

func (p *player) everybody(status string) {
	for _, agent := range p.where.Agents {
		p.call("PUT", "/api/v1/me/availability", "Bearer "+agent.Token, `{"status":"`+status+`"}`)
	}
}

func (p *player) snooze(id string, long time.Duration) {
	p.agent("POST", id+"/snooze", `{"until":"`+time.Now().UTC().Add(long).Format(time.RFC3339Nano)+`"}`)
}

// close waits for the run to end, so that the whole history is exported.
func (p *player) close(id string) {
	p.agent("POST", id+"/close", "")
	if p.err == nil {
		p.err = p.temporal.GetWorkflow(p.ctx, conversation(id), "").Get(p.ctx, nil)
	}
}

// until waits for a conversation's status.
func (p *player) until(id, status string) {
	p.eventually(func() bool { return p.agent("GET", id, "").Status == status })
}

// untilTold waits for a line of a conversation's timeline.
func (p *player) untilTold(id, kind string) {
	p.eventually(func() bool {
		for _, event := range p.agent("GET", id+"/timeline", "").Items {
			if event.Kind == kind {
				return true
			}
		}
		return false
	})
}

func (p *player) eventually(true func() bool) {
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	for p.err == nil && !true() {
		p.err = pause(ctx)
	}
}
