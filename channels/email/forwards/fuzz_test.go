package forwards_test

import (
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/email/forwards"
)

// Whatever the mail says: what is found stands in it.
func FuzzFind(f *testing.F) {
	for _, s := range append(samples, doubts...) {
		f.Add(s.subject, s.text)
	}
	f.Fuzz(func(t *testing.T, subject, text string) {
		got, sure := forwards.Find(subject, text)
		if !sure {
			if got != (forwards.Original{}) {
				t.Fatalf("not sure, and found %+v", got)
			}
			return
		}
		if !channels.ValidEmail(got.Email) {
			t.Errorf("%q is no address", got.Email)
		}
		for _, found := range []string{got.Email, strings.ToLower(got.Name)} {
			if !strings.Contains(strings.ToLower(text), found) {
				t.Errorf("%q is not in the mail", found)
			}
		}
		for line := range strings.Lines(got.Note + "\n" + got.Text) {
			if line = strings.TrimSpace(line); !strings.Contains(text, line) {
				t.Errorf("%q is not in the mail", line)
			}
		}
	})
}
