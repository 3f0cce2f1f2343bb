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
	queue := activities.MailQueue
	if choosesQueue(ctx) {
		if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "choose the way out"), steps.TranscriptQueue, noticeID).Get(ctx, &queue); err != nil {
			return err
		}
	}
	return workflow.ExecuteActivity(providerCall(ctx, queue, "send transcript"), steps.SendNotice, noticeID).Get(ctx, nil)
}
