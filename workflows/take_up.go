package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// takeUpLost takes up what the run should have in hand and has not.
func (c *conversation) takeUpLost(ctx workflow.Context) error {
	var underWay activities.UnderWay
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "look what is under way"), steps.TakeUp, c.ref).Get(ctx, &underWay)
	if err != nil {
		return fmt.Errorf("look what is under way: %w", err)
	}
	c.takeUp(underWay)
	return nil
}

// takeUp takes up what is not on its way already.
func (c *conversation) takeUp(underWay activities.UnderWay) {
	c.takeUpAnswers(underWay.Answers)
	c.startNotices(underWay.Notices)
}

// takeUpAnswers sends them in the order of the thread, but for one that is being tried.
func (c *conversation) takeUpAnswers(answers []activities.Answered) {
	for _, answer := range answers {
		c.send(answer)
	}
	if len(answers) > 0 {
		slices.SortFunc(c.Outbox[1:], func(a, b Sending) int { return strings.Compare(a.MessageID, b.MessageID) })
	}
}
