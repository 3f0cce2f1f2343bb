package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

// Warned says who has to be told that the time to answer ends.
type Warned struct {
	NoticeIDs []string `json:"notice_ids,omitempty"`
	// WarnAt is when to ask again; zero is not in this episode, unless the contact
	// writes.
	WarnAt       time.Time `json:"warn_at,omitzero"`
	WindowCloses time.Time `json:"window_closes,omitzero"`
}

// WarnWindow plans the notice that the provider's window closes soon on a contact
// who had the last word, once per window: to the assignee, else to the team or the
// admins, as when nobody is eligible. It looks at the window as it is now.
func (a *Activities) WarnWindow(ctx context.Context, ref inbox.EpisodeRef) (Warned, error) {
	now := a.Now()
	c, err := a.Store.Conversation(ctx, ref.ConversationID)
	if err != nil {
		return Warned{}, final(fmt.Errorf("load conversation: %w", err))
	}
	warned := Warned{WindowCloses: c.Window.ClosesAt}
	unanswered, err := a.Store.Unanswered(ctx, c.ID)
	// What the contact wrote is not to be answered before the contact agrees (M8).
	if err != nil || !unanswered || c.Status == inbox.StatusClosed || c.AwaitsConsent {
		return warned, err
	}
	warnAt, closesAt := routing.WindowWarning(c, time.Time{}, now)
	if warnAt.After(now) {
		warned.WarnAt = warnAt
		return warned, nil
	}
	if closesAt.IsZero() {
		return warned, nil
	}
	notice := inbox.Notice{
		Kind: inbox.NoticeWindow, Episode: ref, AgentID: c.AssigneeID, About: closesAt.UTC().Format(time.RFC3339Nano),
		State: inbox.NoticePending, CreatedAt: now,
	}
	if notice.AgentID == "" {
		notice.TeamID = c.TeamID
	}
	planned, created, err := a.Store.PlanNotice(ctx, notice)
	if err != nil {
		return Warned{}, final(fmt.Errorf("plan notice: %w", err))
	}
	if created || planned.State == inbox.NoticePending {
		warned.NoticeIDs = []string{planned.ID}
	}
	warned.WarnAt, _ = routing.WindowWarning(c, closesAt, now)
	return warned, nil
}
