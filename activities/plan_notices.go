package activities

import (
	"context"
	"fmt"

	"switchboard/inbox"
)

// PlanNoticesInput is an assignment whose consequences people may have to hear.
type PlanNoticesInput struct {
	Ref      inbox.EpisodeRef         `json:"ref"`
	Decision inbox.AssignmentDecision `json:"decision"`
}

// PlanNotices records who has to be told by mail and returns the notices'
// ids: an offline owner or assignee once per episode (G6), the team when nobody
// is eligible (B5).
func (a *Activities) PlanNotices(ctx context.Context, in PlanNoticesInput) ([]string, error) {
	return a.planNotices(ctx, in.Ref, noticesFor(in.Decision))
}

// planNotices records notices and returns the ids of those that are to be mailed.
func (a *Activities) planNotices(ctx context.Context, ref inbox.EpisodeRef, notices []inbox.Notice) ([]string, error) {
	var ids []string
	for _, wanted := range notices {
		wanted.Episode = ref
		wanted.State = inbox.NoticePending
		wanted.CreatedAt = a.Now()
		notice, created, err := a.Store.PlanNotice(ctx, wanted)
		if err != nil {
			return nil, final(fmt.Errorf("plan notice: %w", err))
		}
		if created || notice.State == inbox.NoticePending && notice.ID != "" {
			ids = append(ids, notice.ID)
		}
	}
	return ids, nil
}

// noticesFor lists the notices a decision asks for.
func noticesFor(decision inbox.AssignmentDecision) []inbox.Notice {
	var notices []inbox.Notice
	if decision.OwnerOffline != "" {
		notices = append(notices, inbox.Notice{Kind: inbox.NoticeOffline, AgentID: decision.OwnerOffline})
	}
	if decision.AssigneeOffline && decision.AssigneeID != decision.OwnerOffline {
		notices = append(notices, inbox.Notice{Kind: inbox.NoticeOffline, AgentID: decision.AssigneeID})
	}
	if decision.Outcome == inbox.OutcomeWaiting {
		notices = append(notices, inbox.Notice{Kind: inbox.NoticeNobody, TeamID: decision.TeamID})
	}
	return notices
}
