package call

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

// recordingSoon is when a recording that Twilio still works on is asked for again.
const recordingSoon = 15 * time.Second

// Fetch implements channels.Fetcher. A recording that is not there is gone for good
// only when Twilio does not work on it any more: the webhook that tells of it may be
// faster than the file.
func (c *Channel) Fetch(ctx context.Context, _ inbox.Channel, file inbox.RemoteFile) (channels.File, error) {
	if c.Twilio == nil {
		return channels.File{}, notSetUp(channels.Retry)
	}
	fetched, err := c.Twilio.Fetch(ctx, file)
	failure, failed := errors.AsType[*channels.SendError](err)
	if !failed || failure.Outcome != channels.Final || failure.Code != inbox.CodeFileUnavailable {
		return fetched, err
	}
	recordingID := strings.TrimSuffix(path.Base(file.URL), mp3)
	recording, err := c.Twilio.API(ctx).FetchRecording(recordingID, &api.FetchRecordingParams{})
	if err != nil {
		asked := twilio.Failed(err, channels.Retry)
		if asked.Outcome == channels.Final {
			return channels.File{}, failure
		}
		return channels.File{}, asked
	}
	if recording.Status != nil && unfinished[*recording.Status] {
		later := *failure
		later.Outcome, later.RetryAfter = channels.Retry, recordingSoon
		return channels.File{}, &later
	}
	return channels.File{}, failure
}

// unfinished are the states of a recording that becomes a file yet
// (twilio.com/docs/voice/api/recording).
var unfinished = map[string]bool{"in-progress": true, "paused": true, "stopped": true, "processing": true}
