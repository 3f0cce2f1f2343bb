package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/routing"
)

// ListChatflows lists a channel's chatflows.
func (s *server) ListChatflows(c *gin.Context, id string, params contract.ListChatflowsParams) {
	if _, err := s.visibleChannel(c, id); err != nil {
		refuse(c, err)
		return
	}
	flows, next, err := s.store.Chatflows(c.Request.Context(), id, page(params.Cursor, params.Limit))
	answerPage(c, flows, next, err, chatflowOut)
}

// CreateChatflow creates a chatflow, which is not active (M2).
func (s *server) CreateChatflow(c *gin.Context, id string) {
	channel, err := s.visibleChannel(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	flow, err := decodeChatflow(c, inbox.Chatflow{ChannelID: channel.ID, Patience: inbox.DefaultPatience}, channel.Kind)
	if err != nil {
		refuse(c, err)
		return
	}
	flow, err = s.store.CreateChatflow(c.Request.Context(), flow)
	answer(c, http.StatusCreated, flow, err, chatflowOut)
}

// GetChatflow answers one chatflow.
func (s *server) GetChatflow(c *gin.Context, id string) {
	flow, _, err := s.visibleChatflow(c, id)
	answer(c, http.StatusOK, flow, err, chatflowOut)
}

// UpdateChatflow changes a chatflow for conversations that begin afterwards (G14).
func (s *server) UpdateChatflow(c *gin.Context, id string) {
	before, channel, err := s.visibleChatflow(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	flow, err := decodeChatflow(c, before, channel.Kind)
	if err != nil {
		refuse(c, err)
		return
	}
	flow, err = s.store.UpdateChatflow(c.Request.Context(), flow)
	answer(c, http.StatusOK, flow, err, chatflowOut)
}

// DeleteChatflow takes a chatflow out of use.
func (s *server) DeleteChatflow(c *gin.Context, id string) {
	_, _, err := s.visibleChatflow(c, id)
	if err == nil {
		err = s.store.DeleteChatflow(c.Request.Context(), id)
	}
	answerDone(c, err)
}

// ActivateChatflow makes a chatflow its channel's primary one (M2).
func (s *server) ActivateChatflow(c *gin.Context, id string) { s.switchChatflow(c, id, true) }

// DeactivateChatflow switches a chatflow off.
func (s *server) DeactivateChatflow(c *gin.Context, id string) { s.switchChatflow(c, id, false) }

func (s *server) switchChatflow(c *gin.Context, id string, active bool) {
	flow, _, err := s.visibleChatflow(c, id)
	if err == nil {
		flow, err = s.store.ActivateChatflow(c.Request.Context(), id, active)
	}
	answer(c, http.StatusOK, flow, err, chatflowOut)
}

// PreviewChatflow plays a chatflow with messages of a contact (M5).
func (s *server) PreviewChatflow(c *gin.Context, id string) {
	flow, channel, err := s.visibleChatflow(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.ChatflowPreviewRequest](c)
	if err != nil {
		refuse(c, err)
		return
	}
	if flow, err = channels.Worded(flow, s.kinds[channel.Kind], channel); err != nil {
		refuse(c, err)
		return
	}
	out := contract.ChatflowPreview{Opening: lineOut(routing.ChatflowOpening(flow)), Turns: []contract.PreviewedTurn{}}
	var state inbox.ChatflowState
	for _, message := range in.Messages {
		d := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, State: state, Text: message.Text, Payload: given(message.Payload)})
		turn := contract.PreviewedTurn{Says: each(d.Say, lineOut), Outcome: contract.ChatflowPreviewTurnsOutcome(d.Outcome)}
		turn.Reason = optional(contract.ChatflowPreviewTurnsReason(d.Reason))
		out.Turns = append(out.Turns, turn)
		if state = d.State; d.Outcome != inbox.ChatflowWaits {
			break
		}
	}
	c.PureJSON(http.StatusOK, out)
}

// visibleChatflow returns a chatflow with its channel.
func (s *server) visibleChatflow(c *gin.Context, id string) (inbox.Chatflow, inbox.Channel, error) {
	flow, err := s.store.Chatflow(c.Request.Context(), id)
	if err != nil {
		return inbox.Chatflow{}, inbox.Channel{}, err
	}
	channel, err := s.visibleChannel(c, flow.ChannelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		err = inbox.NotFound("chatflow")
	}
	return flow, channel, err
}

// decodeChatflow applies the body to a chatflow and checks the whole.
func decodeChatflow(c *gin.Context, current inbox.Chatflow, kind inbox.ChannelKind) (inbox.Chatflow, error) {
	patch, err := decode[json.RawMessage](c)
	if err != nil {
		return inbox.Chatflow{}, err
	}
	return patchedChatflow(current, patch, kind)
}

func patchedChatflow(current inbox.Chatflow, patch json.RawMessage, kind inbox.ChannelKind) (inbox.Chatflow, error) {
	in, err := applyPatch(chatflowOut(current), patch)
	if err != nil {
		return inbox.Chatflow{}, err
	}
	flow := current
	flow.Name, flow.Language, flow.Repeat = channels.CleanLine(in.Name), given(in.Language), in.Repeat
	flow.Greeting = channels.CleanText(given(in.Greeting))
	flow.Patience = cmp.Or(time.Duration(in.PatienceSeconds)*time.Second, inbox.DefaultPatience)
	flow.Steps = in.Steps
	return flow, routing.CheckChatflow(flow, kind)
}

func chatflowOut(flow inbox.Chatflow) contract.Chatflow {
	return contract.Chatflow{
		ID: flow.ID, ChannelID: flow.ChannelID, Name: flow.Name, Active: flow.Active, Revision: flow.Revision,
		Language: optional(flow.Language), Repeat: flow.Repeat, Greeting: optional(flow.Greeting),
		PatienceSeconds: int(flow.Patience / time.Second), Steps: listed(flow.Steps), CreatedAt: flow.CreatedAt,
	}
}

func lineOut(line inbox.ChatflowLine) contract.PreviewedLine {
	return contract.PreviewedLine{StepID: optional(line.StepID), Text: line.Text, QuickReplies: listed(line.QuickReplies)}
}
