package twilio_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/inbox"
)

func TestFilesAreFetchedFromTwilioAlone(t *testing.T) {
	t.Parallel()
	var paths, users []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		paths, users = append(paths, r.URL.Path), append(users, user+":"+password)
		w.Header().Set("Content-Type", "audio/mpeg")
		_, _ = io.WriteString(w, "ID3 a voice")
	}))
	defer server.Close()
	client, err := twilio.New(account, "secret", server.URL)
	require.NoError(t, err)

	for _, address := range []string{"https://api.twilio.com/Recordings/RE1.mp3", server.URL + "/Recordings/RE1.mp3"} {
		file, err := client.Fetch(t.Context(), inbox.RemoteFile{URL: address, Name: "voicemail.mp3"})
		require.NoError(t, err, address)
		require.Equal(t, "voicemail.mp3", file.Name)
		require.Equal(t, "ID3 a voice", string(file.Data))
	}
	require.Equal(t, []string{"/Recordings/RE1.mp3", "/Recordings/RE1.mp3"}, paths)
	require.Equal(t, []string{account + ":secret", account + ":secret"}, users)

	for _, address := range []string{
		"https://example.com/RE1.mp3", "https://twilio.com.example.com/RE1.mp3", "https://eviltwilio.com/RE1.mp3",
		"http://api.twilio.com/RE1.mp3", "file:///etc/passwd", "://",
	} {
		_, err := client.Fetch(t.Context(), inbox.RemoteFile{URL: address})
		var failure *channels.SendError
		require.ErrorAs(t, err, &failure, address)
		require.Equal(t, channels.Final, failure.Outcome, address)
		require.Equal(t, inbox.CodeFileRefused, failure.Code, address)
	}
	require.Len(t, paths, 2, "nothing was asked elsewhere")
}

func TestAFileThatIsNotThereYetIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		misses, asked int
		outcome       channels.Outcome
	}{
		"there at the last try": {3, 4, -1},
		"gone for good":         {9, 4, channels.Final},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			client := at(t, "", func(w http.ResponseWriter, _ *http.Request) {
				if int(asked.Add(1)) <= c.misses {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				_, _ = io.WriteString(w, "here")
			}).Hasty()
			file, err := client.Fetch(t.Context(), inbox.RemoteFile{URL: "https://api.twilio.com/m/1"})
			require.EqualValues(t, c.asked, asked.Load())
			if c.outcome < 0 {
				require.NoError(t, err)
				require.Equal(t, "here", string(file.Data))
				return
			}
			var failure *channels.SendError
			require.ErrorAs(t, err, &failure)
			require.Equal(t, c.outcome, failure.Outcome)
		})
	}
}
