package e2e

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"

	"switchboard/api/contract"
	"switchboard/cmd/dev/mailbox"
	"switchboard/inbox"
)

// system is a running Switchboard, whatever its shape.
type system struct {
	// admin calls the API as an administrator.
	admin client
	// agentPage is where notices lead to, before the conversation's id.
	agentPage string
	// mailURL lists what was mailed.
	mailURL string
	// smtpAddress takes mail for hosted addresses.
	smtpAddress     string
	temporalAddress string
	temporalUIURL   string
	// logs returns everything the system's processes have logged.
	logs func(t *testing.T) string

	secrets secrets
}

// secrets are tokens that must stay between the system and their owners.
type secrets struct {
	sync.Mutex
	tokens []string
}

func (s *secrets) keep(token string) string {
	s.Lock()
	defer s.Unlock()
	s.tokens = append(s.tokens, token)
	return token
}

// personal is a word in every name, address and text that the tests send, and
// in nothing else: where it turns up, personal data does.
const personal = "xyzzy"

// address is a mail address of somebody.
func address(local string) string { return local + "@" + personal + ".test" }

// office is an inbox of its own with its people and channels, so that one
// statement does not disturb another.
type office struct {
	system *system
	inbox  contract.Inbox
	team   contract.Team
	agents []agent
}

// agent is an agent with a seat and a token.
type agent struct {
	contract.Agent
	client
}

// settings is a JSON object of settings.
type settings map[string]any

// newOffice makes an inbox and a team of available agents.
func (s *system) newOffice(t *testing.T, name string, agents int) *office {
	t.Helper()
	o := &office{system: s}
	members := []string{}
	for i := range agents {
		o.agents = append(o.agents, o.newAgent(t, name+"-"+string(rune('a'+i)), settings{}))
		members = append(members, o.agents[i].ID)
	}
	o.inbox = change[contract.Inbox](t, s.admin, 201, "POST", "/api/v1/inboxes", settings{"name": name})
	o.team = change[contract.Team](t, s.admin, 201, "POST", "/api/v1/teams", settings{
		"name": name, "member_ids": members, "alert_email": address(name + "-team"),
	})
	return o
}

func (o *office) newAgent(t *testing.T, local string, more settings) agent {
	t.Helper()
	body := settings{"name": "Agent " + personal + " " + local, "email": address(local), "seat": true, "availability": "available"}
	for name, value := range more {
		body[name] = value
	}
	admin := o.system.admin
	made := change[contract.Agent](t, admin, 201, "POST", "/api/v1/agents", body)
	issued := change[contract.IssuedToken](t, admin, 201, "POST", "/api/v1/agents/"+made.ID+"/tokens", nil)
	return agent{made, client{admin.base, "Bearer " + o.system.secrets.keep(issued.Token)}}
}

// is makes the agent available or away.
func (a agent) is(t *testing.T, availability inbox.Availability) {
	t.Helper()
	change[contract.Agent](t, a.client, 200, "PUT", "/api/v1/me/availability", settings{"status": availability})
}

// teamRule assigns to the office's team.
func (o *office) teamRule() settings {
	return settings{"mode": "specific", "team_ids": []string{o.team.ID}}
}

// channel connects a channel with tickets to the office's inbox.
func (o *office) channel(t *testing.T, kind string, assignment, own settings) contract.Channel {
	t.Helper()
	return change[contract.Channel](t, o.system.admin, 201, "POST", "/api/v1/inboxes/"+o.inbox.ID+"/channels", settings{
		"kind": kind, "name": o.inbox.Name + " " + kind, "assignment": assignment,
		"tickets": settings{"enabled": true}, "settings": own,
	})
}

// form connects a form whose answers come from the office's own address.
func (o *office) form(t *testing.T, assignment settings) contract.Channel {
	t.Helper()
	return o.channel(t, "form", assignment, settings{
		"from": settings{"name": "Company " + personal, "address": address(o.inbox.Name)},
		"fields": []settings{
			{"name": "name", "type": "text", "maps_to": "name"},
			{"name": "email", "type": "email", "required": true, "maps_to": "email"},
			{"name": "subject", "type": "text", "maps_to": "subject"},
			{"name": "message", "type": "textarea", "required": true, "maps_to": "message"},
			{"name": "photo", "type": "file"},
			{"name": "campaign", "type": "hidden", "default": "none"},
		},
	})
}

// mailTo lists what was mailed to an address, oldest first.
func (s *system) mailTo(t *testing.T, to string) []mailbox.Mail {
	t.Helper()
	_, body := plain(t, s.mailURL+"?to="+url.QueryEscape(to))
	var mails []mailbox.Mail
	if err := json.NewDecoder(strings.NewReader(body)).Decode(&mails); err != nil {
		t.Fatalf("read mails: %v\n%s", err, body)
	}
	return mails
}
