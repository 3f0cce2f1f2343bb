package api

import (
	"context"
	"slices"
	"time"

	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// widget is what a visitor's widget shows now (C2 to C8).
func (p *public) widget(ctx context.Context, channel publicChannel, visitor store.Visitor, at time.Time) (chat.Widget, error) {
	owner, err := p.ownerOf(ctx, visitor.Cookie)
	if err != nil {
		return chat.Widget{}, err
	}
	presence, err := p.presence(ctx, channel, owner, at)
	if err != nil {
		return chat.Widget{}, err
	}
	opening, err := p.opening(ctx, &channel, visitor.ThreadKey)
	if err != nil {
		return chat.Widget{}, err
	}
	people := chat.People{Visitor: visitor.ThreadKey}
	if owner != nil {
		shown := face(*owner)
		people.Owner = &shown
	}
	return p.widgetOf(ctx, channel, people, presence, opening)
}

// widgetOf is the widget for people whose visitor and owner are said, if any.
func (p *public) widgetOf(
	ctx context.Context, channel publicChannel, people chat.People, presence chat.Presence, opening *chat.WidgetOpening,
) (chat.Widget, error) {
	account, err := p.store.Account(ctx)
	if err != nil {
		return chat.Widget{}, err
	}
	heading := channel.chat.Heading
	chosen, err := p.store.AgentsOf(ctx, heading.AgentIDs, heading.TeamIDs)
	if err != nil {
		return chat.Widget{}, err
	}
	people.Company, people.Chosen = account.Name, each(chosen, face)
	widget := channel.chat.Show(presence, people)
	widget.Opening = opening
	return widget, nil
}

func face(agent inbox.Agent) chat.Face { return chat.Face{Name: agent.Name} }

// ownerOf returns the owner of the contact the visitor is known as, nil when
// there is none (G5).
func (p *public) ownerOf(ctx context.Context, cookie inbox.Identity) (*inbox.Agent, error) {
	contact, err := p.store.ContactByIdentity(ctx, cookie)
	if inbox.CodeOf(err) == inbox.CodeNotFound || err == nil && contact.OwnerID == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	agent, err := p.store.Agent(ctx, contact.OwnerID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil, nil
	}
	return &agent, err
}

// presence asks routing whether the chat is open.
func (p *public) presence(ctx context.Context, channel publicChannel, owner *inbox.Agent, at time.Time) (chat.Presence, error) {
	question := chatQuestion(channel.chat.Availability, at)
	if question.Mode != routing.ChatAlways {
		var err error
		if question.AnyAvailable, err = p.anyPresent(ctx, channel.Assignment, owner, at); err != nil {
			return chat.Presence{}, err
		}
	}
	state, err := routing.ChatState(question)
	return presenceOf(state), err
}

func chatQuestion(availability chat.Availability, at time.Time) routing.ChatQuestion {
	return routing.ChatQuestion{
		At: at, Mode: routing.ChatMode(availability.Mode), Hours: availability.Hours,
		Away: routing.ChatBehaviour(availability.Away.Behaviour), Outside: routing.ChatBehaviour(availability.Outside.Behaviour),
		ReplyTime: availability.ReplyTime != chat.ReplyNone,
	}
}

func presenceOf(state routing.ChatAnswer) chat.Presence {
	return chat.Presence{State: string(state.State), Hidden: state.Hidden, Show: string(state.Show), ReturnsAt: state.ReturnsAt}
}

// anyPresent reports whether one of those who may get the conversation is
// there: the rule's agents and teams, the owner, the fallback team. A rule that
// is off or leads to nobody in particular leaves it to all agents.
func (p *public) anyPresent(ctx context.Context, rule inbox.Assignment, owner *inbox.Agent, at time.Time) (bool, error) {
	present := func(agent inbox.Agent) bool { return routing.Present(agent, at) }
	var agentIDs, teamIDs []string
	if rule.Mode == inbox.AssignSpecific {
		agentIDs, teamIDs = rule.AgentIDs, slices.Clone(rule.TeamIDs)
	}
	if rule.Mode != inbox.AssignOff && rule.FallbackTeamID != "" {
		teamIDs = append(teamIDs, rule.FallbackTeamID)
	}
	if rule.Mode == inbox.AssignOwner && owner != nil {
		agentIDs = []string{owner.ID}
	}
	if len(agentIDs)+len(teamIDs) == 0 {
		return p.anyAgent(ctx, present)
	}
	agents, err := p.store.AgentsOf(ctx, agentIDs, teamIDs)
	return slices.ContainsFunc(agents, present), err
}

func (p *public) anyAgent(ctx context.Context, keep func(inbox.Agent) bool) (bool, error) {
	for page := (store.Page{Limit: 200}); ; {
		agents, next, err := p.store.Agents(ctx, page)
		if err != nil || slices.ContainsFunc(agents, keep) || next == "" {
			return slices.ContainsFunc(agents, keep), err
		}
		page.Cursor = next
	}
}
