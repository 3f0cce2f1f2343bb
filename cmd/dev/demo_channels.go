package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"switchboard/channels"
	"switchboard/channels/call"
	"switchboard/channels/email"
	"switchboard/channels/messenger"
	"switchboard/channels/whatsapp"
	"switchboard/cmd/dev/accounts"
	"switchboard/inbox"
	"switchboard/pages"
	"switchboard/store"
)

// Numbers that nobody has: 555-01xx is for stories.
const (
	whatsAppNumber = "+12025550101"
	callNumber     = "+12025550102"
	agentNumber    = "+120255501%d" // 11 for the first agent, and so on
)

const demoMail = `{
  "from_name": "agent_and_company",
  "signature": {"html": "<p>{{sender.full_name}}<br>Demo support</p>"}
}`

const demoWhatsApp = `{"number": "` + whatsAppNumber + `"}`

const demoCall = `{"number": "` + callNumber + `"}`

// addMissing adds to earlier demo data what it was made without. Channels go into
// the chat's inbox and by the chat's rule; where the chat is gone, so is the wish.
func (m *maker) addMissing() {
	website := slices.IndexFunc(m.demo.Channels, func(c demoChannel) bool { return c.Kind == inbox.KindChat })
	if website < 0 {
		return
	}
	like, err := m.store.Channel(m.ctx, m.demo.Channels[website].ID)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound:
	case err != nil:
		m.err = fmt.Errorf("read demo channel: %w", err)
	default:
		m.furnish(inbox.Channel{InboxID: like.InboxID, Assignment: like.Assignment, Tickets: like.Tickets})
	}
}

// furnish makes the channels that came after form and chat, and the agents' phones.
func (m *maker) furnish(like inbox.Channel) {
	m.another(new(email.Channel), like, "Support mail", demoMail)
	if m.facebook {
		m.another(new(messenger.Channel), like, "Messenger", `{}`)
		m.page()
	}
	if m.twilio {
		m.another(new(whatsapp.Channel), like, "WhatsApp", demoWhatsApp)
		m.another(new(call.Channel), like, "Telephone", demoCall)
		m.phones()
	}
}

// another makes a channel of a kind that there is none of.
func (m *maker) another(kind channels.Kind, like inbox.Channel, name, settings string) {
	if slices.ContainsFunc(m.demo.Channels, func(c demoChannel) bool { return c.Kind == kind.Kind() }) {
		return
	}
	like.Name, like.Settings = name, json.RawMessage(settings)
	m.channel(kind, like)
}

// channel fills in the kind's default settings and its account, as the API does.
func (m *maker) channel(kind channels.Kind, c inbox.Channel) {
	if m.err != nil {
		return
	}
	c.Kind, c.Enabled, c.State = kind.Kind(), true, inbox.ChannelConnected
	if c.Settings, m.err = kind.CheckSettings(c.Settings); m.err != nil {
		return
	}
	if checker, ok := kind.(channels.ChannelChecker); ok {
		if c, m.err = checker.CheckChannel(inbox.Channel{}, c); m.err != nil {
			return
		}
	}
	list := func(ctx context.Context, page store.Page) ([]inbox.Channel, string, error) {
		return m.store.Channels(ctx, c.InboxID, page)
	}
	made := ensure(m, list, m.store.CreateChannel, c, func(other inbox.Channel) bool { return other.Name == c.Name })
	described := demoChannel{ID: made.ID, Kind: made.Kind, Name: made.Name}
	if made.Kind == inbox.KindWhatsApp || made.Kind == inbox.KindCall {
		described.Number = made.Account
	}
	m.demo.Channels = append(m.demo.Channels, described)
}

// page connects the Messenger channel to the outbox's page.
func (m *maker) page() {
	for i, c := range m.demo.Channels {
		if m.err != nil || c.Kind != inbox.KindMessenger || c.PageID != "" {
			continue
		}
		page := pages.Access{ID: accounts.PageID, Name: accounts.PageName, Token: "outbox"}
		m.demo.Channels[i].PageID = page.ID
		_, m.err = m.pages.Keep(m.ctx, c.ID, m.demo.Agents[0].ID, page)
	}
}

// phones gives each agent with a seat a number that calls are put through to.
func (m *maker) phones() {
	for i, agent := range m.demo.Agents {
		if m.err != nil || !agent.Seat || agent.Phone != "" {
			continue
		}
		agent.Phone = fmt.Sprintf(agentNumber, 11+i)
		m.demo.Agents[i] = agent
		m.err = m.store.SetPhone(m.ctx, agent.ID, agent.Phone)
	}
}
