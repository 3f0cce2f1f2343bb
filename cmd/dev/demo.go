package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"switchboard/api"
	"switchboard/channels/chat"
	"switchboard/channels/email"
	"switchboard/channels/form"
	"switchboard/inbox"
	"switchboard/pages"
	"switchboard/routing"
	"switchboard/store"
)

// demoData is the part of dev.json that describes the data. It is kept between
// starts, because tokens cannot be read back from the database.
type demoData struct {
	Agents   []demoAgent   `json:"agents"`
	Channels []demoChannel `json:"channels"`
}

type demoAgent struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Token   string   `json:"token"`
	Admin   bool     `json:"admin"`
	Seat    bool     `json:"seat"`
	TeamIDs []string `json:"team_ids"`
	// Phone is where calls are put through to; "" is an agent without one.
	Phone string `json:"phone,omitempty"`
}

type demoChannel struct {
	ID   string            `json:"id"`
	Kind inbox.ChannelKind `json:"kind"`
	Name string            `json:"name"`
	// HostedAddress is where an e-mail channel's mail is to be forwarded.
	HostedAddress string `json:"hosted_address,omitempty"`
	// PageID is a Messenger channel's page, Number that of WhatsApp or of calls.
	PageID string `json:"page_id,omitempty"`
	Number string `json:"number,omitempty"`
}

// loadDemo returns what an earlier start made, or makes it. A start that was
// interrupted halfway is taken up where it stopped, and data made before there was
// some kind of channel gets it.
func loadDemo(m maker, file string, onlyAdmin bool) (demoData, error) {
	raw, err := os.ReadFile(file)
	switch {
	case err == nil:
		if err := json.Unmarshal(raw, &m.demo); err != nil {
			return demoData{}, fmt.Errorf("read %s: %w", file, err)
		}
		m.addMissing()
	case errors.Is(err, fs.ErrNotExist):
		m.agent(inbox.Agent{Name: "Ada Admin", Email: "ada@demo.example", Admin: true, Seat: true})
		if !onlyAdmin {
			m.everything()
		}
	default:
		return demoData{}, fmt.Errorf("read demo data: %w", err)
	}
	if m.err != nil {
		return demoData{}, fmt.Errorf("make demo data: %w", m.err)
	}
	return m.demo, writeJSON(file, m.demo)
}

// address fills in the hosted addresses, which the domain is part of.
func (d demoData) address(ctx context.Context, s *store.Store, domain string) error {
	for i, c := range d.Channels {
		if c.Kind != inbox.KindEmail {
			continue
		}
		channel, err := s.Channel(ctx, c.ID)
		if inbox.CodeOf(err) == inbox.CodeNotFound {
			continue // deleted since
		}
		if err != nil {
			return fmt.Errorf("read demo channel: %w", err)
		}
		d.Channels[i].HostedAddress = email.HostedAddress(channel.HostedToken, domain)
	}
	return nil
}

// maker makes what is not there yet and remembers the first error.
type maker struct {
	ctx   context.Context
	store *store.Store
	pages *pages.Service
	// facebook and twilio say which of them is the outbox, where there are a page and
	// numbers of ours.
	facebook, twilio bool
	demo             demoData
	err              error
}

// everything is one inbox with a channel of each kind, two teams, and three agents
// with a seat and one without.
func (m *maker) everything() {
	ada := m.demo.Agents[0].ID
	ben := m.agent(inbox.Agent{Name: "Ben Baker", Email: "ben@demo.example", Seat: true})
	cleo := m.agent(inbox.Agent{Name: "Cleo Chen", Email: "cleo@demo.example", Seat: true})
	m.agent(inbox.Agent{Name: "Dan Doe", Email: "dan@demo.example"})
	frontLine := m.team("Front line", ada, ben)
	specialists := m.team("Specialists", cleo)
	m.pipeline()
	support := m.inbox("Support")
	m.company("Lumen")

	rule := inbox.Assignment{
		Mode: inbox.AssignSpecific, TeamIDs: []string{frontLine}, FallbackTeamID: specialists,
		OnlyAvailable: true, Strategy: inbox.RoundRobin,
	}
	tickets := inbox.TicketDefaults{Enabled: true, Priority: inbox.PriorityNormal, Owner: inbox.TicketOwnerAssignee}
	m.channel(new(form.Channel), inbox.Channel{
		InboxID: support, Name: "Contact form",
		Assignment: rule, Tickets: tickets, Settings: json.RawMessage(demoForm),
	})
	rule.Mode, rule.TeamIDs = inbox.AssignOwner, nil
	rule.FallbackTeamID = frontLine
	m.channel(&chat.Channel{CheckHours: routing.CheckHours}, inbox.Channel{
		InboxID: support, Name: "Website chat",
		Assignment: rule, Tickets: tickets, Settings: json.RawMessage(demoChat),
	})
	m.furnish(inbox.Channel{InboxID: support, Assignment: rule, Tickets: tickets})
}

