package faketwilio

import (
	"cmp"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Recording is what somebody said on the phone.
type Recording struct {
	// Status is Twilio's, such as "processing" or "completed"; "" is a recording that
	// is gone.
	Status string
	// Data is the file, empty while there is none; Media is its type, "" is MP3.
	Data  []byte
	Media string
	// Asked, when set, gets one for each time that the file is asked for, before the
	// answer.
	Asked chan<- struct{}
}

// RecordingURL is the address that Twilio tells of a recording.
func RecordingURL(id string) string {
	return "https://api.twilio.com/2010-04-01/Accounts/" + AccountSID + "/Recordings/" + id
}

// Record says how a recording is now.
func (s *Server) Record(id string, recording Recording) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordings[id] = recording
}

// sound answers with a recording's file, outside of the contract, which describes
// the API alone.
func (s *Server) sound(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	recording := s.recordings[strings.TrimSuffix(path.Base(r.URL.Path), ".mp3")]
	s.mu.Unlock()
	user, password, _ := r.BasicAuth()
	if recording.Asked != nil {
		select {
		case recording.Asked <- struct{}{}:
		case <-r.Context().Done():
		}
	}
	switch {
	case user != AccountSID || password != AuthToken:
		w.WriteHeader(http.StatusUnauthorized)
	case len(recording.Data) == 0:
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", cmp.Or(recording.Media, "audio/mpeg"))
		_, _ = w.Write(recording.Data) // the client's loss
	}
}

// recording is the resource of a recording.
func (s *Server) recording(address *url.URL) *http.Response {
	id := strings.TrimSuffix(path.Base(address.Path), ".json")
	recording := s.recordings[id]
	if recording.Status == "" {
		return refusal(http.StatusNotFound, 20404)
	}
	return answer(http.StatusOK, map[string]any{"sid": id, "account_sid": AccountSID, "status": recording.Status, "channels": 1})
}

// call accepts a call of ours, and says what is said in it.
func (s *Server) call(form url.Values) *http.Response {
	s.calls = append(s.calls, form)
	return answer(http.StatusCreated, map[string]any{
		"sid": "CA00000000000000000000000000000001", "account_sid": AccountSID, "status": "queued", "to": form.Get("To"), "from": form.Get("From"),
	})
}

// Called are the calls of ours, oldest first.
func (s *Server) Called() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.calls...)
}
