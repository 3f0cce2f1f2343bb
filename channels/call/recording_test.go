package call_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/call"
	"switchboard/channels/twilio"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
)

func TestARecordingIsFetchedAsSoonAsTwilioHasIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recording faketwilio.Recording
		name      string
		media     string
		outcome   channels.Outcome
		code      inbox.Code
	}{
		"there":                {faketwilio.Recording{Status: "completed", Data: []byte("ID3 sound")}, "voicemail.mp3", "audio/mpeg", -1, ""},
		"as something else":    {faketwilio.Recording{Status: "completed", Data: []byte("RIFF\x24\x00\x00\x00WAVEfmt "), Media: "audio/x-wav"}, "voicemail.wav", "audio/x-wav", -1, ""},
		"still being made":     {faketwilio.Recording{Status: "processing"}, "", "", channels.Retry, inbox.CodeFileUnavailable},
		"nothing was recorded": {faketwilio.Recording{Status: "absent"}, "", "", channels.Final, inbox.CodeFileUnavailable},
		"deleted":              {faketwilio.Recording{}, "", "", channels.Final, inbox.CodeFileUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := faketwilio.Start(t)
			const id = "RE00000000000000000000000000000001"
			fake.Record(id, c.recording)
			client, err := twilio.New(faketwilio.AccountSID, faketwilio.AuthToken, fake.URL)
			require.NoError(t, err)
			recording := call.Recording{ID: id, URL: faketwilio.RecordingURL(id)}
			file, err := (&call.Channel{Twilio: client}).Fetch(t.Context(), inbox.Channel{}, recording.File())
			if c.outcome < 0 {
				require.NoError(t, err)
				require.Equal(t, channels.File{Name: c.name, ContentType: c.media, Data: c.recording.Data}, file)
				return
			}
			var failure *channels.SendError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, c.outcome, failure.Outcome)
			require.Equal(t, c.code, failure.Code)
		})
	}
}
