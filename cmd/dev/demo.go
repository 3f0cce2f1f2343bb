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
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/channels/email"
	"switchboard/channels/form"
	"switchboard/inbox"
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
}

type demoChannel struct {
	ID   string            `json:"id"`
	Kind inbox.ChannelKind `json:"kind"`
	Name string            `json:"name"`
	// HostedAddress is where an e-mail channel's mail is to be forwarded.
	HostedAddress string `json:"hosted_address,omitempty"`
}

// loadDemo returns what an earlier start made, or makes it. A start that was
// interrupted halfway is taken up where it stopped, and data made before there
// was e-mail gets its channel.
func loadDemo(ctx context.Context, s *store.Store, file string, onlyAdmin bool) (demoData, error) {
	raw, err := os.ReadFile(file)
	if err == nil {
		var d demoData
		if err := json.Unmarshal(raw, &d); err != nil {
			return demoData{}, fmt.Errorf("read %s: %w", file, err)
		}
		return addMail(ctx, s, file, d)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return demoData{}, fmt.Errorf("read demo data: %w", err)
	}
	m := maker{ctx: ctx, store: s}
	m.agent(inbox.Agent{Name: "Ada Admin", Email: "ada@demo.example", Admin: true, Seat: true})
	if !onlyAdmin {
		m.everything()
	}
	if m.err != nil {
		return demoData{}, fmt.Errorf("make demo data: %w", m.err)
	}
	return m.demo, writeJSON(file, m.demo)
}

// addMail adds the e-mail channel to demo data without one. It goes into the
// chat's inbox and by the chat's rule; where the chat is gone, so is the wish.
func addMail(ctx context.Context, s *store.Store, file string, d demoData) (demoData, error) {
	kind := func(kind inbox.ChannelKind) func(demoChannel) bool {
		return func(c demoChannel) bool { return c.Kind == kind }
	}
	website := slices.IndexFunc(d.Channels, kind(inbox.KindChat))
	if website < 0 || slices.ContainsFunc(d.Channels, kind(inbox.KindEmail)) {
		return d, nil
	}
	like, err := s.Channel(ctx, d.Channels[website].ID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return d, nil
	}
	if err != nil {
		return demoData{}, fmt.Errorf("read demo channel: %w", err)
	}
	m := maker{ctx: ctx, store: s, demo: d}
	m.mail(like.InboxID, like.Assignment, like.Tickets)
	if m.err != nil {
		return demoData{}, fmt.Errorf("add to demo data: %w", m.err)
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
	demo  demoData
	err   error
}

// everything is one inbox with a form, a chat and e-mail, two teams, and three
// agents with a seat and one without.
func (m *maker) everything() {
	ada := m.demo.Agents[0].ID
	ben := m.agent(inbox.Agent{Name: "Ben Baker", Email: "ben@demo.example", Seat: true})
	cleo := m.agent(inbox.Agent{Name: "Cleo Chen", Email: "cleo@demo.example", Seat: true})
	m.agent(inbox.Agent{Name: "Dan Doe", Email: "dan@demo.example"})
	frontLine := m.team("Front line", ada, ben)
	specialists := m.team("Specialists", cleo)
	m.pipeline()
	support := m.inbox("Support")

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
	m.mail(support, rule, tickets)
}

func (m *maker) mail(inboxID string, rule inbox.Assignment, tickets inbox.TicketDefaults) {
	m.channel(new(email.Channel), inbox.Channel{
		InboxID: inboxID, Name: "Support mail",
		Assignment: rule, Tickets: tickets, Settings: json.RawMessage(demoMail),
	})
}

const demoForm = `{
  "title": "Contact us",
  "intro": "Tell us what is wrong. We answer by e-mail.",
  "fields": [
    {"name": "name", "label": "Your name", "type": "text", "maps_to": "name"},
    {"name": "email", "label": "E-mail", "type": "email", "required": true, "maps_to": "email"},
    {"name": "topic", "label": "Topic", "type": "select", "options": [
      {"value": "order", "label": "An order"}, {"value": "product", "label": "A product"}, {"value": "other", "label": "Something else"}]},
    {"name": "subject", "label": "Subject", "type": "text", "required": true, "maps_to": "subject"},
    {"name": "message", "label": "Message", "type": "textarea", "required": true, "maps_to": "message"},
    {"name": "campaign", "label": "Campaign", "type": "hidden", "default": "website"}
  ]
}`

const demoMail = `{
  "from_name": "agent_and_company",
  "signature": {"html": "<p>{{sender.full_name}}<br>Demo support</p>"}
}`

const demoChat = `{"welcome_message": "Hello! How can we help?"}`

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

func (m *maker) inbox(name string) string {
	return ensure(m, m.store.Inboxes, m.store.CreateInbox, inbox.Inbox{Name: name},
		func(i inbox.Inbox) bool { return i.Name == name }).ID
}

// channel fills in the kind's default settings, as the API does.
func (m *maker) channel(kind channels.Kind, c inbox.Channel) {
	if m.err != nil {
		return
	}
	c.Kind, c.Enabled, c.State = kind.Kind(), true, inbox.ChannelConnected
	if c.Settings, m.err = kind.CheckSettings(c.Settings); m.err != nil {
		return
	}
	list := func(ctx context.Context, page store.Page) ([]inbox.Channel, string, error) {
		return m.store.Channels(ctx, c.InboxID, page)
	}
	made := ensure(m, list, m.store.CreateChannel, c, func(other inbox.Channel) bool { return other.Name == c.Name })
	m.demo.Channels = append(m.demo.Channels, demoChannel{ID: made.ID, Kind: made.Kind, Name: made.Name})
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
