package workflows

import (
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// TranscriptID is the workflow id of one transcript.
func TranscriptID(noticeID string) string { return "transcript:" + noticeID }

// Transcript mails a copy of a conversation (C10). It is beside the conversation's
// own workflow, since who asks for a copy changes nothing about the conversation,
// and often asks after it was closed.
func Transcript(ctx workflow.Context, noticeID string) error {
	return workflow.ExecuteActivity(providerCall(ctx, activities.MailQueue, "send transcript"), steps.SendNotice, noticeID).Get(ctx, nil)
}
