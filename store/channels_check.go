package store

import (
	"fmt"
	"slices"

	"switchboard/inbox"
)

// checkChannel refuses a channel that refers to what does not exist, and
// agents without a seat who are new in its rule (G8).
func (t *tx) checkChannel(channel inbox.Channel, inRule []string) error {
	rule := channel.Assignment
	if err := t.checkRuleAgents(rule.AgentIDs, inRule); err != nil {
		return err
	}
	if err := refer[teamRow](t, "team", "assignment.team_ids", rule.TeamIDs...); err != nil {
		return err
	}
	if err := refer[teamRow](t, "team", "assignment.fallback_team_id", given(rule.FallbackTeamID)...); err != nil {
		return err
	}
	if err := refer[agentRow](t, "agent", "tickets.owner_agent_id", given(channel.Tickets.OwnerAgentID)...); err != nil {
		return err
	}
	return t.checkStage("tickets.", channel.Tickets.PipelineID, channel.Tickets.StageID)
}

// checkAccount refuses an agent's own address as a team's (G15).
func (s *Store) checkAccount(t *tx, channel inbox.Channel) error {
	if channel.Kind != inbox.KindEmail || channel.Account == "" {
		return nil
	}
	if err := s.lockAddresses(t); err != nil {
		return err
	}
	return t.checkTeamAddress(channel.Account)
}

func (t *tx) checkRuleAgents(agentIDs, inRule []string) error {
	if err := refer[agentRow](t, "agent", "assignment.agent_ids", agentIDs...); err != nil {
		return err
	}
	added := slices.DeleteFunc(slices.Clone(agentIDs), func(id string) bool { return slices.Contains(inRule, id) })
	if len(added) == 0 {
		return nil
	}
	var seatless int64
	if err := t.Model(&agentRow{}).Where("id IN ? AND NOT seat", added).Count(&seatless).Error; err != nil {
		return fmt.Errorf("look up seats: %w", err)
	}
	if seatless > 0 {
		refusal := inbox.Errorf(inbox.CodeSeatRequired, "An agent of the assignment rule has no paid seat.")
		refusal.Field = "assignment.agent_ids"
		refusal.Remedy = "Assign a seat to the agent first, or leave the agent out of the rule."
		return refusal
	}
	return nil
}

// checkStage refuses an unknown pipeline and a stage that is not one of its
// stages; pipelineID "" is the first pipeline, stageID "" its first stage.
// prefix is put before the input's field names.
func (t *tx) checkStage(prefix, pipelineID, stageID string) error {
	if err := refer[pipelineRow](t, "pipeline", prefix+"pipeline_id", given(pipelineID)...); err != nil {
		return err
	}
	if stageID == "" {
		return nil
	}
	query := t.Order("id")
	if pipelineID != "" {
		query = query.Where("id = ?", pipelineID)
	}
	pipeline, err := take[pipelineRow](query.Limit(1), "pipeline")
	if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
		return err
	}
	if !slices.ContainsFunc(pipeline.Stages, func(stage inbox.Stage) bool { return stage.ID == stageID }) {
		return inbox.Invalid(prefix+"stage_id", "The pipeline has no such stage.")
	}
	return nil
}
