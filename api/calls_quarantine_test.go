package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/storetest"
)

// tells delivers a signed webhook of a call, and returns the document of the answer.
func (d *callDesk) tells(t *testing.T, query string, form url.Values) string {
	t.Helper()
	return string(d.twilio(t, "/webhooks/twilio/voice"+query, callToken, form).want(http.StatusOK).body)
}

func (d *callDesk) quarantined(t *testing.T) []store.QuarantineItem {
	t.Helper()
	items, _, err := d.store.Quarantined(t.Context(), store.Page{})
	check(t, err)
	return items
}

func TestWhatTwilioSaysThatWeDoNotUnderstandIsKeptAndTheCallerGoesOn(t *testing.T) {
	t.Parallel()
	caller := func(callID, to string) url.Values {
		return url.Values{"CallSid": {callID}, "From": {"+4930901820"}, "To": {to}, "CallStatus": {"in-progress"}}
	}
	recording := caller("CA404", callNumber)
	recording.Set("RecordingSid", "RE1")
	recording.Set("RecordingUrl", "https://api.twilio.com/RE1")
	recording.Set("RecordingDuration", "9")
	recording.Set("RecordingStatus", "completed")
	for name, c := range map[string]struct {
		query  string
		form   url.Values
		answer string
		reason string
		known  bool
	}{
		"a step that we do not know":    {"?step=sing", caller("CA1", callNumber), "<Redirect", "There is no such step", true},
		"a phone that nobody numbered":  {"?step=dialled&attempt=x", caller("CA1", callNumber), "<Redirect", "which phone rang", true},
		"no call":                       {"", caller("", callNumber), "<Say", "no id of a call", false},
		"a call that we do not have":    {"?step=next", caller("CA404", callNumber), "<Say", "no such call", false},
		"a recording that is nobody's":  {"?step=recording", recording, "<Response/>", "no such call", false},
		"a number without a channel":    {"", caller("CA2", "+14155550199"), "<Reject", "not connected", false},
		"no number":                     {"", caller("CA2", "sip:desk@example.com"), "<Say", "no number", false},
		"a call whose end comes unread": {"?step=sing", url.Values{"CallSid": {"CA404"}, "CallStatus": {"completed"}}, "<Say", "no such step", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newCallDesk(t, storetest.SQLite(t), nil)
			d.tells(t, "", caller("CA1", callNumber))
			for range 2 {
				if answer := d.tells(t, c.query, c.form); !strings.Contains(answer, c.answer) {
					t.Errorf("the caller gets %s", answer)
				}
			}
			items := d.quarantined(t)
			if len(items) != 1 || !strings.Contains(strings.ToLower(items[0].Error), strings.ToLower(c.reason)) || (items[0].ChannelID == d.calls.ID) != c.known {
				t.Errorf("in quarantine are %+v", items)
			}
		})
	}
}

func TestACallFromQuarantineIsOneThatWasMissed(t *testing.T) {
	t.Parallel()
	storetest.ForEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newCallDesk(t, s, func(channel *inbox.Channel) { channel.Enabled = false })
		form := url.Values{"CallSid": {"CA1"}, "From": {"+4930901820"}, "To": {callNumber}, "CallStatus": {"ringing"}}
		d.tells(t, "", form)
		items := d.quarantined(t)
		if len(items) != 1 || items[0].ChannelID != d.calls.ID {
			t.Fatalf("in quarantine are %+v", items)
		}
		reprocess := "/api/v1/quarantine/" + items[0].ID + "/reprocess"
		d.call(t, d.admin, "POST", reprocess, nil).wantProblem(422, "invalid", "")

		d.calls.Enabled = true
		must(s.UpdateChannel(t.Context(), d.calls))(t)
		d.call(t, d.admin, "POST", reprocess, nil).want(200)
		d.call(t, d.admin, "POST", reprocess, nil).wantProblem(409, "conflict", "")
		if taken := must(s.Call(t.Context(), "CA1"))(t); taken.State != inbox.CallRouting || taken.StartedAt.Sub(items[0].CreatedAt).Abs() > 0 {
			t.Errorf("the call is %+v", taken)
		}
	})
}

func TestACallerWhoIsGoneIsNotCalledBackFromQuarantine(t *testing.T) {
	t.Parallel()
	d := newCallDesk(t, storetest.SQLite(t), nil)
	d.tells(t, "?step=next", url.Values{"CallSid": {"CA1"}})
	d.tells(t, "", url.Values{"CallSid": {"CA1"}, "From": {"+4930901820"}, "To": {callNumber}, "CallStatus": {"ringing"}})
	d.call(t, d.admin, "POST", "/api/v1/quarantine/"+d.quarantined(t)[0].ID+"/reprocess", nil).wantProblem(422, "invalid", "")
}
