package workflows

import (
	"go.temporal.io/sdk/workflow"

	"switchboard/inbox"
)

// TemplatesID is the workflow id of the refreshing of a kind's approved templates.
func TemplatesID(kind inbox.ChannelKind) string { return "templates:" + string(kind) }

// TemplatesInput says whose templates are refreshed, and on which queue.
type TemplatesInput struct {
	Kind  inbox.ChannelKind `json:"kind"`
	Queue string            `json:"queue"`
}

// Templates asks a provider once for the templates that it approved. The sweep
// starts it whenever the list is due, and an admin who does not want to wait.
func Templates(ctx workflow.Context, in TemplatesInput) error {
	return workflow.ExecuteActivity(providerCall(ctx, in.Queue, "refresh the templates"), steps.RefreshTemplates, in.Kind).Get(ctx, nil)
}