const demoForm = `{
  "title": "Contact us",
  "intro": "Tell us what is wrong. We answer by e-mail.",
  "fields": [
    {"name": "name", "type": "text", "maps_to": "name"},
    {"name": "email", "type": "email", "required": true, "maps_to": "email"},
    {"name": "topic", "label": "Topic", "type": "select", "options": [
      {"value": "order", "label": "An order"}, {"value": "product", "label": "A product"}, {"value": "other", "label": "Something else"}]},
    {"name": "subject", "type": "text", "required": true, "maps_to": "subject"},
    {"name": "message", "type": "textarea", "required": true, "maps_to": "message"},
    {"name": "campaign", "label": "Campaign", "type": "hidden", "default": "website"}
  ]
}`

const demoChat = `{"welcome_message": "Hello! How can we help?", "availability": {"reply_time": "minutes"}}`

func (m *maker) agent(a inbox.Agent) string {
	a.Availability = inbox.Available
	made := ensure(m, m.store.Agents, m.store.CreateAgent, a, func(b inbox.Agent) bool { return a.Email == b.Email })
	token := m.token(made.ID)
	m.demo.Agents = append(m.demo.Agents, demoAgent{
		ID: made.ID, Name: made.Name, Email: made.Email, Token: token, Admin: made.Admin, Seat: made.Seat, TeamIDs: []string{},
	})
	return made.ID
}

// token issues a new token: the old one, if any, is known by its hash only.
func (m *maker) token(agentID string) string {
	if m.err != nil {
		return ""
	}
	token, hash := api.NewToken()
	_, m.err = m.store.CreateToken(m.ctx, agentID, hash, "demo")
	return token
}

func (m *maker) team(name string, members ...string) string {
	team := ensure(m, m.store.Teams, m.store.CreateTeam, inbox.Team{Name: name, MemberIDs: members},
		func(t inbox.Team) bool { return t.Name == name })
	for i, agent := range m.demo.Agents {
		if slices.Contains(members, agent.ID) {
			agent.TeamIDs = append(agent.TeamIDs, team.ID)
			m.demo.Agents[i] = agent
		}
	}
	return team.ID
}

func (m *maker) pipeline() {
	pipeline := inbox.Pipeline{Name: "Support", Stages: []inbox.Stage{
		{ID: "new", Name: "New"}, {ID: "waiting", Name: "Waiting on contact"}, {ID: "done", Name: "Done"},
	}}
	ensure(m, m.store.Pipelines, m.store.CreatePipeline, pipeline, func(p inbox.Pipeline) bool { return p.Name == pipeline.Name })
}

// company is whom contacts write to.
func (m *maker) company(name string) {
	if m.err != nil {
		return
	}
	account, err := m.store.Account(m.ctx)
	if account.Name = name; err == nil {
		err = m.store.SaveAccount(m.ctx, account)
	}
	m.err = err
}

func (m *maker) inbox(name string) string {
	return ensure(m, m.store.Inboxes, m.store.CreateInbox, inbox.Inbox{Name: name},
		func(i inbox.Inbox) bool { return i.Name == name }).ID
}

// ensure returns the listed value that is the same, or creates it.
func ensure[T any](
	m *maker,
	list func(context.Context, store.Page) ([]T, string, error),
	create func(context.Context, T) (T, error),
	want T, same func(T) bool,
) T {
	if m.err != nil {
		return want
	}
	existing, _, err := list(m.ctx, store.Page{Limit: 200})
	if err != nil {
		m.err = err
		return want
	}
	if i := slices.IndexFunc(existing, same); i >= 0 {
		return existing[i]
	}
	made, err := create(m.ctx, want)
	if err != nil {
		m.err = err
	}
	return made
}

// writeJSON replaces a file that only its owner may read: it holds tokens.
func writeJSON(file string, value any) error {
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", file, err)
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.Rename(temporary, file); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
