package activities

import (
	"context"
	"fmt"
	"time"

	"switchboard/channels"
	"switchboard/inbox"
)

const (
	// refreshTemplatesEvery is how old the list of approved templates gets, and
	// refreshFailedAfter when a provider that did not answer is asked again.
	refreshTemplatesEvery = 10 * time.Minute
	refreshFailedAfter    = time.Minute
)

// RefreshTemplates asks the provider of a kind of channel for the templates that it
// approved, and keeps them (W2). When it does not say, the earlier ones stay, and
// the failure is kept beside them.
func (a *Activities) RefreshTemplates(ctx context.Context, kind inbox.ChannelKind) error {
	templater, ok := a.Kinds[kind].(channels.Templater)
	if !ok {
		return final(inbox.Errorf(inbox.CodeChannelNotOffered, "Channels of the kind %s have no templates.", kind))
	}
	templates, err := templater.ApprovedTemplates(ctx)
	now := a.Now()
	if err != nil {
		failure := failureOf(err)
		a.Log.WarnContext(ctx, "templates not refreshed", "kind", kind, "code", failure.Code, "error", failure)
		again := max(refreshFailedAfter, failure.RetryAfter)
		if failure.Outcome == channels.Final { // such as no account at all
			again = refreshTemplatesEvery
		}
		return a.Store.TemplatesFailed(ctx, kind, failure.Code, now, now.Add(again))
	}
	return a.Store.KeepTemplates(ctx, kind, templates, now, now.Add(refreshTemplatesEvery))
}

// startTemplates starts the workflows that refresh lists which are due.
func (a *Activities) startTemplates(ctx context.Context) error {
	for kind, offered := range a.Kinds {
		templater, ok := offered.(channels.Templater)
		if !ok {
			continue
		}
		due, err := a.Store.TemplatesDue(ctx, kind, a.Now())
		if err != nil {
			return err
		}
		if !due {
			continue
		}
		if _, err := a.Readers.StartTemplates(ctx, kind, templater.TemplateQueue()); err != nil {
			return fmt.Errorf("start the refreshing of templates: %w", err)
		}
	}
	return nil
}
