package activities

import (
	"context"
	"fmt"
	"time"
)

// Pages looks after connected pages; *pages.Service is one.
type Pages interface {
	// Check makes a channel's page as it should be; errors are worth another try.
	Check(ctx context.Context, channelID string) error
}

// CheckPage makes a channel's page as it should be: its events are delivered to us,
// and it shows the channel's profile (M2, M3).
func (a *Activities) CheckPage(ctx context.Context, channelID string) error {
	if err := a.Pages.Check(ctx, channelID); err != nil {
		return fmt.Errorf("check page: %w", err)
	}
	return nil
}

const (
	// checkPagesEvery is how long Facebook may have ended the delivery of a page's
	// events before somebody looks.
	checkPagesEvery = time.Hour
	// deafFor is how long the delivery of a page's events may be asked for in vain
	// before the admins are told.
	deafFor = 10 * time.Minute
	// pagesAtOnce bounds how many pages one sweep tells of, and how many it has
	// checked.
	pagesAtOnce = 100
)

// startPageChecks starts the workflows of pages that are due.
func (a *Activities) startPageChecks(ctx context.Context) (started int, err error) {
	due, err := a.Store.PagesDue(ctx, a.Now().Add(-checkPagesEvery), a.Now(), pagesAtOnce)
	if err != nil {
		return 0, err
	}
	for _, channelID := range due {
		fresh, err := a.Readers.StartPage(ctx, channelID)
		if err != nil {
			return started, err
		}
		if fresh {
			started++
		}
	}
	return started, nil
}

// tellOfPages tells the admins of pages that need them. One that cannot be told of
// now is left to the next sweep.
func (a *Activities) tellOfPages(ctx context.Context) error {
	untold, err := a.Store.UntoldPages(ctx, a.Now().Add(-deafFor), pagesAtOnce)
	if err != nil {
		return err
	}
	for _, channelID := range untold {
		if err := a.TellRejected(ctx, channelID); err != nil {
			a.Log.WarnContext(ctx, "nobody was told of a page", "channel_id", channelID, "error", err)
		}
	}
	return nil
}
