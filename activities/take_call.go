package activities

import (
	"context"
	"fmt"

	"switchboard/inbox"
	"switchboard/routing"
)

// TakeCallInput names a call of which there is news.
type TakeCallInput struct {
	Ref    inbox.EpisodeRef `json:"ref"`
	CallID string           `json:"call_id"`
}

// TakenCall is what a conversation has to follow of its call.
type TakenCall struct {
	// Unanswered: the assignee let the call pass (B4).
	Unanswered bool `json:"unanswered,omitempty"`
	// Notices are to be mailed to who missed the call (G6, P3).
	Notices []string `json:"notices,omitempty"`
}

// TakeCall follows a call as far as it went.
func (a *Activities) TakeCall(ctx context.Context, in TakeCallInput) (TakenCall, error) {
	news, err := a.Store.TakeCall(ctx, in.Ref, in.CallID, routing.FollowCall)
	if err != nil {
		return TakenCall{}, final(fmt.Errorf("take call: %w", err))
	}
	notices := make([]inbox.Notice, len(news.Tell))
	for i, agentID := range news.Tell {
		notices[i] = inbox.Notice{Kind: inbox.NoticeOffline, AgentID: agentID}
	}
	ids, err := a.planNotices(ctx, in.Ref, notices)
	return TakenCall{Unanswered: news.Unanswered, Notices: ids}, err
}
