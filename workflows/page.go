package workflows

import (
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// PageID is the workflow id of the check of a channel's page.
func PageID(channelID string) string { return "page:" + channelID }

// Page checks a connected page, again and again until it is as it should be. The
// sweep starts it whenever a check is due.
func Page(ctx workflow.Context, channelID string) error {
	return workflow.ExecuteActivity(providerCall(ctx, activities.MessengerQueue, "check the page"), steps.CheckPage, channelID).Get(ctx, nil)
}
