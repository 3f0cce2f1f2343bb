package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// waitsForConsent asks the contact for consent, or takes note that it was given,
// where the channel's kind knows of consent (M8).
func (c *conversation) waitsForConsent(ctx workflow.Context) (bool, error) {
	if !c.AsksConsent {
		return false, nil
	}
	var consented activities.Consented
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "consent"), steps.Consent, c.ref).Get(ctx, &consented); err != nil {
		return false, fmt.Errorf("consent: %w", err)
	}
	c.AsksConsent, c.Deadlines.GiveUpAt = consented.Waits, consented.GiveUpAt
	c.fetch(consented.Fetching)
	if consented.MessageID != "" && !c.sends(consented.MessageID) {
		c.Outbox = append(c.Outbox, Sending{MessageID: consented.MessageID, Queue: consented.Queue})
		c.deliver()
	}
	return consented.Waits, nil
}

// goOnWithConsent routes an episode that waited for consent, once it is given.
func (c *conversation) goOnWithConsent(ctx workflow.Context) error {
	if waits, err := c.waitsForConsent(ctx); waits || err != nil {
		return err
	}
	return c.routeContact(ctx)
}

// giveUpHeld deletes what the contact wrote and did not agree to in time.
func (c *conversation) giveUpHeld(ctx workflow.Context) error {
	err := workflow.ExecuteLocalActivity(databaseStep(ctx, "give up without consent"), steps.GiveUpHeld, c.ref).
		Get(ctx, &c.Deadlines.GiveUpAt)
	if err != nil {
		return fmt.Errorf("give up without consent: %w", err)
	}
	return nil
}
