package api

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// ListChannels lists an inbox's channels.
func (s *server) ListChannels(c *gin.Context, id string, params contract.ListChannelsParams) {
	if _, err := s.visibleInbox(c, id); err != nil {
		refuse(c, err)
		return
	}
	list, next, err := s.store.Channels(c.Request.Context(), id, page(params.Cursor, params.Limit))
	if err != nil {
		refuse(c, err)
		return
	}
	mailboxes, err := s.connections(c, each(list, func(channel inbox.Channel) string { return channel.ID })...)
	answerPage(c, list, next, err, func(channel inbox.Channel) contract.Channel {
		return s.connectedOut(channel, mailboxes)
	})
}

// GetChannel answers one channel.
func (s *server) GetChannel(c *gin.Context, id string) {
	channel, err := s.visibleChannel(c, id)
	s.answerChannel(c, http.StatusOK, channel, err)
}

// CreateChannel connects a channel to an inbox.
func (s *server) CreateChannel(c *gin.Context, id string) {
	in, err := s.visibleInbox(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	patch, err := decode[json.RawMessage](c)
	if err != nil {
		refuse(c, err)
		return
	}
	channel, err := s.newChannel(in.ID, patch)
	if err == nil {
		err = s.checkTranscriptSender(c.Request.Context(), inbox.Channel{}, channel)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	channel, err = s.store.CreateChannel(c.Request.Context(), channel)
	answer(c, http.StatusCreated, channel, err, s.channelOut)
}

// UpdateChannel changes a channel for conversations that come afterwards (G14).
func (s *server) UpdateChannel(c *gin.Context, id string) {
	before, err := s.visibleChannel(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	patch, err := decode[json.RawMessage](c)
	if err != nil {
		refuse(c, err)
		return
	}
	channel, err := s.patchedChannel(before, patch)
	if err == nil {
		err = s.checkTranscriptSender(c.Request.Context(), before, channel)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	channel, err = s.store.UpdateChannel(c.Request.Context(), channel)
	s.answerChannel(c, http.StatusOK, channel, err)
}

// DeleteChannel takes a channel out of use, and disconnects its mailbox.
func (s *server) DeleteChannel(c *gin.Context, id string) {
	channel, err := s.visibleChannel(c, id)
	if err == nil && channel.Provider == inbox.ProviderFacebook {
		err = s.facebook.Disconnect(c.Request.Context(), id)
	}
	if err == nil {
		err = s.store.DeleteChannel(c.Request.Context(), id)
	}
	if err == nil && channel.Kind == inbox.KindEmail && channel.Provider != inbox.ProviderNone {
		s.mailboxChanged(c, channel)
	}
	answerDone(c, err)
}

func (s *server) visibleChannel(c *gin.Context, id string) (inbox.Channel, error) {
	channel, err := s.store.Channel(c.Request.Context(), id)
	if err == nil && !caller(c).CanSee(channel.InboxID) {
		err = inbox.NotFound("channel")
	}
	return channel, err
}

// newChannel reads a channel that is to be created.
func (s *server) newChannel(inboxID string, in json.RawMessage) (inbox.Channel, error) {
	return s.patchedChannel(inbox.Channel{
		InboxID: inboxID, Enabled: true, State: inbox.ChannelConnected,
		Assignment: inbox.DefaultAssignment(), Tickets: inbox.DefaultTickets(),
	}, in)
}

// patchedChannel applies a patch and checks what the contract and the store
// cannot: the kind, its settings, and rules that lead nowhere.
func (s *server) patchedChannel(current inbox.Channel, patch json.RawMessage) (inbox.Channel, error) {
	if checker, ok := s.kinds[current.Kind].(channels.ChannelChecker); ok {
		// What was set before a mailbox was connected may not be offered any more.
		var err error
		if current, err = checker.CheckChannel(current, current); err != nil {
			return inbox.Channel{}, err
		}
	}
	in, err := applyPatch(s.channelOut(current), patch)
	if err != nil {
		return inbox.Channel{}, err
	}
	kind, offered := s.kinds[inbox.ChannelKind(in.Kind)]
	if !offered {
		refusal := inbox.Errorf(inbox.CodeChannelNotOffered, "This server does not offer channels of the kind %s.", in.Kind)
		refusal.Field = "kind"
		return inbox.Channel{}, refusal
	}
	channel := current
	channel.Kind, channel.Name, channel.Enabled = kind.Kind(), in.Name, in.Enabled
	if channel.Assignment, err = assignmentIn(in.Assignment); err != nil {
		return inbox.Channel{}, within("assignment", err)
	}
	if channel.Tickets, err = ticketsIn(in.Tickets); err != nil {
		return inbox.Channel{}, within("tickets", err)
	}
	if channel.Settings, err = kind.CheckSettings(in.Settings); err != nil {
		return inbox.Channel{}, err
	}
	if err := s.checkConsent(channel); err != nil {
		return inbox.Channel{}, err
	}
	if checker, ok := kind.(channels.ChannelChecker); ok {
		return checker.CheckChannel(current, channel)
	}
	return channel, nil
}

// assignmentIn reads a rule; the zero rule, a patch to null, is the default.
func assignmentIn(in contract.Assignment) (inbox.Assignment, error) {
	if in.Mode == "" {
		return inbox.DefaultAssignment(), nil
	}
	if in.Mode == contract.AssignmentModeSpecific && len(in.AgentIds) == 0 && len(in.TeamIds) == 0 {
		return inbox.Assignment{}, inbox.Invalid("agent_ids", "The rule needs an agent or a team.")
	}
	return inbox.Assignment{
		Mode: inbox.AssignmentMode(in.Mode), AgentIDs: in.AgentIds, TeamIDs: in.TeamIds,
		OnlyAvailable: in.OnlyAvailable, Strategy: inbox.Strategy(in.Strategy),
		FallbackTeamID: given(in.FallbackTeamID), AnswerWithin: in.AnswerWithin, Hours: in.Hours,
	}, within("hours", routing.CheckHours(in.Hours))
}

// ticketsIn reads ticket settings; the zero ones, a patch to null, are the
// default.
func ticketsIn(in contract.TicketDefaults) (inbox.TicketDefaults, error) {
	if in.Owner == "" {
		return inbox.DefaultTickets(), nil
	}
	if in.Owner == contract.TicketOwnerAgent && in.OwnerAgentID == nil {
		return inbox.TicketDefaults{}, inbox.Invalid("owner_agent_id", "Say which agent owns the tickets.")
	}
	return inbox.TicketDefaults{
		Enabled: in.Enabled, PipelineID: given(in.PipelineID), StageID: given(in.StageID),
		Priority: inbox.Priority(in.Priority), Owner: inbox.TicketOwner(in.Owner),
		OwnerAgentID: given(in.OwnerAgentID), Properties: in.Properties,
	}, nil
}

func (s *server) channelOut(channel inbox.Channel) contract.Channel {
	rule, tickets := channel.Assignment, channel.Tickets
	hosted := ""
	if kind, ok := s.kinds[channel.Kind].(channels.Hosted); ok {
		hosted = kind.HostedAddress(channel)
	}
	return contract.Channel{
		ID: channel.ID, InboxID: channel.InboxID, Kind: contract.ChannelKind(channel.Kind), Name: channel.Name,
		Enabled: channel.Enabled, State: contract.ChannelState(channel.State), Revision: channel.Revision,
		HostedAddress: optional(hosted), Provider: optional(string(channel.Provider)),
		ForwardingConfirmation: channel.Confirmation,
		Assignment: contract.Assignment{
			Mode: contract.AssignmentMode(rule.Mode), AgentIds: listed(rule.AgentIDs), TeamIds: listed(rule.TeamIDs),
			OnlyAvailable: rule.OnlyAvailable, Strategy: contract.Strategy(rule.Strategy),
			FallbackTeamID: optional(rule.FallbackTeamID), AnswerWithin: rule.AnswerWithin, Hours: rule.Hours,
		},
		Tickets: contract.TicketDefaults{
			Enabled: tickets.Enabled, PipelineID: optional(tickets.PipelineID), StageID: optional(tickets.StageID),
			Priority: contract.Priority(tickets.Priority), Owner: contract.TicketOwner(tickets.Owner),
			OwnerAgentID: optional(tickets.OwnerAgentID), Properties: propertiesOut(tickets.Properties),
		},
		Settings: channel.Settings, CreatedAt: channel.CreatedAt,
	}
}

// propertiesOut is never null.
func propertiesOut(properties map[string]string) contract.Properties {
	if properties == nil {
		return contract.Properties{}
	}
	return properties
}
