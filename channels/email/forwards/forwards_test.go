package forwards_test

import (
	"testing"

	"switchboard/channels/email/forwards"
)

func TestOriginalSenderIsFound(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			got, sure := forwards.Find(s.subject, s.text)
			if !sure {
				t.Fatal("not sure")
			}
			if !got.At.Equal(s.want.At) {
				t.Errorf("written at %v, not %v", got.At, s.want.At)
			}
			got.At = s.want.At
			if got != s.want {
				t.Errorf("found  %+v\nwanted %+v", got, s.want)
			}
		})
	}
}

func TestDoubtsStayTheForwarders(t *testing.T) {
	t.Parallel()
	for _, s := range doubts {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if got, sure := forwards.Find(s.subject, s.text); sure || got != (forwards.Original{}) {
				t.Errorf("sure: %t, found %+v", sure, got)
			}
		})
	}
}
