package call_test

import (
	"net/url"
	"testing"

	"switchboard/channels/call"
	"switchboard/inbox"
)

func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{
		{"", "CallSid=CA1&From=%2B4930123456&To=%2B14155550100&CallStatus=ringing"},
		{"step=dialled&attempt=1", "CallSid=CA1&DialCallStatus=completed&DialCallDuration=9"},
		{"step=answered&attempt=1", "CallSid=CA2&ParentCallSid=CA1&CallStatus=in-progress"},
		{"step=recording", "CallSid=CA1&RecordingSid=RE1&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2Fr&RecordingDuration=9&RecordingStatus=completed"},
		{"step=next", "CallSid=CA1&CallStatus=completed"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		q, _ := url.ParseQuery(query)
		form, _ := url.ParseQuery(body)
		w, err := call.Parse(q, form)
		if err != nil {
			if inbox.CodeOf(err) != inbox.CodeInvalid {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if w.CallID == "" || w.Result.Talked < 0 || w.Recording != nil && w.Recording.Length <= 0 {
			t.Fatalf("read %+v", w)
		}
		if w.From != "" && w.From[0] != '+' || w.To != "" && w.To[0] != '+' {
			t.Fatalf("numbers are %q and %q", w.From, w.To)
		}
	})
}
